"""Clopper-Pearson, against values that can be computed by hand: zero of n gives 1 - 0.05 ** (1 / n)."""

import pytest
from scipy.stats import binomtest

from hometruth.bounds import fewest_pairs, lower_bound_percent, sessions_needed, upper_bound_percent
from hometruth.opaque.evidence import coin_e_value


@pytest.mark.parametrize("n", [1, 10, 29, 59])
def test_zero_hits(n: int) -> None:
    assert upper_bound_percent(0, n) == pytest.approx(100 * (1 - 0.05 ** (1 / n)))


def test_every_session_a_hit() -> None:
    assert upper_bound_percent(5, 5) == pytest.approx(100.0)


@pytest.mark.parametrize(("tests", "alpha"), [(1, 0.05), (2, 0.001), (13, 0.001)])
def test_the_fewest_pairs_are_those_at_which_the_coin_is_over_its_line(tests: int, alpha: float) -> None:
    n = fewest_pairs(tests, alpha)

    assert coin_e_value(n, n) >= tests / alpha > coin_e_value(n - 1, n - 1)


def test_29_sessions_meet_the_target() -> None:
    assert sessions_needed() == 29


@pytest.mark.parametrize("n", [1, 2, 7, 29, 30, 240])
def test_the_bounds_are_those_of_scipy(n: int) -> None:
    for hits in range(n + 1):
        most = binomtest(hits, n, alternative="less").proportion_ci(0.95, method="exact").high
        fewest = binomtest(hits, n, alternative="greater").proportion_ci(0.95, method="exact").low
        assert upper_bound_percent(hits, n) == pytest.approx(100 * most)
        assert lower_bound_percent(hits, n) == pytest.approx(100 * fewest)


@pytest.mark.parametrize(("hits", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_no_such_counts(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"{hits} hits in {n} units"):
        upper_bound_percent(hits, n)
