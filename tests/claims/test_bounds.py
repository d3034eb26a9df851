"""Clopper-Pearson, against values that can be computed by hand: zero of n gives 1 - 0.05 ** (1 / n)."""

import pytest

from hometruth.claims.bounds import sessions_needed, upper_bound_percent


@pytest.mark.parametrize("n", [1, 10, 29, 59])
def test_zero_hits(n: int) -> None:
    assert upper_bound_percent(0, n) == pytest.approx(100 * (1 - 0.05 ** (1 / n)))


def test_every_session_a_hit() -> None:
    assert upper_bound_percent(5, 5) == pytest.approx(100.0)


def test_29_sessions_meet_the_target() -> None:
    assert sessions_needed() == 29
