"""Reads zip archives that hold captures, as Playwright writes them, each with the bodies beside it."""

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from hometruth.capture.byte_stream import take
from hometruth.capture.drops import drops_of
from hometruth.capture.reader import HEAD_BYTES, CaptureFile, Reader, Start
from hometruth.capture.unpacked import unpacked
from hometruth.capture.zip_file import (
    BROKEN_ZIP,
    MOST_MEMBERS,
    ZIP,
    SalvagedZip,
    open_zip,
    salvaged_gap,
    seekable,
)
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap, GapKind

PLAYWRIGHT = "trace.network"
"""What Playwright calls the requests of a trace; of a page that made none, the file is empty."""
COMPANION = re.compile(
    r"\.(?:trace|stacks)$|(?:^|/)(?:resources/[^/]+|[0-9a-f]{40}(?:\.\w{1,10})?)$"
    r"|(?:^|/)(?:indexes|pages)/[^/]+$|(?:^|/)datapackage(?:-digest)?\.json$"
)
"""Files that belong to a capture and hold no request: Playwright's log of actions, pictures of pages, bodies
of answers (that of a request is named by it, and read); the index, pages and description of a WACZ."""
MOST_BESIDE_BYTES = 64 << 20
"""Bytes of one file that holds a body."""


def read_archive(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Exchanges of every capture in an archive; a gap where one cannot be read.

    Files that are no captures are the bodies that captures name; others are counted in one gap.

    Raises:
        CaptureError: If it holds no capture, or is damaged.
    """
    with file.open() as stream:
        try:
            yield from _members(file, seekable(stream, file.name))
        except BROKEN_ZIP as err:
            raise CaptureError(f"{file.name}: is a zip archive that cannot be read: {err}") from err


def _members(file: CaptureFile, stream: BinaryIO) -> Iterator[Exchange | Gap]:
    passed_over: list[str] = []
    used: set[str] = set()
    n_captures = 0
    with open_zip(stream) as archive:
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        for name in names[:MOST_MEMBERS]:
            if name.endswith(PLAYWRIGHT) and not archive.getinfo(name).file_size:
                n_captures += 1  # a trace without a request
                continue
            items = _items(archive, name, file, used)
            try:
                first = next(items, None)
            except (CaptureError, *BROKEN_ZIP):
                passed_over.append(name)
                continue
            n_captures += 1
            if first is not None:
                yield first
            try:
                yield from items
            except BROKEN_ZIP as err:
                yield Gap(GapKind.UNREADABLE, f"{file.name}/{name}", f"cannot be read to its end: {err}")
    if not n_captures:
        raise CaptureError(f"{file.name}: is a zip archive, and none of its {len(names)} files is a capture")
    yield from salvaged_gap(archive, file.name)
    left = [name for name in passed_over if name not in used and not COMPANION.search(name)]
    left += names[MOST_MEMBERS:]
    if left:
        detail = f"{len(left)} files of the archive are no captures, nor named by one (first: {left[0]})"
        yield Gap(GapKind.UNREADABLE, file.name, detail)


def _items(
    archive: zipfile.ZipFile | SalvagedZip, name: str, file: CaptureFile, used: set[str]
) -> Iterator[Exchange | Gap]:
    from hometruth.capture.readers import reader_of  # noqa: PLC0415 (this is one of them)

    def open_member() -> BinaryIO:
        return unpacked(cast(BinaryIO, archive.open(name)))

    with open_member() as member:
        reader = reader_of(Start(take(member, HEAD_BYTES)))
    if reader is None or reader is ARCHIVE:
        raise CaptureError(f"{file.name}/{name}: is no capture")
    beside = _beside(archive, PurePosixPath(name).parent, used)
    member_file = CaptureFile(
        f"{file.name}/{name}", open_member, file.responses, keys=file.keys, beside=beside
    )
    yield from reader.read(member_file)
    maker = member_file.maker.recorder
    if maker and maker not in file.maker.recorder:
        file.maker.recorder = ", ".join(filter(None, (file.maker.recorder, maker)))
    yield from drops_of(member_file.name, reader.name, maker)


def _beside(
    archive: zipfile.ZipFile | SalvagedZip, folder: PurePosixPath, used: set[str]
) -> Callable[[str], bytes | None]:
    def read(name: str) -> bytes | None:
        path = str(folder / name)
        try:
            if archive.getinfo(path).file_size > MOST_BESIDE_BYTES:
                return None
            with archive.open(path) as member:
                data = take(cast(BinaryIO, member), MOST_BESIDE_BYTES)
        except (KeyError, *BROKEN_ZIP):
            return None
        used.add(path)
        return data

    return read


ARCHIVE = Reader("zip archives of these", (".zip",), lambda start: start.head.startswith(ZIP), read_archive)
