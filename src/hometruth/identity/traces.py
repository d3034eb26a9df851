"""Traces without a name, and how alike they and people are: half of everybody's events, and less than half.

Three scores compare halves. Shorter traces are one session or a few plays; of a set, which cannot be halved,
a few points, some wrong. For these there is the scoreboard of Narayanan and Shmatikov 2008: a point counts
1 / ln(people who have it), and an answer is given only when the best stands out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hometruth.identity.events import Events, EventTable, Floats, Ints
from hometruth.identity.population import Int32s, Population, cut_sessions, first_different, time_order
from hometruth.model.reidentification import Scoreboard

Matrix: TypeAlias = sparse.csr_array
"""People by items: how often."""
MIN_REPEATED = 0.01
"""Share of pairs of person and item that occur more than once; a repeated row or two are a slip."""


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Known traces of everybody, and nameless ones."""

    gallery: Matrix
    """One row a person: what is known."""
    probes: Matrix
    """One row a nameless trace."""
    owners: Ints
    """The row of the gallery that each probe truly belongs to."""

    @property
    def n_people(self) -> int:
        """The size of the closed set: how many people a probe can be put to."""
        return int(self.gallery.shape[0])

    def only(self, people: Ints) -> "Split":
        """The same among these people alone."""
        new = np.full(self.n_people, -1, np.int64)
        new[people] = np.arange(len(people))
        kept = new[self.owners] >= 0
        return Split(self.gallery[people], self.probes[np.flatnonzero(kept)], new[self.owners[kept]])


def halves(events: EventTable) -> Split:
    """Each person's earlier half of events (rounded down) known, the later half nameless."""
    known, nameless = [], []
    for part in events.parts():
        earlier, later = half_rows(part)
        known.append(_counts(part, earlier))
        nameless.append(_counts(part, later))
    return _split(_matrix(events, known), _matrix(events, nameless))


