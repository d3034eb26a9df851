"""Nothing is found in real recordings that was never put there: canaries of every kind, and phantoms."""

import random
from pathlib import Path

import pytest

from hometruth.audit.examine import examine
from hometruth.canaries import Across, compile_search, mint
from hometruth.capture import read_capture
from hometruth.errors import CaptureError
from hometruth.model import Canary, CanaryKind, Gap, Sighting
from hometruth.peel import Memo
from hometruth.recipients import receiver_of

SUFFIXES = (".har", ".mitm", ".har.gz")


def canaries() -> list[Canary]:
    rng = random.Random(6)
    known = [
        f"anna.{rng.getrandbits(40):x}+news@gmail.com",
        f"+49 170 {rng.randrange(10**6, 10**7)}",
        f"{rng.randrange(10**14, 10**15)}",
        ":".join(f"{rng.randrange(256):02x}" for _ in range(6)),
        f"{rng.getrandbits(64):016x}",
        f"https://secret-{rng.getrandbits(40):x}.example/health?q=lump",
        f"Zwölf Boxkämpfer {rng.randrange(10**5)}",
    ]
    return [Canary(value, CanaryKind.KNOWN, value, 60.0) for value in known]


@pytest.mark.shared
def test_no_canary_is_found_in_recordings_that_hold_none(shared: Path) -> None:
    search = compile_search(
        [*canaries(), *(mint("page") for _ in range(20)), *(mint("page", phantom=True) for _ in range(1000))]
    )
    memo = Memo()
    found: list[Sighting] = []
    across = Across(receiver_of)
    n_exchanges = 0
    for path in sorted((shared / "captures").rglob("*")):
        if not path.name.endswith(SUFFIXES):
            continue
        try:
            for item in read_capture(path):
                if not isinstance(item, Gap):
                    n_exchanges += 1
                    examined = examine(item, search, memo=memo)
                    found += examined.sightings
                    across.add(examined.parts, examined.n_values)
        except CaptureError:
            continue

    assert n_exchanges > 1000
    assert found == []
    assert across.sightings() == []
