"""Unicity under three attackers, side by side: who knows random points, who the rarest ones, and who receives
telemetry and sees how a session begins.

One or two random points are counted exactly, every choice looked at; more are drawn. The holders of the
rarest point are candidates; each is asked for the other points, and what is settled early is left early.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hometruth.errors import TableError
from hometruth.identity.events import Events, EventTable, Floats, Ints
from hometruth.identity.population import (
    Bools,
    Int32s,
    Population,
    cut_sessions,
    first_different,
    interval,
    population_of,
    time_order,
)
from hometruth.model.reidentification import RandomPoints, SessionStart, Unicity

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
PAIRS_AT_ONCE = 4_000_000
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


MOMENTS = {"day": 86_400, "hour": 3_600}
"""Name to seconds, counted from the epoch: days and hours in UTC if the times are."""


def at_moments(events: EventTable, moment: str) -> EventTable:
    """The same events, an item on another day (or in another hour) being another item.

    Raises:
        TableError: If the table has no times.
    """
    if not events.has_times:
        raise TableError(f"points by {moment} need times: name their column with --time")
    ranges = [_range(_moments(part, moment)) for part in events.parts() if len(part.user)]
    first, last = min(begin for begin, _ in ranges), max(end for _, end in ranges)

    def points_of(part: Events) -> Ints:
        return part.item * (last - first + 1) + _moments(part, moment) - first

    points = np.unique(np.concatenate([np.unique(points_of(part)) for part in events.parts()]))
    return events.with_items(lambda part: np.searchsorted(points, points_of(part)), len(points))


def _moments(events: Events, moment: str) -> Ints:
    assert events.time is not None
    return np.floor(events.time / MOMENTS[moment]).astype(np.int64)


def _range(numbers: Ints) -> tuple[int, int]:
    return int(numbers.min()), int(numbers.max())


def rarest_points(population: Population, number: int) -> float:
    """Share of eligible people whom their *number* rarest points single out: what a nosy acquaintance knows.

    Of points equally rare, the one that came first in the table is taken.
    """
    people = np.flatnonzero(population.sizes >= number)
    if not len(people):
        return float("nan")
    owner = np.repeat(np.arange(population.n_people), population.sizes)
    order = np.lexsort((population.items, population.support[population.items], owner))
    points = population.items[order][population.starts[people, None] + np.arange(number)]
    return float((count_holders(population, points) == 1).mean())


def point_of_their_own(population: Population) -> float:
    """Share of people with a point that nobody else has."""
    alone = population.support[population.items] == 1
    owner = np.repeat(np.arange(population.n_people), population.sizes)
    return len(np.unique(owner[alone])) / population.n_people


def whole_sets(population: Population) -> tuple[int, int]:
    """How many people have a set that is nobody else's, and how many different sets there are."""
    starts = population.starts
    sets = Counter(population.items[starts[i] : starts[i + 1]].tobytes() for i in range(population.n_people))
    return sum(times == 1 for times in sets.values()), len(sets)


def session_starts(
    population: Population, events: EventTable, numbers: Sequence[int]
) -> dict[int, SessionStart]:
    """For each number of points: take the first of every session, and count who ever had all of them.

    Sessions are many more than people: kept is how many of them so many people share.
    """
    times = {number: np.zeros(population.n_people + 1, np.int64) for number in numbers}
    for part in events.parts():
        sessions = first_different(cut_sessions(part, time_order(part)))
        sizes = np.diff(sessions.starts)
        for number in numbers:
            able = np.flatnonzero(sizes >= number)
            points = sessions.items[sessions.starts[able, None] + np.arange(number)]
            holders = count_holders(population, points, stop_at=None)
            times[number] += np.bincount(holders, minlength=population.n_people + 1)
    return {
        number: SessionStart(float(found[1] / found.sum()), int(found.sum()), _median(found))
        for number, found in times.items()
        if found.any()
    }


def _median(times: Ints) -> float:
    """Of numbers from 0 on that occur so often."""
    reached = np.cumsum(times)
    middle = np.searchsorted(reached, [(reached[-1] - 1) // 2, reached[-1] // 2], side="right")
    return float(middle.mean())


NUMBERS = (1, 2, 3, 4, 5, 7, 10)
"""Numbers of points that are usually asked for."""
SESSION_NUMBERS = (1, 2, 3, 4, 5, 7, 10, 15, 20)
CURVE_NUMBER = 4
"""Points of the curve over population size."""
CURVE_SIZES = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
CURVE_PEOPLE = 20_000
"""People per size, over all sub-populations drawn of it; at least 3 sub-populations, at most 100."""
CURVE_DRAWS = 3
"""Draws a person."""
SEED = 1


def measure_unicity(
    events: EventTable,
    numbers: Sequence[int] = NUMBERS,
    *,
    n_draws: int | None = None,
    curve: bool = True,
    seed: int = SEED,
) -> Unicity:
    """Measure with every attacker the table allows.

    Args:
        n_draws: Draws a person; usually 10, and 5 from 20,000 people on.
        curve: Also draw smaller populations and measure in them.
    """
    population = population_of(events)
    draws = n_draws or usual_draws(population.n_people)
    rng = np.random.default_rng(seed)
    eligible = {number: int((population.sizes >= number).sum()) for number in numbers}
    reached = [number for number in numbers if eligible[number]]
    own, different = whole_sets(population)
    starts = None
    if events.has_times:
        starts = session_starts(population, events, SESSION_NUMBERS)
    return Unicity(
        people=population.n_people,
        items=population.n_items,
        eligible=eligible,
        random=_random(population, reached, draws, rng),
        session_start=starts,
        rarest={number: rarest_points(population, number) for number in reached},
        point_of_their_own=point_of_their_own(population),
        sets_of_their_own=own,
        different_sets=different,
        curve=population_curve(population, rng) if curve else {},
        n_draws=draws,
    )


def _random(
    population: Population, numbers: Sequence[int], n_draws: int, rng: np.random.Generator
) -> dict[int, RandomPoints]:
    exact = {}
    if 1 in numbers:
        exact[1] = share_of_points(population)
    if 2 in numbers and can_count_pairs(population):
        exact[2] = share_of_pairs(population)
    rest = [number for number in numbers if number not in exact]
    sampled = draw_points(population, rest, n_draws, rng) if rest else {}
    found = {}
    for number in numbers:
        shares = exact[number] if number in exact else sampled[number].shares
        low, high = interval(shares, rng)
        if number in exact:
            everybody = float((shares.sum() + alone_with_all(population, number).sum()) / population.n_people)
        else:
            everybody = sampled[number].all_people
        found[number] = RandomPoints(float(shares.mean()), low, high, number in exact, everybody)
    return found


def population_curve(population: Population, rng: np.random.Generator) -> dict[int, float]:
    """Random sub-populations of growing size to what four random points single out in them, on average."""
    found = {}
    for size in (size for size in CURVE_SIZES if size < population.n_people):
        n_times = int(np.clip(CURVE_PEOPLE // size, 3, 100))
        shares = [
            draw_points(
                population.only(rng.choice(population.n_people, size, replace=False)),
                [CURVE_NUMBER],
                CURVE_DRAWS,
                rng,
            )[CURVE_NUMBER].shares
            for _ in range(n_times)
        ]
        together = np.concatenate(shares)
        if len(together):
            found[size] = float(together.mean())
    return found
