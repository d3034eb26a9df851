"""What nobody can open, by a secret coin in a person's hands: a TV that tells what it plays, and an app.

Both send over TLS that only their own server can read. One that knows the coin is CONTRADICTED by name of
server and bytes, in the pairs that it needs; one that does not is not.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from random import Random

import pytest

from hometruth.case import open_case, unfinished_case
from hometruth.cli.audit_phone import FourOptions, new_plan
from hometruth.experiment import Plan, parse_plan
from hometruth.experiment.drivers.by_hand import halves, hand_run
from hometruth.experiment.drivers.by_hand.desk import DeskBoard
from hometruth.experiment.drivers.guided import GuidedDriver
from hometruth.experiment.drivers.guided_kind import GuidedOptions
from hometruth.experiment.guided_plan import fewest
from hometruth.model import Audit, Rung, TrialStatus, VerdictKind
from hometruth.report.first_screen import first_screen
from hometruth.run import run
from tests.capture.pinned import PinnedServer, pinned_connection, pinned_server, post
from tests.experiment.drivers.person import DeskReader, desk_of, in_background, until

HOST = "acr.example"
DOES_S = 60.0
Sends = Callable[[bool], list[bytes]]
"""What the device sends in a half, told whether the thing was done in it."""
QUICK = {
    'listen = "0.0.0.0"': 'listen = "127.0.0.1"\nport = 0',
    "drain_s = 120": "drain_s = 0.02",
    "pairs = 60": f'pairs = 15\nendpoints = ["{HOST}"]',
    "phantoms = 100": "phantoms = 10",
}


def tv_plan(**changes: str) -> Plan:
    text = (files("hometruth.data") / "plans" / "tv-content-recognition.toml").read_text("utf-8")
    for before, after in {**QUICK, **changes}.items():
        assert before in text
        text = text.replace(before, after)
    return parse_plan(text, "tv")


class Passes:
    """Time for what is done in a half: it passes once that is done, however slow the machine is."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


PASSES = Passes()


def live(desk: DeskReader, proxy: str, server: PinnedServer, sends: Sends, came: list[object]) -> None:
    """Does what the desk says, step by step, while the device sends what it sends."""
    done = ""
    while not came:
        number, step = desk.number_and_step()
        if number in {"", done}:
            time.sleep(0.02)
            continue
        if step in {"pair_play", "pair_nothing"}:
            with pinned_connection(proxy, HOST, server.context(), port=server.port) as connection:
                for body in sends(step == "pair_play"):
                    post(connection, HOST, body)
        if step in {"pair_still", "pair_play", "connect_tv", "switch"}:
            desk.press("done")
        if step in {"pair_done", "pair_nothing"}:
            PASSES.now += DOES_S
        done = number


def tells(done: bool) -> list[bytes]:
    """A heartbeat; and what was recognised."""
    return [b"x" * 1000, *([b"x" * 4000] if done else [])]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PinnedServer]:
    monkeypatch.setattr("hometruth.experiment.pairs.ACTIVE_S", 0.0)
    monkeypatch.setattr(hand_run, "POLL_S", 0.01)
    monkeypatch.setattr(halves, "monotonic", PASSES.monotonic)
    with pinned_server(HOST, tmp_path) as made:
        yield made


@contextmanager
def _watched(
    plan: Plan, case: Path, server: PinnedServer, sends: Sends, **how: int
) -> Iterator[list[object]]:
    """Carry it out, with somebody who does what the desk says."""

    def cut_off(done: int, _planned: int) -> None:
        if done == how.get("cut_after"):
            raise RuntimeError("cut off")

    def carried_out() -> object:
        try:
            return run(plan, case, rng=Random(3), driver=driver, progress=cut_off, goes_on="goes_on" in how)
        except RuntimeError as err:
            return err

    assert isinstance(plan.options, GuidedOptions)
    board = DeskBoard()
    driver = GuidedDriver(plan.options, case / "lab", board)
    with desk_of(board) as desk, in_background(carried_out) as came:
        until(lambda: came or desk.step == "connect_tv")
        live(desk, f"http://127.0.0.1:{driver.proxy_port}", server, sends, came)
        yield came


