"""Intervals by resampling people."""

import numpy as np
from numpy.typing import NDArray

N_RESAMPLES = 1000


def interval(
    shares: NDArray[np.floating], rng: np.random.Generator, confidence: float = 0.95
) -> tuple[float, float]:
    """Bounds of the mean of *shares*, one a person, if these people are a sample of many like them.

    Resampling people is drawing how often each different share comes up, which is the same and much cheaper.
    """
    values, times = np.unique(shares, return_counts=True)
    n_people = len(shares)
    means = [rng.multinomial(n_people, times / n_people) @ values / n_people for _ in range(N_RESAMPLES)]
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)
