"""Compression: gzip (RFC 1952), zlib (1950), deflate (1951), brotli (7932), zstd (8878).

Nothing is inflated beyond the room that is left. What came out until then, or until the damage, is kept.
"""

import zlib
from io import BytesIO

import brotli
import zstandard

from hometruth.peel.layers.layer import Context, Opened, whole

SHORTEST_GUESS = 5
"""Bytes that a dozen equal characters take; less decodes as headerless deflate or brotli often by chance."""
BROTLI_STEP = 32
"""Bytes fed at a time: the binding cannot bound its output; 32 bytes hold at most 3 meta-blocks of 16 MiB."""
ZSTD_WINDOW = 1 << 27
"""Bytes of window accepted, the most that the reference tool accepts unasked."""
GZIP, ZLIB, RAW = 31, 15, -15
"""The same compression in three framings, as zlib's ``wbits`` spells them."""
STEP = 1 << 12
"""Bytes fed to zlib at a time."""
STOPPED = "it inflates to more than the room left"


def gunzip(data: bytes, context: Context) -> Opened | None:
    """Inflate gzip, all members; None if *data* is not gzip."""
    if data[:3] != b"\x1f\x8b\x08":
        return None
    out = bytearray()
    start = 0
    while data[start : start + 3] == b"\x1f\x8b\x08":
        problem, used = _inflate(GZIP, data[start:], out, context.room_bytes)
        if problem == STOPPED:
            return whole(data, bytes(out), stopped=STOPPED)
        if problem:
            return whole(data, bytes(out), damage=f"gzip: {problem}") if out else None
        start += used
    return whole(data, bytes(out))


def inflate(data: bytes, context: Context) -> Opened | None:
    """Inflate zlib; None if *data* has no valid zlib header or nothing comes out."""
    if len(data) < 2 or data[0] & 0x0F != 8 or int.from_bytes(data[:2]) % 31:
        return None
    out = bytearray()
    problem, _ = _inflate(ZLIB, data, out, context.room_bytes)
    if problem == STOPPED:
        return whole(data, bytes(out), stopped=STOPPED)
    if problem and len(out) < SHORTEST_GUESS:  # two bytes make a header by chance once in 31 * 16 times
        return None
    return whole(data, bytes(out), damage=f"zlib: {problem}" if problem else "")


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
    if data[:4] != b"\x28\xb5\x2f\xfd":
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
