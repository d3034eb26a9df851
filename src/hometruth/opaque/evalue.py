"""Evidence against "the traffic does not know the coin": the wealth of a bet on every pair.

Before each pair the better splits a stake over the two halves by how often the treated one was larger so far
(Krichevsky-Trofimov). If the coin is fair and secret, the wealth is a martingale that starts at 1: it exceeds
1/alpha at any time with probability alpha at most (Ville), so one may look after every pair and stop.
"""

from collections.abc import Iterable, Sequence
from math import exp, inf, log, pi

MOST_LOG = 700.0
"""Largest exponent that a float can hold."""


def coin_e_value(wins: int, n: int) -> float:
    """Wealth after *n* pairs without ties of which the treated half was larger in *wins*.

    ``2^n B(wins + 1/2, n - wins + 1/2) / pi``; infinite beyond what a float holds.

    Raises:
        ValueError: If *wins* is outside 0..n.
    """
    from scipy.special import betaln  # noqa: PLC0415 - a second of import that most commands need not pay

    if not 0 <= wins <= n:
        raise ValueError(f"{wins} wins of {n} pairs")
    exponent = n * log(2) + float(betaln(wins + 0.5, n - wins + 0.5)) - log(pi)
    return inf if exponent > MOST_LOG else exp(exponent)


def score(differences: Iterable[float]) -> tuple[int, int]:
    """Wins and untied pairs of the differences, treated half minus control half."""
    untied = [difference for difference in differences if difference]
    return sum(difference > 0 for difference in untied), len(untied)


def mean_e_value(scores: Sequence[tuple[int, int]]) -> float:
    """Average over several bets on the same coins: an e-value again, however they depend on each other."""
    return sum(coin_e_value(wins, n) for wins, n in scores) / len(scores)
