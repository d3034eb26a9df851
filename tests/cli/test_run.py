"""`run` and `judge` from outside: a small plan, a case, and the same verdicts again."""

import hashlib
import html
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from hometruth.audit.case_audit import rejudge
from hometruth.case import write_manifest
from hometruth.cli import hometruth as program
from hometruth.report import print_explanations
from hometruth.report.letter import TO
from tests.audit.runs import PHANTOMS, small_plan
from tests.cli.forked import hometruth

BOTH_SIDES = {"a": ("version=3.4.3", "switch=on"), "b": ("version=3.4.3", "switch=off")}
KEYS = [
    *("format", "claim", "proposition", "reading", "condition", "verdict", "bound_percent", "findings"),
    *("trials", "subject_kind", "in_scope", "why", "reasons", "effects", "bounds", "explanation"),
]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case made by `hometruth run` from a plan with a single block."""
    folder = tmp_path_factory.mktemp("run")
    text = re.sub(r"^blocks = \d+$", "blocks = 1", small_plan().text, flags=re.MULTILINE)
    text = text.replace("phantoms = 1000", f"phantoms = {PHANTOMS}")
    (folder / "plan.toml").write_text(text)
    done = hometruth("run", folder / "plan.toml", "--out", folder / "case", "--json")

    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout) == json.loads((folder / "case" / "data" / "verdicts.json").read_text())
    return folder / "case"


def test_verdicts_have_the_documented_keys(case: Path) -> None:
    rows = json.loads((case / "data" / "verdicts.json").read_text())

    assert all(list(row) == KEYS for row in rows)
    assert {row["subject_kind"] for row in rows} == {"simulated"}
    assert {row["claim"] for row in rows} >= {"x02", "x03", "x04", "x05", "x08", "x11", "x12", "x20"}
    for proposition in {row["proposition"] for row in rows}:
        wholes = [row for row in rows if row["proposition"] == proposition and row["condition"] == {}]
        assert len(wholes) == 1


def test_the_case_holds_what_is_documented(case: Path) -> None:
    names = {path.name for path in [*case.iterdir(), *(case / "data").iterdir()]}

    assert names >= {
        *("case.toml", "plan.toml", "claims.toml", "canaries.jsonl", "planned.jsonl", "trials.jsonl"),
        *("traffic.mitm", "findings.parquet", "identifiers.parquet", "coverage.parquet"),
        *("verdicts.json", "report.html", "MANIFEST.json", "lab", "seal", "signatures"),
        *("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"),
    }


def test_everything_in_a_case_is_its_owners_alone(case: Path) -> None:
    for path in [case, *case.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_case_is_signed_and_verified(case: Path, tmp_path: Path) -> None:
    whole = hometruth("verify", case)
    signer = json.loads(hometruth("verify", case, "--json").stdout)["signer"]
    named, other = hometruth("verify", case, "--key", signer), hometruth("verify", case, "--key", "0" * 64)
    broken = tmp_path / "case"
    shutil.copytree(case, broken)
    (broken / "data" / "report.html").write_text("forged")
    told = hometruth("verify", broken)

    assert (whole.returncode, named.returncode, other.returncode, told.returncode) == (0, 0, 1, 1)
    assert "not checked: lab/" in whole.stdout  # whatever somebody puts there
    assert "signed by a key you have not named" in whole.stdout
    assert "signed by the key you named" in named.stdout
    assert "not by the key you named" in other.stdout
    assert "data/report.html: was changed" in told.stdout


def test_judging_again_reproduces_the_verdicts_byte_for_byte(case: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "copy of the case"
    shutil.copytree(case, elsewhere, ignore=shutil.ignore_patterns("lab"))
    done = hometruth("judge", elsewhere)
    # JSON is UTF-8 whatever the terminal reads.
    as_json = CliRunner(charset="iso-8859-1").invoke(program, ["judge", str(elsewhere), "--json"])
    held = (case / "data" / "verdicts.json").read_bytes()

    assert done.returncode == 1
    assert "verdicts.json is reproduced byte for byte" in done.stderr
    assert as_json.stdout_bytes == held
    assert not held.isascii()


def test_judging_says_when_the_verdicts_are_not_those_of_the_traffic(case: Path, tmp_path: Path) -> None:
    forged = tmp_path / "case"
    shutil.copytree(case, forged)
    text = (forged / "data" / "verdicts.json").read_text()
    (forged / "data" / "verdicts.json").write_text(text.replace("CONTRADICTED", "CONSISTENT"))
    assert "verdicts.json has" in hometruth("judge", forged).stderr
    write_manifest(forged / "data")
    assert "data/MANIFEST.json: was changed" in hometruth("judge", forged).stderr
    done = hometruth("judge", forged / "data")

    assert done.returncode == 2
    assert "does not give these verdicts" in done.stderr


@pytest.mark.parametrize(
    ("edit", "code", "told"),
    [
        ({"why": "otherwise said"}, 2, "and the wording is not"),
        ({"bound_percent": 99.0}, 2, "at most 99.0 % "),
        ({"reasons": []}, 2, "no kinds of reasons"),
        (
            {"format": 1, "why": "said as it was then", "reasons": None},
            1,
            "says the same by claim, word, bound",
        ),
        ({"format": 1, "verdict": "UNTESTED"}, 2, "UNTESTED"),
    ],
)
def test_verdicts_that_differ_are_named_and_an_older_format_is_compared_by_what_it_says(
    case: Path, tmp_path: Path, edit: dict[str, object], code: int, told: str
) -> None:
    old = tmp_path / "case"
    shutil.copytree(case, old)
    file = old / "data" / "verdicts.json"
    rows = json.loads(file.read_text("utf-8"))
    for row in rows:
        row.update(edit)
        if row["reasons"] is None:
            del row["reasons"]
    file.write_text(json.dumps(rows), "utf-8")
    write_manifest(old / "data")

    done = hometruth("judge", old / "data")

    assert done.returncode == code, done.stderr
    assert told in done.stderr


def test_a_case_whose_canaries_were_changed_is_refused(case: Path, tmp_path: Path) -> None:
    changed = tmp_path / "case"
    shutil.copytree(case, changed)
    with (changed / "data" / "canaries.jsonl").open("a") as file:
        file.write("\n")
    done = hometruth("judge", changed)

    assert done.returncode == 2
    assert "sealed before the run" in done.stderr


def test_a_run_that_was_cut_short_can_still_be_judged(case: Path, tmp_path: Path) -> None:
    cut = tmp_path / "case"
    shutil.copytree(case, cut)
    for name in ("verdicts.json", "report.html", "MANIFEST.json", "findings.parquet"):
        (cut / "data" / name).unlink()
    lines = (cut / "data" / "trials.jsonl").read_bytes().splitlines(keepends=True)
    (cut / "data" / "trials.jsonl").write_bytes(b"".join(lines[: len(lines) // 2]) + lines[-1][:20])
    done, as_json = hometruth("judge", cut), hometruth("judge", cut, "--json")

    assert done.returncode == as_json.returncode == 2
    assert "incomplete" in done.stderr
    assert "byte for byte" not in done.stderr
    rows = json.loads(as_json.stdout)
    assert all("whether its recording is whole cannot be told" in row["why"] for row in rows if row["trials"])
    assert all(row["bound_percent"] is None for row in rows), "silence proves nothing here"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("report.html", "report.html has"),
        ("findings.parquet", "findings.parquet has"),
        ("new", "new was added"),
    ],
)
def test_what_was_changed_beside_the_recording_is_named(
    case: Path, tmp_path: Path, name: str, told: str
) -> None:
    changed = tmp_path / "case"
    shutil.copytree(case, changed, ignore=shutil.ignore_patterns("lab"))
    (changed / "data" / name).write_text("forged")
    done = hometruth("judge", changed)

    assert done.returncode == 2
    assert told in done.stderr
    assert "byte for byte" not in done.stderr


def test_a_recording_that_was_cut_after_the_run_is_refused_and_said(case: Path, tmp_path: Path) -> None:
    cut = tmp_path / "case"
    shutil.copytree(case, cut, ignore=shutil.ignore_patterns("lab"))
    with (cut / "data" / "traffic.mitm").open("ab") as file:
        file.truncate(file.tell() - 1)
    refused, looked_at = hometruth("judge", cut), hometruth("judge", cut, "--altered", "--json")

    assert refused.returncode == looked_at.returncode == 2
    assert "1 were cut out" in refused.stderr
    assert "1 were cut out" in looked_at.stderr
    assert "CONTRADICTED" not in looked_at.stdout
    assert '"CONSISTENT"' not in looked_at.stdout
    assert "INCONCLUSIVE" in looked_at.stdout


@pytest.mark.parametrize("command", [("report", "--out"), ("letter", "--to", "press", "--out")])
def test_nothing_is_written_into_a_case_or_over_anything(
    case: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "there").write_text("mine")
    name, *options = command
    inside = hometruth(name, case, *options, case / "data" / "new.txt")
    over = hometruth(name, case, *options, tmp_path / "there")

    assert (inside.returncode, over.returncode) == (2, 2)
    assert "lies in the case, which is sealed" in inside.stderr
    assert "nothing is overwritten" in over.stderr
    assert not (case / "data" / "new.txt").exists() and (tmp_path / "there").read_text() == "mine"


def test_letter_and_report_are_made_outside_and_leave_the_case_as_it_was(case: Path, tmp_path: Path) -> None:
    report = hometruth("report", case, "--out", tmp_path / "r.html", "--pictures", tmp_path / "pictures")
    letter = hometruth("letter", case, "--to", "authority", "--out", tmp_path / "letter.md")

    assert (report.returncode, letter.returncode) == (0, 0), report.stderr + letter.stderr
    assert hometruth("verify", case).returncode == 0
    assert {path.name for path in (tmp_path / "pictures").iterdir()} == {
        *("matrix-whole.svg", "timeline.svg", "recipients.svg", "identifiers-graph.svg")
    }
    text = (tmp_path / "letter.md").read_text()
    tags = (case / "tagmanifest-sha256.txt").read_bytes()
    assert hashlib.sha256(tags).hexdigest() in text
    assert "### 1. " in text
    made = re.sub(
        r"audit report</span> <span>[^<]*<|</h1>|· [^·]* · made", "", (tmp_path / "r.html").read_text()
    )
    kept = re.sub(
        r"audit report</span> <span>[^<]*<|</h1>|· [^·]* · made",
        "",
        (case / "data" / "report.html").read_text(),
    )
    assert made == kept


def test_no_reader_meets_a_condition_as_machines_write_it(case: Path, tmp_path: Path) -> None:
    """In words everywhere: letters, summary, report with its pictures, terminal, watching and comparing."""
    audit, explained = rejudge(case), StringIO()
    levels = {pair for trial in audit.trials for pair in trial.condition.levels}
    levels |= {(told.factor, told.level) for trial in audit.trials for told in trial.attested}
    print_explanations(audit.verdicts, audit.subject, case, Console(file=explained, soft_wrap=True))
    pages = ("report", case, "--out", tmp_path / "r.html", "--markdown", tmp_path / "summary.md")
    done = [
        hometruth(*pages, "--pictures", tmp_path / "pictures"),
        *(hometruth("letter", case, "--to", to) for to in TO),
        *(hometruth("judge", case, *more) for more in ([], ["--all"])),
        hometruth("compare", case, *(f"--{side}={level}" for side in "ab" for level in BOTH_SIDES[side])),
        hometruth("watch", case / "data" / "traffic.mitm", "--canaries", case / "data" / "canaries.jsonl"),
    ]
    told = [explained.getvalue(), *(one.stdout for one in done)]
    told += [path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()]

    assert not [one.stderr for one in done if one.returncode not in (0, 1)]
    assert len(told) > 12 and "".join(told).count("incognito, no switch") > 50
    # What was sent may say it, in a query: there it is evidence.
    raw = [rf"(?<![\w&?]){factor}={re.escape(level)}" for factor, level in levels]
    raw.append(rf"\b{audit.subject.device}\b")
    assert not [found for text in told for found in re.findall("|".join(raw), html.unescape(text))]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('driver = "lab"', 'driver = "drone"', "no driver 'drone'"),
        ('claims = "bundled"', 'claims = "absent.toml"', "absent.toml: cannot be read"),
        ('vendor = "Xiaomi"\n', "", "is about what its servers are sent: say vendor = "),
    ],
)
def test_a_plan_that_cannot_run_leaves_no_case_behind(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    (tmp_path / "plan.toml").write_text(small_plan().text.replace(old, new))
    done = hometruth("run", tmp_path / "plan.toml", "--out", tmp_path / "case")

    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1  # nothing is announced that is not going to be
    assert not (tmp_path / "case").exists()


def test_every_step_by_hand_can_be_typed_where_a_folder_has_a_space_in_its_name(
    case: Path, tmp_path: Path
) -> None:
    there = shutil.copytree(case, tmp_path / "my case")
    told = hometruth("judge", there, "--explain", "x03").stdout
    steps = {
        line for line in told.splitlines() if line.startswith(("  hometruth ", "  python3 ", "  mitmweb "))
    }
    named = [word for step in steps for word in shlex.split(step) if word.startswith(str(tmp_path))]
    shown = next(step for step in steps if " | grep " in step)
    environment = dict(os.environ, PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    done = subprocess.run(shown, shell=True, capture_output=True, text=True, env=environment, check=True)

    assert len(named) > 2 and not [path for path in named if not Path(path).exists()]
    assert all(json.loads(line)["evidence_bits"] >= 40 for line in done.stdout.splitlines()) and done.stdout
