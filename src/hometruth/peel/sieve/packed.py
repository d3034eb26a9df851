"""Which of many byte strings may be compressed in a format without a magic number.

Each test is the beginning of what the format's decoder does, for all strings at once.
"""

import zlib

import numpy as np
from numpy.typing import NDArray

from hometruth.peel.layers.compression import SHORTEST_GUESS, unbrotli
from hometruth.peel.layers.layer import Context
from hometruth.peel.sieve.flat import Flat, Index, Mask

_LITTLE = Context(room_bytes=1 << 12)
"""What is enough to see that something opens."""
First = list[NDArray[np.int32]]
"""The first five bytes of each string."""
_CODES, _COMPLETE = 19, 1 << 7
"""Lengths of deflate's code for code lengths, and the sum of the shares of a complete code, of 7 bits."""
_MOST_LENGTHS, _MOST_DISTANCES = 29, 29


def may_be_snappy(first: First, lengths: Index, buffer: NDArray[np.int32], starts: Index) -> Mask:
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


def may_be_lz4(buffer: NDArray[np.int32], starts: Index, lengths: Index, first: First) -> Mask:
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


def may_be_deflate(blobs: Flat, buffer: NDArray[np.int32], first: First) -> Mask:
    """Deflate without a header, up to its end."""
    starts, lengths = blobs.starts, blobs.lengths
    kind = first[0] >> 1 & 3
    stored = (first[1] ^ first[3] == 255) & (first[2] ^ first[4] == 255)
    found: Mask = (lengths >= SHORTEST_GUESS) & (kind != 3) & ((kind != 0) | stored)
    dynamic = np.flatnonzero(found & (kind == 2))
    found[dynamic] = _has_codes(buffer, starts[dynamic])
    for row in np.flatnonzero(found).tolist():
        found[row] = _inflates(blobs.one(row))
    return found


def _has_codes(buffer: NDArray[np.int32], starts: Index) -> Mask:
    """True where the code for code lengths is complete (RFC 1951, 3.2.7), as few are by chance."""
    bits = _eight_bytes(buffer, starts + 2)
    second = buffer[starts + 1]
    n_codes = 4 + (second >> 5 | (bits & np.uint64(1)).astype(np.int32) << 3)
    shares = np.zeros(len(starts), np.int64)
    for code in range(_CODES):
        length = (bits >> np.uint64(1 + 3 * code) & np.uint64(7)).astype(np.int64)
        shares += np.where((length > 0) & (code < n_codes), _COMPLETE >> length, 0)
    result: Mask = (
        (shares == _COMPLETE) & (buffer[starts] >> 3 <= _MOST_LENGTHS) & (second & 31 <= _MOST_DISTANCES)
    )
    return result


def _inflates(data: bytes) -> bool:
    inflater = zlib.decompressobj(-15)
    try:
        inflater.decompress(data, 1 << 12)
    except zlib.error:
        return False
    return (inflater.eof and not inflater.unused_data) or bool(inflater.unconsumed_tail)


def _eight_bytes(buffer: NDArray[np.int32], at: Index) -> NDArray[np.uint64]:
    """The bits of eight bytes, the lowest of the first one first."""
    bits = np.zeros(len(at), np.uint64)
    for place in range(8):
        byte = buffer[np.minimum(at + place, len(buffer) - 1)].astype(np.uint64)
        bits |= byte << np.uint64(8 * place)
    return bits


def may_be_brotli(blobs: Flat, buffer: NDArray[np.int32]) -> Mask:
    """Brotli up to its end."""
    found = (blobs.lengths >= SHORTEST_GUESS) & _begins_brotli(buffer, blobs.starts, blobs.lengths)
    for row in np.flatnonzero(found).tolist():
        found[row] = unbrotli(blobs.one(row), _LITTLE) is not None
    return found


def _begins_brotli(buffer: NDArray[np.int32], starts: Index, lengths: Index) -> Mask:
    """True unless the header of the first meta-block cannot be, or says that it is empty (RFC 7932, 9)."""
    bits = _eight_bytes(buffer, starts).astype(np.int64)
    window = bits >> 1 & 7
    at = np.where(bits & 1 == 0, 1, np.where(window > 0, 4, 7))
    reserved = (bits & 1 == 1) & (window == 0) & (bits >> 4 & 7 == 1)
    last = bits >> at & 1
    empty = (last == 1) & (bits >> at + 1 & 1 == 1)
    at = at + 1 + last
    more_nibbles = bits >> at & 3
    metadata = more_nibbles == 3
    size_bits = np.where(metadata, 0, 16 + 4 * more_nibbles)
    size = (bits >> at + 2) & (np.left_shift(1, size_bits) - 1)
    spelt_long = (more_nibbles > 0) & ~metadata & (size >> np.maximum(size_bits - 4, 0) == 0)
    at = at + 2 + size_bits
    stored = ~metadata & (last == 0) & (bits >> at & 1 == 1)
    # Stored bytes begin at a whole byte, and something follows them, for this is not the last block.
    overflows = stored & ((at + 8) // 8 + size + 1 >= lengths)
    result: Mask = ~(reserved | empty | spelt_long | overflows)
    return result
