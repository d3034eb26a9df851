"""Members of zip archives, by the index at the end and by the head that each has before its data.

APPNOTE.TXT (PKWARE, 6.3) 4.3: what one of the two no longer tells, or tells wrongly, the other one may.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import BinaryIO

from hometruth.zip_archive.heads import BEHIND, ENCRYPTED, HEAD, UTF_8, ZIP, head_at
from hometruth.zip_archive.measure import Ruler
from hometruth.zip_archive.packing import DAMAGED, PIECE_BYTES, Packing, PieceStream

MOST_MEMBERS = 100_000
"""Members of one archive that are looked at."""
MOST_NAMED = 10
"""Losses of a damaged archive that are told one by one."""
MOST_CHECKED_BYTES = 1 << 30
"""Unpacked to find out which of two descriptions of a member is right."""

END, END_BYTES, MOST_COMMENT_BYTES = b"PK\x05\x06", 22, 0xFFFF
"""The last record, and the comment behind it."""


@dataclass(frozen=True, slots=True)
class ZipMember:
    """One file of an archive."""

    names: tuple[str, ...]
    """Its name; a second one where its own head has another than the index."""
    start: int
    """Where its head begins."""
    data_at: int
    packings: tuple[Packing, ...]
    """How it is packed; a second one where its own head has it otherwise."""

    @property
    def name(self) -> str:
        """Its name, by the index if that tells of it."""
        return self.names[0]

    @property
    def is_encrypted(self) -> bool:
        """Whether all that is told of it says so."""
        return all(packing.is_encrypted for packing in self.packings)

    @property
    def end(self) -> int:
        """Where its data end, as far as that is known."""
        return self.data_at + max(packing.packed_bytes or 0 for packing in self.packings)


class ZipArchive:
    """The members of an archive; each once, whether index, head or both tell of it."""

    def __init__(self, stream: BinaryIO) -> None:
        """Find them.

        Raises:
            zipfile.BadZipFile: If there is none.
        """
        self._stream = stream
        self._size = stream.seek(0, io.SEEK_END)
        self._ruler = Ruler(stream, self._size)
        self._chosen: dict[int, Packing] = {}
        self.losses: dict[str, None] = {}
        """What is wrong, each in words; of the content of a member, known when that was read."""
        told, end = self._index()
        placed: dict[int, ZipMember] = {}
        lost: list[zipfile.ZipInfo] = []
        for info in told or ():
            member = self._told(info)
            if member is None or placed.setdefault(member.start, member) is not member:
                lost.append(info)
        untold = list(self._untold(placed, end))
        members = [*placed.values(), *self._matched(lost, untold)]
        new = [*self._new(members, untold)]
        if new and told is not None:
            left = len(new) - MOST_NAMED
            named = ", ".join(member.name for member in new[:MOST_NAMED]) + (
                f" and {left} more" if left > 0 else ""
            )
            self._lose(f"its index does not tell of {len(new)} of its files: {named}")
        elif told is None:
            self._lose(f"its index is damaged or not at its end: {len(new)} files were found by their heads")
            if not new:
                raise zipfile.BadZipFile("its index is damaged, and no file has a sound head")
        self.members: Sequence[ZipMember] = [*members, *new][:MOST_MEMBERS]
        if len(members) + len(new) > MOST_MEMBERS:
            self._lose(f"all behind the first {MOST_MEMBERS:,} files")

    @property
    def damage(self) -> str:
        """What of the archive could not be read so far, in words; empty if nothing is wrong."""
        left = len(self.losses) - MOST_NAMED
        return "; ".join([*self.losses][:MOST_NAMED]) + (f"; and {left} more" if left > 0 else "")

    def open(self, member: ZipMember) -> BinaryIO:
        """What of a member is sound, from its beginning.

        Raises:
            zipfile.BadZipFile: If it is encrypted, or packed in a way that is not read.
        """
        packing = self._right(member)
        if why := packing.why_unread:
            raise zipfile.BadZipFile(why)
        return io.BufferedReader(PieceStream(self._content(member, packing)), PIECE_BYTES)

    def _lose(self, what: str) -> None:
        self.losses[what] = None

    def _index(self) -> tuple[list[zipfile.ZipInfo] | None, int]:
        """What the index tells, None if it cannot be read; and where it begins."""
        if not self._has_end():
            return None, self._size
        try:
            with zipfile.ZipFile(self._stream) as archive:
                return archive.infolist(), min(max(0, archive.start_dir), self._size)
        except (zipfile.BadZipFile, NotImplementedError, struct.error, *DAMAGED):
            return None, self._size

    def _has_end(self) -> bool:
        """Whether the last record of an index stands at the end, and not that of an archive in this one."""
        self._stream.seek(max(0, self._size - END_BYTES - MOST_COMMENT_BYTES))
        data = self._stream.read()
        at = data.rfind(END)
        comment_bytes = int.from_bytes(data[at + END_BYTES - 2 : at + END_BYTES], "little")
        return at >= 0 and at + END_BYTES + comment_bytes == len(data)

    def _told(self, info: zipfile.ZipInfo) -> ZipMember | None:
        """A member where the index says; None if something else is there."""
        head = head_at(self._stream, info.header_offset)
        if head is None:
            return None
        flags, own = info.flag_bits, head.packing
        told = Packing(
            info.compress_type, bool(flags & ENCRYPTED), info.CRC, info.compress_size, bool(flags & BEHIND)
        )
        raw_name = info.orig_filename.encode("utf-8" if flags & UTF_8 else "cp437", "replace")
        is_named = head.raw_name == raw_name
        is_same = (own.checksum, own.packed_bytes) == (told.checksum, told.packed_bytes)
        if head.has_signature + is_named + is_same < 2:
            return None
        is_right = told.is_as(own) and self._ruler.end_of(head.data_at, told) is not None
        if own.packed_bytes is None and not is_right:
            own = self._ruler.measured(head.data_at, own, self._size)
        if not is_named:
            self._lose(f"{info.filename!r} is called {head.name!r} by its own head")
        return ZipMember(
            (info.filename,) if is_named else (info.filename, head.name),
            info.header_offset,
            head.data_at,
            (told,) if told.is_as(own) else (told, own),
        )

    def _matched(self, lost: list[zipfile.ZipInfo], untold: list[ZipMember]) -> Iterator[ZipMember]:
        """Members that do not stand where the index says; taken from those that it does not tell of."""
        by_name = {member.name: member for member in untold}
        by_content = {(each.packings[0].checksum, each.packings[0].packed_bytes): each for each in untold}
        taken: set[int] = set()
        for info in lost:
            self._lose(f"{info.filename} is not where the index says")
            member = by_name.get(info.filename) or by_content.get((info.CRC, info.compress_size))
            if member and member.start not in taken:
                taken.add(member.start)
                yield replace(member, names=tuple(dict.fromkeys((info.filename, member.name))))
        untold[:] = [member for member in untold if member.start not in taken]

    def _new(self, members: list[ZipMember], untold: list[ZipMember]) -> Iterator[ZipMember]:
        known = {name for member in members for name in member.names}
        for member in untold:
            if member.name in known:
                self._lose(f"{member.name} is there twice")
            else:
                known.add(member.name)
                yield member

    def _untold(self, placed: dict[int, ZipMember], end: int) -> Iterator[ZipMember]:
        """Members that stand between those whose place is known."""
        position = 0
        starts = sorted(start for start in placed if start < end)
        for start, following in pairwise([*starts, end, end]):
            if start - position > HEAD.size:
                yield from self._between(position, start)
            if start < end:
                position = max(position, self._behind(placed[start], following))

    def _behind(self, member: ZipMember, following: int) -> int:
        """Where a member ends, which is not behind the beginning of the next."""
        ends = (self._ruler.end_of(member.data_at, packing) for packing in member.packings)
        return next((end for end in ends if end is not None), min(member.end, following))

    def _between(self, position: int, stop: int) -> Iterator[ZipMember]:
        """Members by their heads alone; what is inside one is none of the archive."""
        while (found := self._ruler.find(position, stop)) is not None:
            head = head_at(self._stream, found)
            position = found + len(ZIP)
            if head is None or not head.is_sound:
                continue
            if head.data_at > stop:
                self._lose(f"the head of {head.name} reaches into what follows it")
                continue
            packing = self._ruler.measured(head.data_at, head.packing, stop)
            member = ZipMember((head.name,), found, head.data_at, (packing,))
            yield member
            position = max(position, self._ruler.end_of(head.data_at, packing) or min(member.end, stop))
        if self._ruler.left_bytes <= 0:
            self._lose(f"all behind byte {position:,}: it was gone through too often")

    def _right(self, member: ZipMember) -> Packing:
        """Of two descriptions of a member, the one by which its checksum is right."""
        if len(member.packings) == 1:
            return member.packings[0]
        if member.start not in self._chosen:
            right = next((each for each in member.packings if self._is_right(member, each)), None)
            if right is not member.packings[0]:
                self._lose(f"{member.name} is described in two ways")
            self._chosen[member.start] = right or member.packings[0]
        return self._chosen[member.start]

    def _is_right(self, member: ZipMember, packing: Packing) -> bool:
        checksum = size = 0
        try:
            for piece in packing.unpacked(self._stream, member.data_at) if not packing.why_unread else ():
                checksum, size = zlib.crc32(piece, checksum), size + len(piece)
                if size > MOST_CHECKED_BYTES:
                    return False
        except DAMAGED:
            return False
        return not packing.why_unread and packing.checksum in (None, checksum)

    def _content(self, member: ZipMember, packing: Packing) -> Iterator[bytes]:
        checksum = 0
        try:
            for piece in packing.unpacked(self._stream, member.data_at):
                checksum = zlib.crc32(piece, checksum)
                yield piece
        except EOFError:
            self._lose(f"{member.name} is cut short")
        except DAMAGED as err:
            self._lose(f"{member.name} is damaged: {err}")
        else:
            if packing.checksum not in (None, checksum):
                self._lose(f"{member.name} does not match its checksum")
