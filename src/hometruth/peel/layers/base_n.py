"""Rarer spellings of bytes as text: base32 (RFC 4648), base45 (RFC 9285), base58 (as in Bitcoin), base62,
base85 (Adobe's ASCII85, and RFC 1924's alphabet as in git).

Much ordinary text is made of these letters too. A value is taken for one of them only as a whole, and only if
what comes out can be recognised: text, a compressed stream by its magic number, or as long as a digest.
"""

import base64
import binascii
import re
from collections.abc import Callable

from hometruth.peel.layers.layer import Opened, whole
from hometruth.peel.text_check import is_text

SHORTEST = 8
"""Characters that hold five bytes of base32."""
LONGEST_NUMBER = 4096
"""Characters of base58 and base62: decoding them takes quadratic time, and nobody packs bulk into them."""
DIGEST_SIZES = frozenset({16, 20, 28, 32, 48, 64})
_MAGIC = (
    b"\x1f\x8b\x08",
    b"\x28\xb5\x2f\xfd",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x04\x22\x4d\x18",
    b"\x78\x9c",
    b"\x78\xda",
)
_BASE32 = re.compile(rb"(?:[A-Z2-7]++|[a-z2-7]++)={0,6}")
_BASE32_HEX = re.compile(rb"(?:[0-9A-V]++|[0-9a-v]++)={0,6}")
_BASE45 = re.compile(rb"[0-9A-Z $%*+\-./:]++")
_BASE58 = re.compile(rb"(?=[1-9A-Z]*+[a-z])(?=[1-9a-z]*+[A-Z])[1-9A-HJ-NP-Za-km-z]++")
_BASE62 = re.compile(rb"(?=[0-9A-Z]*+[a-z])(?=[0-9a-z]*+[A-Z])[0-9A-Za-z]++")
"""Letters of both cases: words, numbers and hexadecimal digits have not, and are most values."""
_ADOBE85 = re.compile(rb"<~[!-uz\s]*+(?:~>)?")
_ASCII85 = re.compile(rb"(?=[0-9A-Za-z]*+[^0-9A-Za-z])[!-uz]++")
_BASE85 = re.compile(rb"(?=[0-9A-Za-z]*+[^0-9A-Za-z])[0-9A-Za-z!#$%&()*+\-;<=>?@^_`{|}~]++")
"""At least one sign: words have none, and are most values."""
HEAD = 20
"""Characters of base85 that are decoded to see whether the rest is worth it: 16 bytes."""
_ALPHABET45 = {byte: number for number, byte in enumerate(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")}
_ALPHABET58 = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ALPHABETS62 = (
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
)


def unbase32(data: bytes) -> Opened | None:
    """Decode base32 of either case, padded or not."""
    if len(data) < SHORTEST or not _BASE32.fullmatch(data):
        return None
    return _recognised(data, _decode32(data, base64.b32decode))


def unbase32hex(data: bytes) -> Opened | None:
    """Decode base32 with the extended hex alphabet."""
    if len(data) < SHORTEST or not _BASE32_HEX.fullmatch(data):
        return None
    return _recognised(data, _decode32(data, base64.b32hexdecode))


def unbase45(data: bytes) -> Opened | None:
    """Decode base45: two bytes in three characters."""
    if len(data) < SHORTEST or len(data) % 3 == 1 or not _BASE45.fullmatch(data):
        return None
    out = bytearray()
    for start in range(0, len(data), 3):
        digits = [_ALPHABET45[byte] for byte in data[start : start + 3]]
        number = sum(digit * 45**place for place, digit in enumerate(digits))
        width = len(digits) - 1
        if number >> (8 * width):
            return None
        out += number.to_bytes(width)
    return _recognised(data, bytes(out))


def unbase58(data: bytes) -> Opened | None:
    """Decode base58."""
    if not SHORTEST <= len(data) <= LONGEST_NUMBER or not _BASE58.fullmatch(data):
        return None
    return _recognised(data, _decode_number(data, _ALPHABET58))


def unbase62(data: bytes) -> Opened | None:
    """Decode base62 with upper or lower case first; None if both would do."""
    if not SHORTEST <= len(data) <= LONGEST_NUMBER or not _BASE62.fullmatch(data):
        return None
    read = [
        opened for alphabet in _ALPHABETS62 if (opened := _recognised(data, _decode_number(data, alphabet)))
    ]
    return read[0] if len(read) == 1 else None


def unascii85(data: bytes) -> Opened | None:
    """Decode ASCII85, with or without its brackets."""
    if data.startswith(b"<~") and _ADOBE85.fullmatch(data):
        decoded = _decode85(base64.a85decode, data[2:].removesuffix(b"~>"))
        return whole(data, decoded) if decoded else None
    if len(data) < SHORTEST or not _ASCII85.fullmatch(data):
        return None
    return _recognised(data, _decode85(base64.a85decode, data))


def unbase85(data: bytes) -> Opened | None:
    """Decode base85 with the alphabet of RFC 1924."""
    if len(data) < SHORTEST or not _BASE85.fullmatch(data):
        return None
    return _recognised(data, _decode85(base64.b85decode, data))


def _decode85(decode: Callable[[bytes], bytes], data: bytes) -> bytes | None:
    """Decode *data* if its head gives something that may be recognised."""
    try:
        head = decode(data[:HEAD])
        if len(data) == HEAD or not (
            is_text(head) or head.startswith(_MAGIC) or len(data) * 4 // 5 in DIGEST_SIZES
        ):
            return head if len(data) == HEAD else None
        return decode(data)
    except ValueError:
        return None


def _recognised(data: bytes, decoded: bytes | None) -> Opened | None:
    """The result, if it is text, compressed or as long as a digest."""
    if not decoded or len(decoded) < 4:
        return None
    if decoded.startswith(_MAGIC) or len(decoded) in DIGEST_SIZES or is_text(decoded):
        return whole(data, decoded)
    return None


def _decode32(data: bytes, decode: Callable[[bytes], bytes]) -> bytes | None:
    bare = data.rstrip(b"=").upper()
    try:
        return decode(bare + b"=" * (-len(bare) % 8))
    except binascii.Error:
        return None


def _decode_number(data: bytes, alphabet: bytes) -> bytes:
    """Digits of a large number; leading zeros stand for zero bytes."""
    number = 0
    base = len(alphabet)
    for byte in data:
        number = number * base + alphabet.index(byte)
    zeros = len(data) - len(data.lstrip(alphabet[:1]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)
