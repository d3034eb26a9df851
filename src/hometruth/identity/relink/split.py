"""What is put back: everybody's events in two halves, one session, or a few plays."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy import sparse

from hometruth.identity.population import Ints
from hometruth.identity.sessions import time_order
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
