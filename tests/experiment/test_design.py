"""Designs: every cell as often as planned, installations alike in turns, canaries of their own."""

from collections import Counter, defaultdict
from itertools import count, groupby, pairwise
from random import Random

import pytest

from hometruth.canaries import mint_address
from hometruth.experiment import Design, design, parse_plan
from hometruth.model import Canary, CanaryKind, Condition, TrialStatus
from tests.experiment.plans import SMALL

_number = count()


def mint(
    kind: CanaryKind, *, cell: str | None = None, phantom: bool = False, rng: Random | None = None
) -> Canary:
    return Canary(f"c{next(_number)}", kind, f"v{next(_number)}", 80.0, cell=cell, phantom=phantom)


def designed(seed: int) -> Design:
    return design(parse_plan(SMALL, "small"), mint=mint, mint_address=mint_address, rng=Random(seed))


def test_every_condition_runs_as_often_as_planned_in_blocks_of_at_least_two() -> None:
    for blocks, expected in ((1, [1]), (2, [2]), (3, [3]), (4, [2, 2]), (7, [2, 2, 3])):
        plan = parse_plan(SMALL.replace("blocks = 3", f"blocks = {blocks}"), "small")
        sessions = design(plan, mint=mint, mint_address=mint_address, rng=Random(1)).sessions
        matrix = [session.trial for session in sessions if session.trial.series == "matrix"]
        runs = Counter((trial.condition, trial.block) for trial in matrix)
        by_condition: dict[Condition, list[int]] = defaultdict(list)
        for condition, block in sorted(runs):
            by_condition[condition].append(runs[condition, block])

        assert len(by_condition) == 8
        assert all(times == expected for times in by_condition.values())


def test_an_installation_keeps_its_factors() -> None:
    fixed: dict[str, set[tuple[str | None, ...]]] = defaultdict(set)
    for session in designed(1).sessions:
        condition = session.trial.condition
        fixed[session.trial.installation].add((condition.get("version"), condition.get("consent")))

    assert all(len(levels) == 1 for levels in fixed.values())


@pytest.mark.parametrize("seed", range(5))
def test_between_two_sessions_of_an_installation_lies_one_of_another_like_it(seed: int) -> None:
    trials = [session.trial for session in designed(seed).sessions]
    places: dict[str, list[int]] = defaultdict(list)
    for place, trial in enumerate(trials):
        places[trial.installation].append(place)
    for mine in places.values():
        for first, second in pairwise(mine):
            between = trials[first + 1 : second]
            fixed = {
                (each.series, each.condition.get("version"), each.block) for each in (trials[first], *between)
            }

            assert between
            assert len(fixed) == 1


def test_what_is_reset_between_sessions_is_run_alone() -> None:
    plan = parse_plan(
        SMALL.replace('consent = ["none", "given"]', 'consent = ["given"]\nreset = ["none", "restart"]'),
        "small",
    )
    trials = [
        each.trial for each in design(plan, mint=mint, mint_address=mint_address, rng=Random(1)).sessions
    ]
    runs = [name for name, _ in groupby(trial.installation for trial in trials if trial.series == "matrix")]

    assert len(runs) == len(set(runs))


def test_days_are_in_order() -> None:
    days: dict[str, list[float | None]] = defaultdict(list)
    for session in designed(1).sessions:
        if session.trial.series == "rotation":
            days[session.trial.installation].append(session.trial.subject_day)

    assert [*days.values()] == [[0, 91], [0, 91]]


def test_the_order_is_random() -> None:
    orders = {tuple(session.trial.condition for session in designed(seed).sessions) for seed in range(5)}

    assert len(orders) == 5


def test_every_action_has_a_canary_of_its_own_cell_and_phantoms_have_none() -> None:
    result = designed(1)
    by_id = {canary.id: canary for canary in result.canaries}
    planned = [(session.trial.id, action) for session in result.sessions for action in session.actions]

    assert all(by_id[action.canary or ""].cell == trial for trial, action in planned)
    assert len({action.canary for _, action in planned}) == len(planned)
    assert sum(canary.phantom for canary in result.canaries) == 10
    assert all(canary.cell is None for canary in result.canaries if canary.phantom)


def test_nothing_counts_as_run_before_it_was() -> None:
    assert {session.trial.status for session in designed(1).sessions} == {TrialStatus.LOST}
