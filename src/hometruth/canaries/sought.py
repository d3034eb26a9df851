"""A set of canaries as plain tables, for a compiled sieve: the same that `Prefilter` searches with numpy."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from hometruth.canaries.digests import DigestTable
from hometruth.canaries.disguises import Disguises, may_be_masked
from hometruth.canaries.pieces import Neighbours, Place
from hometruth.canaries.salts import SALT_NAMES

_AS_IT_STANDS, _WINDOW, _WORD, _SALT = range(4)


class Needles(NamedTuple):
    """Patterns in lower case, each with what may stand beside it."""

    texts: Sequence[bytes]
    kinds: bytes
    """Of each: 0 as it stands, 1 with these neighbours, 2 a word, 3 with what follows."""
    neighbours: bytes
    """Of each: two sets of 256 bits, the bytes that may stand before it and after it."""
    places: Sequence[Sequence[Place]]
    """Of each word: the values that it is of, and where in them."""


class Sought:
    """What is looked for."""

    def __init__(
        self,
        needles: Iterable[bytes],
        windows: Mapping[bytes, Neighbours],
        words: Mapping[bytes, Sequence[Place]],
        digests: DigestTable,
        disguises: Disguises,
    ) -> None:
        whole = {needle.lower() for needle in needles} | {pattern.lower() for pattern in disguises.unkeyed}
        listed = sorted({*whole, *windows} | SALT_NAMES)
        kinds = bytearray()
        neighbours = bytearray()
        places: list[Sequence[Place]] = []
        for text in listed:
            own: Neighbours = (set(), set())
            of_word: Sequence[Place] = ()
            if text in SALT_NAMES:
                kinds.append(_SALT)
            elif text in whole:
                kinds.append(_AS_IT_STANDS)
            else:
                own, of_word = windows[text], words.get(text, ())
                kinds.append(_WORD if of_word else _WINDOW)
            neighbours += b"".join(map(_bits_of, own))
            places.append(of_word)
        self.needles = Needles(listed, bytes(kinds), bytes(neighbours), places)
        self.fitted = disguises.fitted
        """What values look like under XOR, addition and moved letters, whatever the key."""
        self.prefixes, self.prefix_bits = digests.prefixes.sorted, digests.prefixes.bitmap
        self.shorts, self.short_bits = digests.short.sorted, digests.short.bitmap
        self._disguises = disguises

    def is_masked(self, data: bytes) -> bool:
        """True for bytes that nothing opens, and in which something shows through a mask."""
        return may_be_masked(data) and any(True for _ in self._disguises.find_masks(data))


def _bits_of(members: set[bytes]) -> bytes:
    """A bit for each byte that is one of them."""
    return sum(1 << member[0] for member in members if member).to_bytes(32, "little")
