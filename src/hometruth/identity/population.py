"""A population as sets: which person has which items, readable from both sides."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Int32s = NDArray[np.int32]
Words = NDArray[np.uint64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

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
    pairs = np.unique(user.astype(np.int64) * n_items + item)
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
