"""Shorter traces than half of everything: one session, a few plays, or a few points of a set, some wrong.

Sets cannot be halved. For these there is the scoreboard of Narayanan and Shmatikov 2008: a point counts
1 / ln(people who have it), and an answer is given only when the best stands out.
"""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from hometruth.identity.population import Floats, Ints, Population, cut_sessions, first_different
from hometruth.identity.relink.scores import (
    SCORES_AT_ONCE,
    TIE,
    Matrix,
    Scorer,
    Split,
    half_rows,
    halves,
    rank,
)
from hometruth.identity.table import Events
from hometruth.model.reidentification import Scoreboard

BANDS = ((3, 4), (5, 9), (10, 19), (20, 49), (50, None))
"""Different items in a session: from, to."""
FEW = (1, 2, 3, 5, 10, 20)
"""Events of which a trace of a few consists."""
MAX_TRACES = 2_000
"""Traces tried of each length; more are a random choice of so many."""


def one_session(
    events: Events, scorer: Callable[[Matrix], Scorer], rng: np.random.Generator
) -> dict[str, tuple[float, int]]:
    """Put back one session of the later half, knowing the earlier half of everybody, by different items in
    it.

    Returns:
        Items in the session, such as `5-9`, to the share put back and the number of sessions.
    """
    split = halves(events)
    earlier, later = half_rows(events)
    known = np.unique(events.user[earlier])
    sessions = cut_sessions(events, later)
    sizes = np.diff(first_different(sessions).starts)
    session = np.repeat(np.arange(len(sizes)), np.diff(sessions.starts))
    counts = np.ones(len(later)) if events.count is None else events.count[later].astype(np.float64)
    matrix = sparse.coo_array((counts, (session, sessions.items)), (len(sizes), events.n_items)).tocsr()
    can_be_found = np.isin(sessions.user, known)
    found = {}
    for low, high in BANDS:
        chosen = np.flatnonzero(can_be_found & (sizes >= low) & (sizes <= (high or sizes.max())))
        if not len(chosen):
            continue
        chosen = rng.choice(chosen, MAX_TRACES, replace=False) if len(chosen) > MAX_TRACES else chosen
        owners = np.searchsorted(known, sessions.user[chosen])
        ranks = rank(Split(split.gallery, matrix[chosen], owners), scorer)
        found[f"{low}-{high}" if high else f"{low}+"] = (float(ranks.right.mean()), len(chosen))
    return found


def few_events(
    split: Split, number: int, scorer: Callable[[Matrix], Scorer], rng: np.random.Generator
) -> Floats:
    """For each probe, whether *number* of its events, drawn with replacement, are put back to its person."""
    rows = np.arange(len(split.owners))
    if len(rows) > MAX_TRACES:
        rows = np.sort(rng.choice(rows, MAX_TRACES, replace=False))
    drawn = [_drawn(split.probes[[row]], number, rng) for row in rows]
    return rank(Split(split.gallery, sparse.vstack(drawn, "csr"), split.owners[rows]), scorer).right


def _drawn(probe: Matrix, number: int, rng: np.random.Generator) -> Matrix:
    times = rng.multinomial(number, probe.data / probe.data.sum())
    drawn = sparse.csr_array((times.astype(np.float64), probe.indices, probe.indptr), probe.shape)
    drawn.eliminate_zeros()
    return drawn


ECCENTRICITY = 1.5
"""(best - second) / standard deviation of all scores, from which on an answer is given."""
N_TRACES = 2_000
"""Traces tried: of as many people, or several of each where few people have so many points."""
CASES = ((4, 0), (4, 1), (8, 0), (8, 2), (10, 3))
"""Points known, and how many of them are swapped for popular wrong ones."""


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
