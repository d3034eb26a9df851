"""How many people have all of some points: the engine behind every measure of unicity.

The holders of the rarest point are candidates; each is asked for the other points. What is settled early is
left early.
"""

import numpy as np
from numpy.typing import NDArray

from hometruth.identity.population import Int32s, Ints, Population

ALONE = 2
"""Holders at which it is settled that nobody is singled out."""
CANDIDATES_AT_ONCE = 1 << 21
"""Pairs of draw and candidate held at a time: about 100 MB of intermediate arrays."""
FIRST_ROUND = 8
"""Candidates a draw in the first round; each round takes four times as many as the one before."""


def count_holders(population: Population, points: NDArray[np.integer], stop_at: int | None = ALONE) -> Ints:
    """For each row of *points* (different items), how many people of the whole population have all of them.

    Args:
        stop_at: Counting may stop here: the count is then at least this. None counts all.
    """
    points = np.take_along_axis(points, np.argsort(population.support[points], axis=1, kind="stable"), axis=1)
    counts = np.zeros(len(points), np.int64)
    active = np.arange(len(points))
    done, width = 0, FIRST_ROUND
    while len(active):
        at_once = max(CANDIDATES_AT_ONCE // width, 1)
        for begin in range(0, len(active), at_once):
            some = active[begin : begin + at_once]
            counts[some] += _matches(population, points[some], done, width)
        done += width
        width = min(width * 4, CANDIDATES_AT_ONCE)
        open_still = population.support[points[active, 0]] > done
        if stop_at is not None:
            open_still &= counts[active] < stop_at
        active = active[open_still]
    return counts


def _matches(population: Population, points: NDArray[np.integer], skip: int, width: int) -> Ints:
    """How many holders of each row's first point, from number *skip* on, have the other points too."""
    first = points[:, 0]
    sizes = np.clip(population.support[first] - skip, 0, width)
    draw = np.repeat(np.arange(len(points), dtype=np.int32), sizes)
    ends = np.cumsum(sizes)
    offsets = np.arange(len(draw)) - np.repeat(ends - sizes, sizes)
    people: Int32s = population.holders[np.repeat(population.holder_starts[first] + skip, sizes) + offsets]
    if points.shape[1] > 1:
        wanted = np.bitwise_or.reduce(population.bits[points[:, 1:]], axis=1)[draw]
        kept = (population.signatures[people] & wanted) == wanted
        draw, people = draw[kept], people[kept]
    for column in range(1, points.shape[1]):
        kept = population.has(people, points[draw, column])
        draw, people = draw[kept], people[kept]
    return np.bincount(draw, minlength=len(points))
