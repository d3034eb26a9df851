"""The bet on the coin agrees with `ville`, and with the definition."""

import math
from random import Random

import pytest
from ville import BernoulliTest

from hometruth.opaque.evidence import coin_e_value, mean_e_value, score


@pytest.mark.parametrize(("wins", "n"), [(14, 14), (0, 14), (7, 14), (18, 18), (40, 60), (33, 60), (1, 1)])
def test_agrees_with_ville_to_ten_digits(wins: int, n: int) -> None:
    oracle = BernoulliTest(0.5, prior=(0.5, 0.5)).fit([1] * wins + [0] * (n - wins))

    assert coin_e_value(wins, n) == pytest.approx(oracle.e_values_[-1], rel=1e-10)


def test_no_pairs_are_no_evidence_and_many_do_not_overflow() -> None:
    assert coin_e_value(0, 0) == pytest.approx(1.0)
    assert coin_e_value(5000, 5000) == math.inf


def test_is_an_average_of_one_over_all_sequences() -> None:
    n = 12
    mean = sum(math.comb(n, wins) * coin_e_value(wins, n) for wins in range(n + 1)) / 2**n

    assert mean == pytest.approx(1.0)


def test_looking_after_every_pair_stays_within_ville_s_inequality() -> None:
    rng = Random(20)
    crossed = 0
    for _ in range(2000):
        wins = 0
        for n in range(1, 61):
            wins += rng.random() < 0.5
            if coin_e_value(wins, n) >= 20:
                crossed += 1
                break

    assert crossed <= 100, "5 % of 2,000"


def test_ties_are_left_out_and_features_are_averaged() -> None:
    assert score([1, 0, -2, 5]) == (2, 3)
    assert mean_e_value([(14, 14), (0, 0)]) == pytest.approx((coin_e_value(14, 14) + 1) / 2)


def test_impossible_scores_are_refused() -> None:
    with pytest.raises(ValueError, match="5 wins of 3"):
        coin_e_value(5, 3)
