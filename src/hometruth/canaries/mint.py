"""Mints canaries: random values that survive case folding and escaping, with a checksum.

Lower-case letters and digits without look-alikes, so that percent-, JSON- and HTML-escaping leave a value as
it is, and it can be a DNS label, a path segment, a search word or a song title. It begins with a letter that
is no hexadecimal digit, so that no digest or identifier in hex can be taken for one.
"""

import hashlib
import secrets
from random import Random

from hometruth.model import Canary, CanaryKind

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Digits and letters without i, l, o and u: five bits each."""
FIRST = "ghjkmnpqrstvwxyz"
"""Letters that no hexadecimal number holds: four bits."""
RANDOM_CHARACTERS = 16
"""After the first; 84 random bits in all."""
CHECK_CHARACTERS = 4
"""20 bits: one random text of this shape in a million passes."""
RANDOM_BITS = 4.0 + 5.0 * RANDOM_CHARACTERS


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
