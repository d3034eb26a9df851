"""Bytes of a stream, never believing what anything says of their number.

`read(n)` of the standard library reserves *n* bytes before it looks how many there are.
"""

from typing import Protocol

READ_BYTES = 1 << 20


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
