"""`python -m benchmarks.fleet`: a fleet beside plain scans, killed workers, and a run that goes on.

Makes a crawl of small recordings, one in a hundred damaged, one hostile. Scans it as two processes of
`hometruth scan` would, half each, and with `hometruth fleet --jobs 2`; both warm, in turns. Then again with
workers killed at random, the fleet itself killed half-way, and run again. Prints CPU seconds, the ratio, and
whether the findings are the same and nothing was done twice.
"""

import argparse
import base64
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.measure import measure

HOMETRUTH = [sys.executable, "-m", "hometruth"]
VALUES = ("h7k2m9q4w8z3x5c1v6b2t", "j4p8r2n6d9f3g7s1k5w0y")
ENTRIES = 12
PADDING = 40
"""Words of a body, at most."""
DAMAGED, HOSTILE = 50, 51
"""Of a hundred recordings, which is cut, and which holds 5,000 brackets and a host with a turn of writing."""
PAUSE_S = 3.0
"""Between two kills, at most."""


def entry(rng: random.Random, number: int, told: str) -> dict[str, object]:
    """One request of a page to a tracker."""
    body = {
        "event": rng.choice(("view", "click", "ping")),
        "n": rng.random(),
        "page": base64.b64encode(told.encode()).decode(),
        "log": " ".join(
            rng.choice(("battery", "wifi", "screen", "ok")) for _ in range(rng.randrange(PADDING))
        ),
    }
    return {
        "startedDateTime": "2026-01-01T00:00:00Z",
        "request": {
            "method": "POST",
            "url": f"https://t{rng.randrange(200)}.tracker{rng.randrange(40)}.example/collect?id={number}",
            "headers": [{"name": "User-Agent", "value": "Mozilla/5.0"}],
            "postData": {"mimeType": "application/json", "text": json.dumps(body)},
        },
        "response": {"status": 200, "headers": [], "content": {"size": 0}},
    }


def make_crawl(folder: Path, n: int, seed: int, entries: int = ENTRIES) -> None:
    """*n* recordings of so many requests, in subfolders of a hundred."""
    rng = random.Random(seed)  # noqa: S311 - repeatable
    for number in range(n):
        told = rng.choice(VALUES) if number % 7 == 0 else "nothing"
        sent = [f"https://{told}.example/" if at == min(3, entries - 1) else "" for at in range(entries)]
        log = {"version": "1.2", "entries": [entry(rng, number, each) for each in sent]}
        text = json.dumps({"log": log})
        if number % 100 == DAMAGED:
            text = text[: len(text) * 2 // 3]
        if number % 100 == HOSTILE:
            text = text.replace('"text": "', f'"text": "{"[" * 5000}', 1)
            text = text.replace("https://t", "https://\u202et", 1)
        place = folder / f"{number // 100:04}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:06}.har").write_text(text)


def scanned(lines: Iterable[str]) -> Counter[tuple[object, ...]]:
    """Findings of `hometruth scan --jsonl`."""
    rows = [json.loads(line) for line in lines]
    return Counter(
        (row["capture"], row["entry"], row["canary"], row["path"], *row["chain"])
        for row in rows
        if "canary" in row
    )


def in_tables(out: Path) -> Counter[tuple[object, ...]]:
    """Findings of a fleet."""
    return Counter(
        (row["capture"], row["entry"], row["canary"], row["path"], *row["chain"])
        for part in sorted((out / "findings").glob("*.parquet"))
        for row in pq.read_table(part).to_pylist()
    )


def fleet(crawl: Path, canaries: Path, out: Path) -> list[str]:
    """The command."""
    words = ["fleet", str(crawl), "--canaries", str(canaries), "--out", str(out), "--jobs", "2", "--quiet"]
    return [*HOMETRUTH, *words]


