"""Stretches of letters and digits, each once, that may be other bytes in disguise."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hometruth.peel.many.flat import Index, Mask

LOW_HEX, UP_HEX, LOW, UP, DIGIT, STANDARD, URL = (1 << n for n in range(7))
"""Kinds of characters in words: a to f and the other small letters, the same of capitals, digits, signs."""
SURELY_HEX = 16
"""Characters: of base64 of anything but chosen bytes one in 4^16 has nothing but hexadecimal digits."""
LONGEST = 1 << 18
"""Characters of a word that is decoded; a longer one is peeled."""
_WORDY = LOW_HEX | LOW | STANDARD | URL
"""Small letters, and the signs between words and the names of a path: of base64 of anything but chosen bytes,
one in a million of 16 characters has nothing else."""


class Words:
    """Different stretches, and the kinds of characters in each."""

    def __init__(self, words: Sequence[bytes], flags: NDArray[np.uint8]) -> None:
        self.words = words
        self._flags = flags

    def __len__(self) -> int:
        return len(self.words)

    def some(self, rows: Index) -> list[bytes]:
        """Some of the words."""
        words = self.words
        return [words[row] for row in rows.tolist()]

    @cached_property
    def lengths(self) -> Index:
        """Characters of each."""
        return np.fromiter(map(len, self.words), np.int64, len(self.words))

    @cached_property
    def hexadecimal(self) -> Mask:
        """True for those of hexadecimal digits."""
        return self._without(LOW | UP | STANDARD | URL)

    @cached_property
    def may_be_numbers(self) -> Mask:
        """True for those with digits and another letter than hexadecimal ones, as in 0x…; no signs."""
        has_both = ((self._flags & DIGIT) != 0) & ((self._flags & np.uint8(LOW | UP)) != 0)
        result: Mask = has_both & ~self.signed & (self.lengths % 2 == 0)
        return result

    @cached_property
    def decimal(self) -> Mask:
        """True for those of decimal digits."""
        return self._without(0xFF & ~DIGIT)

    @cached_property
    def letters(self) -> Mask:
        """True for those of letters alone."""
        return self._without(DIGIT | STANDARD | URL)

    @cached_property
    def signed(self) -> Mask:
        """True for those with a sign."""
        return ~self._without(STANDARD | URL)

    @cached_property
    def of_one_case(self) -> Mask:
        """True for those that have not both small letters and capitals."""
        return self._without(LOW | LOW_HEX) | self._without(UP | UP_HEX)

    @cached_property
    def wordy(self) -> Mask:
        """True for digits; and hexadecimal ones of one case, and small letters, too many to be base64."""
        same = np.isin(self._flags, (DIGIT | LOW_HEX, DIGIT | UP_HEX))
        result: Mask = (self._flags == DIGIT) | (
            (self.lengths >= SURELY_HEX) & (same | self._without(0xFF & ~_WORDY))
        )
        return result

    def _without(self, flags: int) -> Mask:
        result: Mask = (self._flags & np.uint8(flags)) == 0
        return result
