"""Pairs: a fair coin, canaries in one half only, everything else alike."""

from random import Random

import pytest

from hometruth.canaries import mint, mint_address
from hometruth.errors import PlanError
from hometruth.experiment import Design, PlannedSession, design, parse_plan
from hometruth.model import Arm, Canary
from tests.experiment.plans import SMALL

PAIRED = (
    SMALL[: SMALL.index("[[series]]")]
    + """
[[series]]
id = "pairs"
pairs = 40
visits = 4
content_pairs = 10
endpoints = ["t.example/sa", "*.t.example"]

[[series.cell]]
[series.cell.levels]
mode = ["normal", "incognito"]
"""
)


def designed(seed: int = 1) -> Design:
    return design(parse_plan(PAIRED, "paired"), mint=mint, mint_address=mint_address, rng=Random(seed))


def pairs(plan: Design) -> list[tuple[PlannedSession, PlannedSession]]:
    return list(zip(plan.sessions[::2], plan.sessions[1::2], strict=True))


def test_the_halves_of_a_pair_follow_each_other_in_one_installation() -> None:
    found = pairs(designed())

    assert len(found) == 2 * (40 + 10)
    assert len({first.trial.installation for first, _ in found}) == len(found)
    for first, second in found:
        assert first.trial.installation == second.trial.installation
        assert (first.trial.condition, first.trial.block) == (second.trial.condition, second.trial.block)
        assert {first.trial.arm, second.trial.arm} in ({Arm.CANARIES, Arm.SHAM}, {Arm.CANARIES, Arm.REPEATED})


def test_the_coin_is_fair_and_another_one_each_time() -> None:
    first = [session.trial.arm is Arm.CANARIES for session, _ in pairs(designed(1))]
    again = [session.trial.arm is Arm.CANARIES for session, _ in pairs(designed(2))]

    assert first != again
    assert 30 < sum(first) < 70


def test_every_address_is_as_long_as_the_plan_asks() -> None:
    plan = parse_plan(PAIRED.replace("visits = 4", "visits = 4\nshortest_path = 3000"), "paired")
    laid_out = design(plan, mint=mint, mint_address=mint_address, rng=Random(1))

    addresses = [canary for canary in laid_out.canaries if canary.address]
    assert len(addresses) == 4 * 2 * (40 + 2 * 10)
    assert min(canary.path_length for canary in addresses) >= 3000


def test_only_the_treated_half_has_canaries_and_both_do_as_many_things() -> None:
    plan = designed()
    cells = {canary.id: canary.cell for canary in plan.canaries}
    for pair in pairs(plan):
        for session in pair:
            assert len(session.actions) == 5
            assert session.actions[0].action == "open-decoy"
            assert all(cells[canary] == session.trial.id for canary in session.trial.planted)
            assert len(session.trial.planted) == (0 if session.trial.arm is Arm.SHAM else 4)
            assert [item.canary for item in session.actions[1:]] == list(session.trial.planted or [None] * 4)
            assert 0 <= sum(item.wait_s for item in session.actions) < 60


def test_repeated_addresses_are_as_long_as_the_random_ones_and_come_last() -> None:
    plan = designed()
    by_id: dict[str, Canary] = {canary.id: canary for canary in plan.canaries}
    repeated = [pair for pair in pairs(plan) if Arm.REPEATED in {session.trial.arm for session in pair}]

    assert {first.trial.block for first, _ in repeated} == set(range(41, 51))
    for first, second in repeated:
        lengths = [[by_id[name].path_length for name in half.trial.planted] for half in (first, second)]
        assert lengths[0] == lengths[1]


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("shortest_path = 5000", "shortest_path must be a whole number from 16 to 4000, not 5000"),
        ("visits = 0", "visits must be a whole number from 1 to 200, not 0"),
        ("alpha = 1.0", "alpha must be a number above 0 and below 1, not 1.0"),
        ('actions = ["visit"]', "a paired series has no actions"),
        ('endpoints = "t.example"', "endpoints must be a list"),
        ('endpoints = ["elsewhere"]', "endpoints names elsewhere twice"),
        ("blocks = 3", "a paired series has no blocks"),
    ],
)
def test_a_pairing_that_makes_no_sense_is_an_error_that_names_the_series(field: str, told: str) -> None:
    lines = [line for line in PAIRED.splitlines() if not line.startswith(field.split(" ", maxsplit=1)[0])]
    at = lines.index('id = "pairs"') + 1

    with pytest.raises(PlanError, match="series pairs") as caught:
        parse_plan("\n".join([*lines[:at], field, *lines[at:]]), "plan.toml")
    assert told in str(caught.value)


def test_pairs_must_be_given() -> None:
    with pytest.raises(PlanError, match="pairs must be a whole number"):
        parse_plan(PAIRED.replace("pairs = 40\n", "").replace("content_pairs = 10\n", ""), "plan.toml")


def test_a_scaled_plan_has_fewer_pairs() -> None:
    (pairing,) = parse_plan(PAIRED, "paired").scaled(3).pairings

    assert (pairing.pairs, pairing.content_pairs, pairing.blocks) == (3, 3, 6)
