"""Sets cannot be halved: find a person from a few points of theirs, some of them wrong.

The scoreboard of Narayanan and Shmatikov 2008: a point counts 1 / ln(people who have it), and an answer is
given only when the best stands out.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from hometruth.identity.population import Floats, Ints, Population
from hometruth.identity.relink.ranks import SCORES_AT_ONCE, TIE

ECCENTRICITY = 1.5
"""(best - second) / standard deviation of all scores, from which on an answer is given."""
N_TRACES = 2_000
"""Traces tried: of as many people, or several of each where few people have so many points."""
CASES = ((4, 0), (4, 1), (8, 0), (8, 2), (10, 3))
"""Points known, and how many of them are swapped for popular wrong ones."""


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """What came of one number of points, so many of them wrong."""

    points: int
    wrong: int
    people: int
    """Whose points were tried."""
    tried: int
    """Traces: of one person each, or several of each person where few have so many points."""
    rank1: float
    answered: float
    right_when_answered: float | None


def scoreboard(
    population: Population, points: int, wrong: int, rng: np.random.Generator
) -> Scoreboard | None:
    """Try up to 2,000 traces of people drawn at random; None if nobody has so many points."""
    able = np.flatnonzero(population.sizes >= points)
    if not len(able):
        return None
    some_able = rng.choice(able, min(N_TRACES, len(able)), replace=False)
    people = np.repeat(some_able, N_TRACES // len(some_able))
    shape = (population.n_people, population.n_items)
    weights = 1 / np.log(np.maximum(population.support, 2))
    sets = sparse.csr_array((weights[population.items], population.items, population.starts), shape)
    known = np.array([_points(population, person, points, wrong, rng) for person in people])
    right, answered = [], []
    at_once = max(SCORES_AT_ONCE // population.n_people, 1)
    for begin in range(0, len(people), at_once):
        some = known[begin : begin + at_once]
        starts = np.arange(0, some.size + 1, points)
        probes = sparse.csr_array((np.ones(some.size), some.ravel(), starts), (len(some), population.n_items))
        scores: Floats = (probes @ sets.T).toarray()
        true = scores[np.arange(len(some)), people[begin : begin + at_once]]
        above = (scores > (true * (1 + TIE))[:, None]).sum(axis=1)
        level = (scores >= (true * (1 - TIE))[:, None]).sum(axis=1) - above
        right.append(np.where(above == 0, 1 / level, 0.0))
        second, best = np.partition(scores, population.n_people - 2, axis=1)[:, -2:].T
        answered.append(best - second >= ECCENTRICITY * scores.std(axis=1))
    hits, given = np.concatenate(right), np.concatenate(answered)
    return Scoreboard(
        points,
        wrong,
        len(some_able),
        len(people),
        float(hits.mean()),
        float(given.mean()),
        float(hits[given].mean()) if given.any() else None,
    )


def _points(population: Population, person: int, points: int, wrong: int, rng: np.random.Generator) -> Ints:
    """Points of one person; the last *wrong* of them are others', drawn by how popular they are."""
    own = population.items[population.starts[person] : population.starts[person + 1]]
    chance = population.support.astype(np.float64)
    chance[own] = 0
    if np.count_nonzero(chance) < wrong:
        wrong = int(np.count_nonzero(chance))
    true = rng.choice(own, points - wrong, replace=False)
    if not wrong:
        return true.astype(np.int64)
    false = rng.choice(population.n_items, wrong, replace=False, p=chance / chance.sum())
    return np.concatenate([true, false]).astype(np.int64)
