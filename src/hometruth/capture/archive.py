"""Reads zip archives that hold captures, as Playwright writes them, each with the bodies beside it."""

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from hometruth.capture.byte_stream import take
from hometruth.capture.drops import drops_of
from hometruth.capture.reader import (
    HEAD_BYTES,
    MOST_BESIDE_BYTES,
    CaptureFile,
    OtherFormatError,
    Reader,
    Start,
)
from hometruth.capture.refused import PACKED
from hometruth.capture.unpacked import damage_of, unpacked
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
of answers (that of a request is named by it, and read); the index, pages and description of a WACZ. What is
called so and is a capture that cannot be read is a gap all the same."""


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
    damaged: list[Gap] = []
    used: set[str] = set()
    n_captures = 0
    with open_zip(stream) as archive:
        names = [entry.filename for entry in archive.infolist() if not entry.filename.endswith("/")]
        for name in names[:MOST_MEMBERS]:
            items = _items(archive, name, file, used)
            try:
                first = next(items, None)
            except OtherFormatError:
                passed_over.append(name)
                continue
            except (CaptureError, *BROKEN_ZIP) as err:
                where = f"{file.name}/{name}"
                why = str(err).removeprefix(f"{where}: ") or type(err).__name__
                damaged.append(Gap(GapKind.UNREADABLE, where, f"passed over: {why}"))
                continue
            n_captures += 1
            if first is not None:
                yield first
            try:
                yield from items
            except BROKEN_ZIP as err:
                yield Gap(GapKind.UNREADABLE, f"{file.name}/{name}", f"cannot be read to its end: {err}")
    if not n_captures:
        why = f": {damaged[0].where}: {damaged[0].detail}" if damaged else ""
        none = f"is a zip archive, and none of its {len(names)} files is a capture"
        raise CaptureError(f"{file.name}: {none}{why}")
    yield from damaged
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

    opened: list[BinaryIO] = []

    def open_member() -> BinaryIO:
        opened.append(unpacked(cast(BinaryIO, archive.open(name))))
        return opened[-1]

    with open_member() as member:
        head = take(member, HEAD_BYTES)
    if name.endswith(PLAYWRIGHT) and not head:
        return  # a trace without a request
    start = Start(head)
    reader = reader_of(start)
    if (known := next((each for each in PACKED if each.sniff(start)), None)) is not None:
        raise CaptureError(f"{file.name}/{name}: {known.is_what}")
    if reader is ARCHIVE:
        raise CaptureError(
            f"{file.name}/{name}: is a zip archive in another one; unpack that, and give the folder"
        )
    if reader is None:
        raise OtherFormatError(f"{file.name}/{name}: is no capture")
    beside = _beside(archive, PurePosixPath(name).parent, used)
    member_file = CaptureFile(
        f"{file.name}/{name}", open_member, file.responses, keys=file.keys, beside=beside
    )
    yield from reader.read(member_file)
    if damage := next(filter(None, map(damage_of, opened)), None):
        yield Gap(GapKind.UNREADABLE, member_file.name, damage)
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
                data = take(cast(BinaryIO, member), MOST_BESIDE_BYTES + 1)
        except (KeyError, *BROKEN_ZIP):
            return None
        if len(data) > MOST_BESIDE_BYTES:  # a damaged archive does not say how long its files are
            return None
        used.add(path)
        return data

    return read


ARCHIVE = Reader("zip archives of these", (".zip",), lambda start: start.head.startswith(ZIP), read_archive)
