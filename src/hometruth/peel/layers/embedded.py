"""Compressed streams inside bytes of a format that we do not know: a header of its own, then gzip.

Only a stream that decompresses to its end, with its checksum right, is cut out; chance does not do that.
"""

import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hometruth.peel.layers.layer import Context, Opened, Piece

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Mask

ZSTD = b"\x28\xb5\x2f\xfd"
BEGINNING = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]|\x78[\x01\x5e\x9c\xda]|" + re.escape(ZSTD))
"""How a stream begins."""
SHORTEST = 12
"""Bytes of a stream that holds anything."""
LEAST_OUTPUT = 8
"""Bytes; fewer are no message."""
FREE_TRIES = 16
BYTES_A_TRY = 1 << 12
"""Tries allowed for each so many bytes: of random bytes, one in 16,384 looks like a beginning."""
STOPPED = "not every compressed stream inside was looked for"
FED = 1 << 14
"""Bytes fed at a time: most beginnings turn out to be none at once."""
STEP = 1 << 20
"""Bytes decompressed at a time, only to see where a stream ends."""


def unembedded(data: bytes, context: Context) -> Opened | None:
    """Cut out the compressed streams that begin after the first byte."""
    pieces: list[Piece] = []
    tries = FREE_TRIES + len(data) // BYTES_A_TRY
    room = context.room_bytes
    for at in _beginnings(data):
        if pieces and at < pieces[-1].end:
            continue
        if not tries:
            return Opened(pieces, stopped=STOPPED, perhaps=True)
        tries -= 1
        end, produced = _end(data, at, room)
        room -= produced
        if end:
            pieces.append(Piece(f"[@{at}]", data[at:end], at, end))
        if room <= 0:
            return Opened(pieces, stopped=STOPPED, perhaps=True)
    return Opened(pieces, perhaps=True) if pieces else None


def may_embed(batch: "Batch") -> "Mask":
    """A beginning of a stream anywhere."""
    return batch.with_match(BEGINNING)


def _beginnings(data: bytes) -> Iterator[int]:
    return (match.start() for match in BEGINNING.finditer(data, 1, len(data) - SHORTEST + 4))


def _end(data: bytes, at: int, room_bytes: int) -> tuple[int, int]:
    """Where the stream at *at* ends, 0 if it is none or too large; and how many bytes came out of it."""
    if data.startswith(ZSTD, at):
        return _end_of_zstd(data, at, room_bytes)
    decoder = zlib.decompressobj(47)
    produced = 0
    try:
        for start in range(at, len(data), FED):
            left = data[start : start + FED]
            while left and not decoder.eof:
                produced += len(decoder.decompress(left, STEP))
                left = decoder.unconsumed_tail
                if produced > room_bytes:
                    return 0, produced
            if decoder.eof:
                end = min(start + FED, len(data)) - len(decoder.unused_data)
                return (end if produced >= LEAST_OUTPUT else 0), produced
    except zlib.error:
        pass  # no stream, only its first two bytes
    return 0, produced


def _end_of_zstd(data: bytes, at: int, room_bytes: int) -> tuple[int, int]:
    import zstandard  # noqa: PLC0415  # only where its mark was seen

    decoder = zstandard.ZstdDecompressor(max_window_size=1 << 23).decompressobj()
    produced = 0
    try:
        for start in range(at, len(data), FED):
            produced += len(decoder.decompress(data[start : start + FED]))
            if decoder.eof:
                end = min(start + FED, len(data)) - len(decoder.unused_data)
                return (end if produced >= LEAST_OUTPUT else 0), produced
            if produced > room_bytes:
                return 0, produced
    except zstandard.ZstdError:
        pass  # no stream, only its first four bytes
    return 0, produced
