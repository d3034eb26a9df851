"""Which of many byte strings are fields or items up to their end: protobuf, MessagePack, CBOR.

All strings are walked at once, a step each time; most identifiers fail at the first one or two.
"""

import numpy as np
from numpy.typing import NDArray

from hometruth.peel.sieve.flat import Index, Mask

MOST_STEPS = 32
"""Fields or items of one string that are followed."""


class _Cursor:
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


def are_fields(buffer: NDArray[np.int32], starts: Index, ends: Index) -> Mask:
    """Protobuf messages."""
    cursor = _Cursor(starts, ends)
    cursor.keep(ends - starts >= 4)
    while cursor.walks():
        at = cursor.at[cursor.rows]
        tag, width = _varint(buffer, at)
        wire = tag & 7
        good = (tag >> 3 > 0) & (tag >> 3 <= 1 << 16) & (wire < 6) & (width > 0)
        cursor.keep(good)
        at, wire = (at + width)[good], wire[good]
        number, width = _varint(buffer, np.minimum(at, len(buffer) - 8))
        step = np.select([wire == 2, wire == 0, wire == 1, wire == 5], [width + number, width, 8, 4], 0)
        valid = (width > 0) | ((wire != 0) & (wire != 2))
        cursor.at[cursor.rows] = at + step
        cursor.keep(valid)
        cursor.finish()
    return cursor.read


def _varint(buffer: NDArray[np.int32], at: Index) -> tuple[Index, Index]:
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


def are_delimited(buffer: NDArray[np.int32], starts: Index, ends: Index) -> Mask:
    """Several messages, each after its length."""
    cursor = _Cursor(starts, ends)
    while cursor.walks():
        at = cursor.at[cursor.rows]
        length, width = _varint(buffer, at)
        cursor.at[cursor.rows] = at + width + length
        cursor.keep((length > 0) & (width > 0))
        cursor.finish()
    return cursor.read


def are_messagepack(buffer: NDArray[np.int32], starts: Index, ends: Index) -> Mask:
    """MessagePack maps and lists, or what may be."""
    return _items(buffer, starts, ends, _MESSAGEPACK)


def are_cbor(buffer: NDArray[np.int32], starts: Index, ends: Index) -> Mask:
    """CBOR maps, lists and tagged items, or what may be."""
    return _items(buffer, starts, ends, _CBOR)


class _Grammar:
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


def _items(buffer: NDArray[np.int32], starts: Index, ends: Index, grammar: _Grammar) -> Mask:
    cursor = _Cursor(starts, ends)
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


def _messagepack_grammar() -> _Grammar:
    one = _Grammar()
    one.skip[:0x80] = one.skip[0xE0:] = 0
    one.skip[0x80:0xC1] = one.skip[0xC2:0xE0] = 0
    one.items[0x80:0x90] = 2 * np.arange(16)
    one.items[0x90:0xA0] = np.arange(16)
    one.skip[0xA0:0xC0] = np.arange(32)
    for byte, width in {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}.items():
        one.skip[byte] = width
    for byte, width in {0xCA: 4, 0xCB: 8, 0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17}.items():
        one.skip[byte] = width
    for byte, width in {
        0xC4: 1,
        0xC5: 2,
        0xC6: 4,
        0xD9: 1,
        0xDA: 2,
        0xDB: 4,
        0xC7: 1,
        0xC8: 2,
        0xC9: 4,
    }.items():
        one.length_width[byte] = width
    one.skip[0xC7:0xCA] = 1  # the type of an extension
    for byte, width in {0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}.items():
        one.count_width[byte] = width
    one.per_count[0xDE:0xE0] = 2
    one.begins[0x80:0xA0] = one.begins[0xDC:0xE0] = True
    return one


def _cbor_grammar() -> _Grammar:
    one = _Grammar()
    for major in range(8):
        base = major << 5
        for low in range(24):
            byte = base | low
            one.skip[byte] = low if major in {2, 3} else 0
            one.items[byte] = {4: low, 5: 2 * low, 6: 1}.get(major, 0)
        for low in range(24, 28):
            byte, width = base | low, 1 << low - 24
            if major in {2, 3, 4, 5} and width == 8:
                continue  # a length of eight bytes is longer than what is looked at here
            one.skip[byte] = 0
            if major in {2, 3}:
                one.length_width[byte] = width
            elif major in {4, 5}:
                one.count_width[byte] = width
            else:
                one.skip[byte] = width
                one.items[byte] = int(major == 6)
        one.per_count[base : base + 32] = 2 if major == 5 else 1
        if major not in {0, 1, 6}:
            one.free[base | 31] = True
            one.skip[base | 31] = 0
    one.begins[0x80:0xDC] = True
    one.skip[0xFF] = -1
    one.free[0xFF] = False
    return one


_MESSAGEPACK, _CBOR = _messagepack_grammar(), _cbor_grammar()
