"""The first bytes of many digests, each with the number of its owner: millions of them in a sorted array."""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Sequence

from hometruth.errors import is_installed

PREFIX = 8
"""Bytes of a digest that are matched at least."""
MANY = 50_000
"""Prefixes from which on numpy sorts them; to import it takes as long as Python takes to sort so many."""
_BITMAP_BITS = 24


class PrefixIndex:
    """Looked up by the eight bytes."""

    def __init__(self, prefixes: Sequence[bytes], owners: Sequence[int]) -> None:
        """Each prefix with its owner's number, at the same place."""
        sort = _sorted_many if len(prefixes) >= MANY and is_installed("numpy") else _sorted_few
        self.sorted, self._owners = sort(prefixes, owners)
        """In order; one of several owners stands here several times."""
        self._bitmap = bytearray(1 << _BITMAP_BITS - 3)
        """A bit for the first three bytes of each: most of what is looked up begins like none."""
        for first in {prefix >> 8 * PREFIX - _BITMAP_BITS for prefix in self.sorted}:
            self._bitmap[first >> 3] |= 1 << (first & 7)

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
            numbers.append(self._owners[at])
            at += 1
        return numbers


class NumberIndex:
    """The same for numbers of 32 bits."""

    def __init__(self, numbers: "array[int]", owners: "array[int]") -> None:
        """Each number with that of its owner, at the same place."""
        together = array("Q", (number << 32 | owner for number, owner in zip(numbers, owners, strict=True)))
        self._sorted = array("Q", sorted(set(together)))
        self._bitmap = bytearray(1 << _BITMAP_BITS - 3)
        for each in self._sorted:
            self._bitmap[each >> 43] |= 1 << (each >> 40 & 7)

    def __contains__(self, number: int) -> bool:
        if not 0 <= number < 1 << 32 or not self._bitmap[number >> 11] >> (number >> 8 & 7) & 1:
            return False
        at = bisect_left(self._sorted, number << 32)
        return at < len(self._sorted) and self._sorted[at] >> 32 == number

    def owners(self, number: int) -> list[int]:
        """Numbers of those that a number belongs to, each once."""
        if number not in self:
            return []
        first = bisect_left(self._sorted, number << 32)
        after = bisect_left(self._sorted, number + 1 << 32)
        return [each & 0xFFFFFFFF for each in self._sorted[first:after]]


_Sorted = tuple["array[int]", "array[int]"]


def _sorted_few(prefixes: Sequence[bytes], owners: Sequence[int]) -> _Sorted:
    # As bytes: the eight of the prefix, then the owner's number, sort in the order wanted.
    ordered = sorted(
        [prefix + owner.to_bytes(PREFIX) for prefix, owner in zip(prefixes, owners, strict=True)]
    )
    together = array("Q", b"".join(ordered))
    if sys.byteorder == "little":
        together.byteswap()
    return together[::2], array("I", together[1::2])


def _sorted_many(prefixes: Sequence[bytes], owners: Sequence[int]) -> _Sorted:
    import numpy as np  # noqa: PLC0415

    numbers = np.frombuffer(b"".join(prefixes), ">u8").astype(np.uint64)
    order = np.argsort(numbers, kind="stable")
    return (
        array("Q", numbers[order].tobytes()),
        array("I", np.asarray(owners, np.uint32)[order].tobytes()),
    )
