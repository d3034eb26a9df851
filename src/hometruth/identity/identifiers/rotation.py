"""Does a value change in time? Asked on a schedule: one jump of the clock would acquit a defect.

A value that is renewed only if the app was not started for 90 days is renewed by a jump of 91, and lives for
ever on the phone of anybody who uses the app.
"""

from itertools import pairwise

from hometruth.model.identified import Rotation
from hometruth.model.identifier import Found, Phase

_Watched = list[tuple[float, frozenset[str]]]
"""Days, and what was sent on each."""


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
