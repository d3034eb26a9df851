"""The bound that silence buys, in verdicts, pictures and gates: one-sided Clopper-Pearson, in per cent.

Its ends are quantiles of the beta distribution, inverses of the incomplete beta function. Without a single
hit the upper one is the share p at which (1 - p)^n is 0.05.
"""

from functools import cache
from math import ceil, floor

CONFIDENCE = 0.95
TARGET_PERCENT = 10.0
"""A bound above this is too weak to call anything consistent: 29 silent sessions give 9.9 %."""
DIGITS = 9
"""Of a per cent: what comes after them differs between versions of scipy, and a case is judged with any."""


@cache
def upper_bound_percent(hits: int, n: int, confidence: float = CONFIDENCE) -> float:
    """Largest share of units, in per cent, compatible with *hits* in *n*.

    Raises:
        ValueError: If *n* is not positive or *hits* is outside 0..n.
    """
    _check(hits, n)
    if hits == 0:
        share = 1 - (1 - confidence) ** (1 / n)
    elif hits == n:
        share = 1.0
    else:
        from scipy.special import betaincinv  # noqa: PLC0415 - a fifth of a second, scipy.stats four fifths

        share = betaincinv(hits + 1, n - hits, confidence)
    return round(100 * float(share), DIGITS)


@cache
def lower_bound_percent(hits: int, n: int) -> float:
    """Smallest share of units, in per cent, compatible with *hits* in *n* at 95 % confidence."""
    from scipy.special import betaincinv  # noqa: PLC0415 - as above

    _check(hits, n)
    share = 0.0 if hits == 0 else betaincinv(hits, n - hits + 1, 1 - CONFIDENCE)
    return round(100 * float(share), DIGITS)


def fewest_pairs(tests: int, alpha: float) -> int:
    """Pairs of sessions after which a secret coin can be shown at the earliest: all of them went its way.

    Args:
        tests: Groups of endpoints times conditions, which *alpha* is shared between.
    """
    n, wealth = 0, 1.0
    while wealth < tests / alpha:
        wealth *= 2 * (n + 0.5) / (n + 1)  # Krichevsky-Trofimov: the bet on the side that always won
        n += 1
    return n


def rounded_up(percent: float, digits: int = 2) -> float:
    """A bound with so many digits: it is never told smaller than it is."""
    scale = float(10**digits)
    return ceil(round(percent * scale, 6)) / scale


def rounded_down(number: float, digits: int = 2) -> float:
    """A share that was read or shown, or bits of evidence: never told larger than it is."""
    scale = float(10**digits)
    return floor(round(number * scale, 6)) / scale


def _check(hits: int, n: int) -> None:
    if not 0 <= hits <= n or n <= 0:
        raise ValueError(f"{hits} hits in {n} units")


def together(n_cells: int) -> float:
    """Confidence of each of *n_cells* bounds with which all of them hold at once at 95 % (Bonferroni)."""
    return 1 - (1 - CONFIDENCE) / max(n_cells, 1)


@cache
def sessions_needed() -> int:
    """Fewest sessions without a single hit whose bound meets the target."""
    n = 1
    while upper_bound_percent(0, n) > TARGET_PERCENT:
        n += 1
    return n
