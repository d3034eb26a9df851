"""The twin of a case is a case: it can be judged, holds nothing personal, and says of what it is the twin."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from hometruth.audit.case_audit import rejudge
from hometruth.audit.redact.case import REDACTION, CaseTwin, redact_case, rewritten_trial
from hometruth.audit.redact.recording import RESPONSES, Redaction
from hometruth.case.bag import bag_digest
from hometruth.cli import hometruth
from hometruth.errors import CaseError
from hometruth.model import Audit, Condition, Trial
from tests.audit.redact.independent import found_in
from tests.published import fits


@pytest.fixture(scope="module")
def twin(whole_case: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CaseTwin]:
    out = tmp_path_factory.mktemp("twin") / "twin"
    return out, redact_case(whole_case, out, jobs=1)


def words(audit: Audit) -> list[tuple[str, str, str]]:
    return [(row.proposition, str(row.condition), row.verdict.value) for row in audit.verdicts]


def test_what_was_planted_is_in_no_file_of_the_twin(whole_case: Path, twin: tuple[Path, CaseTwin]) -> None:
    out, made = twin
    values = tuple(canary.value for canary in made.sought)
    lines = (whole_case / "data/canaries.jsonl").read_text().splitlines()
    own = {told["value"] for told in map(json.loads, lines) if not told["phantom"]}
    files = [path for path in out.rglob("*") if path.is_file()]

    assert len(own) == 2
    assert own <= set(values)
    assert found_in((whole_case / "data/recordings/one.mitm").read_bytes(), values)
    assert {"one.mitm", "one.mitm.marks.jsonl", "verdicts.json", "report.html"} <= {
        file.name for file in files
    }
    assert [told for file in files for told in found_in(file.read_bytes(), values)] == []
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)


def test_the_twin_is_judged_as_the_case_is_and_says_whose_twin_it_is(
    whole_case: Path, twin: tuple[Path, CaseTwin]
) -> None:
    out, made = twin
    told = fits("twin-case", (out / REDACTION).read_text())
    done = CliRunner().invoke(hometruth, ["judge", str(out)], standalone_mode=False)

    # Without the answers nobody can tell whether a page made the browser send it.
    assert {(each.proposition, each.in_case, each.in_twin) for each in made.changed} == {
        ("mine.content", "CONTRADICTED", "INCONCLUSIVE")
    }
    assert "reproduced byte for byte" in done.output
    assert f"redacted twin of the case {bag_digest(whole_case)}" in done.output
    assert told["redacted_twin_of"] == bag_digest(whole_case)
    assert bag_digest(whole_case) in (out / "report.html").read_text()
    assert {left["why"] for left in told["left_out"]} >= {"answers are left out unless named"}


def test_a_twin_is_made_outside_of_an_unbroken_case_only(whole_case: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(whole_case, broken)
    (broken / "data/report.html").write_text("forged")
    (tmp_path / "taken").mkdir()

    for source, out, words_ in (
        (whole_case, whole_case / "data/twin", "lies in the case"),
        (whole_case, tmp_path / "taken", "exists already"),
        (whole_case, tmp_path / "nowhere/twin", "no such folder"),
        (broken, tmp_path / "twin", r"report\.html: was changed"),
    ):
        with pytest.raises(CaseError, match=words_):
            redact_case(source, out, jobs=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "taken"]


def test_with_answers_every_verdict_is_that_of_the_case(whole_case: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "twin")
    done = CliRunner().invoke(
        hometruth, ["redact", str(whole_case), "--out", out, "--keep", RESPONSES, "--jobs", "1"]
    )
    again = CliRunner().invoke(hometruth, ["redact", str(whole_case), "--out", out, "--canaries", "x.json"])

    assert done.exit_code == 0, done.output
    assert words(rejudge(tmp_path / "twin")) == words(rejudge(whole_case))
    assert f"{len(words(rejudge(whole_case)))} of" in done.output
    assert "answers are left out" not in done.output
    assert again.exit_code == 2


def test_the_condition_of_a_session_is_the_plans() -> None:
    """Whatever its factors are called: an account that is signed in is nobody's."""
    condition = Condition.of({"account": "signed-in", "consent": "given"})
    trial = Trial("t1", "matrix", condition, 1, "i1", "d1", note="of mary.jones@mailbox.example")
    made = rewritten_trial(trial, Redaction().rewriter)

    assert made.condition == condition
    assert "mary" not in made.note
    assert made.note.startswith("of ")
