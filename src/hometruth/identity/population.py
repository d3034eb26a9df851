"""A population as sets, readable from both sides; its sessions; and intervals by resampling its people."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hometruth.identity.events import Events, EventTable, Ints

Int32s = NDArray[np.int32]
Words = NDArray[np.uint64]
Bools = NDArray[np.bool_]

_SIGNATURE_BITS = 64
_SPREAD = 0x9E3779B97F4A7C15
"""2^64 divided by the golden ratio: spreads consecutive item numbers over the bits of a signature."""


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """People and their sets of items, in compressed rows; and items and their holders."""

    pairs: Ints
    """person * n_items + item for everything anybody has, ascending, each once."""
    n_people: int
    n_items: int
    starts: Ints
    """Where the items of each person begin in `items`; one more than there are people."""
    items: Int32s
    holder_starts: Ints
    holders: Int32s
    """The people who have an item, item after item."""
    support: Ints
    """How many people have each item."""
    bits: Words
    """One bit of 64 for each item."""
    signatures: Words
    """The bits of all items of each person: who lacks a bit of a point lacks the point."""

    @property
    def sizes(self) -> Ints:
        """How many different items each person has."""
        return np.diff(self.starts)

    def has(self, people: NDArray[np.integer], items: NDArray[np.integer]) -> Bools:
        """For each pair of a person and an item, whether that person has it."""
        wanted = people.astype(np.int64) * self.n_items + items
        at = np.searchsorted(self.pairs, wanted)
        found: Bools = self.pairs[np.minimum(at, len(self.pairs) - 1)] == wanted
        return found

    def only(self, people: NDArray[np.integer]) -> "Population":
        """The population that consists of these people alone, in this order."""
        new = np.full(self.n_people, -1, np.int64)
        new[people] = np.arange(len(people))
        owner = np.repeat(new, self.sizes)
        kept = owner >= 0
        return make_population(owner[kept], self.items[kept], len(people), self.n_items)


def make_population(
    user: NDArray[np.integer], item: NDArray[np.integer], n_people: int, n_items: int
) -> Population:
    """Sets from events: repeats count once."""
    return _of_pairs(np.unique(user.astype(np.int64) * n_items + item), n_people, n_items)


def population_of(events: EventTable) -> Population:
    """The people of a table as sets; their different pairs of person and item must fit into memory."""
    pairs = [np.unique(part.user * part.n_items + part.item) for part in events.parts()]
    return _of_pairs(np.sort(np.concatenate(pairs)), events.n_people, events.n_items)


def _of_pairs(pairs: Ints, n_people: int, n_items: int) -> Population:
    owner, items = pairs // n_items, (pairs % n_items).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=n_people))])
    support = np.bincount(items, minlength=n_items)
    spread = (np.arange(n_items, dtype=np.uint64) + np.uint64(1)) * np.uint64(_SPREAD)
    bits = np.uint64(1) << (spread >> np.uint64(_SIGNATURE_BITS - 6))
    signatures = np.zeros(n_people, np.uint64)
    filled = np.flatnonzero(np.diff(starts))
    if len(pairs):
        signatures[filled] = np.bitwise_or.reduceat(bits[items], starts[:-1][filled])
    return Population(
        pairs=pairs,
        n_people=n_people,
        n_items=n_items,
        starts=starts,
        items=items,
        holder_starts=np.concatenate([[0], np.cumsum(support)]),
        holders=owner[np.argsort(items, kind="stable")].astype(np.int32),
        support=support,
        bits=bits,
        signatures=signatures,
    )


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


GAP_S = 1800.0
"""Seconds without an event after which the next one begins a new session (30 minutes, as is usual)."""


@dataclass(frozen=True, slots=True, eq=False)
class Sessions:
    """Sessions as runs of events; nothing is kept but items and whose they are."""

    user: Ints
    """The person of each session."""
    starts: Ints
    """Where the items of each session begin in `items`; one more than there are sessions."""
    items: Ints
    """Items in the order of time, repeats included."""


def time_order(events: Events) -> Ints:
    """Row numbers person by person, each person's in the order of time, then of the file."""
    assert events.time is not None
    return np.lexsort((events.time, events.user))


def cut_sessions(events: Events, rows: Ints) -> Sessions:
    """Sessions of the events at *rows*, which are in time order."""
    assert events.time is not None
    user, time = events.user[rows], events.time[rows]
    new = np.ones(len(rows), bool)
    new[1:] = (user[1:] != user[:-1]) | (np.diff(time) > GAP_S)
    starts = np.flatnonzero(new)
    return Sessions(user[starts], np.append(starts, len(rows)), events.item[rows])


def first_different(sessions: Sessions) -> Sessions:
    """The same sessions without repeats: each item where it first occurs."""
    session = np.repeat(np.arange(len(sessions.user)), np.diff(sessions.starts))
    n_items = int(sessions.items.max(initial=0)) + 1
    _, first = np.unique(session * n_items + sessions.items, return_index=True)
    first.sort()
    starts = np.concatenate([[0], np.cumsum(np.bincount(session[first], minlength=len(sessions.user)))])
    return Sessions(sessions.user, starts, sessions.items[first])
