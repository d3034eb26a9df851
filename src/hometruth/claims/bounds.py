"""The bound that silence buys: one-sided Clopper-Pearson (scipy), in per cent."""

from functools import cache

CONFIDENCE = 0.95
TARGET_PERCENT = 10.0
"""A bound above this is too weak to call anything consistent: 29 silent sessions give 9.8 %."""


@cache
def upper_bound_percent(hits: int, n: int, confidence: float = CONFIDENCE) -> float:
    """Largest share of units, in per cent, compatible with *hits* in *n*.

    Raises:
        ValueError: If *n* is not positive or *hits* is outside 0..n.
    """
    from scipy.stats import binomtest  # noqa: PLC0415 - a second of import that `claims check` need not pay

    interval = binomtest(hits, n, alternative="less").proportion_ci(confidence, method="exact")
    return float(interval.high) * 100.0


@cache
def lower_bound_percent(hits: int, n: int) -> float:
    """Smallest share of units, in per cent, compatible with *hits* in *n* at 95 % confidence."""
    from scipy.stats import binomtest  # noqa: PLC0415 - as above

    interval = binomtest(hits, n, alternative="greater").proportion_ci(CONFIDENCE, method="exact")
    return float(interval.low) * 100.0


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
