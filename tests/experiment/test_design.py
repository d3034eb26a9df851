"""Designs: every cell in every block, sessions of one installation together, canaries of their own."""

from collections import Counter, defaultdict
from itertools import count, groupby
from random import Random

from hometruth.canaries import mint_address
from hometruth.experiment import Design, design, parse_plan
from hometruth.model import Canary, CanaryKind, TrialStatus
from tests.experiment.plans import SMALL

_number = count()


def mint(
    kind: CanaryKind, *, cell: str | None = None, phantom: bool = False, rng: Random | None = None
) -> Canary:
    return Canary(f"c{next(_number)}", kind, f"v{next(_number)}", 80.0, cell=cell, phantom=phantom)


def designed(seed: int) -> Design:
    return design(parse_plan(SMALL, "small"), mint=mint, mint_address=mint_address, rng=Random(seed))


def test_every_condition_runs_once_in_every_block() -> None:
    matrix = [session.trial for session in designed(1).sessions if session.trial.series == "matrix"]
    runs = Counter((trial.block, trial.condition) for trial in matrix)

    assert len(runs) == 3 * 8
    assert set(runs.values()) == {1}


def test_an_installation_keeps_its_factors_and_is_run_in_one_go() -> None:
    sessions = designed(1).sessions
    runs = [name for name, _ in groupby(session.trial.installation for session in sessions)]
    fixed: dict[str, set[tuple[str | None, ...]]] = defaultdict(set)
    for session in sessions:
        condition = session.trial.condition
        fixed[session.trial.installation].add((condition.get("version"), condition.get("consent")))

    assert len(runs) == len(set(runs))
    assert all(len(levels) == 1 for levels in fixed.values())


def test_days_are_in_order() -> None:
    days = [
        session.trial.subject_day for session in designed(1).sessions if session.trial.series == "rotation"
    ]

    assert days == [0, 91, 0, 91]


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
