"""`python -m benchmarks.crawl_month`: what a month of the HTTP Archive would take, from costs measured here.

Makes pages of as many requests as real ones have, one in a hundred damaged, and runs a fleet over them. From
what its table of inputs says of each, it prints the cost for each request and core, then lets the pages of a
month be drawn from these costs and handed out to 10, 100 and 1,000 cores, one in ten thousand of them killing
its worker and one in a hundred thousand running into the time limit, each begun twice. A month: 16 million
pages with 1.6 thousand million requests (httparchive.org, 2026). The price of a core is yours to set.
"""

import argparse
import heapq
import random
import resource
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from benchmarks.corpus.generate import Size, make_corpus, write_corpus
from benchmarks.measure import measure

PAGES, REQUESTS = 16_000_000, 1_600_000_000
MEDIAN_REQUESTS, SPREAD = 70, 0.75
"""Of the requests of a page, drawn from a log-normal law: about 93 on average, some 400."""
DAMAGED = 100
"""One page in so many is cut."""
KILLER, STUCK = 1e-4, 1e-5
"""Shares of pages over which a worker dies, and that run into the limit."""
TIMEOUT_S, RESTART_S = 120.0, 2.0
SIMULATED = 400_000
"""Pages of a simulation; the hours are those of all, since pages are many times more than cores."""


class PageCost(NamedTuple):
    """What one page took, by the table of inputs."""

    cpu_s: float
    requests: int
    size_bytes: int


def make_pages(folder: Path, n: int, seed: int) -> Path:
    """*n* pages, and the file of canaries; gives the latter's path."""
    rng = random.Random(seed)  # noqa: S311 - repeatable
    for number in range(n):
        requests = max(3, round(rng.lognormvariate(0, SPREAD) * MEDIAN_REQUESTS))
        place = folder / f"{number:05}"
        capture = write_corpus(make_corpus(seed * 100_000 + number, Size(requests, 1), planted=False), place)
        if number % DAMAGED == DAMAGED - 1:
            capture.write_bytes(capture.read_bytes()[: capture.stat().st_size // 2])
    return folder / "00000" / "canaries.json"


def measured(folder: Path, n: int, seed: int) -> tuple[list[PageCost], float]:
    """The cost of each page in a fleet of one process, and the most memory that a worker took, in MiB."""
    canaries = make_pages(folder / "pages", n, seed)
    words = ["fleet", str(folder / "pages" / "*" / "capture.har"), "--canaries", str(canaries), "--quiet"]
    command = [sys.executable, "-m", "hometruth", *words, "--out", str(folder / "out"), "--jobs", "1"]
    cost = measure(command, folder / "fleet.out")
    if cost.exit_code not in (0, 1):
        raise SystemExit((folder / "fleet.err").read_text())
    rows = [
        row
        for part in (folder / "out" / "inputs").glob("*.parquet")
        for row in pq.read_table(part).to_pylist()
    ]
    costs = [PageCost(row["cpu_s"], row["exchanges"], row["size_bytes"]) for row in rows]
    return costs, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def hours(costs: list[PageCost], cores: int, rng: random.Random) -> tuple[float, float]:
    """Hours that a month takes on so many cores, and the share of them in which a core works on a page."""
    free_s = [0.0] * cores
    useful_s = 0.0
    for _ in range(SIMULATED):
        page_s = rng.choice(costs).cpu_s
        fate = rng.random()
        useful_s += page_s
        if fate < STUCK:
            page_s = 2 * (TIMEOUT_S + RESTART_S)
        elif fate < STUCK + KILLER:
            page_s = 2 * (page_s + RESTART_S)
        heapq.heapreplace(free_s, free_s[0] + page_s)
    # The end, when some cores have nothing left, comes once, however many pages there are.
    busy_s, tail_s = sum(free_s) / cores, max(free_s) - sum(free_s) / cores
    total_s = busy_s * PAGES / SIMULATED + tail_s
    return total_s / 3600, useful_s * PAGES / SIMULATED / cores / total_s


def main() -> None:
    """Measure, simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=400, help="pages that are measured")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--price", type=float, default=0.04, help="of a core for an hour, in your currency")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        costs, peak_mib = measured(Path(temporary), args.n, args.seed)
    cpu_s, requests = sum(each.cpu_s for each in costs), sum(each.requests for each in costs)
    size_bytes = sum(each.size_bytes for each in costs)
    slowest = max(each.cpu_s for each in costs)
    print(f"{len(costs)} pages, {requests:,} requests, {size_bytes / 1e6:.0f} MB: {cpu_s:.1f} CPU s")
    print(f"{requests / cpu_s:.0f} requests, {size_bytes / 1e6 / cpu_s:.2f} MB a second and core")
    print(f"slowest page {slowest:.2f} CPU s; most memory of a process {peak_mib:.0f} MiB")
    core_hours = REQUESTS / requests * cpu_s / 3600
    print(f"a month: {core_hours:,.0f} core hours, at {args.price} an hour {core_hours * args.price:,.0f}")
    for cores in (10, 100, 1_000):
        took_h, share = hours(costs, cores, random.Random(args.seed))  # noqa: S311
        print(f"{cores:5} cores: {took_h:8.1f} h, {share:.1%} of it on pages")


if __name__ == "__main__":
    main()
