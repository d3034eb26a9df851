"""The first bytes of many digests, each with the number of its owner: millions of them in a sorted array."""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable

HEAD = 8
"""Bytes of a digest that are matched at least."""
_PREFIX_BITS = 24


class Heads:
    """Looked up by the eight bytes."""

    def __init__(self, heads: Iterable[tuple[bytes, int]]) -> None:
        # As bytes: the eight of the head, then the owner's number, sort in the order wanted.
        together = array("Q", b"".join(sorted([head + number.to_bytes(HEAD) for head, number in heads])))
        if sys.byteorder == "little":
            together.byteswap()
        self.heads = together[::2]
        """In order; one of several owners stands here several times."""
        self._numbers = array("I", together[1::2])
        self._prefixes = bytearray(1 << _PREFIX_BITS - 3)
        """A bit for the first three bytes of each: most of what is looked up begins like none."""
        prefixes = self._prefixes
        for head in self.heads:
            prefix = head >> 8 * HEAD - _PREFIX_BITS
            prefixes[prefix >> 3] |= 1 << (prefix & 7)

    def __contains__(self, head: bytes) -> bool:
        return bool(self.owners(head))

    def owners(self, head: bytes) -> list[int]:
        """Numbers of those that a head belongs to, some perhaps twice; none if it is not eight bytes."""
        wanted = int.from_bytes(head)
        prefix = wanted >> 8 * HEAD - _PREFIX_BITS
        if len(head) != HEAD or not self._prefixes[prefix >> 3] >> (prefix & 7) & 1:
            return []
        numbers = []
        at = bisect_left(self.heads, wanted)
        while at < len(self.heads) and self.heads[at] == wanted:
            numbers.append(self._numbers[at])
            at += 1
        return numbers
