"""Zip archives, also those whose list of files is lost: it stands at the end, where a download breaks off.

APPNOTE.TXT 4.3: every file has a head of its own before its data; from these heads the list is made again.
"""

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from hometruth.capture.byte_stream import take
from hometruth.errors import CaptureError
from hometruth.model import Gap, GapKind

ZIP = b"PK\x03\x04"
MOST_PACKED_BYTES = 1 << 30
"""Bytes of an archive that lies inside another file, and is held to be read."""
MOST_MEMBERS = 100_000
"""Files in one archive that are looked at."""
MOST_SCANNED_BYTES = 4 << 30
"""Bytes of a damaged archive in which heads are sought."""
SCAN_BYTES = 1 << 20
MOST_NAMED = 10
"""Losses of a damaged archive that are told one by one."""
_ENCRYPTED, _SIZE_BEHIND = 1, 8
"""Flags of a file: the second one where its size and checksum stand behind its data."""
HEAD = struct.Struct("<4s5H3L2H")
_LONGEST_NAME = 4096
_SOUND_NAME = re.compile(r"[^\0-\x1f]{1,4096}")
BROKEN_ZIP = (
    zipfile.BadZipFile,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    lzma.LZMAError,
    zlib.error,
)
"""What is raised of damaged, encrypted and newer archives."""


