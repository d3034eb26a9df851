"""Bytes as text in signs of every kind: Z85 (ZeroMQ RFC 32) and basE91 (base91.sourceforge.net).

Both are made of signs that addresses, forms and JSON are made of too. So a value is only asked if it looks as
if its characters were drawn, and only believed if what comes out can be recognised.
"""

import struct
from typing import TYPE_CHECKING

from hometruth.peel.layers.base_n import LONGEST, recognised, too_long
from hometruth.peel.layers.layer import Opened
from hometruth.peel.many.kinds import NO_91, NO_Z85, STRANGE

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Mask

SHORTEST = 10
"""Characters that hold eight bytes."""
LEAST_STRANGE = 2
"""Different signs that stand in neither words nor addresses."""
LEAST_CHANGES = 0.45
"""Changes between capitals, small letters, digits and signs, for each character: of drawn ones, 0.7."""
LEAST_SIGNS, MANY_CHANGES = 3, 0.55
"""Where there are fewer strange signs: different signs of any kind, and changes."""
DIGITS = b"0123456789"
LOWER, UPPER = b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALPHABET_Z85 = DIGITS + LOWER + UPPER + b".-:+=^!/*?&<>()[]{}@%$#"
ALPHABET_91 = UPPER + LOWER + DIGITS + b'!#$%&()*+,./:;<=>?@[]^_`{|}~"'
_NOT_Z85, _NOT_91 = bytes(set(range(256)) - set(ALPHABET_Z85)), bytes(set(range(256)) - set(ALPHABET_91))
_STRANGE = frozenset(b'!#$()*;<>?@[]^`{|}~"')
_ALPHANUMERIC = LOWER + UPPER + DIGITS
_KINDS = bytes(
    next((kind for kind, of_kind in enumerate((LOWER, UPPER, DIGITS)) if byte in of_kind), 3)
    for byte in range(256)
)
"""Of each byte: small letter, capital, digit, sign."""
_DOCUMENT = (b'{"', b"[{", b"[[", b'["')
_TO_Z85 = bytes.maketrans(ALPHABET_Z85, bytes(range(85)))
_TO_91 = bytes.maketrans(ALPHABET_91, bytes(range(91)))


def unz85(data: bytes) -> Opened | None:
    """Decode Z85: four bytes in five characters. What did not fill a group was filled up with zero bytes, or
    its last group is short.
    """
    if len(data) % 5 == 1 or not _may_be(data, _NOT_Z85):
        return None
    if len(data) > LONGEST:
        return too_long(data)
    missing = -len(data) % 5
    digits = data.translate(_TO_Z85) + bytes([84]) * missing
    groups = zip(digits[0::5], digits[1::5], digits[2::5], digits[3::5], digits[4::5], strict=True)
    numbers = [(((a * 85 + b) * 85 + c) * 85 + d) * 85 + e for a, b, c, d, e in groups]
    if max(numbers) >> 32:
        return None
    decoded = struct.pack(f">{len(numbers)}I", *numbers)
    decoded = decoded[: len(decoded) - missing]
    opened = recognised(data, decoded, digests=False)
    if opened or missing:
        return opened
    bare = decoded.rstrip(b"\0")
    return recognised(data, bare, digests=False) if 0 < len(decoded) - len(bare) < 4 else None


def may_be_z85(batch: "Batch") -> "Mask":
    """Its alphabet, groups, and signs as addresses have not."""
    groups: Mask = batch.lengths % 5 != 1
    return batch.without(NO_Z85) & groups & _may_be_drawn(batch)


def unbase91(data: bytes) -> Opened | None:
    """Decode basE91: 13 or 14 bits in two characters."""
    if not _may_be(data, _NOT_91):
        return None
    if len(data) > LONGEST:
        return too_long(data)
    digits = data.translate(_TO_91)
    out = bytearray()
    bits = held = 0
    for low, high in zip(digits[0::2], digits[1::2], strict=False):
        pair = low + high * 91
        width = 13 if pair & 8191 > 88 else 14
        held |= pair << bits
        bits += width
        while bits > 7:
            out.append(held & 0xFF)
            held >>= 8
            bits -= 8
    if len(digits) % 2:
        out.append((held | digits[-1] << bits) & 0xFF)
    return recognised(data, bytes(out), digests=False)


def may_be_base91(batch: "Batch") -> "Mask":
    """Its alphabet, and signs as addresses have not."""
    return batch.without(NO_91) & _may_be_drawn(batch)


def looks_drawn(data: bytes) -> bool:
    """True for characters that change their kind as often as drawn ones do, strange signs among them."""
    signs = frozenset(data.translate(None, _ALPHANUMERIC))
    n_strange = len(signs & _STRANGE)
    if (n_strange < LEAST_STRANGE and len(signs) < LEAST_SIGNS) or data.startswith(_DOCUMENT):
        return False
    changes = _runs(data) / len(data)
    strange = n_strange >= LEAST_STRANGE and changes >= LEAST_CHANGES
    return strange or (changes >= MANY_CHANGES and len(signs) >= LEAST_SIGNS and _has_all(data))


def _runs(data: bytes) -> int:
    """Number of runs of characters of one kind; counted in one large number, two bits a byte."""
    kinds = int.from_bytes(data.translate(_KINDS))
    changed = kinds ^ kinds >> 8
    ones = int.from_bytes(b"\x01" * (len(data) - 1))
    return 1 + ((changed | changed >> 1) & ones).bit_count()


def _has_all(data: bytes) -> bool:
    """True for text with capitals, small letters and digits."""
    return not data.islower() and not data.isupper() and any(digit in data for digit in DIGITS)


def _may_be(data: bytes, others: bytes) -> bool:
    return len(data) >= SHORTEST and len(data.translate(None, others)) == len(data) and looks_drawn(data)


def _may_be_drawn(batch: "Batch") -> "Mask":
    return batch.with_any(STRANGE) & (batch.lengths >= SHORTEST)
