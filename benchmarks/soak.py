"""`python -m benchmarks.soak NAME`: what ends a program at the worst moment, again and again.

Every round is written down as one JSON line with seed, date and outcome; rounds already in the log are not
repeated, so it goes on for days where it stopped. A round that finds something lost, unsaid or crashed is a
failure; the exit code is 1 if the log of this NAME and seed holds one.
"""

import argparse
import json
import platform
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.soak_rounds import ROUNDS

Round = Callable[[Path, random.Random], str]
LOG = Path("soak.jsonl")


def done_before(log: Path, name: str, seed: int) -> list[dict[str, object]]:
    """Rounds of *name* in the log; a last line cut by a kill of the soak itself does not count."""
    if not log.exists():
        return []
    lines = log.read_bytes().split(b"\n")[:-1]
    rows: list[dict[str, object]] = [json.loads(line) for line in lines]
    return [row for row in rows if (row["name"], row["seed"]) == (name, seed)]


def soak(name: str, log: Path, *, seed: int, rounds: int, seconds: float) -> list[dict[str, object]]:
    """Go on with *name* until it has had *rounds* in all, or for *seconds*; returns all its rows."""
    rows = done_before(log, name, seed)
    started = time.monotonic()
    while len(rows) < rounds and time.monotonic() - started < seconds:
        number = len(rows)
        with tempfile.TemporaryDirectory(prefix="soak-") as folder:
            began = time.monotonic()
            told = ROUNDS[name](Path(folder), random.Random(f"{name} {seed} {number}"))  # noqa: S311
        row: dict[str, object] = {
            "name": name,
            "seed": seed,
            "round": number,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "took_s": round(time.monotonic() - began, 1),
            "ok": not told.startswith("FAILED"),
            "told": told,
            "python": platform.python_version(),
        }
        with log.open("ab") as file:
            file.write(json.dumps(row).encode() + b"\n")
        rows.append(row)
    return rows


def main() -> None:
    """Soak, and print a summary."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak")
    parser.add_argument("name", choices=sorted(ROUNDS))
    parser.add_argument("--rounds", type=int, default=1_000, help="in all, with earlier sittings")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="of this sitting")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, default=LOG)
    options = parser.parse_args()
    rows = soak(options.name, options.log, seed=options.seed, rounds=options.rounds, seconds=options.seconds)
    failed = [row for row in rows if not row["ok"]]
    print(f"{options.name}: {len(rows)} rounds (seed {options.seed}), {len(failed)} failed")
    for row in failed[:20]:
        print(f"  round {row['round']}: {row['told']}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
