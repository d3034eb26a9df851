"""Two runs, or two settings of one, set against each other."""

from dataclasses import replace
from pathlib import Path

import pytest

from hometruth.audit.compare import compare
from hometruth.errors import CaseError
from hometruth.experiment import Plan
from hometruth.lab import Mutation
from hometruth.model import Comparison, Condition, Direction, SignalKind, VerdictKind
from tests.audit.runs import experiment, small_plan

BLOCKS = 12
HOST = "sa.api.intl.miui.com"


def incognito_plan(blocks: int = BLOCKS) -> Plan:
    """Incognito sessions of 3.4.3 with consent, the switch on and off."""
    plan = small_plan(blocks)
    matrix = plan.series[0]
    cells = tuple(
        replace(
            cell,
            conditions=tuple(
                item
                for item in cell.conditions
                if item.get("consent") == "given" and item.get("mode") == "incognito"
            ),
        )
        for cell in matrix.cells
        if cell.conditions[0].get("version") == "3.4.3"
    )
    return replace(plan, series=(replace(matrix, cells=cells),))


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("before") / "case"
    experiment(folder, incognito_plan())
    return folder


def settled(found: Comparison, kind: SignalKind) -> set[tuple[str, Direction]]:
    return {
        (item.signal.what, item.direction)
        for item in found.changes
        if item.settled and item.signal.kind is kind and item.signal.recipient == HOST
    }


def test_the_switch_stops_what_was_sent(before: Path) -> None:
    found = compare(before, before, where_a={"switch": ("on",)}, where_b={"switch": ("off",)})

    assert found.same_run
    assert settled(found, SignalKind.CONTENT) == {
        ("page", Direction.DISAPPEARED),
        ("search", Direction.DISAPPEARED),
        ("device-id", Direction.DISAPPEARED),
    }
    assert ("search", Direction.DISAPPEARED) in settled(found, SignalKind.EVENT)
    assert all(item.seen_b == 0 for item in found.changes)
    assert (found.a.sessions, found.b.sessions, found.a.lost) == (BLOCKS, BLOCKS, 0)


def test_an_update_that_leaks_again_is_found_first(before: Path, tmp_path: Path) -> None:
    leaks = Mutation(
        {"version": "3.4.3", "mode": "incognito", "switch": "off", "consent": "given"}, sends=True
    )
    after = tmp_path / "after"
    experiment(after, incognito_plan(), mutations=[leaks])
    found = compare(before, after)

    assert not found.same_run
    assert {str(item.condition) for item in found.changes if item.settled} == {
        "version=3.4.3, mode=incognito, switch=off, consent=given"
    }
    assert ("page", Direction.APPEARED) in settled(found, SignalKind.CONTENT)
    assert not [item for item in found.changes if not item.settled and item.direction is not Direction.SAME]
    assert ("r19.matrix", VerdictKind.CONTRADICTED) in {
        (new.proposition, new.verdict) for _, new in found.verdicts
    }


def test_the_same_app_twice_shows_no_change(before: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    experiment(again, incognito_plan())
    found = compare(before, again)

    assert found.n_tests > 20
    assert {item.direction for item in found.changes} == {Direction.SAME}
    assert found.verdicts == ()


def test_one_case_needs_two_settings(before: Path) -> None:
    with pytest.raises(CaseError, match="narrow each with --a and --b"):
        compare(before, before)


def farewell_plan() -> Plan:
    """Today's SDK, with consent and with consent taken back, each session in an installation of its own."""
    plan = small_plan(BLOCKS)
    matrix = plan.series[0]
    levels = {"version": "3.4.0", "mode": "normal", "switch": "absent", "sdk": "now"}
    conditions = tuple(Condition.of({**levels, "consent": consent}) for consent in ("given", "withdrawn"))
    cell = replace(matrix.cells[0], conditions=conditions, installation=(*levels, "consent"))
    return replace(plan, series=(replace(matrix, cells=(cell,)),))


def test_what_taking_consent_back_still_sends_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    experiment(folder, farewell_plan())
    found = compare(folder, folder, where_a={"consent": ("given",)}, where_b={"consent": ("withdrawn",)})
    events = settled(found, SignalKind.EVENT)

    assert ("$AppDataTrackingClose", Direction.APPEARED) in events
    assert ("search", Direction.DISAPPEARED) in events
    assert ("page", Direction.DISAPPEARED) in settled(found, SignalKind.CONTENT)
