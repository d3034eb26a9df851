"""Zip archives as recordings: what is told of a damaged one, and one that lies inside another file."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from hometruth.capture.byte_stream import READ_BYTES
from hometruth.errors import CaptureError
from hometruth.model import Gap, GapKind
from hometruth.zip_archive import BROKEN_ZIP, ZipArchive

MOST_PACKED_BYTES = 1 << 30
"""Bytes of an archive that lies inside another file, and is held to be read."""
MOST_HELD_BYTES = 16 << 20
"""Of these, in memory and not in a temporary file."""


def damage_gap(archive: ZipArchive, file: str) -> Iterator[Gap]:
    """The gap of an archive of which not all could be read; asked for when all of it was read."""
    if archive.damage:
        yield Gap(GapKind.UNREADABLE, file, f"the archive is damaged: {archive.damage}")


def names_in(stream: BinaryIO) -> tuple[str, ...]:
    """Names in an archive; none if it cannot be told."""
    try:
        return tuple(name for member in ZipArchive(stream).members for name in member.names)
    except BROKEN_ZIP:
        return ()


@contextmanager
def seekable(stream: BinaryIO, name: str, most_bytes: int = MOST_PACKED_BYTES) -> Iterator[BinaryIO]:
    """The same, or a copy: an archive is read from its end.

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
                too_large = "a zip archive inside another file, too large to hold"
                raise CaptureError(f"{name}: {too_large}; unpack it first")
        yield cast(BinaryIO, held)
