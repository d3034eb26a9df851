"""Bytes of a file, unpacked if it is gzip-compressed, never believing what anything says of their number.

`read(n)` of the standard library reserves *n* bytes before it looks how many there are.
"""

import gzip
from pathlib import Path
from typing import BinaryIO, cast

GZIP = b"\x1f\x8b"
READ_BYTES = 1 << 20


def open_unpacked(path: Path) -> BinaryIO:
    """Open a plain or gzip-compressed file; which of the two, its first bytes say."""
    with path.open("rb") as stream:
        compressed = stream.read(len(GZIP)) == GZIP
    return cast(BinaryIO, gzip.open(path)) if compressed else path.open("rb")


def take(stream: BinaryIO, size: int) -> bytes:
    """The next *size* bytes, or all there are."""
    pieces = []
    while size and (piece := stream.read(min(size, READ_BYTES))):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def skip(stream: BinaryIO, size: int | None) -> int:
    """Pass over *size* bytes (None: all that is left); gives how many there were."""
    passed = 0
    while size is None or passed < size:
        piece = stream.read(READ_BYTES if size is None else min(size - passed, READ_BYTES))
        if not piece:
            break
        passed += len(piece)
    return passed
