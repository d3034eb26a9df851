"""Many byte strings in one array: what numpy does to all of them at once costs next to nothing for each."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Index = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Flat(NamedTuple):
    """Strings one after the other, a zero byte after each, or more."""

    data: bytes
    buffer: Bytes
    """The same bytes."""
    starts: Index
    ends: Index

    @property
    def lengths(self) -> Index:
        """Bytes of each string."""
        return self.ends - self.starts

    def holders(self, places: Index) -> Index:
        """The string that each place is in; what stands between two strings belongs to the first."""
        return np.searchsorted(self.starts, places, "right") - 1

    def holding(self, places: Index) -> Index:
        """The strings that these places are in, what stands between them left out."""
        rows = self.holders(places)
        result: Index = rows[(rows >= 0) & (places < self.ends[rows])]
        return result

    def only(self, rows: Index) -> "Flat":
        """Some of the strings, in the same array."""
        return Flat(self.data, self.buffer, self.starts[rows], self.ends[rows])

    def packed(self) -> "Flat":
        """The same strings in an array of their own, if this one is mostly of others."""
        return self if 2 * self.lengths.sum() > len(self.buffer) else flat_of(self.some(slice(None)))

    def one(self, row: int) -> bytes:
        """One of the strings."""
        return self.data[self.starts[row] : self.ends[row]]

    def some(self, rows: Index | slice) -> list[bytes]:
        """Some of the strings, each on its own."""
        data = self.data
        ends = self.ends[rows].tolist()
        return [data[start:end] for start, end in zip(self.starts[rows].tolist(), ends, strict=True)]


def flat_of(strings: Sequence[bytes]) -> Flat:
    """Strings laid out one after the other."""
    data = b"\0".join(strings) + b"\0"
    lengths = np.fromiter(map(len, strings), np.int64, len(strings))
    ends = np.cumsum(lengths + 1) - 1
    return Flat(data, np.frombuffer(data, np.uint8), ends - lengths, ends)


def joined(flats: Sequence[Flat]) -> Flat:
    """The strings of all of them in one array, in their order."""
    if len(flats) == 1:
        return flats[0]
    data = b"".join(flat.data for flat in flats)
    before = np.cumsum([0, *(len(flat.data) for flat in flats)])[:-1].tolist()
    starts, ends = (
        np.concatenate([part + at for part, at in zip(parts, before, strict=True)])
        for parts in ([flat.starts for flat in flats], [flat.ends for flat in flats])
    )
    return Flat(data, np.frombuffer(data, np.uint8), starts, ends)


def any_of(flags: NDArray[Any], starts: Index, ends: Index) -> NDArray[Any]:
    """The bitwise or of the flags of each stretch; no stretch may be empty, or reach the end of the array."""
    if not len(starts):
        return flags[:0]
    edges = np.empty(2 * len(starts), np.int64)
    edges[0::2], edges[1::2] = starts, ends
    result: NDArray[Any] = np.bitwise_or.reduceat(flags, edges)[0::2]
    return result


def runs(inside: Mask) -> tuple[Index, Index]:
    """Starts and ends of the stretches that are True; the last element must be False."""
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    if inside[0]:
        edges = np.concatenate([np.zeros(1, np.int64), edges])
    return edges[0::2], edges[1::2]


def table(classes: Sequence[tuple[bytes, int]], *, other: int = 0) -> bytes:
    """A table for `bytes.translate`: the flags of every byte."""
    flags = [0] * 256
    for members, flag in classes:
        for byte in members:
            flags[byte] |= flag
    return bytes(flag or other for flag in flags)
