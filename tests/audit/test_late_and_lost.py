"""Queues that drain in somebody else's session, and sessions that break off, accuse nobody falsely."""

from dataclasses import replace
from pathlib import Path

from hometruth.errors import LabError
from hometruth.experiment import Plan, PlannedSession
from hometruth.experiment.drivers.lab import LabDriver
from hometruth.model import Attestation, TrialStatus, VerdictKind
from tests.audit.runs import experiment, row, small_plan
from tests.audit.test_mutations import LEAKY, SILENT

BLOCKS = 5


def shared_plan() -> Plan:
    """Installations that have sessions of several conditions, all with consent."""
    plan = small_plan(BLOCKS)
    matrix = plan.series[0]
    cells = tuple(
        replace(cell, conditions=tuple(one for one in cell.conditions if one.get("consent") == "given"))
        for cell in matrix.cells
    )
    return replace(plan, series=(replace(matrix, cells=cells),))


class Impatient(LabDriver):
    """Kills the browser after an installation's first session: its queue leaves in the second one."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self._begun: set[str] = set()

    def settle(self) -> tuple[Attestation, ...]:
        assert self._session is not None
        name = self._session.trial.installation
        if name in self._begun:
            return super().settle()
        self._begun.add(name)
        attested = self._attest(self._session)
        self._ready().kill()
        return attested


class Clumsy(LabDriver):
    """Drops the phone while setting up every other installation, after the app was cleared or before."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self._dropped: set[str] = set()

    def prepare(self, session: PlannedSession) -> tuple[Attestation, ...]:
        name = session.trial.installation
        if name not in self._dropped and name.endswith(("1", "3", "5", "7", "9")):
            self._dropped.add(name)
            raise LabError("the phone fell")
        return super().prepare(session)


def test_a_late_upload_accuses_the_session_it_speaks_of_and_no_other(tmp_path: Path) -> None:
    audit = experiment(tmp_path / "case", shared_plan(), driver=Impatient, seed=1)

    assert row(audit, "x03.content", **LEAKY).verdict is VerdictKind.CONTRADICTED
    for proposition in ("x03.content", "r19.matrix", "x04.unlinked", "x03.no-dependence"):
        assert row(audit, proposition, **SILENT).verdict is not VerdictKind.CONTRADICTED
    late = row(audit, "r19.matrix", **SILENT)
    assert "uploads during these sessions held what was done in others" in late.why


def test_an_installation_whose_set_up_broke_off_is_set_up_again(tmp_path: Path) -> None:
    audit = experiment(tmp_path / "case", shared_plan(), driver=Clumsy, seed=1)

    assert {trial.status for trial in audit.trials} == {TrialStatus.DONE, TrialStatus.LOST}
    assert all(trial.is_attested() for trial in audit.trials if trial.status is TrialStatus.DONE)
    assert row(audit, "x12.random").verdict is not VerdictKind.CONTRADICTED
