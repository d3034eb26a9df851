"""The values of an exchange as text to be searched, a few megabytes at a time: a search makes copies."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Protocol

from hometruth.model import Value

SEPARATOR = b"\x00"
"""Stands between values; a match that runs across one is no match, see `Stretch.place`."""
LONGEST = 4 << 20
"""Bytes of one stretch. A value that is longer is cut, and what is cut stands in two stretches."""


class Values(Protocol):
    """The values of one exchange."""

    @property
    def values(self) -> Sequence[Value]:
        """Every value, containers before what is inside them."""

    @property
    def echoes(self) -> frozenset[int]:
        """Values that are bytes of their parent, unchanged: seeing a canary there again is no news."""


class Stretch(NamedTuple):
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


def stretches(peeled: Values, overlap: int, without: Collection[int] = ()) -> Iterator[Stretch]:
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


def _joined(indexes: Sequence[int], datas: Sequence[bytes]) -> Stretch:
    starts = []
    position = 0
    for data in datas:
        starts.append(position)
        position += len(data) + len(SEPARATOR)
    return Stretch(SEPARATOR.join(datas), indexes, starts or [0])


def _parts(index: int, data: bytes, overlap: int) -> Iterator[Stretch]:
    for start in range(0, len(data), LONGEST):
        yield Stretch(data[start : start + LONGEST + overlap], [index], [0], start)
