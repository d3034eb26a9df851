"""Compression: gzip (RFC 1952), zlib (1950), deflate (1951), brotli (7932), zstd (8878).

Nothing is inflated beyond the room that is left. What came out until then, or until the damage, is kept.
"""

import zlib
from io import BytesIO
from typing import TYPE_CHECKING

import brotli
import zstandard

from hometruth.peel.layers.layer import Context, Opened, stream, whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Index, Mask

SHORTEST_GUESS = 5
"""Bytes that a dozen equal characters take; less decodes as headerless deflate or brotli often by chance."""
BROTLI_STEP = 32
"""Bytes fed at a time: the binding cannot bound its output; 32 bytes hold at most 3 meta-blocks of 16 MiB."""
ZSTD_WINDOW = 1 << 27
"""Bytes of window accepted, the most that the reference tool accepts unasked."""
GZIP, ZLIB, RAW = 31, 15, -15
"""The same compression in three framings, as zlib's ``wbits`` spells them."""
GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
STEP = 1 << 12
"""Bytes fed to zlib at a time."""
_CODES, _COMPLETE = 19, 1 << 7
"""Lengths of deflate's code for code lengths, and the sum of the shares of a complete code, of 7 bits."""
_MOST_LENGTHS, _MOST_DISTANCES = 29, 29
_LITTLE = Context(room_bytes=1 << 12)
"""What is enough to see that something opens."""
STOPPED = "it inflates to more than the room left"


def gunzip(data: bytes, context: Context) -> Opened | None:
    """Inflate gzip, all members; None if *data* is not gzip."""
    if data[:3] != GZIP_MAGIC:
        return None
    out = bytearray()
    start = 0
    while data[start : start + 3] == GZIP_MAGIC:
        problem, used = _inflate(GZIP, data[start:], out, context.room_bytes)
        if problem == STOPPED:
            return whole(data, bytes(out), stopped=STOPPED)
        if problem:
            return whole(data, bytes(out), damage=f"gzip: {problem}") if out else None
        start += used
    return stream(data, bytes(out), start)


def inflate(data: bytes, context: Context) -> Opened | None:
    """Inflate zlib; None if *data* has no valid zlib header or nothing comes out."""
    if len(data) < 2 or data[0] & 0x0F != 8 or int.from_bytes(data[:2]) % 31:
        return None
    out = bytearray()
    problem, used = _inflate(ZLIB, data, out, context.room_bytes)
    if problem == STOPPED:
        return whole(data, bytes(out), stopped=STOPPED)
    if problem and len(out) < SHORTEST_GUESS:  # two bytes make a header by chance once in 31 * 16 times
        return None
    if problem:
        return whole(data, bytes(out), damage=f"zlib: {problem}")
    return stream(data, bytes(out), used)


def may_be_zlib(batch: "Batch") -> "Mask":
    """Its header, which two bytes are by chance once in 500 times."""
    first, second = batch.head[:2]
    result: Mask = (first & 0x0F == 8) & ((first << 8 | second) % 31 == 0)
    return result


def inflate_raw(data: bytes, context: Context) -> Opened | None:
    """Inflate deflate without header; None unless the stream ends exactly where *data* ends."""
    if len(data) < SHORTEST_GUESS:
        return None
    out = bytearray()
    problem, used = _inflate(RAW, data, out, context.room_bytes)
    if problem == STOPPED:
        return whole(data, bytes(out), stopped=STOPPED)
    if problem or used != len(data) or not out:
        return None
    return whole(data, bytes(out))


def unbrotli(data: bytes, context: Context) -> Opened | None:
    """Decode brotli; None unless the stream ends exactly where *data* ends."""
    if len(data) < SHORTEST_GUESS:
        return None
    decoder = brotli.Decompressor()
    out = bytearray()
    try:
        for start in range(0, len(data), BROTLI_STEP):
            if decoder.is_finished():
                return None
            out += decoder.process(data[start : start + BROTLI_STEP])
            if len(out) > context.room_bytes:
                return whole(data, bytes(out[: context.room_bytes]), stopped=STOPPED)
    except brotli.error:
        return None
    return whole(data, bytes(out)) if out and decoder.is_finished() else None


