"""The first bytes of many digests, each with the number of its owner: millions of them in a sorted array."""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable

PREFIX = 8
"""Bytes of a digest that are matched at least."""
_BITMAP_BITS = 24


class PrefixIndex:
    """Looked up by the eight bytes."""

    def __init__(self, prefixes: Iterable[tuple[bytes, int]]) -> None:
        # As bytes: the eight of the prefix, then the owner's number, sort in the order wanted.
        together = array("Q", b"".join(sorted([head + number.to_bytes(PREFIX) for head, number in prefixes])))
        if sys.byteorder == "little":
            together.byteswap()
        self.sorted = together[::2]
        """In order; one of several owners stands here several times."""
        self._numbers = array("I", together[1::2])
        self._bitmap = bytearray(1 << _BITMAP_BITS - 3)
        """A bit for the first three bytes of each: most of what is looked up begins like none."""
        bitmap = self._bitmap
        for prefix in self.sorted:
            first = prefix >> 8 * PREFIX - _BITMAP_BITS
            bitmap[first >> 3] |= 1 << (first & 7)

    def __contains__(self, prefix: bytes) -> bool:
        return bool(self.owners(prefix))

    def owners(self, prefix: bytes) -> list[int]:
        """Numbers of those that a prefix belongs to, some perhaps twice; none if it is not eight bytes."""
        wanted = int.from_bytes(prefix)
        first = wanted >> 8 * PREFIX - _BITMAP_BITS
        if len(prefix) != PREFIX or not self._bitmap[first >> 3] >> (first & 7) & 1:
            return []
        numbers = []
        at = bisect_left(self.sorted, wanted)
        while at < len(self.sorted) and self.sorted[at] == wanted:
            numbers.append(self._numbers[at])
            at += 1
        return numbers
