"""Values of which layers are asked together whether they may open them."""

import re
from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hometruth.peel.many import kinds
from hometruth.peel.many.flat import Bytes, Flat, Index, Mask

_FLAGS = np.asarray(kinds.FLAGS, np.uint32)
_PADDING = 16
"""Bytes that may be read beyond the last value."""


def flags_of(strings: Flat) -> NDArray[np.uint32]:
    """The kinds of every byte."""
    return _FLAGS[strings.buffer]


class Batch:
    """Values that are all text, or none of which is; none of them empty."""

    def __init__(self, strings: Flat, kinds_of_each: NDArray[np.uint32], *, is_text: bool) -> None:
        self.strings = strings
        self.is_text = is_text
        self._kinds = kinds_of_each

    def __len__(self) -> int:
        return len(self.strings.starts)

    def only(self, rows: Index) -> "Batch":
        """Some of them."""
        return Batch(self.strings.only(rows), self._kinds[rows], is_text=self.is_text)

    @cached_property
    def lengths(self) -> Index:
        """Bytes of each."""
        return self.strings.lengths

    @cached_property
    def first(self) -> Bytes:
        """The first byte of each."""
        return self.strings.buffer[self.strings.starts]

    @cached_property
    def numbers(self) -> NDArray[np.int32]:
        """All bytes, so wide that they can be calculated with, and some zeros after the last."""
        return np.concatenate([self.strings.buffer, np.zeros(_PADDING, np.uint8)]).astype(np.int32)

    @cached_property
    def head(self) -> list[NDArray[np.int32]]:
        """The first five bytes of each; of shorter ones, what follows."""
        starts = self.strings.starts
        buffer = self.strings.buffer
        return [buffer[np.minimum(starts + place, len(buffer) - 1)].astype(np.int32) for place in range(5)]

    @cached_property
    def utf8(self) -> Mask:
        """True for text but for control characters."""
        return np.ones(len(self), bool) if self.is_text else utf8(self.strings)

    def none(self) -> Mask:
        """False for each."""
        return np.zeros(len(self), bool)

    def with_any(self, flags: int) -> Mask:
        """True for those with a character of any of these kinds."""
        result: Mask = (self._kinds & flags) != 0
        return result

    def without(self, flags: int) -> Mask:
        """True for those with no character of these kinds."""
        result: Mask = (self._kinds & flags) == 0
        return result

    def beginning(self, *prefixes: bytes) -> Mask:
        """True for those that begin with one of these."""
        buffer, starts, lengths = self.strings.buffer, self.strings.starts, self.lengths
        found = self.none()
        for prefix in prefixes:
            rows = np.flatnonzero((self.first == prefix[0]) & (lengths >= len(prefix)))
            for place, byte in enumerate(prefix[1:], 1):
                rows = rows[buffer[starts[rows] + place] == byte]
            found[rows] = True
        return found

    def holding(self, *needles: bytes) -> Mask:
        """True for those that hold one of these."""
        found = self.none()
        data = self.strings.data
        for needle in needles:
            places = []
            at = data.find(needle)
            while at >= 0:
                places.append(at)
                at = data.find(needle, at + 1)
            found[self.strings.holding(np.asarray(places, np.int64))] = True
        return found

    def with_match(self, pattern: re.Pattern[bytes]) -> Mask:
        """True for those in which *pattern* is found."""
        places = np.asarray([match.start() for match in pattern.finditer(self.strings.data)], np.int64)
        found = self.none()
        found[self.strings.holding(places)] = True
        return found

    def matching(self, pattern: re.Pattern[bytes], where: Mask) -> Mask:
        """True for those, among *where*, that begin as *pattern* says."""
        return self._told(pattern.match, where)

    def fully_matching(self, pattern: re.Pattern[bytes], where: Mask) -> Mask:
        """True for those, among *where*, that are as *pattern* says from end to end."""
        return self._told(pattern.fullmatch, where)

    def _told(self, test: Callable[[bytes], object], where: Mask) -> Mask:
        found = self.none()
        one = self.strings.one
        for row in np.flatnonzero(where).tolist():
            found[row] = bool(test(one(row)))
        return found

    @cached_property
    def escaped(self) -> Mask:
        """True for those with a percent sign and two hexadecimal digits."""
        buffer = self.strings.buffer
        places = np.flatnonzero(buffer[:-2] == 0x25)
        places = places[_IS_HEX[buffer[places + 1]] & _IS_HEX[buffer[places + 2]]]
        found = self.none()
        found[self.strings.holding(places)] = True
        return found


_IS_HEX = np.isin(np.arange(256), list(b"0123456789abcdefABCDEF"))


def utf8(blobs: Flat) -> Mask:
    """Text but for control characters: frames of text protocols, and LZ-string as JavaScript has it."""
    kinds = _UTF8[blobs.buffer]
    wrong = kinds == _NEVER
    wrong[1:] |= (kinds[1:] == _GOES_BEYOND) & (kinds[:-1] == _ASCII)
    wrong[:-1] |= (kinds[:-1] == _LEADS) & (kinds[1:] != _GOES_BEYOND)
    result: Mask = ~np.logical_or.reduceat(wrong, edges_of(blobs))[0::2]
    return result


_ASCII, _GOES_BEYOND, _LEADS, _NEVER = range(4)
_UTF8 = np.repeat(np.array([_ASCII, _GOES_BEYOND, _NEVER, _LEADS, _NEVER]), [0x80, 0x40, 2, 0x33, 0x0B])


def edges_of(blobs: Flat) -> Index:
    """Starts and ends in turn, as `reduceat` wants them."""
    edges = np.empty(2 * len(blobs.starts), np.int64)
    edges[0::2], edges[1::2] = blobs.starts, blobs.ends
    return edges
