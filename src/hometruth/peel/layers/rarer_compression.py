"""Rarer compression: bzip2, xz and LZMA (tukaani.org/xz/format.html), lz4 (github.com/lz4/lz4/tree/dev/doc),
snappy (github.com/google/snappy/blob/main/format_description.txt, framing_format.txt).

Bounded like the common ones: nothing is unpacked beyond the room that is left.
"""

import bz2
import lzma
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from hometruth.peel.layers.compression import SHORTEST_GUESS, STOPPED
from hometruth.peel.layers.layer import Context, Opened, stream, whole

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Mask

LZMA_MEMORY = 128 << 20
"""Bytes of dictionary accepted: twice what the reference tool's strongest setting needs."""
STEP = 1 << 16
"""Bytes taken out at a time."""
LZ4_RATIO = 256
"""Times that lz4 can grow: 255 for each byte of a length."""
SHORTEST_MATCH = 4
"""Bytes that an lz4 match repeats at least."""
SNAPPY_RATIO = 22
"""Times that snappy can grow: 64 bytes for a copy of three."""
FULL = "write whole buffer"
"""How the binding says that the room was too small; it has no error of its own for that."""
BZIP2_MAGIC = b"BZh"
_XZ = b"\xfd7zXZ\x00"
_LZ4_FRAME = b"\x04\x22\x4d\x18"
XZ_MAGIC = (_XZ, b"\x5d\x00\x00")
_SNAPPY_FRAME = b"\xff\x06\x00\x00sNaPpY"


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


def unbzip2(data: bytes, context: Context) -> Opened | None:
    """Decompress bzip2; None if *data* is not bzip2."""
    if data[:3] != BZIP2_MAGIC:
        return None
    return _stream(bz2.BZ2Decompressor(), "bzip2", data, context)


def unxz(data: bytes, context: Context) -> Opened | None:
    """Decompress xz, or LZMA as it stood alone before; None if *data* is neither."""
    if data.startswith(_XZ):
        return _stream(lzma.LZMADecompressor(lzma.FORMAT_XZ, LZMA_MEMORY), "xz", data, context)
    if data[:1] == b"\x5d" and data[1:3] == b"\x00\x00":
        return _stream(lzma.LZMADecompressor(lzma.FORMAT_ALONE, LZMA_MEMORY), "lzma", data, context)
    return None


def unlz4(data: bytes, context: Context) -> Opened | None:
    """Decompress an lz4 frame, or a block, with or without its size before it; None if it is neither."""
    import cramjam  # noqa: PLC0415  # only where bytes are not text

    if data.startswith(_LZ4_FRAME):
        return _into(cramjam.lz4.decompress_into, data, context.room_bytes, LZ4_RATIO)
    for start in (0, 4):
        block = data[start:]
        size = _lz4_size(block)
        if size is None or (start and int.from_bytes(data[:4], "little") != size):
            continue
        if size > context.room_bytes:
            return Opened([], stopped=STOPPED)
        out = bytearray(size)
        try:
            cramjam.lz4.decompress_block_into(block, out)
        except cramjam.DecompressionError:
            continue
        return whole(data, bytes(out))
    return None


def may_be_lz4(batch: "Batch") -> "Mask":
    """A literal, then an offset that does not reach before it; or a size before that; or a frame."""
    import numpy as np  # noqa: PLC0415

    first, lengths, buffer, starts = batch.head, batch.lengths, batch.numbers, batch.strings.starts
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
    frame = (first[0] == _LZ4_FRAME[0]) & (first[1] == _LZ4_FRAME[1])
    result: Mask = frame | sized | copies | whole | (extended & (first[1] == 255))
    return result


def unsnappy(data: bytes, context: Context) -> Opened | None:
    """Decompress snappy, framed or one block; None if *data* is neither."""
    import cramjam  # noqa: PLC0415  # only where bytes are not text

    if data.startswith(_SNAPPY_FRAME):
        return _into(cramjam.snappy.decompress_into, data, context.room_bytes, SNAPPY_RATIO)
    size, shift = 0, 0
    for byte in data[:5]:
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if not SHORTEST_GUESS <= size <= SNAPPY_RATIO * len(data):
        return None
    if size > context.room_bytes:
        return None  # not worth a gap: four bytes of chance
    try:
        return whole(data, bytes(cramjam.snappy.decompress_raw(data)))
    except cramjam.DecompressionError:
        return None


def may_be_snappy(batch: "Batch") -> "Mask":
    """Its size, a literal, since there is nothing to copy yet, then a copy of it or the end; or frames."""
    import numpy as np  # noqa: PLC0415

    first, lengths, buffer, starts = batch.head, batch.lengths, batch.numbers, batch.strings.starts
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
    result: Mask = (
        (first[0] == _SNAPPY_FRAME[0])
        | (tag & 3 == 0) & sized & (short | (first[1] < 0x80)) & (goes_on | ends)
        | (long & (tag & 3 == 0) & (lengths > 60))
    )
    return result


def _stream(decoder: _Decoder, name: str, data: bytes, context: Context) -> Opened | None:
    out = bytearray()
    damage = ""
    feed = data
    try:
        while not decoder.eof:
            chunk = decoder.decompress(feed, min(STEP, context.room_bytes + 1 - len(out)))
            out += chunk
            feed = b""
            if len(out) > context.room_bytes:
                return whole(data, bytes(out[: context.room_bytes]), stopped=STOPPED)
            if not chunk and not decoder.eof:
                damage = f"{name}: it ends early"
                break
    except (OSError, EOFError, lzma.LZMAError) as err:
        damage = f"{name}: {err}"
    if not out:
        return None
    return stream(
        data, bytes(out), len(data) - len(decoder.unused_data) if decoder.eof else len(data), damage=damage
    )


def _into(
    decompress: Callable[[bytes, bytearray], int], data: bytes, room_bytes: int, ratio: int
) -> Opened | None:
    """Decompress frames of known greatest ratio into room of our own; what came out is kept."""
    from cramjam import DecompressionError  # noqa: PLC0415

    out = bytearray(min(room_bytes, ratio * len(data)))
    try:
        return whole(data, bytes(out[: decompress(data, out)]))
    except DecompressionError as err:
        if FULL in str(err):
            return whole(data, bytes(out), stopped=STOPPED)
        kept = bytes(out).rstrip(b"\0")
        return whole(data, kept, damage=str(err)) if kept else None


def _lz4_size(data: bytes) -> int | None:
    """Bytes that an lz4 block unpacks to; None if it is none: chance fails at the first offset."""
    size = pos = 0
    try:
        while True:
            token = data[pos]
            length, pos = _lz4_length(data, pos + 1, token >> 4)
            pos += length
            size += length
            if pos == len(data):
                return size if size >= SHORTEST_GUESS and token & 0x0F == 0 else None
            offset = int.from_bytes(data[pos : pos + 2], "little")
            if pos + 2 >= len(data) or not 0 < offset <= size:
                return None
            length, pos = _lz4_length(data, pos + 2, token & 0x0F)
            size += length + SHORTEST_MATCH
    except IndexError:
        return None


def _lz4_length(data: bytes, pos: int, nibble: int) -> tuple[int, int]:
    length = nibble
    if nibble == 15:
        while True:
            length += data[pos]
            pos += 1
            if data[pos - 1] != 255:
                break
    return length, pos
