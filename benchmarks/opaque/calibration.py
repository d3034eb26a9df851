"""How often an honest app would be accused: streams of trials that know nothing of the coin.

Traffic of an honest client does not depend on the coin, so each stream serves several experiments, each with
coins and barcodes of its own. Beside it what people do without a coin: all trials without visits first, then
all with them, compared by Mann-Whitney.
"""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, mannwhitneyu

from benchmarks.opaque.behaviours import visits
from benchmarks.opaque.bets import features, wealth
from benchmarks.opaque.client import ENDPOINTS, Client
from benchmarks.opaque.reading import half_of
from hometruth.opaque import Barcode, Half
from hometruth.opaque.assess import WAYS_TO_CONTENT
from hometruth.opaque.barcode import barcode_p, tail_bound

ALPHAS = (0.05, 0.01, 0.001)
VISITS = 20


@dataclass(frozen=True, slots=True)
class Stream:
    """One honest app watched for a while: halves by trial and endpoint."""

    halves: tuple[tuple[Half, ...], ...]

    def features(self) -> NDArray[np.int64]:
        """Axes: trial, endpoint, feature."""
        return np.array([[features(half) for half in trial] for trial in self.halves])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the experiments on one stream said."""

    single: NDArray[np.bool_]
    """An endpoint's own line crossed at any look; axes: experiment, endpoint, alpha."""
    family: NDArray[np.bool_]
    """Any endpoint over the family-wise line at any look; axes: experiment, alpha."""
    barcode: NDArray[np.bool_]
    """Any barcode at any endpoint over its family-wise line (alpha 0.001), by experiment."""
    naive: tuple[float, ...]
    """p of the comparison without a coin, by endpoint."""


def simulate(seed: int, pairs: int) -> Stream:
    """One stream of honest trials, peeled."""
    rng = Random(seed)
    clients = [Client(endpoint, rng) for endpoint in ENDPOINTS]
    return Stream(tuple(tuple(half_of(client.trial()) for client in clients) for _ in range(2 * pairs)))


def experiment(seed: int, pairs: int, draws: int) -> Outcome:
    """Simulate one stream, and toss the coins *draws* times."""
    stream = simulate(seed, pairs)
    seen = stream.features()
    generator = np.random.default_rng(seed)
    coins = generator.integers(0, 2, size=(draws, pairs))
    first, second = seen[0::2], seen[1::2]
    signs = np.where(coins == 1, 1, -1)[:, :, None, None]
    differences = np.moveaxis((first - second)[None] * signs, 1, 2)  # experiment, endpoint, pair, feature
    highest = wealth(differences).max(axis=-1)
    k = len(ENDPOINTS)
    single = np.stack([highest >= 1 / alpha for alpha in ALPHAS], axis=-1)
    family = np.stack([(highest >= k / alpha).any(axis=1) for alpha in ALPHAS], axis=-1)
    barcode = np.array([_barcode(stream, coins[draw], Random(seed * 1000 + draw)) for draw in range(draws)])
    half = len(seen) // 2
    naive = tuple(_naive(seen[:half, e, 0], seen[half:, e, 0]) for e in range(k))
    return Outcome(single, family, barcode, naive)


def _barcode(stream: Stream, coins: NDArray[np.int64], rng: Random) -> bool:
    """Whether any trial at any endpoint fits addresses that were never told to it."""
    level = ALPHAS[-1] / (WAYS_TO_CONTENT * len(ENDPOINTS) * len(coins))
    for pair, coin in enumerate(coins):
        addresses = visits(rng, VISITS)
        barcode = Barcode(
            tuple(len(visit.url) - len(visit.path) for visit in addresses),
            tuple(len(visit.path) for visit in addresses),
        )
        treated = stream.halves[2 * pair + (0 if coin else 1)]
        # With few ciphertexts not even a perfect fit reaches the level.
        long_enough = [
            h for h in treated if tail_bound(min(VISITS, len(h.atoms)), VISITS, len(h.atoms)) <= level
        ]
        if any(barcode_p(barcode, half.atoms, level=level, rng=rng) <= level for half in long_enough):
            return True
    return False


def _naive(before: NDArray[np.int64], after: NDArray[np.int64]) -> float:
    if (before == before[0]).all() and (after == before[0]).all():
        return 1.0
    return float(mannwhitneyu(after, before).pvalue)


def measure(streams: int, pairs: int, draws: int, seed: int, jobs: int) -> str:
    """Run all and tell as Markdown."""
    with ProcessPoolExecutor(jobs) as pool:
        seeds = range(seed * 100_000, seed * 100_000 + streams)
        outcomes = list(pool.map(experiment, seeds, [pairs] * streams, [draws] * streams, chunksize=4))
    single = np.concatenate([outcome.single for outcome in outcomes])
    family = np.concatenate([outcome.family for outcome in outcomes])
    barcode = np.concatenate([outcome.barcode for outcome in outcomes])
    naive = np.array([outcome.naive[0] for outcome in outcomes])
    n = len(family)
    lines = [
        f"{n:,} honest experiments ({streams} streams, {draws} draws of the coins each), {len(ENDPOINTS)} "
        f"endpoints, {pairs} pairs, looked at after every pair:",
        "",
        "| test | at 0.05 | at 0.01 | at 0.001 |",
        "| --- | --- | --- | --- |",
        _row(f"coin, one endpoint ({single.shape[0] * single.shape[1]:,} tests)", single.reshape(-1, 3)),
        _row("coin, family-wise over the endpoints", family),
        f"| barcode, family-wise, half of the level | | | {_share(barcode)} |",
        "| *all without, then all with visits, Mann-Whitney, busiest opaque endpoint* | "
        + " | ".join(f"*{_share(naive <= alpha)}*" for alpha in ALPHAS)
        + " |",
    ]
    return "\n".join(lines)


def _row(name: str, hits: NDArray[np.bool_]) -> str:
    return f"| {name} | " + " | ".join(_share(hits[:, n]) for n in range(len(ALPHAS))) + " |"


def _share(hits: NDArray[np.bool_]) -> str:
    """Share with its 95 % interval (Clopper-Pearson)."""
    k, n = int(hits.sum()), len(hits)
    interval = binomtest(k, n).proportion_ci(method="exact")
    return f"{k / n:.5f} ({k} of {n:,}; {interval.low:.5f} to {interval.high:.5f})"
