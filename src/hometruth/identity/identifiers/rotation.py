"""Does a value change in time? Asked on a schedule: one jump of the clock would acquit a defect.

A value that is renewed only if the app was not started for 90 days is renewed by a jump of 91, and lives for
ever on the phone of anybody who uses the app.
"""

from dataclasses import dataclass
from itertools import pairwise

from hometruth.identity.identifiers.event import Phase
from hometruth.identity.identifiers.found import Found

_Watched = list[tuple[float, frozenset[str]]]
"""Days, and what was sent on each."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What the schedule showed of one identifier."""

    promised_days: float
    days: tuple[float, ...]
    """Starts, on the device's own clock, of the device that was watched longest."""
    longest_gap_days: float
    oldest_days: float
    """Longest time between first and last sight of one value."""
    renewed_after_gap: bool | None
    """Whether it was new after a pause longer than promised; None if nobody tried."""

    @property
    def is_asked(self) -> bool:
        """True if the starts reach beyond the promise, with every gap below it."""
        return (
            len(self.days) > 1
            and self.days[-1] - self.days[0] > self.promised_days
            and self.longest_gap_days < self.promised_days
        )

    @property
    def outlives(self) -> bool:
        """True if a value was sent for longer than promised."""
        return self.oldest_days > self.promised_days


def rotation(found: Found, promised_days: float) -> Rotation | None:
    """Hold *found* against a promised lifetime; None if its sessions carry no days."""
    watched = [days for device in found.devices for days in _stretches(found, device) if len(days) > 1]
    if not watched:
        return None
    longest = max(watched, key=lambda days: days[-1][0] - days[0][0])
    days = tuple(day for day, _ in longest)
    return Rotation(
        promised_days,
        days,
        max((later - earlier for earlier, later in pairwise(days)), default=0.0),
        max(_oldest(days) for days in watched),
        _renewed(found),
    )


def _stretches(found: Found, device: str) -> list[_Watched]:
    """Days and values on one device, from one reset or long pause to the next."""
    stretches: list[_Watched] = []
    for session in sorted(found.sessions, key=lambda session: session.order):
        if session.device != device or session.day is None or session.is_incognito:
            continue
        if not stretches or session.phase not in _GOES_ON:
            stretches.append([])
        stretches[-1].append((session.day, found.sent[session.id]))
    return stretches


_GOES_ON = frozenset({Phase.BASE, Phase.IDLE, Phase.RESTART, Phase.CLOCK, Phase.SIGN_IN, Phase.SIGN_OUT})


def _oldest(watched: _Watched) -> float:
    tokens = frozenset().union(*(sent for _, sent in watched))
    return max(
        max(day for day, sent in watched if token in sent)
        - min(day for day, sent in watched if token in sent)
        for token in tokens
    )


def _renewed(found: Found) -> bool | None:
    kept = found.lifetime.kept(Phase.CLOCK_GAP)
    return kept.is_gone if kept.asked else None
