"""More than two random points: drawn uniformly, without replacement, from a person's own set."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hometruth.identity.population import Bools, Floats, Int32s, Ints, Population
from hometruth.identity.unicity.holders import count_holders

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