def unzstd(data: bytes, context: Context) -> Opened | None:
    """Decode zstd, all frames; None if *data* is not zstd."""
    if data[:4] != ZSTD_MAGIC:
        return None
    out = bytearray()
    damage = ""
    try:
        decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        with decoder.stream_reader(BytesIO(data), read_across_frames=True) as reader:
            while chunk := reader.read(min(1 << 16, context.room_bytes + 1 - len(out))):
                out += chunk
                if len(out) > context.room_bytes:
                    return whole(data, bytes(out[: context.room_bytes]), stopped=STOPPED)
    except zstandard.ZstdError as err:
        damage = f"zstd: {err}"
    return whole(data, bytes(out), damage=damage) if out else None


def may_be_deflate(batch: "Batch") -> "Mask":
    """Deflate without a header, up to its end."""
    import numpy as np  # noqa: PLC0415

    starts, first, buffer = batch.strings.starts, batch.head, batch.numbers
    kind = first[0] >> 1 & 3
    stored = (first[1] ^ first[3] == 255) & (first[2] ^ first[4] == 255)
    found: Mask = (batch.lengths >= SHORTEST_GUESS) & (kind != 3) & ((kind != 0) | stored)
    dynamic = np.flatnonzero(found & (kind == 2))
    found[dynamic] = _has_codes(buffer, starts[dynamic])
    for row in np.flatnonzero(found).tolist():
        found[row] = _inflates(batch.strings.one(row))
    return found


def _has_codes(buffer: "NDArray[np.int32]", starts: "Index") -> "Mask":
    """True where the code for code lengths is complete (RFC 1951, 3.2.7), as few are by chance."""
    import numpy as np  # noqa: PLC0415

    from hometruth.peel.many.cursor import eight_bytes  # noqa: PLC0415

    bits = eight_bytes(buffer, starts + 2)
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


def may_be_brotli(batch: "Batch") -> "Mask":
    """Brotli up to its end."""
    import numpy as np  # noqa: PLC0415

    strings = batch.strings
    found = batch.lengths >= SHORTEST_GUESS
    found &= _begins_brotli(batch.numbers, strings.starts, batch.lengths)
    for row in np.flatnonzero(found).tolist():
        found[row] = unbrotli(strings.one(row), _LITTLE) is not None
    return found


def _begins_brotli(buffer: "NDArray[np.int32]", starts: "Index", lengths: "Index") -> "Mask":
    """True unless the header of the first meta-block cannot be, or says that it is empty (RFC 7932, 9)."""
    import numpy as np  # noqa: PLC0415

    from hometruth.peel.many.cursor import eight_bytes  # noqa: PLC0415

    bits = eight_bytes(buffer, starts).astype(np.int64)
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


def _inflate(wbits: int, data: bytes, out: bytearray, limit: int) -> tuple[str, int]:
    """Inflate into *out* up to *limit* bytes; return what went wrong (or nothing) and where *data* ended."""
    inflater = zlib.decompressobj(wbits)
    already = len(out)
    fine_from = len(data)
    start = 0
    while start < len(data):
        step = STEP if start < fine_from else 1
        try:
            out += inflater.decompress(data[start : start + step], max(1, limit + 1 - len(out)))
        except zlib.error as err:
            if step == 1 or wbits == RAW:
                return str(err), start
            # A call that fails gives nothing of what it had decoded by then: once more, byte by byte there.
            del out[already:]
            inflater, fine_from, start = zlib.decompressobj(wbits), start, 0
            continue
        if len(out) > limit:
            del out[limit:]
            return STOPPED, start
        start += step
        if inflater.eof:
            return "", min(start, len(data)) - len(inflater.unused_data)
    return "it ends early", start
