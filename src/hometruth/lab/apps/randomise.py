"""Noise on the phone itself: k-ary randomised response, fresh for every answer.

Source: P. Kairouz, K. Bonawitz, D. Ramage, "Discrete Distribution Estimation under Local Privacy", ICML 2016,
arXiv:1602.07387. The true answer out of k is given with probability e^epsilon / (e^epsilon + k - 1), else one
of the others, each as likely; that is epsilon-locally differentially private. Answers by the same phone add
up (basic composition): a phone that gives n answers has spent n times epsilon.
"""

import math
from random import Random


def truth_probability(k: int, epsilon: float) -> float:
    """How likely the true answer is given."""
    return math.exp(epsilon) / (math.exp(epsilon) + k - 1)


def randomised(value: int, k: int, epsilon: float, rng: Random) -> int:
    """*value*, one of 0 to k - 1, as it may be told."""
    if rng.random() < truth_probability(k, epsilon):
        return value
    other = rng.randrange(k - 1)
    return other + (other >= value)
