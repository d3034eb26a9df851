"""The halves of a pair last equally long, whatever is done in them: only the coin tells them apart."""

import itertools
from contextlib import suppress
from pathlib import Path

import pytest

from hometruth.errors import DriverError
from hometruth.experiment import pairs
from hometruth.experiment.drivers.by_hand import halves
from hometruth.experiment.drivers.guided import GuidedDriver
from hometruth.experiment.planned import PlannedAction, PlannedSession
from hometruth.experiment.session import run_session
from hometruth.model import Arm, Canary, CanaryKind, Condition, Trial, TrialStatus
from tests.experiment.drivers.person import DeskReader, in_background, until
from tests.experiment.drivers.test_guided import InHand, led

DOES_S = 60.0
MARK = Canary("mark", CanaryKind.PAGE, "markqzv7k2w9x", 60.0, address="http://m.canary.example/")


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(pairs, "ACTIVE_S", 0.0)
    monkeypatch.setattr(halves, "monotonic", made)
    return made


def half(action: str) -> PlannedSession:
    arm, canary = (Arm.CANARIES, "mark") if action == "visit-address" else (Arm.SHAM, None)
    trial = Trial("t0001", "s", Condition.of({"app": "open"}), 1, "i1", "phone", TrialStatus.LOST, arm=arm)
    return PlannedSession(trial, (PlannedAction("open-decoy", None), PlannedAction(action, canary)))


def begun(hand: InHand, planned: PlannedSession) -> None:
    """Up to where the session begins."""
    with in_background(lambda: hand.driver.lead_in(hand.recorder, [planned], 0)):
        hand.desk.wait_for("connect_tv")
        hand.desk.press("done")


def before(driver: GuidedDriver, desk: DeskReader, planned: PlannedSession, button: str = "done") -> None:
    with in_background(lambda: driver.between(planned)):
        desk.wait_for("pair_still")
        assert desk.says("sessions are done")
        assert not desk.says("for a bound of")
        desk.press(button)


@pytest.mark.parametrize("action", ["visit-address", "tap-page"])
def test_both_halves_last_equally_long_however_quick_the_person_is(
    action: str, tmp_path: Path, clock: Clock
) -> None:
    planned = half(action)
    with led(tmp_path, begun=False, certificate=False, preflight_s=0, does_s=DOES_S) as hand:
        begun(hand, planned)
        desk, driver = hand.desk, hand.driver
        before(driver, desk, planned)
        with in_background(lambda: run_session(driver, planned, {"mark": MARK})) as came:
            desk.wait_for("switch")
            desk.press("done")
            if action == "visit-address":
                desk.wait_for("pair_play")
                desk.press("done")
                desk.wait_for("pair_done")
            else:
                desk.wait_for("pair_nothing")
            clock.now += DOES_S - 1
            with suppress(AssertionError):  # it does not come to that, which is what is looked at
                until(lambda: came or desk.step == "rest", waits_s=0.5)
            lasted = not came and desk.step in {"pair_done", "pair_nothing"}
            clock.now += 1

    assert lasted
    assert came[0].status is TrialStatus.DONE
    assert came[0].is_attested()


def test_an_early_moment_has_as_much_more_time_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs, "ACTIVE_S", 0.4)
    monkeypatch.setattr(halves, "monotonic", itertools.count(step=DOES_S).__next__)
    lasted: list[float] = []
    waits = (0.0, 0.1, 0.4)
    with led(tmp_path, begun=False, certificate=False, preflight_s=0, does_s=DOES_S) as hand:
        begun(hand, half("tap-page"))
        monkeypatch.setattr(hand.driver._run, "drain", lasted.append)
        with in_background(lambda: hand.driver.prepare(half("tap-page"))):
            hand.desk.wait_for("switch")
            hand.desk.press("done")
        for wait in waits:
            hand.driver.prepare(half("tap-page"))
            hand.driver.act("open-decoy", None)
            hand.driver.wait(wait)
            hand.driver.act("tap-page", None)
            hand.driver.settle()

    assert [sum(lasted[n : n + 2]) for n in (0, 2, 4)] == pytest.approx([0.5] * 3)


def test_who_is_too_slow_for_it_loses_the_session(tmp_path: Path, clock: Clock) -> None:
    """One that lasted longer than its other half would tell by that alone."""
    planned = half("visit-address")
    with led(tmp_path, begun=False, certificate=False, preflight_s=0, does_s=DOES_S) as hand:
        begun(hand, planned)
        with in_background(lambda: run_session(hand.driver, planned, {"mark": MARK})) as came:
            hand.desk.wait_for("switch")
            hand.desk.press("done")
            hand.desk.wait_for("pair_play")
            clock.now += DOES_S

    assert came[0].status is TrialStatus.LOST
    assert "was not done within 60 s, and both halves of a pair last equally long" in came[0].note


def test_what_is_asked_before_a_half_is_outside_of_it_and_can_end_the_run(tmp_path: Path) -> None:
    planned = half("tap-page")
    with led(tmp_path, begun=False, certificate=False, preflight_s=0) as hand:
        begun(hand, planned)
        before(hand.driver, hand.desk, planned, button="end")
        with pytest.raises(DriverError, match="ended at the desk before it"):
            hand.driver.prepare(planned)
