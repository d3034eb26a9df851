"""The noise: how much each answer tells, and that many answers together tell the truth."""

import math
from random import Random

import pytest

from hometruth.lab.apps.aggregate import (
    BUCKETS,
    CATEGORIES,
    EPSILON,
    LIFETIME_EPSILON,
    REPORT_EPSILON,
    REPORTS_WITH_CONTENT,
    bucket,
)
from hometruth.lab.apps.randomise import randomised, truth_probability


@pytest.mark.parametrize("epsilon", [0.02, 1.0, 3.0])
def test_no_answer_is_more_than_e_to_the_epsilon_likelier_for_one_value_than_for_another(
    epsilon: float,
) -> None:
    truth = truth_probability(BUCKETS, epsilon)
    lie = (1 - truth) / (BUCKETS - 1)

    assert truth / lie == pytest.approx(math.exp(epsilon))


def test_answers_have_the_probabilities_they_should() -> None:
    rng, n = Random(1), 20_000
    answers = [randomised(3, BUCKETS, 2.0, rng) for _ in range(n)]
    truth = truth_probability(BUCKETS, 2.0)
    expected = [truth if value == 3 else (1 - truth) / (BUCKETS - 1) for value in range(BUCKETS)]

    for value, share in enumerate(expected):
        assert abs(answers.count(value) / n - share) < 4 * math.sqrt(share * (1 - share) / n)


def test_many_phones_together_tell_their_distribution() -> None:
    rng = Random(2)
    answers = [randomised(rng.choice((0, 0, 0, 5)), BUCKETS, 2.0, rng) for _ in range(20_000)]
    truth = truth_probability(BUCKETS, 2.0)
    lie = (1 - truth) / (BUCKETS - 1)
    shares = [(answers.count(value) / len(answers) - lie) / (truth - lie) for value in range(BUCKETS)]

    assert shares[0] == pytest.approx(0.75, abs=0.03)
    assert shares[5] == pytest.approx(0.25, abs=0.03)
    assert sum(shares) == pytest.approx(1)


def test_the_lifetime_epsilon_is_that_of_all_answers_with_content() -> None:
    assert pytest.approx(0.14) == REPORT_EPSILON
    assert pytest.approx(7.28) == LIFETIME_EPSILON
    assert len(CATEGORIES) * EPSILON * REPORTS_WITH_CONTENT == pytest.approx(LIFETIME_EPSILON)


def test_buckets_are_one_digit() -> None:
    assert [bucket(count) for count in (0, 1, 2, 3, 4, 63, 64, 10**9)] == [0, 1, 2, 2, 3, 6, 7, 7]
