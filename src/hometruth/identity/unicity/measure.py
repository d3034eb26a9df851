"""Unicity under three attackers, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hometruth.identity.bootstrap import interval
from hometruth.identity.population import Population, make_population
from hometruth.identity.sessions import cut_sessions, first_different, time_order
from hometruth.identity.table import Events
from hometruth.identity.unicity.exact import can_count_pairs, share_of_pairs, share_of_points
from hometruth.identity.unicity.rarest import point_of_their_own, rarest_points, whole_sets
from hometruth.identity.unicity.sampled import alone_with_all, draw_points, usual_draws
from hometruth.identity.unicity.session_start import Start, session_starts

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


@dataclass(frozen=True, slots=True)
class Random:
    """Random points of a person's own."""

    value: float
    low: float
    high: float
    exact: bool
    """True if every choice of points was looked at instead of a sample of them."""
    all_people: float
    """The same over everybody, people with fewer points giving all they have."""


@dataclass(frozen=True, slots=True)
class Unicity:
    """How few points single a person out, among these people."""

    people: int
    items: int
    eligible: dict[int, int]
    random: dict[int, Random]
    session_start: dict[int, Start] | None
    """None for tables without times."""
    rarest: dict[int, float]
    point_of_their_own: float
    """Share of people with a point that nobody else has."""
    sets_of_their_own: int
    """People whose whole set is nobody else's."""
    different_sets: int
    curve: dict[int, float]
    """Size of a random sub-population to the share that four random points single out in it."""
    n_draws: int


def measure_unicity(
    events: Events,
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
    population = make_population(events.user, events.item, events.n_people, events.n_items)
    draws = n_draws or usual_draws(population.n_people)
    rng = np.random.default_rng(seed)
    eligible = {number: int((population.sizes >= number).sum()) for number in numbers}
    reached = [number for number in numbers if eligible[number]]
    own, different = whole_sets(population)
    starts = None
    if events.time is not None:
        sessions = first_different(cut_sessions(events, time_order(events)))
        starts = session_starts(population, sessions, SESSION_NUMBERS)
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
) -> dict[int, Random]:
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
        found[number] = Random(float(shares.mean()), low, high, number in exact, everybody)
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
