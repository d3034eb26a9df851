"""Which short byte strings some binary format might open: the first conditions of each, for all at once.

Each test is one that the format's layer makes too, so that whatever fails it would not be opened. Most
strings of this kind are identifiers: random bytes that fail all of them.
"""

import zlib

import numpy as np
from numpy.typing import NDArray

from hometruth.peel.layers.compression import SHORTEST_GUESS, unbrotli
from hometruth.peel.layers.dns import MOST_QUESTIONS
from hometruth.peel.layers.dns import SHORTEST as SHORTEST_DNS
from hometruth.peel.layers.embedded import BEGINNING
from hometruth.peel.layers.layer import Context
from hometruth.peel.layers.text import SHORTEST_SCRIPT
from hometruth.peel.sieve.flat import Flat, Index, Mask
from hometruth.peel.sieve.lz_ends import bits_of, lz_string_ends

LONGEST = 1024
"""Bytes; longer strings are not worth a test: they are few, and more of them pass."""
MOST_STEPS = 32
"""Fields or items of one string that are followed."""
_LITTLE = Context(room_bytes=1 << 12)
"""What is enough to see that something opens."""


def may_open(blobs: Flat) -> Mask:
    """True for strings, none of them text or longer than `LONGEST`, that a layer may open."""
    buffer = np.concatenate([blobs.buffer, np.zeros(8, np.uint8)]).astype(np.int32)
    starts, lengths = blobs.starts, blobs.lengths
    first = [buffer[starts + place] for place in range(5)]
    found = _magic(first) | _snappy(first, lengths, buffer, starts) | _lz4(buffer, starts, lengths, first)
    found |= (
        _grpc(first)
        | _one_script(blobs)
        | _wide_text(blobs)
        | _is_utf8(blobs)
        | _dns(buffer, starts, lengths)
    )
    found[blobs.holders(_embedded(blobs))] = True
    for parse in (_protobuf, _delimited, _messagepack, _cbor):
        rows = np.flatnonzero(~found)
        found[rows] |= parse(buffer, starts[rows], blobs.ends[rows])
    for row in np.flatnonzero(~found & _may_deflate(first, lengths)).tolist():
        found[row] = _inflates(blobs.data[blobs.starts[row] : blobs.ends[row]])
    found |= lz_string_ends(bits_of(blobs.buffer, 8), starts * 8, blobs.ends * 8, 8)
    for row in np.flatnonzero(~found & (lengths >= SHORTEST_GUESS)).tolist():
        found[row] = unbrotli(blobs.data[blobs.starts[row] : blobs.ends[row]], _LITTLE) is not None
    return found


_BEGINS_JSON = np.isin(np.arange(256), list(b"{[ \t\r\n-"))
_GOES_ON = np.isin(np.arange(256), list(b'{["]} \t\r\n-0123456789tfnNI'))
_First = list[NDArray[np.int32]]


def _magic(first: _First) -> Mask:
    """Formats that say what they are: by two bytes, one in 65,536 by chance."""
    pair = first[0] << 8 | first[1]
    zlib_header = (first[0] & 15 == 8) & (pair % 31 == 0)
    named = np.isin(
        pair, [0x1F8B, 0x1F9D, 0x28B5, 0x425A, 0xFD37, 0x5D00, 0x6270, 0x0422, 0xFF06, 0xFFFE, 0xFEFF, 0xEFBB]
    )
    # JSON, multipart and frames of text begin like this, with white space before them or not.
    document = _BEGINS_JSON[first[0]] & _GOES_ON[first[1]]
    result: Mask = zlib_header | named | document | (first[0] == 0x22)
    return result


def _snappy(first: _First, lengths: Index, buffer: NDArray[np.int32], starts: Index) -> Mask:
    """Its size, then a literal, since there is nothing to copy yet; then a copy of that, or the end."""
    short = first[0] < 0x80
    size = np.where(short, first[0], (first[0] & 0x7F) | (first[1] & 0x7F) << 7)
    tag = np.where(short, first[1], first[2])
    literal = (tag >> 2) + 1
    after = literal + np.where(short, 2, 3)
    then = buffer[starts + np.minimum(after, lengths)]
    low = buffer[starts + np.minimum(after + 1, lengths)]
    high = buffer[starts + np.minimum(after + 2, lengths)]
    offset = np.select([then & 3 == 1, then & 3 == 2], [(then >> 5) << 8 | low, high << 8 | low], 1)
    goes_on = (after < lengths) & (offset > 0) & (offset <= literal)
    ends = (after == lengths) & (size == literal)
    sized = (size >= SHORTEST_GUESS) & (size <= 22 * lengths) & (literal <= size)
    long = (tag >> 2) >= 60
    result: Mask = (tag & 3 == 0) & sized & (short | (first[1] < 0x80)) & (goes_on | ends) | (
        long & (tag & 3 == 0) & (lengths > 60)
    )
    return result


def _lz4(buffer: NDArray[np.int32], starts: Index, lengths: Index, first: _First) -> Mask:
    """A literal, then an offset that does not reach before it; or a size in four bytes before that."""
    sized = (first[2] == 0) & (first[3] == 0) & (first[1] < 0x60)
    literal = first[0] >> 4
    extended = literal == 15
    skip = np.where(extended, 2, 1)
    literal = np.where(extended, 15 + first[1], literal)
    end = literal + skip
    offset_at = starts + np.minimum(end, lengths)
    offset = buffer[offset_at] | buffer[offset_at + 1] << 8
    copies = (end + 2 < lengths) & (offset > 0) & (offset <= literal)
    whole = (end == lengths) & (first[0] & 15 == 0)
    result: Mask = sized | copies | whole | (extended & (first[1] == 255))
    return result