def half_rows(events: Events) -> tuple[Ints, Ints]:
    """Rows of everybody's earlier and later half, each in the order of person and time."""
    rows = time_order(events)
    sizes = np.bincount(events.user, minlength=events.n_people)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    is_earlier = place < np.repeat(sizes // 2, sizes)
    return rows[is_earlier], rows[~is_earlier]


def coin(events: EventTable, rng: np.random.Generator) -> Split:
    """Each single event to one of two halves by a fair coin: an upper bound, nothing changes in between."""
    every = _matrix(events, [_counts(part) for part in events.parts()])
    known = rng.binomial(every.data.astype(np.int64), 0.5).astype(np.float64)
    return _split(_with(every, known), _with(every, every.data - known))


def can_be_halved(events: EventTable) -> bool:
    """False for sets: an item that occurs once lies in one half only, so halves have nothing in common."""
    n_repeated = n_pairs = 0
    for part in events.parts():
        times = _counts(part)[1]
        n_repeated += int((times > 1).sum())
        n_pairs += len(times)
    return n_repeated / n_pairs >= MIN_REPEATED


Counted: TypeAlias = tuple[Ints, Floats]
"""Different pairs of person and item, ascending, as one number each; and how often."""


def _counts(events: Events, rows: Ints | None = None) -> Counted:
    """How often each pair occurs in these rows, or in all."""
    some: slice | Ints = slice(None) if rows is None else rows
    pairs, pair = np.unique(events.user[some] * events.n_items + events.item[some], return_inverse=True)
    return pairs, np.bincount(pair, None if events.count is None else events.count[some]).astype(np.float64)


def _matrix(events: EventTable, counted: list[Counted]) -> Matrix:
    pairs, times = (np.concatenate(column) for column in zip(*counted, strict=True))
    places = (pairs // events.n_items, pairs % events.n_items)
    return sparse.coo_array((times, places), (events.n_people, events.n_items)).tocsr()


def _with(matrix: Matrix, times: Floats) -> Matrix:
    """The same places with other numbers; those of 0 are none."""
    changed = sparse.csr_array((times, matrix.indices, matrix.indptr), matrix.shape, copy=True)
    changed.eliminate_zeros()
    return changed


def _split(known: Matrix, nameless: Matrix) -> Split:
    """People of whom nothing is known cannot be found and are nobody's match: they leave."""
    people = np.flatnonzero(np.diff(known.indptr))
    owners = np.flatnonzero(np.diff(nameless.indptr)[people])
    return Split(known[people], nameless[people[owners]], owners)


Scorer = Callable[[Matrix], Floats]
"""Rows of probes to a dense block: one row a probe, one column a known person."""
ODDS_OF_OWN_TASTE = 9.0
"""In the likelihood: an item comes from the person's own distribution 9 times for once from everybody's."""


def tfidf(gallery: Matrix) -> Scorer:
    """Cosine of log(1 + count) times ln((N + 1) / people who have the item), counted in the gallery."""
    support = _support(gallery)
    rarity = np.log((gallery.shape[0] + 1) / np.maximum(support, 1)) * (support > 0)
    known = _unit_rows(_weighted(gallery, rarity))

    def score(probes: Matrix) -> Floats:
        return _dense(_unit_rows(_weighted(probes, rarity)), known)

    return score


def jaccard(gallery: Matrix) -> Scorer:
    """Items in common, divided by items of either; counts ignored."""
    known = _sets(gallery)
    sizes = np.diff(known.indptr)

    def score(probes: Matrix) -> Floats:
        common = _dense(_sets(probes), known)
        either = np.diff(probes.indptr)[:, None] + sizes - common
        shares: Floats = common / np.maximum(either, 1)
        return shares

    return score


def likelihood(gallery: Matrix) -> Scorer:
    """Sum over the probe's different items of ln(1 + 9 P(item | person) / P(item))."""
    totals = np.asarray(gallery.sum(axis=1)).ravel()
    share = np.asarray(gallery.sum(axis=0)).ravel() / totals.sum()
    known = gallery.astype(np.float64)
    owner = np.repeat(np.arange(gallery.shape[0]), np.diff(gallery.indptr))
    known.data = np.log1p(ODDS_OF_OWN_TASTE * known.data / totals[owner] / share[known.indices])

    def score(probes: Matrix) -> Floats:
        return _dense(_sets(probes), known)

    return score


SCORES: dict[str, Callable[[Matrix], Scorer]] = {"tfidf": tfidf, "jaccard": jaccard, "llr": likelihood}


def _support(matrix: Matrix) -> NDArray[np.int64]:
    return np.bincount(matrix.indices, minlength=matrix.shape[1])


def _sets(matrix: Matrix) -> Matrix:
    return sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), matrix.shape)


def _weighted(matrix: Matrix, weights: Floats) -> Matrix:
    return sparse.csr_array(
        (np.log1p(matrix.data) * weights[matrix.indices], matrix.indices, matrix.indptr), matrix.shape
    )


def _unit_rows(matrix: Matrix) -> Matrix:
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    lengths = np.sqrt(np.bincount(row, matrix.data**2, matrix.shape[0]))
    lengths[lengths == 0] = 1
    return sparse.csr_array((matrix.data / lengths[row], matrix.indices, matrix.indptr), matrix.shape)


def _dense(probes: Matrix, known: Matrix) -> Floats:
    block: Floats = (probes @ known.T).toarray()
    return block


SCORES_AT_ONCE = 1_000_000
"""Scores held at a time, 8 MB and a few times as much for comparing: all against all is never held."""
TIE = 1e-12
"""Relative difference below which two scores are the same: sums in another order."""
FIVE = 5


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """One entry a probe."""

    right: Floats
    """1 if the best score is the right person's, 1/n if n people share the best, else 0."""
    right_of_five: Floats
    """The same for the five best."""
    margin: Floats
    """(best - second) / best: how certain the answer is, 0 to 1."""


