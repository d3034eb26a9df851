"""`python -m benchmarks.fleet`: a fleet beside plain scans, killed workers, and a run that goes on.

Makes a crawl of small recordings, one in a hundred damaged, one hostile. Scans it as two processes of
`hometruth scan` would, half each, and with `hometruth fleet --jobs 2`; both warm, in turns. Then again with
workers killed at random, and with a run stopped half-way. Prints CPU seconds, the ratio, and whether the
findings are the same.
"""

import argparse
import base64
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
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
N_KILLS = 10


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


def make_crawl(folder: Path, n: int, seed: int) -> None:
    """*n* recordings in subfolders of a hundred."""
    rng = random.Random(seed)  # noqa: S311 - repeatable
    for number in range(n):
        told = rng.choice(VALUES) if number % 7 == 0 else "nothing"
        entries = [entry(rng, number, f"https://{told}.example/" if at == 3 else "") for at in range(ENTRIES)]
        text = json.dumps({"log": {"version": "1.2", "entries": entries}})
        if number % 100 == DAMAGED:
            text = text[: len(text) * 2 // 3]
        if number % 100 == HOSTILE:
            text = text.replace('"nothing"', f'"{"[" * 5000}"').replace("https://t", "https://\u202et", 1)
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


def killed(crawl: Path, canaries: Path, out: Path, seed: int) -> int:
    """A fleet whose workers are killed at random moments; how many were."""
    rng = random.Random(seed)  # noqa: S311
    process = subprocess.Popen(fleet(crawl, canaries, out))
    kills = 0
    while process.poll() is None:
        time.sleep(rng.uniform(1, 4))
        workers = children_of(process.pid)
        if kills < N_KILLS and workers:
            os.kill(rng.choice(workers), signal.SIGKILL)
            kills += 1
    return kills


def children_of(pid: int) -> list[int]:
    """Worker processes: children of a process that run Python's spawn."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


def stopped_and_resumed(crawl: Path, canaries: Path, out: Path, after_s: float) -> int:
    """A fleet killed as a whole after some time, then run again; how many inputs were done before."""
    process = subprocess.Popen(fleet(crawl, canaries, out))
    time.sleep(after_s)
    process.kill()
    process.wait()
    done = sum(int(pq.read_metadata(part).num_rows) for part in (out / "inputs").glob("*.parquet"))
    subprocess.run(fleet(crawl, canaries, out), check=False)
    return done


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=2_000, help="recordings")
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
        kills = killed(crawl, canaries, folder / "killed", args.seed)
        print(f"{kills} workers killed: same findings: {in_tables(folder / 'killed') == wanted}")
        done = stopped_and_resumed(crawl, canaries, folder / "resumed", cost.wall_s / 2)
        same = in_tables(folder / "resumed") == wanted
        print(f"killed half-way with {done:,} written, run again: same findings: {same}")


if __name__ == "__main__":
    main()
