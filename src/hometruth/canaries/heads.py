"""The first bytes of many digests, each with the number of its owner: millions of them in a sorted array."""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Sequence

HEAD = 8
"""Bytes of a digest that are matched at least."""
MANY = 50_000
"""Heads from which on numpy sorts them; it takes as long to import as Python takes to sort so many."""
_PREFIX_BITS = 24


class Heads:
    """Looked up by the eight bytes."""

    def __init__(self, heads: Sequence[bytes], owners: Sequence[int]) -> None:
        self.heads, self._owners = (_sorted_many if len(heads) >= MANY else _sorted_few)(heads, owners)
        """In order; one of several owners stands here several times."""
        self._prefixes = bytearray(1 << _PREFIX_BITS - 3)
        """A bit for the first three bytes of each: most of what is looked up begins like none."""
        for prefix in {head >> 8 * HEAD - _PREFIX_BITS for head in self.heads}:
            self._prefixes[prefix >> 3] |= 1 << (prefix & 7)

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
            numbers.append(self._owners[at])
            at += 1
        return numbers


_Sorted = tuple["array[int]", "array[int]"]


def _sorted_few(heads: Sequence[bytes], owners: Sequence[int]) -> _Sorted:
    # As bytes: the eight of the head, then the owner's number, sort in the order wanted.
    ordered = sorted([head + owner.to_bytes(HEAD) for head, owner in zip(heads, owners, strict=True)])
    together = array("Q", b"".join(ordered))
    if sys.byteorder == "little":
        together.byteswap()
    return together[::2], array("I", together[1::2])


def _sorted_many(heads: Sequence[bytes], owners: Sequence[int]) -> _Sorted:
    import numpy as np  # noqa: PLC0415

    numbers = np.frombuffer(b"".join(heads), ">u8").astype(np.uint64)
    order = np.argsort(numbers, kind="stable")
    return (
        array("Q", numbers[order].tobytes()),
        array("I", np.asarray(owners, np.uint32)[order].tobytes()),
    )
