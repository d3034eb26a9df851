"""Mints canaries: random values that survive case folding and escaping, with a checksum; and whole addresses.

Lower-case letters and digits without look-alikes, so that percent-, JSON- and HTML-escaping leave a value as
it is, and it can be a DNS label, a path segment, a search word or a song title. It begins with a letter that
is no hexadecimal digit, so that no digest or identifier in hex can be taken for one.

Addresses are for the test of opaque flows: random host, and a path of random length, which is a secret of its
own (a barcode). The host holds an ordinary minted value as its last own label, so that an address that can be
read after all is found like any other canary.
"""

import hashlib
import secrets
from math import log2
from random import Random

from hometruth.model import SITE, Canary, CanaryKind

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Digits and letters without i, l, o and u: five bits each."""
FIRST = "ghjkmnpqrstvwxyz"
"""Letters that no hexadecimal number holds: four bits."""
RANDOM_CHARACTERS = 16
"""After the first; 84 random bits in all."""
CHECK_CHARACTERS = 4
"""20 bits: one random text of this shape in a million passes."""
RANDOM_BITS = 4.0 + 5.0 * RANDOM_CHARACTERS

SHORTEST_HOST, LONGEST_HOST = 50, 150
"""Characters before the site's domain, dots included, drawn uniformly."""
LONGEST_LABEL = 50
"""Characters; the DNS allows 63."""
SHORTEST_PATH, LONGEST_PATH = 16, 3000
"""Characters after the slash, drawn uniformly; where a plan asks for longer ones, both are as much larger."""
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def mint(
    kind: CanaryKind | str,
    *,
    cell: str | None = None,
    phantom: bool = False,
    rng: Random | None = None,
) -> Canary:
    """A fresh canary of 21 characters.

    Args:
        kind: What it stands for in the person's life.
        cell: Id of the trial it is minted for.
        phantom: True if it will never be planted.
        rng: Source of randomness for tests; the operating system's by default.
    """
    source = secrets.SystemRandom() if rng is None else rng
    random_part = source.choice(FIRST) + "".join(source.choices(ALPHABET, k=RANDOM_CHARACTERS))
    value = random_part + _checksum(random_part)
    return Canary(
        id=f"c-{value[:8]}", kind=CanaryKind(kind), value=value, bits=RANDOM_BITS, cell=cell, phantom=phantom
    )


def is_minted(text: str) -> bool:
    """True if *text*, whatever its case, has the shape and the checksum of a minted value."""
    value = text.lower()
    if len(value) != 1 + RANDOM_CHARACTERS + CHECK_CHARACTERS or value[0] not in FIRST:
        return False
    if not set(value) <= set(ALPHABET):
        return False
    return value[-CHECK_CHARACTERS:] == _checksum(value[:-CHECK_CHARACTERS])


def _checksum(random_part: str) -> str:
    number = int.from_bytes(hashlib.sha256(b"hometruth canary " + random_part.encode()).digest()[:4])
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(CHECK_CHARACTERS))


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
