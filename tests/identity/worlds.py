"""Small populations whose unicity is known, and slow, obvious ways to count it."""

from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import numpy as np

from hometruth.identity.events import Events
from hometruth.identity.population import Population, make_population
from hometruth.identity.table import read_events
from hometruth.identity.table_file import Columns


def events_of(
    rows: Iterable[tuple[int, int]],
    *,
    counts: Iterable[int] | None = None,
    times: Iterable[float] | None = None,
) -> Events:
    user, item = np.array(list(rows), np.int64).T
    return Events(
        user,
        item,
        int(user.max()) + 1,
        int(item.max()) + 1,
        None if counts is None else np.array(list(counts), np.int64),
        None if times is None else np.array(list(times), np.float64),
    )


def held(path: Path, columns: Columns = Columns()) -> Events:  # noqa: B008
    """A table that fits into memory."""
    events = read_events(path, columns)
    assert isinstance(events, Events)
    return events


def population_of(sets: Iterable[Iterable[int]]) -> Population:
    rows = [(person, item) for person, items in enumerate(sets) for item in items]
    user, item = np.array(rows, np.int64).T
    return make_population(user, item, int(user.max()) + 1, int(item.max()) + 1)


def random_sets(n_people: int, n_items: int, seed: int) -> list[set[int]]:
    """Sets of very different size, of items of very different popularity."""
    rng = np.random.default_rng(seed)
    chance = 1 / np.arange(1, n_items + 1)
    return [
        set(rng.choice(n_items, rng.integers(1, 30), p=chance / chance.sum()).tolist())
        for _ in range(n_people)
    ]


def slow_share(sets: list[set[int]], number: int) -> float:
    """The mean over people of the share of their combinations that nobody else has all of."""
    shares = []
    for own in sets:
        if len(own) < number:
            continue
        choices = [set(points) for points in combinations(sorted(own), number)]
        shares.append(sum(sum(points <= other for other in sets) == 1 for points in choices) / len(choices))
    return sum(shares) / len(shares)


def creatures_of_habit(n_people: int, n_events: int, seed: int) -> Events:
    """People with tastes of their own, acting in the order of time."""
    rng = np.random.default_rng(seed)
    tastes = rng.dirichlet(np.full(200, 0.05), n_people)
    items = np.concatenate([rng.choice(200, n_events, p=taste) for taste in tastes])
    user = np.repeat(np.arange(n_people), n_events)
    return Events(user, items, n_people, 200, time=np.tile(np.arange(n_events) * 600.0, n_people))
