"""Is the length of what was visited written into the ciphertexts? One session can be enough.

Each canary address has a random length of its own. The statistic is the longest common subsequence of
planted sizes and ciphertext sizes in the order of sending, where two match if the ciphertext is as long as
the planted address at one of `RATES` plus a constant overhead, within `TOLERANCE_BYTES`; the overhead is
the one that fits most canaries. If the traffic does not know the lengths, they can be drawn again.

The permutation distribution is not sampled where that would take millions of draws: its tail has a bound.
*t* canaries can be matched in order in at most ``C(m, t) C(n, t)`` ways, each length fits with probability
*q* at most, and there are ``len(RATES) * OVERHEADS`` alignments, so ``P(T >= t) <= alignments C(m, t) C(n, t)
q^t``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from random import Random

import numpy as np
from numpy.typing import NDArray

SHORTEST, LONGEST = 16, 3000
"""Characters of a canary's path, drawn uniformly."""
RATES = (0.755, 1.0)
"""Bytes of ciphertext per character: deflated base62, and not compressed."""
TOLERANCE_BYTES = 24
"""A block of the cipher, and what deflate spends more or less on other characters."""
STEP_BYTES = 16
OVERHEADS = 160
"""Alignments tried for one rate: overheads of up to 2,560 bytes in steps of `STEP_BYTES`."""
MOST_DRAWS = 20_000
"""Re-drawn barcodes where the level can be reached with them; below it, the bound."""
DRAWS_PER_LEVEL = 10
AT_ONCE = 500
"""Re-drawn barcodes held in memory together, at some 10 kB each."""


@dataclass(frozen=True, slots=True)
class Barcode:
    """The lengths planted in one trial, in the order of the visits."""

    fixed: tuple[int, ...]
    """Characters of which nothing was drawn (the host's, and what the plan adds to every path), one number a
    canary."""
    drawn: tuple[int, ...]
    """Characters of the rest of the paths, each drawn uniformly from `SHORTEST`..`LONGEST`."""


def barcode_p(barcode: Barcode, atoms: Sequence[int], *, level: float, rng: Random) -> float:
    """Upper bound on the probability of fitting *atoms* this well by chance, in (0, 1].

    Args:
        atoms: Ciphertext sizes in bytes, in sending order.
        level: What the result will be compared with; it alone decides whether barcodes are drawn again.
    """
    if not barcode.drawn or not atoms:
        return 1.0
    reached = fit(np.array([barcode.drawn]) + np.array(barcode.fixed), np.array(atoms))[0]
    draws = round(DRAWS_PER_LEVEL / level)
    if draws > MOST_DRAWS:
        return tail_bound(int(reached), len(barcode.drawn), len(atoms))
    generator = np.random.default_rng(rng.getrandbits(128))
    as_good = 0
    for start in range(0, draws, AT_ONCE):
        size = (min(AT_ONCE, draws - start), len(barcode.drawn))
        others = generator.integers(SHORTEST, LONGEST, size=size, endpoint=True)
        as_good += int((fit(others + np.array(barcode.fixed), np.array(atoms)) >= reached).sum())
    return (1 + as_good) / (1 + draws)


def tail_bound(reached: int, canaries: int, atoms: int) -> float:
    """Bound on the probability that a re-drawn barcode reaches *reached* matches, at any alignment."""
    from scipy.special import gammaln  # noqa: PLC0415 - a second of import

    def log_choose(n: int, k: int) -> float:
        return float(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))

    if not 0 < reached <= min(canaries, atoms):
        return 1.0
    logs = [
        log(OVERHEADS)
        + log_choose(canaries, reached)
        + log_choose(atoms, reached)
        + reached * log((2 * TOLERANCE_BYTES / rate + 1) / (LONGEST - SHORTEST + 1))
        for rate in RATES
    ]
    return min(1.0, sum(exp(min(0.0, each)) for each in logs))


def fit(planted: NDArray[np.int64], atoms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Longest common subsequence at the best-voted alignment, for each row of planted sizes (characters)."""
    best = np.zeros(len(planted), np.int64)
    for rate in RATES:
        surplus = atoms[None, None, :] - rate * planted[:, :, None]
        votes = np.floor_divide(surplus, STEP_BYTES).astype(np.int64)
        overhead = _most_voted(votes) * STEP_BYTES + STEP_BYTES / 2
        matches = np.abs(surplus - overhead[:, None, None]) <= TOLERANCE_BYTES
        best = np.maximum(best, _common_subsequence(matches))
    return best


def _most_voted(votes: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each row the alignment at which most canaries have a ciphertext, neighbours counted in."""
    rows, canaries, _ = votes.shape
    row, canary, _ = np.nonzero((votes >= 0) & (votes < OVERHEADS))
    there = np.zeros((rows, canaries, OVERHEADS + 2), np.bool_)
    there[row, canary, votes[(votes >= 0) & (votes < OVERHEADS)] + 1] = True
    around = (there[:, :, :-2] | there[:, :, 1:-1] | there[:, :, 2:]).sum(axis=1)
    chosen: NDArray[np.int64] = around.argmax(axis=1)
    return chosen


def _common_subsequence(matches: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Length of the longest common subsequence for each row of ``matches[row, canary, atom]``."""
    rows, canaries, atoms = matches.shape
    before = np.zeros((rows, atoms + 1), np.int64)
    for canary in range(canaries):
        now = np.zeros_like(before)
        extended = np.where(matches[:, canary, :], before[:, :-1] + 1, before[:, 1:])
        now[:, 1:] = np.maximum.accumulate(extended, axis=1)
        before = now
    return before[:, -1]
