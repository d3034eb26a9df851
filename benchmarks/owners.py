"""`python -m benchmarks.owners`: how long 24 hours of simulated phone time take, one phone and many.

One phone: an owner's day through the real recorder (TLS, HTTP), with a collector that is durable before it
answers. A fleet: the same phones without sockets, the same bytes read by the collector's decoder.
"""

import argparse
import os
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path

from hometruth.capture.proxy import Recorder
from hometruth.capture.proxy.sinkhole import Sinkhole
from hometruth.lab import TELEMETRY_HOST, read_events, start_collector, start_phone
from hometruth.lab.people.fleet import run_fleet
from hometruth.lab.people.live import START_MS, Life
from hometruth.lab.people.owner import make_owner


def cpu_s() -> float:
    """CPU seconds of this process and of those that ended."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def one_phone(number: int, seed: int) -> str:
    """An owner's day through the recorder, as a row of a table."""
    owner = make_owner(number, seed)
    cpu = cpu_s()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            start_collector(folder / "c.sqlite") as collector,
            Recorder(folder / "t.mitm", sinkhole=Sinkhole({TELEMETRY_HOST: collector.url})) as recorder,
            start_phone(
                owner.profile,
                proxy=recorder.url,
                ca_file=recorder.ca_file,
                state_dir=folder / "phone",
                ledger=folder / "ledger.jsonl",
                seed=owner.rng("phone").getrandbits(63),
                start_ms=START_MS,
            ) as phone,
        ):
            life = Life(owner, phone, lambda: phone.advance(0).clock_ms)
            n_things = sum(life.live(1))
            n_exchanges = recorder.n_exchanges
        n_events = len(read_events(folder / "c.sqlite"))
    took = time.perf_counter() - started
    return f"| {owner.id} | {n_things} | {n_events} | {n_exchanges} | {took:.1f} | {cpu_s() - cpu:.1f} |"


def fleet(n_owners: int, days: int, seed: int, jobs: int) -> str:
    """A fleet's days, as a row of a table."""
    cpu = cpu_s()
    started = time.perf_counter()
    lives = list(run_fleet(n_owners, days=days, seed=seed, jobs=jobs))
    took = time.perf_counter() - started
    n_events = sum(len(lived.events) for lived in lives)
    n_things = sum(lived.things_done for lived in lives)
    return (
        f"| {n_owners} | {days} | {jobs} | {n_things:,} | {n_events:,} | {took:.1f} | {cpu_s() - cpu:.1f} |"
    )


def main() -> None:
    """Measure, and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--phones", type=int, default=5, help="owners whose day goes through the recorder")
    parser.add_argument("--owners", type=int, default=200)
    parser.add_argument("--days", type=int, default=1)
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}, "
        f"seed {arguments.seed}\n"
    )
    print("| owner | things done | events | exchanges | seconds | CPU seconds |")
    print("| --- | --: | --: | --: | --: | --: |")
    for number in range(1, arguments.phones + 1):
        print(one_phone(number, arguments.seed))
        sys.stdout.flush()
    print("\n| owners | days | processes | things done | events | seconds | CPU seconds |")
    print("| --: | --: | --: | --: | --: | --: | --: |")
    print(fleet(arguments.owners, arguments.days, arguments.seed, os.cpu_count() or 1))


if __name__ == "__main__":
    main()
