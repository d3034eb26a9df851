"""Whether the stated bounds hold: apps that leak in some sessions, and servers that pick installations."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from benchmarks.opaque.behaviours import leak, visits
from benchmarks.opaque.client import Client, Endpoint
from benchmarks.opaque.power import Treated, pool
from benchmarks.opaque.reading import half_of
from hometruth.bounds import upper_bound_percent
from hometruth.opaque.objections import rooms, share_bound_percent

SHARES = (0.05, 0.10, 0.20)
EXPERIMENTS = 4000
SESSIONS = 60
PER_INSTALLATION = 4
QUIET = Endpoint("quiet", 0.7, "event")
"""As busy as the bundled plan's silent conditions: an event or two a session."""
LONG_PATH = 3000
"""Characters of the shortest path that the bundled plan visits."""


@dataclass(frozen=True, slots=True)
class Pools:
    """Treated halves of a client that sends everything, and of one that sends nothing."""

    leaking: Sequence[Treated]
    honest: Sequence[Treated]

    def fits(self, leaks: NDArray[np.bool_], rng: np.random.Generator) -> list[tuple[int, tuple[float, ...]]]:
        """Bytes sent and bits planted, one a session."""
        chosen = []
        for does in leaks:
            source = self.leaking if does else self.honest
            pair = source[int(rng.integers(len(source)))]
            chosen.append((pair.treated.size_bytes, tuple(visit.bits for visit in pair.planted)))
        return chosen


def measure(pairs: int, seed: int) -> str:
    """Coverage of every kind of bound, as Markdown."""
    leaking = pool("full URL", "event", seed, pairs, 20)
    pools = Pools(leaking, _honest(leaking, seed))
    lines = [
        f"{EXPERIMENTS:,} experiments of {SESSIONS} treated sessions for each share. Coverage: how often the "
        "true share is at most the bound. The last column counts by session what happens by installation, "
        "and is wrong.",
        "",
        "| who leaks | true share | room: median bound | coverage | "
        "readable, no hit: wrongly below | coverage, by installation | *coverage, by session* |",
        "| --- | --: | --: | --: | --: | --: | --: |",
    ]
    for share in SHARES:
        lines.append(_sessions("sessions, everything", 0, pools, share, seed))
    quiet = _one_address(seed, pairs)
    for share in SHARES:
        lines.append(_sessions("sessions, one address each, quiet endpoint", 1, quiet, share, seed))
    for share in SHARES:
        lines.append(_installations(pools, share, seed))
    return "\n".join(lines)


def _honest(leaking: Sequence[Treated], seed: int) -> list[Treated]:
    """The control halves of the same client, with addresses planted elsewhere."""
    rng = Random(seed)
    return [Treated(rng.choice(leaking).planted, pair.control, pair.control) for pair in leaking]


def _one_address(seed: int, sessions: int) -> Pools:
    """A client at a quiet endpoint that sends the shortest address of a session and nothing of the others."""
    rng = Random(seed)
    client = Client(QUIET, rng)
    made: dict[bool, list[Treated]] = {True: [], False: []}
    for number in range(2 * sessions):
        planted = visits(rng, 20, LONG_PATH)
        leaks = bool(number % 2)
        shortest = [min(planted, key=lambda visit: visit.bits)] if leaks else []
        sent = half_of(client.trial(leak("full URL", shortest, rng)))
        made[leaks].append(Treated(tuple(planted), sent, sent))
    return Pools(made[True], made[False])


def _sessions(who: str, kind: int, pools: Pools, share: float, seed: int) -> str:
    """Coverage of the bound of the *kind*-th size of leak where each session decides for itself."""
    rng = np.random.default_rng([seed, int(share * 100), 1])
    bounds, below = [], 0
    for _ in range(EXPERIMENTS):
        leaks = rng.random(SESSIONS) < share
        sent = pools.fits(leaks, rng)
        bounds.append(rooms([size for size, _ in sent], [bits for _, bits in sent])[kind].bound_percent)
        hits = int(leaks.sum())
        below += hits == 0 and upper_bound_percent(0, SESSIONS) < 100 * share
    covered = np.mean(np.array(bounds) >= 100 * share)
    median = f"{np.median(bounds):.1f} %"
    return f"| {who} | {share:.0%} | {median} | {covered:.3f} | {below / EXPERIMENTS:.3f} | | |"


def _installations(pools: Pools, share: float, seed: int) -> str:
    rng = np.random.default_rng([seed, int(share * 100), 2])
    by_installation, by_session = [], []
    for _ in range(EXPERIMENTS):
        picked = rng.random(SESSIONS) < share
        leaks = np.repeat(picked, PER_INSTALLATION)
        sent = pools.fits(leaks, rng)
        had_room = np.array([size >= sum(bits) / 8 for size, bits in sent])
        grouped = had_room.reshape(SESSIONS, PER_INSTALLATION).any(axis=1)
        by_installation.append(share_bound_percent(int(grouped.sum()), SESSIONS))
        by_session.append(share_bound_percent(int(had_room.sum()), len(had_room)))
    median = f"{np.median(by_installation):.1f} %"
    return (
        f"| installations, {PER_INSTALLATION} sessions each | {share:.0%} | {median} | | | "
        f"{np.mean(np.array(by_installation) >= 100 * share):.3f} | "
        f"*{np.mean(np.array(by_session) >= 100 * share):.3f}* |"
    )
