"""What is singular about each person: the rarest points first, and sets as a whole."""

from collections import Counter

import numpy as np

from hometruth.identity.population import Population
from hometruth.identity.unicity.holders import count_holders


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