def audited(plan: Plan, case: Path, server: PinnedServer, sends: Sends, **how: int) -> object:
    """The audit; or what cut it off."""
    with _watched(plan, case, server, sends, **how) as came:
        return came[0]


def test_a_tv_that_tells_what_it_plays_is_contradicted_in_the_pairs_that_it_needs(
    tmp_path: Path, server: PinnedServer
) -> None:
    plan = tv_plan()
    result = audited(plan, tmp_path / "case", server, tells)
    assert isinstance(result, Audit)
    n = fewest(plan.pairings[0])
    effects = {effect.endpoint: (effect.wins, effect.untied, effect.rung) for effect in result.effects}
    (whole,) = [verdict for verdict in result.verdicts if not verdict.condition.levels]

    assert n == 14
    assert effects == {HOST: (n, n, Rung.OCCURRENCE), "elsewhere": (0, 0, Rung.NONE)}
    statuses = [trial.status for trial in result.trials]
    assert statuses == [TrialStatus.DONE] * 2 * n + [TrialStatus.NOT_NEEDED] * 2
    assert whole.verdict is VerdictKind.CONTRADICTED
    assert (
        f"in 14 of 14 pairs the traffic to {HOST} was larger in the half where something was done"
        in whole.why
    )
    assert "at most once in 1,000 audits; sent by the device" in whole.why
    assert "each random byte" not in whole.why
    assert first_screen(result).lead[0] == (
        f"In 14 of 14 pairs of sessions, this real TV sent more to {HOST} when something was done than when "
        "nothing was; what it sent cannot be read."
    )
    assert not [gap for gap in result.gaps if "canary" in (gap.host or "")], "marks are no unread bytes"
    assert b"xxxx" not in open_case(tmp_path / "case").traffic.read_bytes()
    assert "not watched" in " ".join(result.subject.unseen)


def test_one_that_does_not_know_what_it_plays_is_not(tmp_path: Path, server: PinnedServer) -> None:
    """Its heartbeats are of random size; and so they are to whom nobody has named."""
    beats = Random(1)
    plan = tv_plan(**{"pairs = 60": "pairs = 8", "alpha = 0.001": "alpha = 0.05"})
    result = audited(plan, tmp_path / "case", server, lambda _done: [b"x" * beats.randrange(1000, 6000)])
    assert isinstance(result, Audit)
    (whole,) = [verdict for verdict in result.verdicts if not verdict.condition.levels]

    assert [(effect.endpoint, effect.untied, effect.rung) for effect in result.effects] == [
        ("elsewhere", 8, Rung.NONE)
    ]
    assert whole.verdict is VerdictKind.INCONCLUSIVE
    assert "no positive control" in whole.why


def test_an_app_is_asked_about_by_the_name_of_its_server_and_a_run_in_pairs_goes_on(
    tmp_path: Path, server: PinnedServer
) -> None:
    """Cut off within a pair; and then done in time in every half but one."""
    options = GuidedOptions(port=0, drain_s=0.02, does_s=DOES_S, preflight_s=0, certificate=False)
    asked = FourOptions("Shop", "Shop Ltd.", "mine", None, (), coin=(HOST,))
    text = new_plan(asked, options, sessions=0, actions=(), offline=False).text
    for before, after in {"pairs = 60": "pairs = 10", "alpha = 0.001": "alpha = 0.05"}.items():
        text = text.replace(before, after)
    plan, case = parse_plan(text, "app"), tmp_path / "case"

    assert isinstance(audited(plan, case, server, tells, cut_after=5), RuntimeError)
    assert len(unfinished_case(case).ended()) == 5
    result = audited(plan, case, server, tells, goes_on=True)
    assert isinstance(result, Audit)
    (whole,) = [verdict for verdict in result.verdicts if not verdict.condition.levels]

    assert [trial.status for trial in result.trials].count(TrialStatus.DONE) == 2 * fewest(plan.pairings[0])
    assert whole.verdict is VerdictKind.CONTRADICTED
    assert f"the traffic to {HOST} was larger in the half where something was done" in whole.why
