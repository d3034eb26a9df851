"""Reads zip archives that hold captures, as Playwright writes them, each with the bodies beside it."""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import BinaryIO, NamedTuple

from hometruth.capture.byte_stream import MOST_COPIED_BYTES, seekable, take
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
from hometruth.capture.zip_file import damage_gap, names_in
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap, GapKind
from hometruth.zip_archive import BROKEN_ZIP, ZIP, ZipArchive, ZipMember

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

    Files that are no captures are the bodies that captures name; others are counted in one gap. Archives in
    an archive are read like it, those in them are not.

    Raises:
        CaptureError: If it holds no capture, or is damaged.
    """
    with file.open() as stream, seekable(stream, file.name) as source:
        try:
            archive = ZipArchive(source)
        except BROKEN_ZIP as err:
            raise CaptureError(f"{file.name}: is a zip archive that cannot be read: {err}") from err
        yield from _members(file, archive)


def _members(file: CaptureFile, archive: ZipArchive) -> Iterator[Exchange | Gap]:
    passed_over: list[str] = []
    damaged: list[Gap] = []
    used: set[str] = set()
    room = [MOST_COPIED_BYTES]
    n_captures = 0
    members = [member for member in archive.members if not member.name.endswith("/")]
    by_name = {name: member for member in members for name in member.names}
    for member in members:
        items = _items(_Member(archive, member, by_name, file, used, room))
        try:
            first = next(items, None)
        except OtherFormatError:
            passed_over.append(member.name)
            continue
        except (CaptureError, *BROKEN_ZIP) as err:
            where = f"{file.name}/{member.name}"
            why = str(err).removeprefix(f"{where}: ") or type(err).__name__
            damaged.append(Gap(GapKind.UNREADABLE, where, f"passed over: {why}"))
            continue
        n_captures += 1
        if first is not None:
            yield first
        yield from items
    if not n_captures:
        why = f": {damaged[0].where}: {damaged[0].detail}" if damaged else f": {archive.damage}"
        none = f"is a zip archive, and none of its {len(members)} files is a capture"
        raise CaptureError(f"{file.name}: {none}{why if damaged or archive.damage else ''}")
    yield from damaged
    yield from damage_gap(archive, file.name)
    left = [name for name in passed_over if name not in used and not COMPANION.search(name)]
    if left:
        detail = f"{len(left)} files of the archive are no captures, nor named by one (first: {left[0]})"
        yield Gap(GapKind.UNREADABLE, file.name, detail)


class _Member(NamedTuple):
    archive: ZipArchive
    member: ZipMember
    by_name: Mapping[str, ZipMember]
    file: CaptureFile
    """The archive as a capture."""
    used: set[str]
    """Names of members that hold bodies of captures."""
    room: list[int]
    """Bytes that archives in this one may still have."""


def _items(at: _Member) -> Iterator[Exchange | Gap]:
    from hometruth.capture.readers import reader_of  # noqa: PLC0415 (this is one of them)

    opened: list[BinaryIO] = []
    name = f"{at.file.name}/{at.member.name}"

    def open_member() -> BinaryIO:
        opened.append(unpacked(at.archive.open(at.member)))
        return opened[-1]

    with open_member() as member:
        head = take(member, HEAD_BYTES)
    if name.endswith(PLAYWRIGHT) and not head:
        return  # a trace without a request
    start = Start(head)
    if head.startswith(ZIP):
        start = Start(head, _inner_names(at, open_member, name))
    reader = reader_of(start)
    if (known := next((each for each in PACKED if each.sniff(start)), None)) is not None:
        raise CaptureError(f"{name}: {known.is_what}")
    if reader is None:
        raise OtherFormatError(f"{name}: is no capture")
    member_file = CaptureFile(
        name, open_member, at.file.responses, keys=at.file.keys, beside=_beside(at), depth=at.file.depth + 1
    )
    yield from reader.read(member_file)
    if damage := next(filter(None, map(damage_of, opened)), None):
        yield Gap(GapKind.UNREADABLE, name, damage)
    maker = member_file.maker.recorder
    if maker and maker not in at.file.maker.recorder:
        at.file.maker.recorder = ", ".join(filter(None, (at.file.maker.recorder, maker)))
    yield from drops_of(name, reader.name, maker)


def _inner_names(at: _Member, open_member: Callable[[], BinaryIO], name: str) -> tuple[str, ...]:
    """Names in an archive inside this one."""
    if at.file.depth:
        raise CaptureError(f"{name}: is a zip archive in one in another; unpack that, and give the folder")
    with open_member() as member, seekable(member, name, at.room[0]) as inner:
        at.room[0] -= inner.seek(0, io.SEEK_END)
        return names_in(inner)


def _beside(at: _Member) -> Callable[[str], bytes | None]:
    folder = PurePosixPath(at.member.name).parent

    def read(name: str) -> bytes | None:
        path = str(folder / name)
        try:
            with at.archive.open(at.by_name[path]) as member:
                data = take(member, MOST_BESIDE_BYTES + 1)
        except (KeyError, *BROKEN_ZIP):
            return None
        if len(data) > MOST_BESIDE_BYTES:
            return None
        at.used.add(path)
        return data

    return read


ARCHIVE = Reader(
    "zip archives of these",
    (".zip",),
    lambda start: start.head.startswith(ZIP) or bool(start.members),
    read_archive,
)
