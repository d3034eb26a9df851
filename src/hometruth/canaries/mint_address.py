"""Mints whole addresses for the test of opaque flows: random host, and a path of random length.

The length of each path is a secret of its own (a barcode). The host holds an ordinary minted value as its
last own label, so that an address that can be read after all is found like any other canary.
"""

import secrets
from math import log2
from random import Random

from hometruth.canaries.mint import ALPHABET, RANDOM_BITS, mint
from hometruth.model import Canary, CanaryKind

SITE = "canary.example"
"""Domain of the canaries' own sites: a reserved name (RFC 2606), so that no real site is ever visited."""
SHORTEST_HOST, LONGEST_HOST = 50, 150
"""Characters before the site's domain, dots included, drawn uniformly."""
LONGEST_LABEL = 50
"""Characters; the DNS allows 63."""
SHORTEST_PATH, LONGEST_PATH = 16, 3000
"""Characters after the slash, drawn uniformly; where a plan asks for longer ones, both are as much larger."""
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def mint_address(
    *,
    cell: str,
    path_length: int | None = None,
    shortest_path: int = SHORTEST_PATH,
    repeated: bool = False,
    rng: Random | None = None,
) -> Canary:
    """A fresh address below `SITE`.

    Args:
        cell: Id of the trial it is minted for.
        path_length: Characters of the path; drawn if not given (the other half of a pair has drawn it).
        shortest_path: The least that is drawn.
        repeated: One random character all along the path instead of random ones.
        rng: Source of randomness for tests; the operating system's by default.
    """
    source = secrets.SystemRandom() if rng is None else rng
    named = mint(CanaryKind.PAGE, cell=cell, rng=source)
    labels = _labels(source.randint(SHORTEST_HOST, LONGEST_HOST) - len(named.value) - 1, source)
    host = ".".join((*labels, named.value, SITE))
    length = path_length
    if length is None:
        length = source.randint(shortest_path, shortest_path + LONGEST_PATH - SHORTEST_PATH)
    path = source.choice(BASE62) * length if repeated else "".join(source.choices(BASE62, k=length))
    random_characters = 1 if repeated else length
    return Canary(
        id=named.id,
        kind=named.kind,
        value=named.value,
        bits=named.bits,
        cell=cell,
        address=f"https://{host}/{path}",
        path_length=length,
        address_bits=RANDOM_BITS
        + log2(len(ALPHABET)) * sum(map(len, labels))
        + log2(len(BASE62)) * random_characters,
    )


def _labels(room: int, source: Random) -> list[str]:
    """Labels of random characters that fill *room* with the dots between them."""
    labels = []
    while room > 0:
        size = min(room, LONGEST_LABEL)
        if room - size == 1:  # one character would be left, and it would be the dot
            size -= 1
        labels.append("".join(source.choices(ALPHABET, k=size)))
        room -= size + 1
    return labels
