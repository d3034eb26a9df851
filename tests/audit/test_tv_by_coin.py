"""The plan about what a TV tells of what it plays: nothing is opened, and a coin shows it of a stand-in."""

import time
from importlib.resources import files
from pathlib import Path

import httpx
import pytest

from hometruth.case import open_case, unfinished_case
from hometruth.experiment import Plan, parse_plan
from hometruth.experiment.drivers import guided
from hometruth.experiment.drivers.by_hand.desk import DeskBoard
from hometruth.experiment.drivers.guided import GuidedDriver
from hometruth.experiment.drivers.guided_kind import GuidedOptions
from hometruth.model import Audit, Rung, TrialStatus, VerdictKind
from hometruth.run import run
from tests.experiment.drivers.person import DeskReader, desk_of, in_background, until

QUICK = {
    'listen = "0.0.0.0"': 'listen = "127.0.0.1"\nport = 0',
    "drain_s = 120": "drain_s = 0.02",
    "pairs = 60": 'pairs = 11\nendpoints = ["acr.example"]',
    "alpha = 0.001": "alpha = 0.05",
    "phantoms = 100": "phantoms = 10",
    'device = "tv"': 'device = "tv"\noffline = true',
    'vendor = "nobody named" #': 'vendor = "Own Ltd." #',
}
"""Fewer pairs at a weaker level, since the stand-in tells what it plays every time."""


def watch(desk: DeskReader, proxy: str, came: list[object]) -> None:
    """Does what the desk says, step by step, while the TV sends what it sends."""
    done = ""
    with httpx.Client(proxy=proxy) as tv:
        while not came:
            number, step = desk.number(), desk.step
            if number in {"", done}:
                time.sleep(0.01)
                continue
            if step in {"pair_play", "pair_nothing"}:
                tv.post("http://acr.example/f", content=b"x" * (6000 if step == "pair_play" else 1000))
                tv.post("http://ping.example/", content=b"y" * 500)
            desk.press("done")
            done = number


def watched(plan: Plan, case: Path, *, cut_after: int = 0, goes_on: bool = False) -> object:
    """Carry it out, with somebody who does what the desk says; gives the audit, or what cut it off."""

    def cut_off(done: int, _planned: int) -> None:
        if done == cut_after:
            raise RuntimeError("cut off")

    def carried_out() -> object:
        try:
            return run(plan, case, driver=driver, progress=cut_off, goes_on=goes_on)
        except RuntimeError as err:
            return err

    assert isinstance(plan.options, GuidedOptions)
    board = DeskBoard()
    driver = GuidedDriver(plan.options, case / "lab", board)
    with desk_of(board) as desk, in_background(carried_out) as came:
        until(lambda: came or desk.step == "connect_tv")
        watch(desk, f"http://127.0.0.1:{driver.proxy_port}", came)
    return came[0]


@pytest.mark.parametrize("cut_after", [0, 7], ids=["in-one-go", "cut-off-in-a-pair"])
def test_a_tv_that_tells_what_it_plays_is_shown_by_a_coin_and_nothing_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut_after: int
) -> None:
    text = (files("hometruth.data") / "plans" / "tv-content-recognition.toml").read_text("utf-8")
    for before, after in QUICK.items():
        assert before in text
        text = text.replace(before, after)
    plan = parse_plan(text, "tv")
    monkeypatch.setattr("hometruth.experiment.pairs.ACTIVE_S", 0.0)
    monkeypatch.setattr(guided, "POLL_S", 0.01)
    case = tmp_path / "case"
    if cut_after:
        assert not isinstance(watched(plan, case, cut_after=cut_after), Audit)
        assert len(unfinished_case(case).ended()) == cut_after
    result = watched(plan, case, goes_on=bool(cut_after))
    assert isinstance(result, Audit)
    effects = {effect.endpoint: (effect.wins, effect.rung) for effect in result.effects}

    assert effects["acr.example"] == (9, Rung.OCCURRENCE), "which is enough: the other two pairs are not run"
    statuses = [trial.status for trial in result.trials]
    assert statuses == [TrialStatus.DONE] * 18 + [TrialStatus.NOT_NEEDED] * 4
    assert effects["elsewhere"][1] is Rung.NONE
    assert b"xxxx" not in open_case(tmp_path / "case").traffic.read_bytes()
    (whole,) = [verdict for verdict in result.verdicts if not verdict.condition.levels]
    assert whole.verdict is not VerdictKind.CONSISTENT
    assert "not watched" in " ".join(result.subject.unseen)
