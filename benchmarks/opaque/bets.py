"""The coin's e-value for many experiments at once, from the one that Hometruth computes."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from hometruth.opaque import Half
from hometruth.opaque.evidence import coin_e_value


def features(half: Half) -> tuple[int, int, int]:
    """What the coin bets on: bytes, number of ciphertexts, bytes of the largest."""
    return half.size_bytes, len(half.atoms), half.largest


def wealth(differences: NDArray[np.int64]) -> NDArray[np.float64]:
    """E-values after every pair, averaged over the features.

    Args:
        differences: Treated minus control; axes are (experiments..., pairs, features).
    """
    table = _table(differences.shape[-2])
    wins = np.cumsum(differences > 0, axis=-2)
    untied = np.cumsum(differences != 0, axis=-2)
    return np.asarray(table[wins, untied].mean(axis=-1))


@cache
def _table(most: int) -> NDArray[np.float64]:
    """``table[wins, n]`` for all n up to *most*."""
    table = np.ones((most + 1, most + 1))
    for n in range(1, most + 1):
        for wins in range(n + 1):
            table[wins, n] = coin_e_value(wins, n)
    return table
