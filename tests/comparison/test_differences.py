"""What is called changed, and how seldom that is wrong."""

from random import Random

import pytest

from hometruth.comparison import Matched, differences
from hometruth.model import Change, Condition, Direction, Signal, SignalKind, Trial

PAGE = Signal(SignalKind.CONTENT, "t.example", "page")
EVENT = Signal(SignalKind.EVENT, "t.example", "farewell")


def trials(side: str, n: int, *, per_installation: int = 1) -> tuple[Trial, ...]:
    return tuple(
        Trial(
            id=f"{side}{number}",
            series="matrix",
            condition=Condition.of({"mode": "normal"}),
            block=1,
            installation=f"{side}-i{number // per_installation}",
            device="d",
        )
        for number in range(n)
    )


def cell(n: int, *, per_installation: int = 1) -> Matched:
    a, b = (trials(side, n, per_installation=per_installation) for side in "ab")
    return Matched("matrix", Condition(()), a, b)


def changes(n: int, seen: dict[str, frozenset[Signal]], **options: int) -> dict[Signal, Change]:
    return {item.signal: item for item in differences([cell(n, **options)], (seen, seen), ({}, {}))}


def test_what_disappears_and_what_appears() -> None:
    seen = {f"a{n}": frozenset({PAGE}) for n in range(12)} | {f"b{n}": frozenset({EVENT}) for n in range(12)}
    found = changes(12, seen)

    assert found[PAGE].direction is Direction.DISAPPEARED
    assert found[EVENT].direction is Direction.APPEARED
    assert all(item.settled for item in found.values())
    assert found[PAGE].p_value == pytest.approx(2 / 2704156)


def test_too_few_sessions_settle_nothing() -> None:
    found = changes(4, {f"a{n}": frozenset({PAGE}) for n in range(4)})

    assert found[PAGE].direction is Direction.DISAPPEARED
    assert not found[PAGE].settled


def test_sessions_of_one_installation_are_one_observation() -> None:
    seen = {f"a{n}": frozenset({PAGE}) for n in range(40)}
    found = changes(40, seen, per_installation=20)

    assert (found[PAGE].seen_a, found[PAGE].n_a, found[PAGE].settled) == (2, 2, False)


def test_unreadable_bytes_are_compared_with_the_median_of_both() -> None:
    opaque = (
        {"t.example": {f"a{n}": 500 for n in range(12)}},
        {"t.example": {f"b{n}": 90 for n in range(12)}},
    )
    (found,) = differences([cell(12)], ({}, {}), opaque)

    assert found.signal == Signal(SignalKind.UNREADABLE, "t.example", "more than 295 unreadable bytes")
    assert (found.seen_a, found.seen_b, found.settled) == (12, 0, True)


def test_a_side_without_a_valid_session_is_not_compared() -> None:
    empty = Matched("matrix", Condition(()), trials("a", 5), ())

    assert differences([empty], ({"a0": frozenset({PAGE})}, {}), ({}, {})) == ()


def test_two_samples_of_the_same_app_are_called_different_as_seldom_as_stated() -> None:
    rng = Random(11)
    events = [Signal(SignalKind.EVENT, "t.example", f"event {n}") for n in range(40)]
    rates = [rng.random() for _ in events]
    wrong = 0
    for _ in range(300):
        seen = {
            f"{side}{n}": frozenset(e for e, rate in zip(events, rates, strict=True) if rng.random() < rate)
            for side in "ab"
            for n in range(30)
        }
        found = differences([cell(30)], (seen, seen), ({}, {}), alpha=0.05)
        wrong += any(item.settled for item in found)

    assert wrong <= 26  # 15 expected at most; more than 26 has a probability of 0.3 %
