"""Which of many byte strings are fields or items up to their end.

All strings are walked at once, a step each time; most identifiers fail at the first one or two.
"""

import numpy as np
from numpy.typing import NDArray

from hometruth.peel.many.flat import Index, Mask

MOST_STEPS = 32
"""Fields or items of one string that are followed."""


class Cursor:
    """Parsers that walk many strings at once: where each is, and which are still at it."""

    def __init__(self, starts: Index, ends: Index) -> None:
        self.at = starts.copy()
        self.ends = ends
        self.rows: Index = np.arange(len(starts))
        """Those still walking."""
        self.read = np.zeros(len(starts), bool)
        """Those that came to their end, or nearly: chance does not get far."""
        self._steps = 0

    def walks(self) -> bool:
        """True if there is another step to do; whoever has come as far as `MOST_STEPS` has made it."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            self.read[self.rows] = True
            return False
        return bool(len(self.rows))

    def keep(self, mask: Mask) -> None:
        """Only those go on."""
        self.rows = self.rows[mask]

    def finish(self) -> None:
        """Those that stand at their end have been read."""
        done = self.at[self.rows] == self.ends[self.rows]
        self.read[self.rows[done]] = True
        self.rows = self.rows[~done & (self.at[self.rows] < self.ends[self.rows])]


class Grammar:
    """What each first byte of an item means: bytes to skip, items that follow, width of a length or count."""

    def __init__(self) -> None:
        self.skip = np.full(256, -1, np.int64)
        self.items = np.zeros(256, np.int64)
        self.length_width = np.zeros(256, np.int64)
        self.count_width = np.zeros(256, np.int64)
        self.per_count = np.ones(256, np.int64)
        self.free = np.zeros(256, bool)
        """Of no length that is said before: whatever has one is looked at."""
        self.begins = np.zeros(256, bool)


def are_items(buffer: NDArray[np.int32], starts: Index, ends: Index, grammar: Grammar) -> Mask:
    """True for items, containers outermost, up to the end, or what may be."""
    cursor = Cursor(starts, ends)
    pending = np.zeros(len(starts), np.int64)
    unsure = np.zeros(len(starts), bool)
    while cursor.walks():
        rows = cursor.rows
        at = cursor.at[rows]
        byte = buffer[at]
        top = pending[rows] == 0
        good = (grammar.skip[byte] >= 0) & (~top | grammar.begins[byte])
        unsure[rows[good & grammar.free[byte]]] = True
        good &= ~grammar.free[byte]
        rows, at, byte, top = rows[good], at[good], byte[good], top[good]
        length = _big_endian(buffer, at + 1, grammar.length_width[byte])
        count = _big_endian(buffer, at + 1, grammar.count_width[byte]) * grammar.per_count[byte]
        step = 1 + grammar.skip[byte] + grammar.length_width[byte] + grammar.count_width[byte] + length
        cursor.at[rows] = at + step
        pending[rows] += grammar.items[byte] + count - np.where(top, 0, 1)
        cursor.rows = rows[pending[rows] <= ends[rows] - cursor.at[rows]]
        cursor.finish()
    unsure[cursor.rows] = True
    result: Mask = (cursor.read & (pending == 0)) | unsure
    return result


def _big_endian(buffer: NDArray[np.int32], at: Index, width: Index) -> Index:
    number = np.zeros(len(at), np.int64)
    for place in range(4):
        byte = buffer[np.minimum(at + place, len(buffer) - 1)].astype(np.int64)
        number = np.where(width > place, number << 8 | byte, number)
    return number


def eight_bytes(buffer: NDArray[np.int32], at: Index) -> NDArray[np.uint64]:
    """The bits of eight bytes, the lowest of the first one first."""
    bits = np.zeros(len(at), np.uint64)
    for place in range(8):
        byte = buffer[np.minimum(at + place, len(buffer) - 1)].astype(np.uint64)
        bits |= byte << np.uint64(8 * place)
    return bits


def varints(buffer: NDArray[np.int32], at: Index) -> tuple[Index, Index]:
    """Numbers, cut to 28 bits, and their widths; a width of 0 where there is none."""
    number = np.zeros(len(at), np.int64)
    width = np.zeros(len(at), np.int64)
    going = np.ones(len(at), bool)
    for place in range(10):
        byte = buffer[np.minimum(at + place, len(buffer) - 1)]
        if place < 4:
            number = np.where(going, number | (byte & 0x7F).astype(np.int64) << 7 * place, number)
        ends = going & (byte < 0x80)
        width[ends] = place + 1
        going &= ~ends
        if not going.any():
            break
    return number, width
