"""The head that each member of a zip archive has before its data (APPNOTE.TXT 4.3.7, 4.3.9, 4.5.3)."""

import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

from hometruth.zip_archive.packing import Packing

ZIP = b"PK\x03\x04"
DESCRIPTOR = b"PK\x07\x08"
NEXT = (ZIP, DESCRIPTOR, b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x08")
"""What may stand behind a member."""
HEAD = struct.Struct("<4s5H3L2H")
ENCRYPTED, BEHIND, UTF_8 = 0x1, 0x8, 0x800
"""Flags of a member; the second where its size and checksum stand in a descriptor behind its data."""
DESCRIPTOR_BYTES = (12, 16, 20, 24)
WHOLE = 0xFFFFFFFF
"""A size that stands among the extra fields (zip64)."""
_LONGEST_NAME = 4096
_SOUND_NAME = re.compile(r"[^\0-\x1f]{1,4096}")


@dataclass(frozen=True, slots=True)
class Head:
    """What a member says of itself."""

    has_signature: bool
    raw_name: bytes
    name: str
    data_at: int
    packing: Packing

    @property
    def is_sound(self) -> bool:
        """False for bytes that begin like a head by chance."""
        return self.has_signature and bool(_SOUND_NAME.fullmatch(self.name))


def head_at(stream: BinaryIO, position: int) -> Head | None:
    """The head at a place, its signature damaged or not; None if there is no room for one."""
    if position < 0:
        return None
    stream.seek(position)
    raw = stream.read(HEAD.size)
    if len(raw) < HEAD.size:
        return None
    signature, _, flags, method, _, _, checksum, packed, size, n_name, n_extra = HEAD.unpack(raw)
    if n_name > _LONGEST_NAME:
        return None
    name = stream.read(n_name)
    if packed == WHOLE:
        packed = _long_size(stream.read(n_extra), size)
    is_behind = bool(flags & BEHIND)
    packing = Packing(
        method,
        bool(flags & ENCRYPTED),
        None if is_behind and not checksum else checksum,
        None if is_behind and not packed else packed,
        is_behind,
    )
    text = name.decode("utf-8" if flags & UTF_8 else "cp437", "replace")
    return Head(signature == ZIP, name, text, position + HEAD.size + n_name + n_extra, packing)


def _long_size(extra: bytes, size: int) -> int:
    at = 0
    while at + 4 <= len(extra):
        kind, n = struct.unpack_from("<HH", extra, at)
        sizes = extra[at + 4 : at + 4 + n]
        skipped = 8 if size == WHOLE else 0
        if kind == 1 and len(sizes) >= skipped + 8:
            return int.from_bytes(sizes[skipped : skipped + 8], "little")
        at += 4 + n
    return WHOLE
