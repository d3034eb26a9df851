"""Finds quickly which of many strings may hold a canary in any form; what they really hold, `Search` says.

Never less than the search finds: needles and images are looked for without regard to case and across places,
digests by their first three bytes before they are looked up.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np
from ahocorasick_rs import BytesAhoCorasick
from numpy.typing import NDArray

from hometruth.canaries.digests import OWNER_BITS, PREFIX, DigestTable
from hometruth.canaries.disguises import Disguises, may_be_masked
from hometruth.canaries.letters import row_places
from hometruth.canaries.pieces import Neighbours, Place, Words, fits, may_be_piece
from hometruth.canaries.salts import SALT_NAMES

SHORTEST_PACKED = 4
"""Bytes of a number of six digits, and of what says so, in protobuf or MessagePack."""
_LONG = (1 << 64) - 1
_HEX = b"0123456789abcdefABCDEF"
_SHORT_HEX = re.compile(rb"(?:0[xX])?([0-9a-fA-F]{7,8})")
_NIBBLE = bytes(int(chr(byte), 16) if byte in _HEX else 0xFF for byte in range(256))
_PREFIXED = 6
"""Hexadecimal digits, or twice the bytes, of a digest that the bitmap knows."""


class Strings(Protocol):
    """Strings one after the other, a zero byte after each."""

    @property
    def data(self) -> bytes:
        """All of them."""

    @property
    def buffer(self) -> NDArray[np.uint8]:
        """The same bytes."""

    def holders(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The string that each place is in."""

    def holding(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The strings that these places are in."""


class Prefilter:
    """A set of canaries, compiled for `find` and the two that look at single words."""

    def __init__(
        self,
        needles: Iterable[bytes],
        windows: Mapping[bytes, Neighbours],
        words: Mapping[bytes, Sequence[Place]],
        common: Words,
        digests: DigestTable,
        disguises: Disguises,
    ) -> None:
        patterns = {needle.lower() for needle in needles} | SALT_NAMES
        self._disguises = disguises
        patterns.update(pattern.lower() for pattern in self._disguises.unkeyed)
        neighbours = {window: each for window, each in windows.items() if window not in patterns}
        patterns.update(neighbours)
        self.least_bytes = min([SHORTEST_PACKED, *map(len, patterns - SALT_NAMES)])
        """Bytes of the shortest thing in which something may be."""
        listed = sorted(patterns)
        self._patterns = BytesAhoCorasick(listed)
        self._neighbours: dict[int, tuple[set[bytes] | None, set[bytes]]] = {
            number: neighbours[each] for number, each in enumerate(listed) if each in neighbours
        }
        self._neighbours |= {
            number: (None, set()) for number, each in enumerate(listed) if each in SALT_NAMES
        }
        self._words = {
            number: (each, words[each])
            for number, each in enumerate(listed)
            if each in words and each in neighbours
        }
        self.common = common
        """Words that stand in so many parts that these are not worth a closer look."""
        self._digests = digests
        self._bitmap = np.zeros(1 << 24, bool)
        self._prefixes = np.asarray(digests.prefixes.sorted, np.uint64) >> np.uint64(OWNER_BITS)
        self._bitmap[(self._prefixes >> np.uint64(40 - OWNER_BITS)).astype(np.int64)] = True

    def find(self, strings: Strings) -> tuple[NDArray[np.int64], list[tuple[int, bytes]]]:
        """Numbers of the strings that may hold something, some of them more than once; and of those that hold
        a word, each with it: a window of what people chose, which may stand anywhere."""
        text = strings.data.lower()
        places: list[int] = []
        words: list[tuple[int, int]] = []
        for pattern, start, end in self._patterns.find_matches_as_indexes(text, overlapping=True):
            if pattern in self._neighbours and not fits(text, start, end, *self._neighbours[pattern]):
                continue
            if pattern in self._words:
                if may_be_piece(text, start, end, self._words[pattern][1]):
                    words.append((start, pattern))
            else:
                places.append(start)
        places += (start for start, _, _, _ in self._disguises.find_fitted(strings.data))
        places += row_places(strings.data)
        holders = strings.holders(np.asarray([start for start, _ in words], np.int64)).tolist()
        held = {(row, self._words[pattern][0]) for row, (_, pattern) in zip(holders, words, strict=True)}
        return strings.holders(np.asarray(places, np.int64)), sorted(held)

    def find_raw_digests(self, strings: Strings) -> NDArray[np.int64]:
        """The same for digests as bytes; for strings that are no text."""
        bytes_ = strings.buffer.astype(np.int32)
        if len(bytes_) < PREFIX:
            return np.zeros(0, np.int64)
        threes = bytes_[:-2] << 16 | bytes_[1:-1] << 8 | bytes_[2:]
        places = np.flatnonzero(self._bitmap[threes])
        places = places[places <= len(bytes_) - PREFIX]
        return strings.holding(places[self._are_prefixes(_numbers(strings.buffer, places, PREFIX, 8))])

    def is_masked(self, data: bytes) -> bool:
        """True for bytes that nothing opens, and in which something shows through a mask."""
        return may_be_masked(data) and any(True for _ in self._disguises.find_masks(data))

    def is_short_digest(self, data: bytes) -> bool:
        """True for the four bytes of a 32-bit digest."""
        return len(data) == SHORTEST_PACKED and int.from_bytes(data) in self._digests.short

    def suspect_words(self, words: Sequence[bytes]) -> set[int]:
        """Numbers of those of some words of letters and digits that may be a digest written in digits."""
        decimal = [(n, int(word)) for n, word in enumerate(words) if len(word) <= 20 and word.isdigit()]
        short = self._digests.short
        found = {n for n, number in decimal if number in short or -number & 0xFFFFFFFF in short}
        found |= self._long_numbers([(n, number) for n, number in decimal if number >> 32])
        hexadecimal = [(n, word) for n, word in enumerate(words) if not word.translate(None, _HEX + b"xX")]
        found |= {
            n
            for n, word in hexadecimal
            if (match := _SHORT_HEX.fullmatch(word)) and int(match[1], 16) in short
        }
        return found | self._with_prefixes([(n, word) for n, word in hexadecimal if len(word) >= 2 * PREFIX])

    def _long_numbers(self, numbers: Sequence[tuple[int, int]]) -> set[int]:
        """Numbers of 64 bits, of either sign, that a digest begins with."""
        return {
            n
            for n, number in numbers
            for spelt in (number & _LONG, -number & _LONG)
            if self._bitmap[spelt >> 40] and spelt >> OWNER_BITS in self._digests.prefixes
        }

    def _with_prefixes(self, words: Sequence[tuple[int, bytes]]) -> set[int]:
        """Hexadecimal words with the beginning of a digest in them, at any place."""
        if not words:
            return set()
        data = b"x".join(word for _, word in words)
        starts = np.cumsum([0, *(len(word) + 1 for _, word in words[:-1])])
        digits = np.frombuffer(data.translate(_NIBBLE), np.uint8).astype(np.int32)
        size = len(digits) - _PREFIXED + 1
        first = digits[:size].copy()
        for place in range(1, _PREFIXED):
            first <<= 4
            first |= digits[place : size + place]
        likely = np.flatnonzero(self._bitmap[first & 0xFFFFFF])
        likely = likely[likely <= len(digits) - 2 * PREFIX]
        hits = likely[self._are_prefixes(_numbers(digits, likely, 2 * PREFIX, 4))]
        hits = hits[[b"x" not in data[at : at + 2 * PREFIX].lower() for at in hits.tolist()]]
        return {words[row][0] for row in (np.searchsorted(starts, hits, "right") - 1).tolist()}

    def _are_prefixes(self, numbers: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """True for each number that begins as the first eight bytes of a digest do."""
        if not len(self._prefixes):
            return np.zeros(len(numbers), np.bool_)
        numbers = numbers >> np.uint64(OWNER_BITS)
        at = np.searchsorted(self._prefixes, numbers)
        known: NDArray[np.bool_] = self._prefixes[np.minimum(at, len(self._prefixes) - 1)] == numbers
        return known


def _numbers(
    digits: NDArray[np.uint8] | NDArray[np.int32], places: NDArray[np.int64], n: int, bits: int
) -> NDArray[np.uint64]:
    """The numbers that *n* digits of so many *bits* are from each of the places on."""
    numbers = np.zeros(len(places), np.uint64)
    for place in range(n):
        numbers <<= np.uint64(bits)
        numbers |= digits[places + place].astype(np.uint64)
    return numbers