def _dns(buffer: NDArray[np.int32], starts: Index, lengths: Index) -> Mask:
    """One question or a few, after a header of twelve bytes."""
    counted = [buffer[starts + np.minimum(place, lengths)] for place in (4, 5, 6)]
    long_enough = lengths >= SHORTEST_DNS
    result: Mask = (
        long_enough
        & (counted[0] == 0)
        & (counted[1] > 0)
        & (counted[1] <= MOST_QUESTIONS)
        & (counted[2] == 0)
    )
    return result


def _embedded(blobs: Flat) -> Index:
    """Places where a compressed stream may begin."""
    return np.asarray([match.start() for match in BEGINNING.finditer(blobs.data)], np.int64)


def _grpc(first: _First) -> Mask:
    result: Mask = np.isin(first[0], [0, 1, 2, 0x80]) & (first[1] == 0) & (first[2] == 0)
    return result


def _wide_text(blobs: Flat) -> Mask:
    """UTF-16 and UTF-32 of Latin text: a zero in every other byte, about."""
    zeros = np.add.reduceat((blobs.buffer == 0).astype(np.int64), _edges(blobs))[0::2]
    result: Mask = zeros * 4 >= blobs.lengths
    return result


def _one_script(blobs: Flat) -> Mask:
    """UTF-16 without a mark or a zero: every other byte is one that the letters of one script begin with."""
    kinds = _SCRIPT_BYTES[blobs.buffer]
    here = np.arange(len(kinds)) % 2 == 0
    edges = _edges(blobs)
    shared = [
        np.bitwise_and.reduceat(np.where(mask, kinds, _ANY_SCRIPT), edges)[0::2] for mask in (here, ~here)
    ]
    result: Mask = (shared[0] | shared[1]) != 0
    return result & (blobs.lengths >= 2 * SHORTEST_SCRIPT)


def _script_bytes() -> NDArray[np.uint8]:
    """For each byte, the scripts with letters that begin with it in UTF-16; signs and Latin are in all."""
    scripts = (
        (0x30, *range(0x4E, 0xA0), 0xFF),  # Chinese, Japanese
        (0x30, *range(0xAC, 0xD8)),  # Korean
        range(0x03, 0x07),  # Greek, Cyrillic, Hebrew, Arabic
        range(0x09, 0x11),  # India, and its east
    )
    kinds = np.zeros(256, np.uint8)
    for number, script in enumerate(scripts):
        kinds[[0x00, 0x20, *script]] |= 1 << number
    return kinds


_ANY_SCRIPT = 0x0F
_SCRIPT_BYTES = _script_bytes()


def _is_utf8(blobs: Flat) -> Mask:
    """Text but for control characters: frames of text protocols, and LZ-string as JavaScript has it."""
    kinds = _UTF8[blobs.buffer]
    wrong = kinds == _NEVER
    wrong[1:] |= (kinds[1:] == _GOES_BEYOND) & (kinds[:-1] == _ASCII)
    wrong[:-1] |= (kinds[:-1] == _LEADS) & (kinds[1:] != _GOES_BEYOND)
    result: Mask = ~np.logical_or.reduceat(wrong, _edges(blobs))[0::2]
    return result


_ASCII, _GOES_BEYOND, _LEADS, _NEVER = range(4)
_UTF8 = np.repeat(np.array([_ASCII, _GOES_BEYOND, _NEVER, _LEADS, _NEVER]), [0x80, 0x40, 2, 0x33, 0x0B])


def _edges(blobs: Flat) -> Index:
    edges = np.empty(2 * len(blobs.starts), np.int64)
    edges[0::2], edges[1::2] = blobs.starts, blobs.ends
    return edges


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


def _protobuf(buffer: NDArray[np.int32], starts: Index, ends: Index) -> Mask:
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


def _delimited(buffer: NDArray[np.int32], starts: Index, ends: Index) -> Mask:
    cursor = _Cursor(starts, ends)
    while cursor.walks():
        at = cursor.at[cursor.rows]
        length, width = _varint(buffer, at)
        cursor.at[cursor.rows] = at + width + length
        cursor.keep((length > 0) & (width > 0))
        cursor.finish()
    return cursor.read


def _messagepack(buffer: NDArray[np.int32], starts: Index, ends: Index) -> Mask:
    return _items(buffer, starts, ends, _MESSAGEPACK)


def _cbor(buffer: NDArray[np.int32], starts: Index, ends: Index) -> Mask:
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


def _may_deflate(first: _First, lengths: Index) -> Mask:
    kind = first[0] >> 1 & 3
    stored = (first[1] ^ first[3] == 255) & (first[2] ^ first[4] == 255)
    result: Mask = (lengths >= SHORTEST_GUESS) & (kind != 3) & ((kind != 0) | stored)
    return result


def _inflates(data: bytes) -> bool:
    inflater = zlib.decompressobj(-15)
    try:
        inflater.decompress(data, 1 << 12)
    except zlib.error:
        return False
    return (inflater.eof and not inflater.unused_data) or bool(inflater.unconsumed_tail)
