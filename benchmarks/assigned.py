"""Whether one holder's digests are ever taken for another's: `python -m benchmarks.assigned FOLDER`.

Made-up telephone numbers are looked for, plain and digested, in all recordings of a folder, which hold none
of them; and in a request with as many digested contacts out of the same plans, none of them ours.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from hometruth import HometruthError, read_capture
from hometruth.audit.bench import Bench
from hometruth.audit.scanner import Scanner
from hometruth.canaries import bits_of, weigh
from hometruth.model import DECIDING_BITS, Canary, CanaryKind, Exchange, Gap, Sighting, Source

N_NUMBERS = 10_000
PLANS = {"+49171": 7, "+1212555": 4, "+86138": 8, "+336": 8}
"""Beginnings of numbers of four countries, and the digits drawn after each."""


def made_up(n: int, rng: Random) -> list[str]:
    """So many different numbers."""
    numbers: dict[str, None] = {}
    while len(numbers) < n:
        start, digits = rng.choice(list(PLANS.items()))
        numbers[f"{start}{rng.randrange(10**digits):0{digits}}"] = None
    return list(numbers)


def contacts(n: int, ours: set[str], rng: Random) -> bytes:
    """A body with the digests of other numbers, as apps look up friends: four customs of writing them."""
    theirs = [number for number in made_up(n + len(ours), rng) if number not in ours][:n]
    written = [(number, number[1:], number[3:], f"0{number[3:]}")[rng.randrange(4)] for number in theirs]
    algorithms = ("sha256", "sha1", "md5")
    digests = [
        hashlib.new(algorithms[place % 3], text.encode()).hexdigest() for place, text in enumerate(written)
    ]
    return json.dumps({"contacts": digests}).encode()


def recordings(folder: Path) -> Iterator[Exchange | Gap]:
    """Everything in the files that are recordings; what is none is named."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".har", ".mitm", ".flow", ".gz", ".zst"}:
            try:
                yield from read_capture(path)
            except HometruthError as err:
                print(f"left out: {path.name}: {str(err)[:60]}", file=sys.stderr)


def searched(items: Iterable[Exchange | Gap], bench: Bench) -> tuple[int, list[Sighting]]:
    """Exchanges, and what is found in them."""
    outcomes = [item for item in bench.examine(list(items)) if not isinstance(item, Gap)]
    sightings = [sighting for outcome in outcomes for sighting in outcome.sightings]
    return len(outcomes), list(weigh(sightings, sum(outcome.searched_bytes for outcome in outcomes)))


def main(folder: Path) -> None:
    """Print what is found where nothing is."""
    rng = Random(1)  # noqa: S311
    numbers = made_up(N_NUMBERS, rng)
    canaries = tuple(Canary(each, CanaryKind.KNOWN, each, bits_of(each)) for each in numbers)
    bench = Bench(Scanner(canaries))
    body = contacts(N_NUMBERS, set(numbers), rng)
    made = Exchange("1", Source("made", 0), "POST", "https", "friends.example", 443, b"/find", (), body)
    for what, items in (("recordings", recordings(folder)), ("digested contacts of others", [made])):
        n_exchanges, sightings = searched(items, bench)
        n_deciding = sum(item.evidence_bits >= DECIDING_BITS for item in sightings)
        print(
            f"{what}: {n_exchanges} exchanges, {len(sightings)} found, {n_deciding} of {DECIDING_BITS} bits"
        )
        for item in sightings:
            print(f"  {item.form.name} {item.evidence_bits:.1f} {item.value.part} {item.value.path}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
