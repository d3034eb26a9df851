"""How many pairs a leak needs to be proved, by behaviour and framing."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from benchmarks.opaque.behaviours import BEHAVIOURS, Visit, leak, visits
from benchmarks.opaque.bets import features, wealth
from benchmarks.opaque.client import ENDPOINTS, TRIAL_S, Client, Endpoint, Event, event_json
from benchmarks.opaque.reading import half_of
from hometruth.opaque import Barcode, Half
from hometruth.opaque.assess import WAYS_TO_CONTENT
from hometruth.opaque.barcode import barcode_p
from hometruth.opaque.evidence import per_planted_byte

ALPHA = 0.001
K = len(ENDPOINTS)
PLANNED = 60
MOST_PAIRS = 200
EXPERIMENTS = 2000
NEXT_START = "full URL at the next start"
SAMPLED = "full URL in 10 % of sessions"
COUNTER = "one aggregated counter"
ALL = (*BEHAVIOURS, NEXT_START, SAMPLED, COUNTER)


@dataclass(frozen=True, slots=True)
class Treated:
    """A simulated pair: what was planted, and what both halves sent."""

    planted: tuple[Visit, ...]
    treated: Half
    control: Half

    @property
    def barcode(self) -> Barcode:
        """The lengths planted."""
        fixed = tuple(len(visit.url) - len(visit.path) for visit in self.planted)
        return Barcode(fixed, tuple(len(visit.path) for visit in self.planted))


def pool(name: str, framing: str, seed: int, pairs: int, n_visits: int) -> list[Treated]:
    """*pairs* pairs of one installation, the order of the halves by a fair coin."""
    rng = Random(seed)
    client = Client(Endpoint("telemetry", ENDPOINTS[0].per_minute, framing), rng)
    made = []
    for _ in range(pairs):
        planted = visits(rng, n_visits)
        extra = {True: _recorded(name, planted, rng), False: _recorded(name, [], rng)}
        halves: dict[bool, Half] = {}
        for treated in rng.sample([True, False], 2):
            halves[treated] = half_of(client.trial(extra[treated]))
        made.append(Treated(tuple(planted), halves[True], halves[False]))
    return made


def _recorded(name: str, planted: list[Visit], rng: Random) -> list[Event]:
    if name == COUNTER:
        return [Event(1.0, event_json(rng, "s", "weekly", {"pages": len(planted)}))]
    if name == NEXT_START:
        return leak("full URL", planted, rng, delay_s=TRIAL_S)
    if name == SAMPLED:
        return leak("full URL", planted, rng) if rng.random() < 0.1 else []
    return leak(name, planted, rng)


def pairs_needed(made: Sequence[Treated], threshold: float, seed: int) -> tuple[int | None, int | None]:
    """Pairs by which 95 %, and by which half, of bootstrapped experiments are over the line."""
    seen = np.array(
        [[a - b for a, b in zip(features(p.treated), features(p.control), strict=True)] for p in made]
    )
    picks = np.random.default_rng(seed).integers(0, len(seen), size=(EXPERIMENTS, MOST_PAIRS))
    over = np.maximum.accumulate(wealth(seen[picks]) >= threshold, axis=1).mean(axis=0)
    return _first(over, 0.95), _first(over, 0.5)


def _first(over: NDArray[np.float64], share: float) -> int | None:
    reached = np.nonzero(over >= share)[0]
    return int(reached[0]) + 1 if len(reached) else None


def barcode_power(made: Sequence[Treated], level: float, seed: int) -> float:
    """Share of single trials whose barcode shows at *level*."""
    rng = Random(seed)
    return float(
        np.mean([barcode_p(pair.barcode, pair.treated.atoms, level=level, rng=rng) <= level for pair in made])
    )


def row(name: str, framing: str, seed: int, pairs: int, n_visits: int) -> str:
    """One line of the table."""
    made = pool(name, framing, seed, pairs, n_visits)
    alone, half_alone = pairs_needed(made, 1 / ALPHA, seed)
    family, half_family = pairs_needed(made, K / ALPHA, seed)
    out = per_planted_byte(
        [pair.treated.size_bytes - pair.control.size_bytes for pair in made],
        [sum(visit.bits for visit in pair.planted) / 8 for pair in made],
    )
    few = made[:100]
    planned = ALPHA / (WAYS_TO_CONTENT * K * PLANNED)
    return (
        f"| {name} | {framing} | {n_visits} | {_pairs(alone, half_alone)} | {_pairs(family, half_family)} | "
        f"{barcode_power(few, ALPHA, seed):.2f} | {barcode_power(few, planned, seed):.2f} | "
        + (f"{out.estimate:.2f} ({out.low:.2f} to {out.high:.2f})" if out else "")
        + " |"
    )


def _pairs(n95: int | None, n50: int | None) -> str:
    return f"{n95 or '–'} ({n50 or '–'})"


def measure(pairs: int, seed: int, jobs: int) -> str:
    """All behaviours in both framings at 20 visits, and fewer visits for two of them."""
    cells = [(name, framing, 20) for name in ALL for framing in ("event", "batch")]
    cells += [(name, "event", n) for name in ("full URL", "a bare event") for n in (1, 5)]
    with ProcessPoolExecutor(jobs) as executor:
        futures = [
            executor.submit(row, name, framing, seed * 1000 + n, pairs, n_visits)
            for n, (name, framing, n_visits) in enumerate(cells)
        ]
        rows = [future.result() for future in futures]
    head = (
        f"Pairs for 95 % power (in brackets: for half) of {EXPERIMENTS:,} bootstrapped experiments from "
        f"{pairs} simulated pairs, at most {MOST_PAIRS}; – means not reached. Barcode: share of single "
        "trials that show it.\n\n"
        f"| behaviour | framing | visits | coin, 0.001 | coin, 0.001 over {K} | barcode, 0.001 | "
        f"barcode, half of 0.001 over {K} endpoints and {PLANNED} trials | bytes out per planted byte |\n"
        "| --- | --- | --: | --- | --- | --- | --- | --- |"
    )
    return "\n".join([head, *rows])
