"""Bounds per action, session and installation are kept apart, named, and hold together for the whole."""

import pytest

from hometruth.model import Condition, TrialStatus, Verdict, VerdictKind
from tests.claims.statements import judged, statement
from tests.claims.world import World, condition

NORMAL = condition(version="3.4.3", mode="normal", consent="given")
A = condition(version="3.4.3", mode="incognito", consent="given")
B = condition(version="3.4.3", mode="incognito", consent="withdrawn")
ABSENT = statement("absent", where={"mode": ["incognito"]}, kinds=["page"], control={"mode": ["normal"]})
WHOLE = Condition(())


def percents(row: Verdict) -> dict[str, float]:
    return {bound.unit: round(bound.percent, 2) for bound in row.bounds}


def test_each_unit_has_its_own_bound_and_the_sessions_decide() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    for n in range(40):
        world.session(A, sends=False, installation=f"i{n // 2}")

    row = judged(ABSENT, world)[A]

    assert row.verdict is VerdictKind.CONSISTENT
    assert percents(row) == pytest.approx(
        {
            "actions": 100 * (1 - 0.05 ** (1 / 40)),
            "sessions": 100 * (1 - 0.05 ** (1 / 40)),
            "installations": 100 * (1 - 0.05 ** (1 / 20)),
        },
        abs=0.01,
    )
    assert row.bound_percent == percents(row)["sessions"]
    assert "at most 7.3 % of sessions (14.0 % of installations, 7.3 % of actions if each" in row.why


def test_a_lost_session_counts_in_every_unit() -> None:
    world = World()
    world.cell(NORMAL, 60, sends=True)
    world.cell(A, 59, sends=False)
    world.session(A, sends=False, status=TrialStatus.LOST)

    bounds = judged(ABSENT, world)[A].bounds

    assert [bound.missing for bound in bounds] == [1, 1, 1]
    assert [bound.n for bound in bounds] == [60, 60, 60]


def test_the_whole_states_a_bound_that_holds_for_all_conditions_at_once() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.cell(A, 30, sends=False)
    one = judged(ABSENT, world)[WHOLE]
    world.cell(B, 60, sends=False)
    two = judged(ABSENT, world)[WHOLE]

    assert one.bound_percent == pytest.approx(100 * (1 - 0.05 ** (1 / 30)), abs=0.01)
    assert two.bound_percent == pytest.approx(100 * (1 - 0.025 ** (1 / 30)), abs=0.01)
    assert "for 2 conditions at once, so that each has a wider margin, at most 11.6 % of sessions" in two.why
