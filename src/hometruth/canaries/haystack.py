"""The values of one exchange as text to be searched: a few megabytes at a time, for a search makes copies."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Protocol

from hometruth.model import Value

SEPARATOR = b"\x00"
"""Stands between values; a match that runs across one is no match, see `Haystack.place`."""
LONGEST = 4 << 20
"""Bytes of one haystack. A value that is longer is cut, and what is cut stands in two haystacks."""


class Values(Protocol):
    """What can be searched: the values of one exchange, and how they hang together."""

    @property
    def values(self) -> Sequence[Value]:
        """Every value, containers before what is inside them."""

    @property
    def parents(self) -> Sequence[int]:
        """Index of the value each was peeled out of, or -1."""

    @property
    def spans(self) -> Sequence[tuple[int, int]]:
        """Bytes of the parent each was made from."""

    @property
    def echoes(self) -> frozenset[int]:
        """Values that are bytes of their parent, unchanged: seeing a canary there again is no news."""

    @property
    def asides(self) -> frozenset[int]:
        """Values that explain a canary only where nothing else does."""


class Haystack(NamedTuple):
    """Some values one after the other, or a part of a long one."""

    text: bytes
    indexes: Sequence[int]
    starts: Sequence[int]
    """Where each begins in the text."""
    skipped: int = 0
    """Bytes of the value that stand before the text, if it is a part of one."""

    def place(self, start: int, end: int) -> tuple[int, int] | None:
        """Index of the value that holds a match, and its offset there; None if it runs across two."""
        at = bisect_right(self.starts, start) - 1
        after = self.starts[at + 1] - len(SEPARATOR) if at + 1 < len(self.starts) else len(self.text)
        return (self.indexes[at], start - self.starts[at] + self.skipped) if end <= after else None


def haystacks(peeled: Values, overlap: int, without: Collection[int] = ()) -> Iterator[Haystack]:
    """All values but echoes and those *without*.

    Args:
        overlap: Bytes of the longest thing looked for, less one.
    """
    indexes: list[int] = []
    datas: list[bytes] = []
    size = 0
    for index, value in enumerate(peeled.values):
        if index in peeled.echoes or index in without:
            continue
        if len(value.data) > LONGEST:
            yield from _parts(index, value.data, overlap)
            continue
        if size + len(value.data) > LONGEST:
            yield _joined(indexes, datas)
            indexes, datas, size = [], [], 0
        indexes.append(index)
        datas.append(value.data)
        size += len(value.data) + len(SEPARATOR)
    yield _joined(indexes, datas)


def _joined(indexes: Sequence[int], datas: Sequence[bytes]) -> Haystack:
    starts = []
    position = 0
    for data in datas:
        starts.append(position)
        position += len(data) + len(SEPARATOR)
    return Haystack(SEPARATOR.join(datas), indexes, starts or [0])


def _parts(index: int, data: bytes, overlap: int) -> Iterator[Haystack]:
    for start in range(0, len(data), LONGEST):
        yield Haystack(data[start : start + LONGEST + overlap], [index], [0], start)
