"""Evidence that the traffic knows the coin: the wealth of a bet on every pair, and bytes a planted byte.

Before each pair the better splits a stake over the two halves by how often the treated one was larger so far
(Krichevsky-Trofimov). If the coin is fair and secret, the wealth is a martingale that starts at 1: it exceeds
1/alpha at any time with probability alpha at most (Ville), so one may look after every pair and stop.
"""

from collections.abc import Iterable, Sequence
from math import exp, inf, isnan, log, pi

from hometruth.bounds import CONFIDENCE
from hometruth.model import Interval

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


FOLLOWS_LEVEL = 0.01
"""Differences that know nothing of what was planted follow it this well once in a hundred."""
FEWEST_TO_FOLLOW = 5


def per_planted_byte(differences: Sequence[float], planted_bytes: Sequence[float]) -> Interval | None:
    """Median over the pairs of bytes out per planted byte, with the interval that order statistics give.

    None if there are too few pairs for any interval.
    """
    from scipy.stats import quantile_test  # noqa: PLC0415 - a second of import

    ratios = sorted(d / planted for d, planted in zip(differences, planted_bytes, strict=True) if planted)
    if not ratios:
        return None
    interval = quantile_test(ratios, q=0.0, p=0.5).confidence_interval(CONFIDENCE)
    low, high = float(interval.low), float(interval.high)
    if isnan(low) or isnan(high):
        return None
    half = len(ratios) // 2
    median = ratios[half] if len(ratios) % 2 else (ratios[half - 1] + ratios[half]) / 2
    return Interval(median, low, high)


def follow_p(differences: Sequence[float], planted: Sequence[Sequence[float]]) -> float:
    """Probability that *differences* rank this much like what was planted, by chance alone.

    Like all that was planted in each pair, or like what one of the visits planted, the first of each pair,
    the second and so on: an app may tell a single one. Each of the two ways has half (Bonferroni), the
    visits share theirs. Spearman's rank correlation, one-sided; 1 if there are too few pairs.
    """
    if len(differences) < FEWEST_TO_FOLLOW:
        return 1.0
    visits = list(zip(*planted, strict=False))
    alone = [_rank_p(differences, visit) for visit in visits]
    in_all = _rank_p(differences, [sum(each) for each in planted])
    return min(1.0, 2 * in_all, 2 * len(visits) * min(alone, default=1.0))


def _rank_p(differences: Sequence[float], planted: Sequence[float]) -> float:
    """One-sided p of the rank correlation; 1 if nothing varies: then nothing can follow."""
    from scipy.stats import spearmanr  # noqa: PLC0415 - a second of import

    if len(set(differences)) == 1 or len(set(planted)) == 1:
        return 1.0
    return float(spearmanr(differences, planted, alternative="greater").pvalue)
