"""ZIP archives (PKWARE's APPNOTE.TXT, version 6.3): names of members, and what is in them, unpacked."""

from io import BytesIO

from hometruth.peel.layers.json_text import segment
from hometruth.peel.layers.layer import MAX_PIECES, Context, Opened, Piece
from hometruth.zip_archive import BROKEN_ZIP, ZIP, ZipArchive, ZipMember

SEALED = "an encrypted member of a ZIP archive"
STOPPED = "members unpack to more than the room left"


def unzip(data: bytes, context: Context) -> Opened | None:
    """Name and content of every member, as far as they are sound; None if *data* does not begin like one."""
    if not data.startswith(ZIP):
        return None
    try:
        archive = ZipArchive(BytesIO(data))
    except BROKEN_ZIP:
        return Opened([], damage="ZIP: the archive is damaged, or not all there")
    return _members(data, archive, context)


def _members(data: bytes, archive: ZipArchive, context: Context) -> Opened:
    pieces: list[Piece] = []
    damage = stopped = sealed = ""
    room = context.room_bytes
    for member in archive.members:
        if len(pieces) > MAX_PIECES:
            stopped = f"only the first {MAX_PIECES} pieces are looked into"
            break
        names = [name.encode("utf-8", "surrogateescape") for name in member.names]
        pieces += (Piece(segment(name) + "~", name, member.start, member.start) for name in names)
        if member.is_encrypted:
            sealed = SEALED
            continue
        try:
            content, left = _content(archive, member, room)
        except BROKEN_ZIP as err:
            damage = f"ZIP: {member.name} {err}"
            continue
        room -= len(content)
        if left:
            stopped = STOPPED
        pieces.append(Piece(segment(names[0]), content, member.start, min(member.end, len(data))))
        if room <= 0:
            break
    damage = f"ZIP: {archive.damage}" if archive.damage else damage
    return Opened(pieces, damage=damage, stopped=stopped, sealed=sealed)


def _content(archive: ZipArchive, member: ZipMember, room: int) -> tuple[bytes, bool]:
    """What a member unpacks to, as far as there is room, and whether more would come."""
    with archive.open(member) as stream:
        chunks, left = [], room
        while left > 0 and (chunk := stream.read(min(left, 1 << 16))):
            chunks.append(chunk)
            left -= len(chunk)
        return b"".join(chunks), left <= 0 and bool(stream.read(1))