def ordeal(
    crawl: Path, canaries: Path, out: Path, n_kills: int, rng: random.Random, pause_s: float = PAUSE_S
) -> str:
    """A fleet whose workers are killed at random, that is killed itself, and run again; "" if all was well.

    Whatever is done twice or not at all, or was not said, is told.
    """
    half = sum(1 for _ in crawl.rglob("*.har")) // 2
    before = _under_fire(fleet(crawl, canaries, out), out, n_kills // 2, half, rng, pause_s)
    told = out.with_suffix(".json")
    again = [*fleet(crawl, canaries, out), "--json"]
    _under_fire(again, out, n_kills - n_kills // 2, 2 * half + 1, rng, pause_s, told)
    rows = [
        row["path"] for part in (out / "inputs").glob("*.parquet") for row in pq.read_table(part).to_pylist()
    ]
    skipped = json.loads(told.read_text())["done_before"]
    if len(rows) != len(set(rows)) or skipped != before:
        return f"{len(rows)} rows of {len(set(rows))} inputs; {before} were done, {skipped} were skipped"
    return ""


def _under_fire(
    command: list[str],
    out: Path,
    n_kills: int,
    end_at: int,
    rng: random.Random,
    pause_s: float,
    told: Path = Path(os.devnull),
) -> int:
    """Run a fleet, kill some workers, and the fleet when so many inputs have rows; how many have."""
    with told.open("wb") as file, subprocess.Popen(command, stdout=file) as process:
        kills = 0
        while process.poll() is None:
            time.sleep(rng.uniform(pause_s / 10, pause_s))
            workers = children_of(process.pid)
            if kills < n_kills and workers:
                with suppress(ProcessLookupError):
                    os.kill(rng.choice(workers), signal.SIGKILL)
                    kills += 1
            elif kills == n_kills and done_in(out) >= end_at:
                process.kill()
    if kills < n_kills:
        raise SystemExit(f"it was done after {kills} of {n_kills} kills: give more recordings (--n)")
    return done_in(out)


def done_in(out: Path) -> int:
    """Inputs that have a row."""
    return sum(int(pq.read_metadata(part).num_rows) for part in (out / "inputs").glob("*.parquet"))


def children_of(pid: int) -> list[int]:
    """Worker processes: children of a process that run Python's spawn."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            with suppress(OSError):  # it may have ended
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(child)
    return found


def inputs_in(out: Path) -> list[dict[str, object]]:
    """Rows of inputs."""
    return [row for part in (out / "inputs").glob("*.parquet") for row in pq.read_table(part).to_pylist()]


def _statuses(out: Path) -> str:
    """What became of the inputs."""
    counted = Counter(row["status"] for row in inputs_in(out))
    return ", ".join(f"{n:,} {status}" for status, n in counted.items())


def _peak_mib() -> float:
    """The most memory that a process took, of those that this one waited for and theirs."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=2_000, help="recordings")
    parser.add_argument("--kills", type=int, default=10, help="of workers")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        crawl, canaries = folder / "crawl", folder / "canaries.json"
        make_crawl(crawl, args.n, args.seed)
        canaries.write_text(json.dumps(list(VALUES)))
        n_bytes = sum(path.stat().st_size for path in crawl.rglob("*.har"))
        halves = [sorted(crawl.iterdir())[at::2] for at in (0, 1)]
        began = time.monotonic()
        scans = [
            subprocess.Popen(
                [*HOMETRUTH, "scan", *map(str, half), "--canaries", str(canaries), "--jsonl", "--jobs", "1"],
                stdout=(folder / f"scan-{number}").open("wb"),
                stderr=subprocess.DEVNULL,
            )
            for number, half in enumerate(halves)
        ]
        usages = [os.wait4(scan.pid, 0)[2] for scan in scans]
        scan_s, scan_cpu_s = time.monotonic() - began, sum(each.ru_utime + each.ru_stime for each in usages)
        cost = measure(fleet(crawl, canaries, folder / "plain"), folder / "fleet.out")
        wanted = scanned(line for at in (0, 1) for line in (folder / f"scan-{at}").open())
        print(f"{args.n:,} recordings, {n_bytes / 1e6:.1f} MB, {wanted.total():,} findings")
        print(f"two scans   {scan_cpu_s:7.1f} CPU s  {scan_s:6.1f} s")
        print(f"fleet       {cost.cpu_s:7.1f} CPU s  {cost.wall_s:6.1f} s")
        print(f"efficiency  {scan_s / cost.wall_s:.2f} (wall), {scan_cpu_s / cost.cpu_s:.2f} (CPU)")
        print(f"same findings: {in_tables(folder / 'plain') == wanted}")
        print(f"most memory of a process of either {_peak_mib():.0f} MiB")
        rng = random.Random(args.seed)  # noqa: S311
        fault = ordeal(crawl, canaries, folder / "killed", args.kills, rng)
        same = in_tables(folder / "killed") == wanted
        print(f"{args.kills} workers killed, and the fleet half-way, run again: same findings: {same}")
        print(f"  {fault or 'nothing was done twice'}; {_statuses(folder / 'killed')}")


if __name__ == "__main__":
    main()
