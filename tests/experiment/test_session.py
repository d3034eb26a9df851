"""One session: what the subject showed before and after; what went wrong is a lost trial."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hometruth.errors import LabError
from hometruth.experiment import PlannedAction, PlannedSession, run_session
from hometruth.model import (
    ActionRecord,
    Attestation,
    Canary,
    CanaryKind,
    Condition,
    Trial,
    TrialStatus,
)

WHERE = Condition.of({"mode": "incognito"})
SESSION = PlannedSession(
    Trial("t1", "matrix", WHERE, 1, "i1", "phone", status=TrialStatus.LOST),
    (PlannedAction("visit", "c1"),),
)
CANARIES = {"c1": Canary("c1", CanaryKind.PAGE, "kzvalue", 80.0, cell="t1")}


class Subject:
    """A subject that shows one mode before and one after its actions, and may break off."""

    def __init__(
        self, before: str = "incognito", after: str = "incognito", breaks: bool = False, cookie: str = ""
    ) -> None:
        self.before, self.after, self.breaks = before, after, breaks
        self.cookie = cookie
        """What a second witness says after the actions; before them it says what the first one does."""
        self.waited_s = 0.0

    def routes(self) -> Mapping[str, str]:
        return {}

    def connect(self, proxy_url: str, ca_file: Path) -> tuple[Canary, ...]:
        return ()

    def prepare(self, session: PlannedSession) -> tuple[Attestation, ...]:
        return self._told(self.before, self.before)

    def act(self, action: str, canary: Canary | None) -> ActionRecord:
        if self.breaks:
            raise LabError("the phone's process has ended")
        return ActionRecord(action, None if canary is None else canary.id, round(self.waited_s), True)

    def wait(self, seconds: float) -> None:
        self.waited_s += seconds

    def settle(self) -> tuple[Attestation, ...]:
        return self._told(self.after, self.cookie)

    def _told(self, badge: str, cookie: str) -> tuple[Attestation, ...]:
        second = (Attestation("mode", cookie, "cookie"),) if self.cookie else ()
        return (Attestation("mode", badge, "badge"), *second, Attestation("version", "1", "itself"))

    def close(self) -> None:
        return None


def test_a_session_as_planned() -> None:
    trial = run_session(Subject(), SESSION, CANARIES)

    assert trial.status is TrialStatus.DONE
    assert trial.is_attested()
    assert [action.canary for action in trial.actions] == ["c1"]
    assert trial.started_ns is not None
    assert trial.ended_ns is not None


def test_a_session_in_the_wrong_window_is_not_attested() -> None:
    assert not run_session(Subject("normal", "normal"), SESSION, CANARIES).is_attested()


def test_a_mode_that_changed_on_the_way_is_not_attested() -> None:
    assert not run_session(Subject("incognito", "normal"), SESSION, CANARIES).is_attested()


def test_one_steady_witness_is_none_where_another_changes_its_mind() -> None:
    steady = run_session(Subject(cookie="incognito"), SESSION, CANARIES)
    (changed,) = run_session(Subject(cookie="normal"), SESSION, CANARIES).attested

    assert steady.is_attested()
    assert changed.factor == "version"


def test_a_subject_that_breaks_off_makes_a_lost_trial() -> None:
    trial = run_session(Subject(breaks=True), SESSION, CANARIES)

    assert trial.status is TrialStatus.LOST
    assert "process has ended" in trial.note


def test_time_passes_before_an_action_that_is_to_wait() -> None:
    actions = (
        PlannedAction("open-decoy", None),
        PlannedAction("visit", "c1", 7.0),
        PlannedAction("tap", None, 5.0),
    )
    trial = run_session(Subject(), replace(SESSION, actions=actions), CANARIES)

    assert [(item.canary, item.at_ns) for item in trial.actions] == [(None, 0), ("c1", 7), (None, 12)]
