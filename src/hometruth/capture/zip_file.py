"""Zip archives as recordings: their names, and what is told of a damaged one."""

from collections.abc import Iterator
from typing import BinaryIO

from hometruth.model import Gap, GapKind
from hometruth.zip_archive import BROKEN_ZIP, ZipArchive


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
