"""`python -m benchmarks.sieves --rounds N --seed S`: the compiled core against peeling in earnest.

Each value is made up: layers around a canary, or around nothing, and perhaps damaged: bytes flipped, cut,
doubled, put in. Where peeling finds a canary, a gap or something opaque, the core must not say that nothing
is there. How often it says what is counted, too.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from random import Random

from hometruth.audit.examine import examine
from hometruth.canaries import Search, compile_search
from hometruth.model import Canary, CanaryKind, Exchange, Source
from hometruth.peel import LAYERS
from hometruth.peel.parts import roots_of
from hometruth.peel.sieve.core import CompiledSieve, load_core, understands

VALUE = "gk4w8-quarry-cinder-162.example/gravel/50857"
BATCH = 200
"""Values sifted together."""
DEEPEST = 4
"""Layers around a value."""
FEWEST = 0.35
"""Share of values around a canary."""


def search() -> Search:
    """One canary: what is asked is whether values are opened, not how many are looked for."""
    return compile_search((Canary("c", CanaryKind.PAGE, VALUE, 84.0),))


def made(rng: Random) -> bytes:
    """A value: something in layers, perhaps damaged."""
    from tests.peel.wraps import WRAPS  # noqa: PLC0415  # encoders written apart, which tests hold

    data = VALUE.encode() if rng.random() < FEWEST else _filler(rng)
    names = [*WRAPS]
    for _ in range(rng.randint(0, DEEPEST)):
        data = WRAPS[rng.choice(names)](data) or data
    return _damaged(rng, data) if rng.random() < 1 / 2 else data


def _filler(rng: Random) -> bytes:
    kinds = (
        lambda: rng.randbytes(rng.randrange(4, 200)),
        lambda: rng.randbytes(rng.randrange(4, 60)).hex().encode(),
        lambda: b" ".join(
            rng.choice([b"tarimo", b"nekalusi", b"19", b"\xc3\xa4\xe2\x82\xac"]) for _ in range(8)
        ),
        lambda: b'{"a":[1,2,"x"],"b":{"c":null,"d":"%s"}}' % rng.randbytes(9).hex().encode(),
        lambda: b"a=1&b=%d&c=%%7B%%22x%%22%%3A1%%7D" % rng.randrange(1 << 40),
        lambda: b"https://www.tarimo.example/neka/lusi?x=1#y",
        lambda: bytes(
            rng.choice(b'abcXYZ019+/=%&;\\"{}[]<>:,.-_ \n\x00\x80\xff') for _ in range(rng.randrange(4, 80))
        ),
    )
    return rng.choice(kinds)()


def _damaged(rng: Random, data: bytes) -> bytes:
    out = bytearray(data or b"?")
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(out))
        match rng.randrange(5):
            case 0:
                out[at] ^= 1 << rng.randrange(8)
            case 1:
                del out[at : at + rng.randrange(1, 9)]
            case 2:
                out[at:at] = out[at : at + rng.randrange(1, 30)]
            case 3:
                out[at:at] = rng.randbytes(rng.randrange(1, 9))
            case _:
                del out[at:]
        out = out or bytearray(b"?")
    return bytes(out)


def _sent(data: bytes) -> Exchange:
    return Exchange("1", Source("made", 0), "POST", "https", "a.test", 443, b"/", (), data)


def missed(datas: list[bytes], sieve: CompiledSieve, own: Search) -> Iterator[tuple[bytes, str]]:
    """What the core says of each value; and of those in which peeling finds more, what."""
    roots = [[*roots_of(_sent(data))][-1] for data in datas]
    for data, worth in zip(datas, sieve.worth_peeling(roots), strict=True):
        yield data, "look" if worth else "nothing"
        if worth:
            continue
        examined = examine(_sent(data), own)
        if examined.sightings:
            yield data, "missed: a canary"
        elif examined.gaps:
            yield data, "missed: a gap, or something opaque"


def main() -> int:
    """Exit code 1 if something was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sieves", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000, help=f"batches of {BATCH} values")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    own, library = search(), load_core()
    sought = own.sought()
    if library is None or not understands(sought, LAYERS):
        raise SystemExit("the compiled core is not built: python -m hometruth.peel.sieve.core")
    sieve = CompiledSieve(library, sought, LAYERS)
    counts: Counter[str] = Counter()
    for number in range(given.rounds):
        rng = Random(given.seed * 1_000_003 + number)
        for data, what in missed([made(rng) for _ in range(BATCH)], sieve, own):
            counts[what] += 1
            if what.startswith("missed"):
                print(f"round {number}: {what}: {data!r}"[:600], flush=True)
    print(dict(counts))
    return any(what.startswith("missed") for what in counts)


if __name__ == "__main__":
    sys.exit(main())
