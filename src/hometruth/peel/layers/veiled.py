"""Weak disguises over what says what it is: XOR with one byte, letters moved round the alphabet, reversal.

Over text these are searched for, key and all (`peel.keyed`). Over compressed bytes nothing of a value shows;
but how these begin gives the key away, and the stream's own end says whether it was the right one.
"""

import binascii
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from hometruth.peel.layers.compression import GZIP_MAGIC, ZSTD_MAGIC, gunzip, inflate, unzstd
from hometruth.peel.layers.layer import Context, Opened, Piece
from hometruth.peel.many.kinds import LETTERS

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Mask

SHORTEST = 18
"""Bytes of the shortest gzip."""
_ROOM = Context(room_bytes=1 << 24)
_FLAGS = b"\x01\x5e\x9c\xda"
"""The second byte of zlib with the usual window."""
_UPPER, _LOWER = LETTERS[:26], LETTERS[26:]
_BASE64 = re.compile(rb"[A-Za-z0-9+/_\-]{20,}+={0,2}")
_GZIP64, _ZLIB64 = b"H4sI", b"eJ"
"""How base64 of gzip and of zlib begins."""


def begins_packed(data: bytes) -> bool:
    """True for what begins like a compressed stream."""
    return data.startswith((GZIP_MAGIC, ZSTD_MAGIC)) or (data[:1] == b"x" and data[1:2] in _FLAGS)


def unxor_packed(data: bytes) -> Opened | None:
    """XOR every byte with the one that makes a compressed stream of it; None unless it opens to its end."""
    if len(data) < SHORTEST:
        return None
    for magic in (GZIP_MAGIC, ZSTD_MAGIC, *(bytes((0x78, flag)) for flag in _FLAGS)):
        key = data[0] ^ magic[0]
        if key and all(data[at] ^ key == byte for at, byte in enumerate(magic)):
            plain = data.translate(bytes(byte ^ key for byte in range(256)))
            if is_packed(plain):
                return Opened([Piece(f"0x{key:02x}", plain, 0, len(data))])
    return None


def may_be_xor_packed(batch: "Batch") -> "Mask":
    """Bytes as far from each other as those of a magic number."""
    first, second, third, fourth = batch.head[:4]
    steps = first ^ second
    gzip = (steps == GZIP_MAGIC[0] ^ GZIP_MAGIC[1]) & (second ^ third == GZIP_MAGIC[1] ^ GZIP_MAGIC[2])
    zstd = (steps == ZSTD_MAGIC[0] ^ ZSTD_MAGIC[1]) & (third ^ fourth == ZSTD_MAGIC[2] ^ ZSTD_MAGIC[3])
    found = gzip | zstd
    for flag in _FLAGS:
        found |= steps == 0x78 ^ flag
    result: Mask = found & (batch.lengths >= SHORTEST)
    return result


def unrot_packed(data: bytes) -> Opened | None:
    """Move letters back so far that base64 of a compressed stream stands there; None unless it opens."""
    if not _BASE64.fullmatch(data):
        return None
    for beginning in (_GZIP64, _ZLIB64):
        by = (data[0] | 0x20) - (beginning[0] | 0x20)
        plain = _moved(data, by % 26)
        if by % 26 and plain.startswith(beginning) and _is_packed64(plain):
            return Opened([Piece(str(by % 26), plain, 0, len(data))])
    return None


def unreverse_packed(data: bytes) -> Opened | None:
    """Turn base64 or bytes of a compressed stream round; None unless it opens."""
    turned = data[::-1]
    if turned.lstrip(b"=").startswith((_GZIP64, _ZLIB64)) and _BASE64.fullmatch(turned):
        opens: Callable[[bytes], bool] = _is_packed64
    elif turned.startswith((GZIP_MAGIC, ZSTD_MAGIC)) or (turned[:1] == b"x" and turned[1:2] in _FLAGS):
        opens = is_packed
    else:
        return None
    return Opened([Piece("", turned, 0, len(data))]) if opens(turned) else None


def may_be_rot_packed(batch: "Batch") -> "Mask":
    """Letters as far from each other as those that base64 of a compressed stream begins with."""
    first, second, third, fourth = batch.head[:4]
    gzip = (second == _GZIP64[1]) & (((third | 0x20) - (first | 0x20) - (0x73 - 0x68)) % 26 == 0)
    zlib = ((second | 0x20) - (first | 0x20) - (0x6A - 0x65)) % 26 == 0
    result: Mask = (gzip | zlib) & (batch.lengths >= 20) & (fourth > 0)
    return result


def may_be_reversed_packed(batch: "Batch") -> "Mask":
    """A magic number at the end, turned round."""
    buffer, ends, lengths = batch.strings.buffer, batch.strings.ends, batch.lengths
    last, before = buffer[ends - 1], buffer[ends - 1 - (lengths > 1)]
    found = batch.none()
    for magic in (GZIP_MAGIC, ZSTD_MAGIC, _GZIP64, _ZLIB64, *(bytes((0x78, flag)) for flag in _FLAGS)):
        found |= (last == magic[0]) & (before == magic[1])
    result: Mask = found & (lengths >= SHORTEST)
    return result


def _moved(data: bytes, by: int) -> bytes:
    plain = _UPPER[-by:] + _UPPER[:-by] + _LOWER[-by:] + _LOWER[:-by] if by else _UPPER + _LOWER
    return data.translate(bytes.maketrans(_UPPER + _LOWER, plain))


def _is_packed64(text: bytes) -> bool:
    bare = text.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    try:
        return is_packed(binascii.a2b_base64(bare + b"=" * (-len(bare) % 4)))
    except binascii.Error:
        return False


def is_packed(data: bytes) -> bool:
    """True for a compressed stream that is whole."""
    if data.startswith(GZIP_MAGIC):
        opened = gunzip(data, _ROOM)
    elif data.startswith(ZSTD_MAGIC):
        opened = unzstd(data, _ROOM)
    else:
        opened = inflate(data, _ROOM)
    return opened is not None and not opened.damage
