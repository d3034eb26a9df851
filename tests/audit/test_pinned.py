"""What a pinned app sends is tested by host and bytes: real TLS, a real recorder, an injected coin."""

from pathlib import Path
from random import Random

import pytest

from hometruth.audit.case_audit import rejudge
from hometruth.model import Audit, GapKind, Rung, VerdictKind
from hometruth.report import verdicts_text
from hometruth.run import run
from tests.audit.paired_runs import NORMAL, SILENT, levels
from tests.audit.pinned_app import HOST, PinnedApp, pinned_plan
from tests.audit.runs import row

PAIRS, VISITS = 18, 6
PASSED = 'pass_pinned = true\nonly_app = "Mint Browser"'


def experiment(
    folder: Path, *, leaks: bool, subject: str = PASSED, pairs: int = PAIRS, visits: int = VISITS
) -> tuple[Audit, PinnedApp]:
    app = PinnedApp(folder / "lab", leaks=leaks)
    plan = pinned_plan([NORMAL, SILENT], pairs=pairs, visits=visits, subject=subject)
    return run(plan, folder, rng=Random(7), driver=app), app


@pytest.fixture(scope="module")
def leaking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pinned") / "case"
    _, app = experiment(folder, leaks=True)
    assert app.refused == 1
    return folder


def test_a_leak_that_nobody_can_open_is_contradicted_by_its_bytes(leaking: Path) -> None:
    audit = rejudge(leaking)
    judged = row(audit, "x03.content", **levels(SILENT))
    (effect,) = [item for item in audit.effects if item.vendor and item.condition.as_dict() == levels(SILENT)]

    assert judged.verdict is VerdictKind.CONTRADICTED, judged.why
    assert effect.endpoint == HOST
    assert effect.rung is Rung.CONTENT
    assert effect.by_barcode
    assert effect.by_coin
    assert "stated by the tester" in judged.why
    assert not [item for item in audit.findings if not item.expected]
    assert verdicts_text(audit) == (leaking / "verdicts.json").read_text("utf-8")


def test_its_bytes_are_in_the_coverage_table_as_opaque(leaking: Path) -> None:
    audit = rejudge(leaking)
    rows = [item for item in audit.coverage if item.host == HOST]
    gaps = [gap for gap in audit.gaps if gap.kind is GapKind.PASSED]

    assert {gap.host for gap in gaps} == {HOST}
    assert sum(item.opaque_bytes for item in rows) == sum(gap.size_bytes or 0 for gap in gaps)
    assert sum(item.passed for item in rows) == len(gaps) > 2 * PAIRS
    assert (
        sum(item.passed_received_bytes for item in rows) == sum(gap.received_bytes or 0 for gap in gaps) > 0
    )
    assert sum(item.read_bytes + item.exchanges for item in rows) == 0
    assert "pinned:" in (leaking / "report.html").read_text("utf-8")


def test_without_a_word_on_the_app_it_is_held_against_the_phone_only(tmp_path: Path) -> None:
    audit, _ = experiment(tmp_path / "case", leaks=True, subject="pass_pinned = true", pairs=6)
    judged = row(audit, "x03.content", **levels(SILENT))

    assert judged.verdict is VerdictKind.INCONCLUSIVE
    assert "repeats the random lengths" in judged.why
    assert "nothing is said of the app" in judged.why


def test_an_honest_pinned_app_is_not_accused(tmp_path: Path) -> None:
    audit, app = experiment(tmp_path / "case", leaks=False, visits=2)
    judged = row(audit, "x03.content", **levels(SILENT))
    effects = [item for item in audit.effects if item.vendor]

    assert len(app.server.received) == 4 * PAIRS
    assert {item.rung for item in effects} == {Rung.NONE}
    assert judged.verdict is VerdictKind.INCONCLUSIVE
    assert "no positive control" in judged.why
    assert "could not be opened" not in judged.why.split("no positive control")[1]


def test_refused_and_not_let_through_it_is_never_an_all_clear(tmp_path: Path) -> None:
    audit, app = experiment(tmp_path / "case", leaks=True, subject="", pairs=3)
    judged = row(audit, "x03.content", **levels(SILENT))

    assert app.server.received == []
    assert {gap.kind for gap in audit.gaps if gap.exchange is None} == {GapKind.REFUSED_TLS}
    assert judged.verdict is VerdictKind.INCONCLUSIVE
    assert "connections could not be opened" in judged.why
