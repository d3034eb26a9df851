"""Shorter traces than half of everything: one session, or a few plays."""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from hometruth.identity.population import Floats
from hometruth.identity.relink.ranks import rank
from hometruth.identity.relink.scores import Scorer
from hometruth.identity.relink.split import Matrix, Split, half_rows, halves
from hometruth.identity.sessions import cut_sessions, first_different
from hometruth.identity.table import Events

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
