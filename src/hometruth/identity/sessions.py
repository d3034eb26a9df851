"""Events in the order of time, cut into sessions."""

from dataclasses import dataclass

import numpy as np

from hometruth.identity.population import Ints
from hometruth.identity.table import Events

GAP_S = 1800.0
"""Seconds without an event after which the next one begins a new session (30 minutes, as is usual)."""


@dataclass(frozen=True, slots=True, eq=False)
class Sessions:
    """Sessions as runs of events; nothing is kept but items and whose they are."""

    user: Ints
    """The person of each session."""
    starts: Ints
    """Where the items of each session begin in `items`; one more than there are sessions."""
    items: Ints
    """Items in the order of time, repeats included."""


def time_order(events: Events) -> Ints:
    """Row numbers person by person, each person's in the order of time, then of the file."""
    assert events.time is not None
    return np.lexsort((events.time, events.user))


def cut_sessions(events: Events, rows: Ints) -> Sessions:
    """Sessions of the events at *rows*, which are in time order."""
    assert events.time is not None
    user, time = events.user[rows], events.time[rows]
    new = np.ones(len(rows), bool)
    new[1:] = (user[1:] != user[:-1]) | (np.diff(time) > GAP_S)
    starts = np.flatnonzero(new)
    return Sessions(user[starts], np.append(starts, len(rows)), events.item[rows])


def first_different(sessions: Sessions) -> Sessions:
    """The same sessions without repeats: each item where it first occurs."""
    session = np.repeat(np.arange(len(sessions.user)), np.diff(sessions.starts))
    n_items = int(sessions.items.max(initial=0)) + 1
    _, first = np.unique(session * n_items + sessions.items, return_index=True)
    first.sort()
    starts = np.concatenate([[0], np.cumsum(np.bincount(session[first], minlength=len(sessions.user)))])
    return Sessions(sessions.user, starts, sessions.items[first])
