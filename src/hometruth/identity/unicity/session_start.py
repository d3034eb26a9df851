"""What the receiver of telemetry sees: the first different items of one session."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hometruth.identity.population import Population
from hometruth.identity.sessions import Sessions
from hometruth.identity.unicity.holders import count_holders


@dataclass(frozen=True, slots=True)
class Start:
    """Sessions with at least so many different items, and how many of them single their person out."""

    value: float
    eligible: int
    """Sessions."""
    median_holders: float
    """People who share the beginning of the session in the middle."""


def session_starts(population: Population, sessions: Sessions, numbers: Sequence[int]) -> dict[int, Start]:
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
        starts[number] = Start(float((holders == 1).mean()), len(able), float(np.median(holders)))
    return starts
