"""Bytes of a stream, never believing what anything says of their number.

`read(n)` of the standard library reserves *n* bytes before it looks how many there are.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol, cast

from hometruth.errors import CaptureError

READ_BYTES = 1 << 20
MOST_COPIED_BYTES = 1 << 30
"""Bytes of a file that lies inside another one, and is read from its end."""
MOST_HELD_BYTES = 16 << 20
"""Of these, in memory and not in a temporary file."""


class Readable(Protocol):
    """Anything that bytes are read from, in order."""

    def read(self, size: int, /) -> bytes | None:
        """At most *size* bytes; none at the end."""


def take(stream: Readable, size: int) -> bytes:
    """The next *size* bytes, or all there are."""
    pieces = []
    while size and (piece := stream.read(min(size, READ_BYTES))):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def skip(stream: Readable, size: int | None) -> int:
    """Pass over *size* bytes (None: all that is left); gives how many there were."""
    passed = 0
    while size is None or passed < size:
        piece = stream.read(READ_BYTES if size is None else min(size - passed, READ_BYTES))
        if not piece:
            break
        passed += len(piece)
    return passed


@contextmanager
def seekable(stream: BinaryIO, name: str, most_bytes: int = MOST_COPIED_BYTES) -> Iterator[BinaryIO]:
    """The same, or a copy, for what is read from its end.

    Raises:
        CaptureError: If it is too large to be copied.
    """
    if stream.seekable():
        yield stream
        return
    with tempfile.SpooledTemporaryFile(MOST_HELD_BYTES, prefix="hometruth-") as held:
        while data := stream.read(READ_BYTES):
            held.write(data)
            if held.tell() > most_bytes:
                raise CaptureError(f"{name}: lies inside another file, too large to hold; unpack it first")
        yield cast(BinaryIO, held)
