"""`python -m benchmarks.many_canaries`: what it takes to look for 100,000 values of each kind in one request.

The request holds one of them, and the SHA-256 of another: both must be found.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from benchmarks.measure import measure

LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
KINDS: dict[str, Callable[[Random], str]] = {
    "minted": lambda rng: "".join(rng.choices(LETTERS, k=21)),
    "e-mail addresses": lambda rng: f"{''.join(rng.choices(LETTERS[:26], k=12))}@example.org",
    "addresses of pages": lambda rng: f"https://news.example.org/a/{''.join(rng.choices(LETTERS, k=12))}",
    "telephone numbers": lambda rng: f"+49170{rng.randrange(10**7, 10**8)}",
}


def values(kind: str, n: int, seed: int) -> list[str]:
    """So many different ones."""
    rng = Random(f"{kind} {seed}")  # noqa: S311
    found: dict[str, None] = {}
    while len(found) < n:
        found[KINDS[kind](rng)] = None
    return list(found)


def main() -> None:
    """One line a kind; exit code 1 unless both were found each time."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_canaries")
    parser.add_argument("--number", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    options = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as name:
        canaries, capture, out = (Path(name) / each for each in ("canaries.json", "capture.har", "out"))
        for kind in options.kinds:
            wanted = values(kind, options.number, options.seed)
            canaries.write_text(json.dumps(wanted))
            seen, digested = wanted[len(wanted) // 3], wanted[len(wanted) // 2]
            fields = {"value": seen, "digest": hashlib.sha256(digested.encode()).hexdigest()}
            body = {"mimeType": "application/json", "text": json.dumps(fields)}
            request = {"method": "POST", "url": "https://t.example/", "headers": [], "postData": body}
            capture.write_text(json.dumps({"log": {"version": "1.2", "entries": [{"request": request}]}}))
            command = (*("-m", "hometruth", "scan", str(capture), "--canaries", str(canaries)), "--jsonl")
            cost = measure((sys.executable, *command), out)
            rows = [json.loads(line) for line in out.read_text().splitlines()]
            found = {(row["canary"], row["path"]) for row in rows if "canary" in row}
            missed |= not found >= {(seen, "value"), (digested, "digest")}
            print(
                f"{len(wanted)} {kind}: {cost.wall_s:.0f} s ({cost.cpu_s:.0f} of CPU), "
                f"{cost.peak_mib:.0f} MiB, {len(found)} found",
                flush=True,
            )
    sys.exit(missed)


if __name__ == "__main__":
    main()
