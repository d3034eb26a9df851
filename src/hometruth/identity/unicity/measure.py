"""Unicity under three attackers, side by side: who knows random points, who the rarest ones, and who receives
telemetry and sees how a session begins.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hometruth.errors import TableError
from hometruth.identity.population import (
    Population,
    Sessions,
    cut_sessions,
    first_different,
    interval,
    make_population,
    time_order,
)
from hometruth.identity.table import Events
from hometruth.identity.unicity.holders import (
    alone_with_all,
    can_count_pairs,
    count_holders,
    draw_points,
    share_of_pairs,
    share_of_points,
    usual_draws,
)
from hometruth.model.reidentification import RandomPoints, SessionStart, Unicity

MOMENTS = {"day": 86_400, "hour": 3_600}
"""Name to seconds, counted from the epoch: days and hours in UTC if the times are."""


def at_moments(events: Events, moment: str) -> Events:
    """The same events, an item on another day (or in another hour) being another item.

    Raises:
        TableError: If the table has no times.
    """
    if events.time is None:
        raise TableError(f"points by {moment} need times: name their column with --time")
    when = np.floor(events.time / MOMENTS[moment]).astype(np.int64)
    when -= when.min()
    points, item = np.unique(events.item * (int(when.max()) + 1) + when, return_inverse=True)
    return replace(events, item=item.astype(np.int64), n_items=len(points))


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
    population: Population, sessions: Sessions, numbers: Sequence[int]
) -> dict[int, SessionStart]:
    """For each number of points: take the first of every session, and count who ever had all of them.

    Args:
        sessions: Without repeats (`first_different`).
    """
    sizes = np.diff(sessions.starts)
    starts = {}
    for number in numbers:
        able = np.flatnonzero(sizes >= number)
        if not len(able):
            continue
        holders = count_holders(
            population, sessions.items[sessions.starts[able, None] + np.arange(number)], stop_at=None
        )
        starts[number] = SessionStart(float((holders == 1).mean()), len(able), float(np.median(holders)))
    return starts


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
