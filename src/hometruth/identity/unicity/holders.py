"""How many people have some points: the engine behind every measure of unicity.

One or two random points are counted exactly, every choice looked at; more are drawn. The holders of the
rarest point are candidates; each is asked for the other points, and what is settled early is left early.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hometruth.identity.population import Bools, Floats, Int32s, Ints, Population

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


MAX_PAIRS = 2_000_000_000
"""Pairs of points of one person, over all people; above this two points are sampled too (minutes, else)."""
PAIRS_AT_ONCE = 20_000_000
"""Pairs of one block of items, before equal ones are joined: 12 bytes each, twice."""


def share_of_points(population: Population) -> Floats:
    """For each person with a point: the share of their points that nobody else has."""
    alone = (population.support == 1)[population.items]
    sums = np.concatenate([[0], np.cumsum(alone)])
    sizes = population.sizes
    share: Floats = (sums[population.starts[1:]] - sums[population.starts[:-1]])[sizes > 0] / sizes[sizes > 0]
    return share


def can_count_pairs(population: Population) -> bool:
    """Whether the pairs of this population are few enough to look at them all."""
    sizes = population.sizes
    return int((sizes * (sizes - 1) // 2).sum()) <= MAX_PAIRS


def share_of_pairs(population: Population) -> Floats:
    """For each person with two points: the share of their pairs of points that nobody else has.

    A pair's holders are an entry of the product of the matrix with itself. Where that is 1, the same product
    with people's numbers in place of ones is the number of the holder.
    """
    shape = (population.n_people, population.n_items)
    ones = sparse.csr_array(
        (np.ones(len(population.items), np.int32), population.items, population.starts), shape
    )
    numbers = np.repeat(np.arange(1, population.n_people + 1, dtype=np.int64), population.sizes)
    numbered = sparse.csr_array((numbers, population.items, population.starts), shape)
    by_item = ones.T.tocsr()
    # Every holder of an item brings a row of the other side: this is what a block costs.
    work = np.concatenate([[0], np.cumsum(by_item @ population.sizes)])
    alone = np.zeros(population.n_people, np.int64)
    begin = 0
    while begin < population.n_items:
        end = max(int(np.searchsorted(work, work[begin] + PAIRS_AT_ONCE, "right")) - 1, begin + 1)
        alone += _pairs_alone(by_item[begin:end], ones, numbered, begin)
        begin = end
    sizes = population.sizes
    two = sizes > 1
    share: Floats = alone[two] / (sizes[two] * (sizes[two] - 1) / 2)
    return share


def _pairs_alone(
    rows: sparse.csr_array, ones: sparse.csr_array, numbered: sparse.csr_array, begin: int
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """How many pairs each person is alone with, the first of the pair being one of a block of items."""
    holders = (rows @ ones).tocoo()
    owner = (rows @ numbered).tocoo()
    assert np.array_equal(holders.col, owner.col)
    mine = (holders.data == 1) & (holders.row + begin < holders.col)
    return np.bincount(owner.data[mine] - 1, minlength=ones.shape[0])


PEOPLE_FOR_FEWER_DRAWS = 20_000
"""From here on the people themselves average out what the draws would."""
DRAWS, FEWER_DRAWS = 10, 5
POINTS_AT_ONCE = 2_000_000
"""Items shuffled at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """What came of all draws of one number of points."""

    shares: Floats
    """For each eligible person, the share of draws that singled them out."""
    all_people: float
    """The mean over everybody; people with fewer points give all they have."""


def usual_draws(n_people: int) -> int:
    """How many draws a person."""
    return DRAWS if n_people <= PEOPLE_FOR_FEWER_DRAWS else FEWER_DRAWS


def draw_points(
    population: Population, numbers: Sequence[int], n_draws: int, rng: np.random.Generator
) -> dict[int, Draws]:
    """For each number of points: draw for every person, and see who is singled out.

    A draw singles a person out when exactly one person of the whole population, eligible or not, has all its
    points. The points of one draw are the beginning of a longer one: each number of points is drawn uniformly
    all the same.
    """
    sizes = population.sizes
    hits = {number: np.zeros(population.n_people) for number in numbers}
    for people in _blocks(sizes):
        for _ in range(n_draws):
            shuffled, starts = _shuffled(population, people, rng)
            for number in numbers:
                able = sizes[people] >= number
                points = shuffled[starts[able, None] + np.arange(number)]
                hits[number][people[able]] += count_holders(population, points) == 1
    whole = alone_with_all(population, max(numbers))
    return {number: _draws(hits[number] / n_draws, whole, sizes >= number) for number in numbers}


def _draws(share: Floats, whole: Floats, eligible: Bools) -> Draws:
    return Draws(share[eligible], float(np.where(eligible, share, whole).mean()))


def _blocks(sizes: Ints) -> Iterator[Ints]:
    """People in runs whose sets together are not too large."""
    block = np.cumsum(sizes) // POINTS_AT_ONCE
    yield from np.split(np.arange(len(sizes)), np.flatnonzero(np.diff(block)) + 1)


def _shuffled(population: Population, people: Ints, rng: np.random.Generator) -> tuple[Int32s, Ints]:
    """The items of a run of people, each person's in random order, and where each person's begin."""
    first, last = population.starts[people[0]], population.starts[people[-1] + 1]
    sizes = population.sizes[people]
    order = np.argsort(np.repeat(np.arange(len(people)), sizes) + rng.random(last - first))
    return population.items[first:last][order], population.starts[people] - first


def alone_with_all(population: Population, below: int) -> Floats:
    """1 for each person with fewer items than *below* whom their whole set singles out, else 0."""
    singled = np.zeros(population.n_people)
    for size in range(1, below):
        people = np.flatnonzero(population.sizes == size)
        if len(people):
            points = population.items[population.starts[people, None] + np.arange(size)]
            singled[people] = count_holders(population, points) == 1
    return singled
