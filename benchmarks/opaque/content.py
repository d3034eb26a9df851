"""Pairs of random against repeated addresses that show content, if they have to follow the lengths too."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from random import Random

import numpy as np
from numpy.typing import NDArray

from benchmarks.opaque.behaviours import leak, visits
from benchmarks.opaque.bets import features, wealth
from benchmarks.opaque.client import ENDPOINTS, Client, Endpoint
from benchmarks.opaque.power import ALPHA, PLANNED, K
from benchmarks.opaque.reading import half_of
from hometruth.opaque.assess import WAYS_TO_CONTENT
from hometruth.opaque.evidence import FOLLOWS_LEVEL, follow_p

EXPERIMENTS = 100
LINE = WAYS_TO_CONTENT * K / ALPHA
FIRST, TOLD = "full URL, the first of each session", "told the coin"
TOLD_EVENTS = 60
"""Bare events that an app told the coin reports in the random half, and nothing else."""


def _pool(behaviour: str, framing: str, seed: int, pairs: int, n_visits: int) -> NDArray[np.int64]:
    """For each pair the differences in bytes, ciphertexts and largest ciphertext, then bits by visit."""
    rng = Random(seed)
    client = Client(Endpoint("telemetry", ENDPOINTS[0].per_minute, framing), rng)
    made = []
    for _ in range(pairs):
        planted = visits(rng, n_visits)
        repeated = [replace(visit, path=rng.choice("abcxyz") * len(visit.path)) for visit in planted]
        halves = {}
        for treated in rng.sample([True, False], 2):
            if behaviour != TOLD:
                told = planted if treated else repeated
                events = leak("full URL", told[:1] if behaviour == FIRST else told, rng)
            else:
                events = leak("a bare event", visits(rng, TOLD_EVENTS) if treated else [], rng)
            halves[treated] = features(half_of(client.trial(events)))
        bits = [round(visit.bits) for visit in planted]
        made.append([a - b for a, b in zip(halves[True], halves[False], strict=True)] + bits)
    return np.array(made)


def _needed(made: NDArray[np.int64], seed: int, *, told: bool) -> tuple[list[int], list[int]]:
    """Pairs until the line, and until lengths are followed too, in bootstrapped experiments of 60."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(made), size=(EXPERIMENTS, PLANNED))
    line, both = [], []
    for run in made[picks]:
        if (
            told
        ):  # it knows nothing of lengths: what few pairs have in common by chance is no bias of all runs
            run[:, 3:] = rng.permutation(run[:, 3:])
        over = np.nonzero(wealth(run[None, :, :3])[0] >= LINE)[0] + 1
        line.append(int(over[0]) if len(over) else PLANNED + 1)
        follow = (n for n in over if follow_p(run[:n, 0].tolist(), run[:n, 3:].tolist()) <= FOLLOWS_LEVEL)
        both.append(int(next(follow, PLANNED + 1)))
    return line, both


def _row(behaviour: str, framing: str, seed: int, pairs: int, n_visits: int) -> str:
    line, both = _needed(_pool(behaviour, framing, seed, pairs, n_visits), seed, told=behaviour == TOLD)
    return (
        f"| {behaviour} | {framing} | {n_visits} | {_pairs(line)} | {_pairs(both)} | {_reached(line)} | "
        f"{_reached(both)} |"
    )


def _pairs(needed: list[int]) -> str:
    all_but_few, half = (int(np.quantile(needed, share, method="higher")) for share in (0.95, 0.5))
    return " ".join(
        form.format(n if n <= PLANNED else "–") for form, n in (("{}", all_but_few), ("({})", half))
    )


def _reached(needed: list[int]) -> str:
    return f"{np.mean([n <= PLANNED for n in needed]):.2f}"


def measure(pairs: int, seed: int, jobs: int) -> str:
    """An app that sends addresses, and one that was told which half is the random one."""
    cells = [
        (who, framing, n)
        for who in ("full URL", FIRST, TOLD)
        for framing in ("event", "batch")
        for n in (20, 5)
    ]
    with ProcessPoolExecutor(jobs) as executor:
        futures = [
            executor.submit(_row, who, framing, seed * 1000 + n, pairs, visits)
            for n, (who, framing, visits) in enumerate(cells)
        ]
        rows = [future.result() for future in futures]
    head = "| app | framing | visits | pairs to the line | and lengths followed | line by 60 | both by 60 |"
    return "\n".join([head, "| --- | --- | --: | --- | --- | --: | --: |", *rows])
