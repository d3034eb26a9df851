"""Where the right person comes out, for every probe. No pair of probe and person leaves this file."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hometruth.identity.population import Floats
from hometruth.identity.relink.scores import Scorer
from hometruth.identity.relink.split import Matrix, Split

SCORES_AT_ONCE = 4_000_000
"""Scores held at a time, 32 MB and as much again for comparing: all against all is never held."""
TIE = 1e-12
"""Relative difference below which two scores are the same: sums in another order."""
FIVE = 5


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """One entry a probe."""

    right: Floats
    """1 if the best score is the right person's, 1/n if n people share the best, else 0."""
    right_of_five: Floats
    """The same for the five best."""
    margin: Floats
    """(best - second) / best: how certain the answer is, 0 to 1."""


def rank(split: Split, scorer: Callable[[Matrix], Scorer]) -> Ranks:
    """Score all probes against all people, a block at a time."""
    score = scorer(split.gallery)
    at_once = max(SCORES_AT_ONCE // split.n_people, 1)
    blocks = [
        _rank_block(score(split.probes[begin : begin + at_once]), split.owners[begin : begin + at_once])
        for begin in range(0, len(split.owners), at_once)
    ]
    return Ranks(*(np.concatenate(column) for column in zip(*blocks, strict=True)))


def _rank_block(scores: Floats, owners: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> tuple[Floats, ...]:
    true = scores[np.arange(len(owners)), owners]
    slack = TIE * np.abs(true)
    above = (scores > (true + slack)[:, None]).sum(axis=1)
    level = (scores >= (true - slack)[:, None]).sum(axis=1) - above
    five = np.clip((FIVE - above) / level, 0, 1)
    return np.where(above == 0, 1 / level, 0.0), five, margins(scores)


def margins(scores: Floats) -> Floats:
    """(best - second) / best of each row; 0 where nothing is alike at all."""
    if scores.shape[1] == 1:
        return (scores[:, 0] > 0).astype(np.float64)
    second, best = np.partition(scores, scores.shape[1] - 2, axis=1)[:, -2:].T
    return np.where(best > 0, (best - second) / np.where(best > 0, best, 1), 0.0)
