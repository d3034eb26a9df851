"""`python -m benchmarks.collector`: what the lab's collector sustains, and what kill -9 loses or doubles.

Load generator and collector share the machine. Each upload is the Android SDK's form with whole presets,
about 1 kB an event before compression; it is acknowledged after the disk has it.
"""

import argparse
import os
import platform
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.lab.collector.load import Load

from hometruth.lab import start_collector
from hometruth.lab.collector.database import Db, open_to_read, open_to_write, parse_db


def sustained(db: Db, *, seconds: float, n_clients: int, per_request: int) -> str:
    """Acknowledged events per second, as a row of a table."""
    with start_collector(db) as collector:
        load = Load(collector.url, n_clients=n_clients, per_request=per_request, ready=int(seconds * 400))
        started = time.perf_counter()
        load.start()
        time.sleep(seconds)
        load.stop()
        took = time.perf_counter() - started
    n = len(load.acknowledged)
    assert _n_stored(db) == n
    return f"| {per_request} | {n_clients} | {n / per_request / took:,.0f} | {n / took:,.0f} |"


def killed(db: Db, *, n_kills: int, seed: int) -> str:
    """What repeated kill -9 under load lost or doubled."""
    moments = random.Random(seed)  # noqa: S311 - when to kill, repeatably
    collector = start_collector(db)
    load = Load(collector.url, n_clients=8, per_request=5)
    load.start()
    for _ in range(n_kills):
        time.sleep(moments.uniform(0.05, 1.0))
        os.kill(collector.pid, signal.SIGKILL)
        collector.close()
        collector = start_collector(db)
        load.url = collector.url
    load.stop()
    collector.close()
    reader = open_to_read(db)
    rows = reader.fetch("SELECT event FROM events")
    reader.close()
    stored = [int(event.partition('"_track_id": ')[2].partition(",")[0]) for (event,) in rows]
    lost, doubled = len(load.acknowledged - set(stored)), len(stored) - len(set(stored))
    return (
        f"{n_kills} kills (seed {seed}), {load.n_broken} uploads without an answer, "
        f"{len(load.acknowledged):,} events acknowledged: {lost} lost, {doubled} stored twice"
    )


def _n_stored(db: Db) -> int:
    reader = open_to_read(db)
    [(n,)] = reader.fetch("SELECT count(*) FROM events")
    reader.close()
    return int(n)


def main() -> None:
    """Measure, and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.collector")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--db", type=parse_db, help="by default SQLite in a temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        db = options.db or Path(folder) / "speed.sqlite"
        _say(f"Python {platform.python_version()}, {os.cpu_count()} cores, {_kind(db)}\n")
        _say("| events an upload | clients | uploads/s | events/s |\n| --: | --: | --: | --: |")
        for per_request, n_clients in ((1, 1), (1, 16), (50, 1), (50, 8)):
            _say(sustained(db, seconds=options.seconds, n_clients=n_clients, per_request=per_request))
            _clear(db)
        _say("\n" + killed(db, n_kills=options.kills, seed=options.seed))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _kind(db: Db) -> str:
    return "PostgreSQL" if isinstance(db, str) else "SQLite"


def _clear(db: Db) -> None:
    """Between measurements: the load sends the same events each time."""
    writer = open_to_write(db)
    writer.run("DELETE FROM events")
    writer.close()


if __name__ == "__main__":
    main()