def rank(split: Split, scorer: Callable[[Matrix], Scorer]) -> Ranks:
    """Score all probes against all people, a block at a time."""
    score = scorer(split.gallery)
    at_once = max(SCORES_AT_ONCE // split.n_people, 1)
    blocks = [
        _rank_block(score(split.probes[begin : begin + at_once]), split.owners[begin : begin + at_once])
        for begin in range(0, len(split.owners), at_once)
    ]
    return Ranks(*(np.concatenate(column) for column in zip(*blocks, strict=True)))


def _rank_block(scores: Floats, owners: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> tuple[Floats, ...]:
    true = scores[np.arange(len(owners)), owners]
    slack = TIE * np.abs(true)
    above = (scores > (true + slack)[:, None]).sum(axis=1)
    level = (scores >= (true - slack)[:, None]).sum(axis=1) - above
    five = np.clip((FIVE - above) / level, 0, 1)
    return np.where(above == 0, 1 / level, 0.0), five, margins(scores)


def margins(scores: Floats) -> Floats:
    """(best - second) / best of each row; 0 where nothing is alike at all."""
    if scores.shape[1] == 1:
        return (scores[:, 0] > 0).astype(np.float64)
    second, best = np.partition(scores, scores.shape[1] - 2, axis=1)[:, -2:].T
    return np.where(best > 0, (best - second) / np.where(best > 0, best, 1), 0.0)


BANDS = ((3, 4), (5, 9), (10, 19), (20, 49), (50, None))
"""Different items in a session: from, to."""
FEW = (1, 2, 3, 5, 10, 20)
"""Events of which a trace of a few consists."""
MAX_TRACES = 2_000
"""Traces tried of each length; more are a random choice of so many."""


def one_session(
    events: EventTable, scorer: Callable[[Matrix], Scorer], rng: np.random.Generator
) -> dict[str, tuple[float, int]]:
    """Put back one session of the later half, knowing the earlier half of everybody, by different items in
    it.

    Returns:
        Items in the session, such as `5-9`, to the share put back and the number of sessions.
    """
    split = halves(events)
    known = np.unique(np.concatenate([part.user[half_rows(part)[0]] for part in events.parts()]))
    parts = [_later_sessions(part)[:2] for part in events.parts()]
    users, sizes = (np.concatenate(column) for column in zip(*parts, strict=True))
    in_order = np.argsort(users, kind="stable")  # of people, in whichever part they are
    users, sizes = users[in_order], sizes[in_order]
    can_be_found = np.isin(users, known)
    chosen = {}
    for low, high in BANDS:
        some = np.flatnonzero(can_be_found & (sizes >= low) & (sizes <= (high or sizes.max())))
        if len(some):
            some = rng.choice(some, MAX_TRACES, replace=False) if len(some) > MAX_TRACES else some
            chosen[f"{low}-{high}" if high else f"{low}+"] = some
    if not chosen:
        return {}
    wanted = np.concatenate(list(chosen.values()))
    matrix = _session_rows(events, in_order[wanted])
    found, begin = {}, 0
    for name, some in chosen.items():
        probes = matrix[begin : begin + len(some)]
        begin += len(some)
        ranks = rank(Split(split.gallery, probes, np.searchsorted(known, users[some])), scorer)
        found[name] = (float(ranks.right.mean()), len(some))
    return found


def _later_sessions(events: Events) -> tuple[Int32s, Int32s, Ints, Ints]:
    """The person and the number of different items of each session of the later half; its rows, and for each
    of them the number of its session."""
    later = half_rows(events)[1]
    sessions = cut_sessions(events, later)
    session = np.repeat(np.arange(len(sessions.user)), np.diff(sessions.starts))
    sizes = np.diff(first_different(sessions).starts)
    return sessions.user.astype(np.int32), sizes.astype(np.int32), later, session


def _session_rows(events: EventTable, wanted: Ints) -> Matrix:
    """How often each item occurs in these sessions, which are numbered part after part."""
    place = np.full(int(wanted.max()) + 1, -1, np.int64)
    place[wanted] = np.arange(len(wanted))
    counted, first = [], 0
    for part in events.parts():
        users, _, later, session = _later_sessions(part)
        at = first + session
        row = np.where(at < len(place), place[np.minimum(at, len(place) - 1)], -1)
        is_wanted = row >= 0
        counts = np.ones(len(later)) if part.count is None else part.count[later].astype(np.float64)
        counted.append((counts[is_wanted], row[is_wanted], part.item[later][is_wanted]))
        first += len(users)
    counts, rows, items = (np.concatenate(column) for column in zip(*counted, strict=True))
    return sparse.coo_array((counts, (rows, items)), (len(wanted), events.n_items)).tocsr()


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
