"""Zip archives, also those whose list of files is lost: it stands at the end, where a download breaks off.

APPNOTE.TXT 4.3: every file has a head of its own before its data; from these heads the list is made again.
"""

import io
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
    zlib.error,
)
"""What is raised of damaged, encrypted and newer archives."""


class SalvagedZip:
    """The files of an archive by their own heads, with the same methods as `zipfile.ZipFile`."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._entries: dict[str, tuple[zipfile.ZipInfo, int]] = {}
        for entry, start in _heads(stream):
            self._entries.setdefault(entry.filename, (entry, start))
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
        return io.BufferedReader(_Salvaged(self._stream, start, entry))


class _Salvaged(io.RawIOBase):
    def __init__(self, stream: BinaryIO, start: int, entry: zipfile.ZipInfo) -> None:
        self._stream, self._at, self._name = stream, start, entry.filename
        self._inflate = (
            zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == zipfile.ZIP_DEFLATED else None
        )
        self._left = entry.compress_size if self._inflate is None else None
        self._held = b""
        self.damage: str | None = None

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
        if self.damage or (self._inflate and self._inflate.eof) or self._left == 0:
            return False
        self._stream.seek(self._at)
        data = self._stream.read(min(SCAN_BYTES, self._left if self._left is not None else SCAN_BYTES))
        self._at += len(data)
        if not data:
            self.damage = f"{self._name} is cut short"
            return False
        if self._inflate is None:
            self._held, self._left = data, (self._left or 0) - len(data)
            return True
        try:
            self._held = self._inflate.decompress(data)
        except zlib.error as err:
            self._held, self.damage = _sound(data), f"{self._name} is damaged: {err}"
        return True


def _sound(data: bytes) -> bytes:
    """What a deflate stream gives before it breaks; nothing, where it began in an earlier piece."""
    inflate, given = zlib.decompressobj(-zlib.MAX_WBITS), []
    try:
        for at in range(0, len(data), 256):
            given.append(inflate.decompress(data[at : at + 256]))
    except zlib.error:
        pass  # told already
    return b"".join(given)


def _heads(stream: BinaryIO) -> Iterator[tuple[zipfile.ZipInfo, int]]:
    """Files by their heads, and where the data of each begins."""
    for n, position in enumerate(_signatures(stream)):
        if n >= MOST_MEMBERS:
            return
        stream.seek(position)
        raw = stream.read(HEAD.size)
        if len(raw) < HEAD.size:
            return
        _, _, flags, method, _, _, crc, packed, size, name_bytes, extra_bytes = HEAD.unpack(raw)
        if (
            name_bytes > _LONGEST_NAME
            or method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
            or flags & 1
        ):
            continue
        name = stream.read(name_bytes).decode("utf-8" if flags & 0x800 else "cp437", "replace")
        if not _SOUND_NAME.fullmatch(name):
            continue
        entry = zipfile.ZipInfo(name)
        entry.compress_type, entry.CRC = method, crc
        entry.compress_size, entry.file_size = packed, size
        yield entry, position + HEAD.size + name_bytes + extra_bytes


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
    """The gap of an archive whose list of files is lost."""
    if isinstance(archive, SalvagedZip):
        n = len(archive.infolist())
        yield Gap(
            GapKind.UNREADABLE, file, f"the archive is damaged: {n} files were found by their own heads"
        )


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
