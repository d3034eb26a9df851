"""Half of everybody's events without a name, and how alike these traces and people are: three scores."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hometruth.identity.population import Floats, Ints, time_order
from hometruth.identity.table import Events

Matrix: TypeAlias = sparse.csr_array
"""People by items: how often."""
MIN_REPEATED = 0.01
"""Share of pairs of person and item that occur more than once; a repeated row or two are a slip."""


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Known traces of everybody, and nameless ones."""

    gallery: Matrix
    """One row a person: what is known."""
    probes: Matrix
    """One row a nameless trace."""
    owners: Ints
    """The row of the gallery that each probe truly belongs to."""

    @property
    def n_people(self) -> int:
        """The size of the closed set: how many people a probe can be put to."""
        return int(self.gallery.shape[0])

    def only(self, people: Ints) -> "Split":
        """The same among these people alone."""
        new = np.full(self.n_people, -1, np.int64)
        new[people] = np.arange(len(people))
        kept = new[self.owners] >= 0
        return Split(self.gallery[people], self.probes[np.flatnonzero(kept)], new[self.owners[kept]])


def halves(events: Events) -> Split:
    """Each person's earlier half of events (rounded down) known, the later half nameless."""
    earlier, later = half_rows(events)
    return _split(_matrix(events, earlier), _matrix(events, later))


def half_rows(events: Events) -> tuple[Ints, Ints]:
    """Rows of everybody's earlier and later half, each in the order of person and time."""
    rows = time_order(events)
    sizes = np.bincount(events.user, minlength=events.n_people)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    is_earlier = place < np.repeat(sizes // 2, sizes)
    return rows[is_earlier], rows[~is_earlier]


def coin(events: Events, rng: np.random.Generator) -> Split:
    """Each single event to one of two halves by a fair coin: an upper bound, nothing changes in between."""
    counts = np.ones(len(events.user), np.int64) if events.count is None else events.count
    known = rng.binomial(counts, 0.5)
    every = np.arange(len(events.user))
    return _split(_matrix(events, every, known), _matrix(events, every, counts - known))


def can_be_halved(events: Events) -> bool:
    """False for sets: an item that occurs once lies in one half only, so halves have nothing in common."""
    counts = np.ones(len(events.user), np.int64) if events.count is None else events.count
    _, pair = np.unique(events.user * events.n_items + events.item, return_inverse=True)
    return bool((np.bincount(pair, counts) > 1).mean() >= MIN_REPEATED)


def _matrix(events: Events, rows: Ints, counts: Ints | None = None) -> Matrix:
    if counts is None:
        counts = np.ones(len(rows), np.int64) if events.count is None else events.count[rows]
    shape = (events.n_people, events.n_items)
    matrix = sparse.coo_array(
        (counts.astype(np.float64), (events.user[rows], events.item[rows])), shape
    ).tocsr()
    matrix.eliminate_zeros()
    return matrix


def _split(known: Matrix, nameless: Matrix) -> Split:
    """People of whom nothing is known cannot be found and are nobody's match: they leave."""
    people = np.flatnonzero(np.diff(known.indptr))
    owners = np.flatnonzero(np.diff(nameless.indptr)[people])
    return Split(known[people], nameless[people[owners]], owners)


Scorer = Callable[[Matrix], Floats]
"""Rows of probes to a dense block: one row a probe, one column a known person."""
ODDS_OF_OWN_TASTE = 9.0
"""In the likelihood: an item comes from the person's own distribution 9 times for once from everybody's."""


def tfidf(gallery: Matrix) -> Scorer:
    """Cosine of log(1 + count) times ln((N + 1) / people who have the item), counted in the gallery."""
    support = _support(gallery)
    rarity = np.log((gallery.shape[0] + 1) / np.maximum(support, 1)) * (support > 0)
    known = _unit_rows(_weighted(gallery, rarity))

    def score(probes: Matrix) -> Floats:
        return _dense(_unit_rows(_weighted(probes, rarity)), known)

    return score


def jaccard(gallery: Matrix) -> Scorer:
    """Items in common, divided by items of either; counts ignored."""
    known = _sets(gallery)
    sizes = np.diff(known.indptr)

    def score(probes: Matrix) -> Floats:
        common = _dense(_sets(probes), known)
        either = np.diff(probes.indptr)[:, None] + sizes - common
        shares: Floats = common / np.maximum(either, 1)
        return shares

    return score


def likelihood(gallery: Matrix) -> Scorer:
    """Sum over the probe's different items of ln(1 + 9 P(item | person) / P(item))."""
    totals = np.asarray(gallery.sum(axis=1)).ravel()
    share = np.asarray(gallery.sum(axis=0)).ravel() / totals.sum()
    known = gallery.astype(np.float64)
    owner = np.repeat(np.arange(gallery.shape[0]), np.diff(gallery.indptr))
    known.data = np.log1p(ODDS_OF_OWN_TASTE * known.data / totals[owner] / share[known.indices])

    def score(probes: Matrix) -> Floats:
        return _dense(_sets(probes), known)

    return score


SCORES: dict[str, Callable[[Matrix], Scorer]] = {"tfidf": tfidf, "jaccard": jaccard, "llr": likelihood}


def _support(matrix: Matrix) -> NDArray[np.int64]:
    return np.bincount(matrix.indices, minlength=matrix.shape[1])


def _sets(matrix: Matrix) -> Matrix:
    return sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), matrix.shape)


def _weighted(matrix: Matrix, weights: Floats) -> Matrix:
    return sparse.csr_array(
        (np.log1p(matrix.data) * weights[matrix.indices], matrix.indices, matrix.indptr), matrix.shape
    )


def _unit_rows(matrix: Matrix) -> Matrix:
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    lengths = np.sqrt(np.bincount(row, matrix.data**2, matrix.shape[0]))
    lengths[lengths == 0] = 1
    return sparse.csr_array((matrix.data / lengths[row], matrix.indices, matrix.indptr), matrix.shape)


def _dense(probes: Matrix, known: Matrix) -> Floats:
    block: Floats = (probes @ known.T).toarray()
    return block


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
