"""`python -m benchmarks.damage [READER]`: recordings of every reader, 1,000 times cut, and 10,000 times with
one bit flipped: no crash, no hang, and what stands before the damage is read.

A request stands before the damage where the file, cut there, holds it and one that came later.
"""

import argparse
import bz2
import gzip
import lzma
import os
import signal
import sys
from collections.abc import Callable, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from types import FrameType

import zstandard
from fuzz.seeds import RECORDINGS
from tests.capture.exports import made

from hometruth.capture import READERS, open_capture, read_capture
from hometruth.capture.exports.exchanges import EXCHANGES
from hometruth.errors import DEBUG, CaptureError
from hometruth.model import Exchange

os.environ[DEBUG] = "1"  # a defect is to end a round, and not to become a gap

CUTS, FLIPS = 10, 100
"""In one round, of one file."""
ROUNDS = 100
"""For each reader: 1,000 cuts and 10,000 flips."""
SLOWEST_S = 20
"""Seconds of CPU that one damaged file may take."""
LARGEST_BYTES = 1 << 20
"""Of a file that is damaged again and again."""
PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "zstd": zstandard.compress,
    "xz": lzma.compress,
    "bzip2": lambda data: bz2.compress(data, 1),
}
PREFIXES = 40
"""Lengths of a file at which it is asked what it holds up to there."""


class TooSlow(Exception):
    """A recording is read longer than anybody waits; none of those errors that a reader turns into words."""


Held = tuple[str, str, bytes | None]
"""Method, address and body of a request."""


def damage_round(_folder: Path, rng: Random) -> str:
    """One recording, `CUTS` times cut and `FLIPS` times with a bit flipped."""
    return _damaged(rng.choice(sorted(_recordings())), rng)


def _damaged(name: str, rng: Random) -> str:
    recording = _recordings()[name]
    data = recording.data
    try:
        ends = _ends(name)
    except LostError as err:
        return f"FAILED: {name}: {err}"
    except Exception as err:  # noqa: BLE001 (that is what is looked for)
        return f"FAILED: {name}, cut at one of {PREFIXES} places: {type(err).__name__}: {err}"
    lost = 0
    for number in range(CUTS + FLIPS):
        at = rng.randrange(len(data))
        how = f"{'cut' if number < CUTS else 'flip'} at {at}"
        flipped = data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
        try:
            found = _read(recording, name, data[:at] if number < CUTS else flipped)
        except CaptureError:
            found = set()
            lost += 1
        except Exception as err:  # noqa: BLE001 (that is what is looked for)
            return f"FAILED: {name}, {how}: {type(err).__name__}: {err}"
        missing = _missing({held for held, end in ends.items() if end <= at}, found)
        if missing:
            return f"FAILED: {name}, {how}: lost {missing[0]}"
    return f"{name}: {CUTS} cuts and {FLIPS} flips, {lost} refused as a whole, {len(ends)} requests"


class LostError(Exception):
    """A longer part of a file holds less than a shorter one."""


@dataclass(frozen=True, slots=True)
class _Recording:
    data: bytes
    reader: str
    keys: Path | None = None


@cache
def _recordings() -> dict[str, _Recording]:
    """Small recordings of all formats: made ones, and those of the shared folder, if it is there."""
    found = {f"made {name}": _Recording(maker(), name) for name, (maker, _) in made.MAKERS.items()}
    found |= {f"made {name}": _Recording(maker(), name) for name, maker in made.CONTACTS.items()}
    for name in ("har", "mitmproxy", "parquet"):
        data = RECORDINGS[name]()
        found[f"made {name}"] = _Recording(data, open_capture(data, name=name).format)
    rows = (f'{{"url": "https://a.example/{Random(n).getrandbits(64)}"}}' for n in range(500))  # noqa: S311
    lines = "\n".join(['{"format": "hometruth-exchanges", "version": 1}', *rows, ""]).encode()
    for packing, pack in PACKINGS.items():
        found[f"made lines in {packing}"] = _Recording(pack(lines), EXCHANGES.name)
    shared = os.environ.get("HOMETRUTH_SHARED")
    for path in sorted(Path(shared, "captures").rglob("*")) if shared else ():
        if path.is_file() and path.stat().st_size <= LARGEST_BYTES:
            data = path.read_bytes()
            keys = [
                each for each in path.parent.iterdir() if each.suffix == ".keys" or each.name == "keylog.txt"
            ]
            log = keys[0] if keys and path.suffix.startswith(".pcap") else None
            try:
                reading = open_capture(data, name=path.name, keys=log)
                if any(isinstance(item, Exchange) for item in reading.items):
                    found[str(path.relative_to(Path(shared or "")))] = _Recording(data, reading.format, log)
            except CaptureError:
                continue
    return found


def _read(recording: _Recording, name: str, data: bytes) -> set[Held]:
    """What a recording holds of requests.

    Raises:
        TooSlow: If that takes too long.
    """

    def late(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow(f"more than {SLOWEST_S} s")

    # Of its own time, not of the clock's: where others work, too, a second of that is little.
    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, SLOWEST_S)
    try:
        items = read_capture(data, name=name, keys=recording.keys, responses=False)
        return {(item.method, item.url, item.request_body) for item in items if isinstance(item, Exchange)}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@cache
def _ends(name: str) -> dict[Held, int]:
    """What a recording holds, each with a byte by which its end has been reached.

    Raises:
        LostError: If one is held by a shorter part of the file, and not by a longer one.
    """
    recording = _recordings()[name]
    size = len(recording.data)
    whole = _read(recording, name, recording.data)
    begun: set[Held] = set()
    ends: dict[Held, int] = {}
    for at in [size * part // PREFIXES for part in range(1, PREFIXES)]:
        try:
            found = _read(recording, name, recording.data[:at])
        except CaptureError:
            found = set()
        if gone := _missing(ends.keys(), found):
            raise LostError(f"cut at {at}: lost {gone[0]}")
        if found & whole - begun:
            ends |= dict.fromkeys((begun & found) - ends.keys(), at)
        begun |= found & whole
    return ends


def _missing(held: Set[Held], found: Set[Held]) -> list[Held]:
    """What is not found any more; a body may be longer, by half an answer where nothing else ends it."""
    return [
        (method, url, body)
        for method, url, body in held - found
        if not any(one[:2] == (method, url) and (body or b"") in (one[2] or b"") for one in found)
    ]


def main() -> int:
    """Damage the recordings of each reader, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reader", nargs="?", choices=sorted(reader.name for reader in READERS))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    failed = 0
    for reader in (
        READERS if given.reader is None else [each for each in READERS if each.name == given.reader]
    ):
        rng = Random(f"{given.seed} {reader.name}")  # noqa: S311 - to be had again
        names = [name for name, each in _recordings().items() if each.reader == reader.name]
        rounds = [_damaged(rng.choice(names), rng) for _ in range(given.rounds if names else 0)]
        defects = sorted({told for told in rounds if told.startswith("FAILED")})
        failed += len(defects)
        told = f"{CUTS * len(rounds)} cuts, {FLIPS * len(rounds)} flips, {len(names)} recordings"
        sys.stdout.write("\n".join([f"{reader.name}: {told}, {len(defects)} defects", *defects]) + "\n")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
