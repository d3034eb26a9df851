"""Recordings of every format, cut and with bits flipped: no crash, no hang, and what stands before is read.

An exchange stands before the damage where the next one's address does: its own end must come before that.
"""

import os
import re
import signal
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from types import FrameType

from tests.capture.exports import made

from hometruth.capture import read_capture
from hometruth.errors import CaptureError
from hometruth.model import Exchange

CUTS, FLIPS = 10, 100
"""In one round, of one file."""
SLOWEST_S = 20
"""Seconds that one damaged file may take."""
LARGEST_BYTES = 1 << 20
"""Of a file that is damaged again and again."""
NOT_IN_ORDER = ("Burp", "Fiddler", "OpenWPM", "NetLog")
"""Formats that do not show in plain text where an exchange ends."""


class TooSlow(Exception):
    """A recording is read longer than anybody waits; none of those errors that a reader turns into words."""


def damage_round(_folder: Path, rng: Random) -> str:
    """One recording, `CUTS` times cut and `FLIPS` times with a bit flipped."""
    name = rng.choice(sorted(_recordings()))
    data = _recordings()[name]
    ends = _ends(name, data)
    lost = 0
    for number in range(CUTS + FLIPS):
        at = rng.randrange(len(data))
        hurt = (
            data[:at]
            if number < CUTS
            else data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
        )
        try:
            found = _read(hurt, name)
        except CaptureError:
            found = set()
            lost += 1
        except Exception as err:  # noqa: BLE001 (that is what is looked for)
            return (
                f"FAILED: {name}, {'cut' if number < CUTS else 'flip'} at {at}: {type(err).__name__}: {err}"
            )
        before = {url for url, end in ends if end < at}
        if missing := before - found:
            return f"FAILED: {name}, {'cut' if number < CUTS else 'flip'} at {at}: lost {sorted(missing)[0]}"
    return f"{name}: {CUTS} cuts and {FLIPS} flips, {lost} refused as a whole"


@cache
def _recordings() -> dict[str, bytes]:
    """Small recordings of all formats: made ones, and those of the shared folder, if it is there."""
    found = {f"made {name}": maker() for name, (maker, _) in made.MAKERS.items()}
    found |= {f"made {name}": maker() for name, maker in made.CONTACTS.items()}
    shared = os.environ.get("HOMETRUTH_SHARED")
    for path in sorted(Path(shared, "captures").rglob("*")) if shared else ():
        if path.is_file() and path.stat().st_size <= LARGEST_BYTES:
            data = path.read_bytes()
            try:
                if _read(data, path.name):
                    found[str(path.relative_to(Path(shared or "")))] = data
            except CaptureError:
                continue
    return found


def _read(data: bytes, name: str) -> set[str]:
    """Addresses in a recording.

    Raises:
        TooSlow: If that takes too long.
    """

    def late(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow(f"more than {SLOWEST_S} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SLOWEST_S)
    try:
        return {item.url for item in read_capture(data, name=name) if isinstance(item, Exchange)}
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _ends(name: str, data: bytes) -> list[tuple[str, int]]:
    """Addresses, each with a byte by which its exchange has ended; none where that cannot be told."""
    if name.startswith("made ") and name.split()[1] not in NOT_IN_ORDER and name[5:] in made.MAKERS:
        following = [data.find(host.encode()) for host in made.HOSTS[1:]]
        return [(url, end + 11) for url, end in zip(made.URLS[:2], following, strict=True)]
    if not name.endswith(".har"):
        return []
    found = [item for item in read_capture(data, name=name) if isinstance(item, Exchange)]
    return [*_ends_of_entries(found, data)]


def _ends_of_entries(found: list[Exchange], data: bytes) -> Iterator[tuple[str, int]]:
    at = 0
    for this, following in pairwise(found):
        here, there = (
            re.compile(rb'"url"\s*:\s*"' + re.escape(one.url.encode())) for one in (this, following)
        )
        start = here.search(data, at)
        end = there.search(data, start.end()) if start else None
        if start is None or end is None:
            return
        at = end.start()
        yield this.url, end.end()