class SalvagedZip:
    """The files of an archive by their own heads, with the same methods as `zipfile.ZipFile`."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._entries: dict[str, tuple[zipfile.ZipInfo, int]] = {}
        self.losses: dict[str, None] = {}
        """What could not be read, each in words; of a file that is open, known when it was read."""
        for found in _heads(stream):
            if isinstance(found, str):
                self.losses[found] = None
            elif self._entries.setdefault(found[0].filename, found) is not found:
                self.losses[f"{found[0].filename} is there twice"] = None
        if not self._entries:
            raise zipfile.BadZipFile("its list of files is damaged, and no file has a sound head")

    def __enter__(self) -> "SalvagedZip":
        return self

    def __exit__(self, *_: object) -> None: ...

    def infolist(self) -> list[zipfile.ZipInfo]:
        """Files in their order."""
        return [entry for entry, _ in self._entries.values()]

    def getinfo(self, name: str) -> zipfile.ZipInfo:
        """One file; KeyError if there is none of that name."""
        return self._entries[name][0]

    def open(self, name: str | zipfile.ZipInfo) -> io.BufferedReader:
        """What of a file is sound, from its beginning."""
        entry, start = self._entries[name.filename if isinstance(name, zipfile.ZipInfo) else name]
        return io.BufferedReader(_Salvaged(self._stream, start, entry, self.losses))


class _Salvaged(io.RawIOBase):
    def __init__(self, stream: BinaryIO, start: int, entry: zipfile.ZipInfo, losses: dict[str, None]) -> None:
        self._stream, self._at, self._name = stream, start, entry.filename
        self._checksum, self._declared = 0, entry.CRC
        self._losses = losses
        self._inflate = (
            zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == zipfile.ZIP_DEFLATED else None
        )
        self._left = entry.compress_size if self._inflate is None else None
        self._held = b""
        self._is_at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # the standard library gives a buffer
        while not self._held and self._fill():
            pass
        size = min(len(view), len(self._held))
        view[:size] = self._held[:size]
        self._held = self._held[size:]
        return size

    def _fill(self) -> bool:
        """Hold more of the file; False at its end."""
        if self._is_at_end:
            return False
        if (self._inflate and self._inflate.eof) or self._left == 0:
            # Where the checksum stands behind the data, the head says 0.
            right = self._declared in (0, self._checksum)
            return self._end("" if right else f"{self._name} does not match its checksum")
        self._stream.seek(self._at)
        data = self._stream.read(min(SCAN_BYTES, self._left if self._left is not None else SCAN_BYTES))
        self._at += len(data)
        if not data:
            return self._end(f"{self._name} is cut short")
        if self._inflate is None:
            self._held, self._left = data, (self._left or 0) - len(data)
        else:
            try:
                self._held = self._inflate.decompress(data)
            except zlib.error as err:
                self._held = _sound(data)
                self._end(f"{self._name} is damaged: {err}")
        self._checksum = zlib.crc32(self._held, self._checksum)
        return True

    def _end(self, damage: str) -> bool:
        self._is_at_end = True
        if damage:
            self._losses[damage] = None
        return False


def _sound(data: bytes) -> bytes:
    """What a deflate stream gives before it breaks; nothing, where it began in an earlier piece."""
    inflate, given = zlib.decompressobj(-zlib.MAX_WBITS), []
    try:
        for at in range(0, len(data), 256):
            given.append(inflate.decompress(data[at : at + 256]))
    except zlib.error:
        pass  # told already
    return b"".join(given)


def _heads(stream: BinaryIO) -> Iterator[tuple[zipfile.ZipInfo, int] | str]:
    """Files by their heads, and where the data of each begins; in words those that cannot be read."""
    for n, position in enumerate(_signatures(stream)):
        if n >= MOST_MEMBERS:
            yield f"all behind the first {MOST_MEMBERS:,} files"
            return
        stream.seek(position)
        raw = stream.read(HEAD.size)
        if len(raw) < HEAD.size:
            return
        _, _, flags, method, _, _, crc, packed, size, name_bytes, extra_bytes = HEAD.unpack(raw)
        if name_bytes > _LONGEST_NAME:
            continue
        name = stream.read(name_bytes).decode("utf-8" if flags & 0x800 else "cp437", "replace")
        if not _SOUND_NAME.fullmatch(name):
            continue
        if why := _unread(flags, method, packed):
            yield f"{name} {why}"
            continue
        entry = zipfile.ZipInfo(name)
        entry.compress_type, entry.CRC = method, crc
        entry.compress_size, entry.file_size = packed, size
        yield entry, position + HEAD.size + name_bytes + extra_bytes


def _unread(flags: int, method: int, packed: int) -> str:
    """Why a file cannot be read by its own head; empty if it can."""
    if flags & _ENCRYPTED:
        return "is encrypted"
    if method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"is packed in a way that is not read (method {method})"
    if method == zipfile.ZIP_STORED and flags & _SIZE_BEHIND and not packed:
        return "does not say how long it is"
    return ""


def _signatures(stream: BinaryIO) -> Iterator[int]:
    position = 0
    while position < MOST_SCANNED_BYTES:
        stream.seek(position)
        data = stream.read(SCAN_BYTES)
        at = data.find(ZIP)
        while at >= 0:
            yield position + at
            at = data.find(ZIP, at + 1)
        if len(data) < SCAN_BYTES:
            return
        position += len(data) - len(ZIP) + 1


def open_zip(stream: BinaryIO) -> zipfile.ZipFile | SalvagedZip:
    """An archive; where its list of files is lost, what their own heads tell.

    Raises:
        Exception: One of `BROKEN_ZIP`, if it is none.
    """
    try:
        return zipfile.ZipFile(stream)
    except BROKEN_ZIP:
        return SalvagedZip(stream)


def salvaged_gap(archive: zipfile.ZipFile | SalvagedZip, file: str) -> Iterator[Gap]:
    """The gap of an archive whose list of files is lost; asked for when all of it was read."""
    if isinstance(archive, SalvagedZip):
        detail = f"the archive is damaged: {len(archive.infolist())} files were found by their own heads"
        if archive.losses:
            left = len(archive.losses) - MOST_NAMED
            more = f"; and {left} more" if left > 0 else ""
            detail += f"; not all was read: {'; '.join([*archive.losses][:MOST_NAMED])}{more}"
        yield Gap(GapKind.UNREADABLE, file, detail)


def names_in(stream: BinaryIO) -> tuple[str, ...]:
    """Names in an archive; none if it cannot be told."""
    try:
        with open_zip(stream) as archive:
            return tuple(entry.filename for entry in archive.infolist()[:MOST_MEMBERS])
    except BROKEN_ZIP:
        return ()


def seekable(stream: BinaryIO, name: str) -> BinaryIO:
    """The same, or a copy: an archive is read from its end."""
    if stream.seekable():
        return stream
    data = take(stream, MOST_PACKED_BYTES + 1)
    if len(data) > MOST_PACKED_BYTES:
        raise CaptureError(f"{name}: a zip archive inside another file, too large to hold; unpack it first")
    return cast(BinaryIO, io.BytesIO(data))
