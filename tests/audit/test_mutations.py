"""Change one thing about the phone or the run, and exactly the right verdict moves."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hometruth.experiment import Plan, PlannedSession
from hometruth.experiment.drivers.lab import LabDriver
from hometruth.lab import Mutation
from hometruth.model import Attestation, Audit, Condition, Verdict, VerdictKind
from hometruth.run import rejudge
from tests.audit.runs import experiment, row, small_plan, whole_flows

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE, UNTESTED = VerdictKind.INCONCLUSIVE, VerdictKind.UNTESTED
SILENT = {"version": "3.4.3", "mode": "incognito", "switch": "off", "consent": "given"}
LEAKY = {"version": "3.4.0", "mode": "incognito", "switch": "absent", "consent": "given"}


def matrix_plan() -> Plan:
    """Enough sessions for bounds, in the cells that x03 needs: 29 of each."""
    plan = small_plan(29)
    matrix = plan.series[0]
    cells = tuple(
        replace(cell, conditions=tuple(item for item in cell.conditions if item.get("consent") == "given"))
        for cell in matrix.cells
    )
    return replace(plan, series=(replace(matrix, cells=cells),))


def cells(audit: Audit, proposition: str) -> dict[Condition, VerdictKind]:
    rows = (item for item in audit.verdicts if item.proposition == proposition)
    return {item.condition: item.observed or item.verdict for item in rows}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("as-found") / "case"


@pytest.fixture(scope="module")
def as_found(case: Path) -> Audit:
    return experiment(case, matrix_plan())


def moved(
    audit: Audit, as_found: Audit, proposition: str
) -> dict[Condition, tuple[VerdictKind, VerdictKind]]:
    """Cells (not the whole) whose verdict differs: before and after."""
    before, after = cells(as_found, proposition), cells(audit, proposition)
    assert before.keys() == after.keys()
    return {
        where: (before[where], after[where])
        for where in before
        if where.levels and before[where] is not after[where]
    }


def test_as_found(as_found: Audit) -> None:
    assert row(as_found, "x03.content", **LEAKY).verdict is CONTRADICTED
    assert row(as_found, "x03.content", **SILENT).verdict is CONSISTENT
    assert row(as_found, "x03.content").verdict is CONTRADICTED
    assert row(as_found, "r19.matrix").verdict is CONSISTENT
    assert row(as_found, "x20.switch").verdict is CONSISTENT


def test_a_leak_in_the_silent_cell_and_honesty_in_a_leaking_one_move_these_cells_alone(
    tmp_path: Path, as_found: Audit
) -> None:
    """Two cells of two versions, changed in one run: each verdict moves its own way, and no other moves."""
    changed = [Mutation(SILENT, sends=True), Mutation(LEAKY, sends=False)]
    audit = experiment(tmp_path / "case", matrix_plan(), mutations=changed)

    assert moved(audit, as_found, "x03.content") == {
        Condition.of(SILENT): (CONSISTENT, CONTRADICTED),
        Condition.of(LEAKY): (CONTRADICTED, CONSISTENT),
    }
    assert moved(audit, as_found, "r19.matrix") == {Condition.of(SILENT): (CONSISTENT, CONTRADICTED)}
    assert row(audit, "x20.switch").verdict is CONTRADICTED


def test_without_a_positive_control_silence_is_no_all_clear(tmp_path: Path, as_found: Audit) -> None:
    normal = {"version": "3.4.3", "mode": "normal"}
    audit = experiment(tmp_path / "case", matrix_plan(), mutations=[Mutation(normal, sends=False)])

    assert moved(audit, as_found, "x03.content") == {Condition.of(SILENT): (CONSISTENT, INCONCLUSIVE)}


@pytest.mark.parametrize("kept", [0.5, 0.9, 0.97])
def test_a_recording_that_is_cut_is_no_all_clear(
    case: Path, tmp_path: Path, as_found: Audit, kept: float
) -> None:
    cut = tmp_path / "case"
    shutil.copytree(case, cut, ignore=shutil.ignore_patterns("lab", "MANIFEST.json"))
    traffic = (cut / "traffic.mitm").read_bytes()
    (cut / "traffic.mitm").write_bytes(whole_flows(traffic, round(kept * len(traffic))))

    assert moved(rejudge(cut), as_found, "x03.content") == {Condition.of(SILENT): (CONSISTENT, INCONCLUSIVE)}


class WrongWindow(LabDriver):
    """Drives the trials of one cell in the normal window: the classic mistake."""

    def prepare(self, session: PlannedSession) -> tuple[Attestation, ...]:
        if session.trial.condition == Condition.of(SILENT):
            levels = SILENT | {"mode": "normal"}
            session = replace(session, trial=replace(session.trial, condition=Condition.of(levels)))
        return super().prepare(session)


def test_trials_driven_in_the_wrong_window_give_no_verdict(tmp_path: Path, as_found: Audit) -> None:
    audit = experiment(tmp_path / "case", matrix_plan(), driver=WrongWindow)

    assert moved(audit, as_found, "x03.content") == {Condition.of(SILENT): (CONSISTENT, UNTESTED)}
    assert row(audit, "x20.switch").verdict is not CONTRADICTED


def test_whole_verdicts_follow_the_worst_cell(as_found: Audit) -> None:
    worst = {CONTRADICTED: 3, INCONCLUSIVE: 2, UNTESTED: 1, CONSISTENT: 0}
    by_proposition: dict[str, list[Verdict]] = {}
    for verdict in as_found.verdicts:
        by_proposition.setdefault(verdict.proposition, []).append(verdict)
    for verdicts in by_proposition.values():
        (whole,) = [item for item in verdicts if not item.condition.levels]
        rows = [item for item in verdicts if item.condition.levels and item.in_scope]
        assert whole.in_scope or not rows
        if rows:
            assert worst[whole.verdict] == max(worst[item.verdict] for item in rows)
