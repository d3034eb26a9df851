"""ZIP archives (PKWARE's APPNOTE.TXT, version 6.3): names of members, and what is in them, unpacked.

Members are found by the directory at the end, as every program finds them; without one it is no archive.
"""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import IO

from hometruth.peel.layers.json_text import segment
from hometruth.peel.layers.layer import MAX_PIECES, Context, Opened, Piece

ZIP_MAGIC = b"PK\x03\x04"
_ENCRYPTED = 0x1
_DAMAGED = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
)
"""What the library raises for bytes that are no archive, or use what it does not know."""
SEALED = "an encrypted member of a ZIP archive"
STOPPED = "members unpack to more than the room left"


def unzip(data: bytes, context: Context) -> Opened | None:
    """Name and content of every member; None if *data* is no archive to its end."""
    if not data.startswith(ZIP_MAGIC):
        return None
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _members(data, archive, context)
    except _DAMAGED:
        return Opened([], damage="ZIP: the archive is damaged, or not all there")


def _members(data: bytes, archive: zipfile.ZipFile, context: Context) -> Opened:
    pieces: list[Piece] = []
    damage = stopped = sealed = ""
    room = context.room_bytes
    for member in archive.infolist():
        if len(pieces) > MAX_PIECES:
            stopped = f"only the first {MAX_PIECES} pieces are looked into"
            break
        name = member.filename.encode("utf-8", "surrogateescape")
        start = min(max(member.header_offset, 0), len(data))  # a damaged list may point before its archive
        label = segment(name)
        pieces.append(Piece(label + "~", name, start, start))
        if member.flag_bits & _ENCRYPTED:
            sealed = SEALED
            continue
        try:
            content, left = _content(archive, member, room)
        except _DAMAGED as err:
            damage = f"ZIP: {err}"
            continue
        room -= len(content)
        if left:
            stopped = STOPPED
        end = min(start + 30 + len(name) + member.compress_size, len(data))
        pieces.append(Piece(label, content, start, end))
        if room <= 0:
            break
    return Opened(pieces, damage=damage, stopped=stopped, sealed=sealed)


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, room: int) -> tuple[bytes, bool]:
    """What a member unpacks to, as far as there is room, and whether more would come."""
    with archive.open(member) as stream:
        content = b"".join(_chunks(stream, room))
        return content, len(content) >= room and bool(stream.read(1))


def _chunks(stream: IO[bytes], room: int) -> Iterator[bytes]:
    while room > 0 and (chunk := stream.read(min(room, 1 << 16))):
        room -= len(chunk)
        yield chunk
