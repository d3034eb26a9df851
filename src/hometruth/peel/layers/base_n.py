"""Rarer spellings of bytes as text: base32 (RFC 4648), base45 (RFC 9285), base58 (as in Bitcoin), base62,
base85 (Adobe's ASCII85, and RFC 1924's alphabet as in git).

Much ordinary text is made of these letters too. A value is taken for one of them only as a whole, and only if
what comes out can be recognised: text, a format that opens, or as long as a digest.
"""

import base64
import binascii
import re
import struct
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from hometruth.peel.layers.layer import Context, Layer, On, Opened, whole
from hometruth.peel.many.kinds import CAPITAL, NO_45, NO_A85, NO_B85, SIGN, WORDY
from hometruth.peel.text_check import is_text

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Flat, Index, Mask
    from hometruth.peel.many.words import Words

SHORTEST = 8
"""Characters that hold five bytes of base32."""
SURELY_HEX = 16
"""Characters: of base32hex of that length one in 65,000 is hexadecimal digits alone; of identifiers, all."""
SURELY_UUID = 16
"""Characters: of base85 of that length one value in 10^11 has no letters but those of hexadecimal digits."""
LONGEST_NUMBER = 4096
"""Characters of base58 and base62: decoding them takes quadratic time, and nobody packs bulk into them."""
MANY_DIGITS = 256
"""Digits of a number from which on it is faster to join neighbours first."""
LONGEST = 1 << 18
"""Characters of the others; they are decoded slowly, and are for codes and tokens."""
DIGEST_SIZES = frozenset({16, 20, 28, 32, 48, 64})
_ROOM = Context(room_bytes=1 << 12, room_pieces=16)
"""What is enough to see that something opens."""
_CUTS_TEXT = frozenset({"json", "form", "url", "percent", "hex", "base64", "jwt", "data-url", "socketio"})
"""Layers that would find something in most bytes, or in runs of them."""
_BASE32 = re.compile(rb"(?:[A-Z2-7]++|[a-z2-7]++)={0,6}")
_BASE32_HEX = re.compile(rb"(?:[0-9A-V]++|[0-9a-v]++)={0,6}")
_HEX = re.compile(rb"[0-9A-F]++|[0-9a-f]++")
_BASE45 = re.compile(rb"[0-9A-Z $%*+\-./:]++")
_BASE58 = re.compile(rb"(?=[1-9A-Z]*+[a-z])(?=[1-9a-z]*+[A-Z])[1-9A-HJ-NP-Za-km-z]++")
_BASE62 = re.compile(rb"(?=[0-9A-Z]*+[a-z])(?=[0-9a-z]*+[A-Z])[0-9A-Za-z]++")
"""Letters of both cases: words, numbers and hexadecimal digits have not, and are most values."""
_ADOBE85 = re.compile(rb"<~[!-uz\s]*+(?:~>)?")
_ASCII85 = re.compile(rb"(?=[0-9A-Za-z]*+[^0-9A-Za-z])[!-uz]++")
_BASE85 = re.compile(rb"(?=[0-9A-Za-z]*+[^0-9A-Za-z])[0-9A-Za-z!#$%&()*+\-;<=>?@^_`{|}~]++")
"""At least one sign: words have none, and are most values."""
_ALPHABET45 = {byte: number for number, byte in enumerate(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")}
BASE32, BASE32HEX = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHIJKLMNOPQRSTUV"
ALPHABET58 = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ALPHABETS62 = (
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
)


def unbase32(data: bytes) -> Opened | None:
    """Decode base32 of either case, padded or not."""
    if len(data) < SHORTEST or not _BASE32.fullmatch(data):
        return None
    if len(data) > LONGEST:
        return too_long(data)
    return recognised(data, _decode32(data, base64.b32decode))


def base32_words(words: "Words", least_bytes: int) -> "Iterator[tuple[Index, Flat]]":
    """Those of one case and its alphabet."""
    return _words32(words, least_bytes, BASE32, ~words.signed)


def unbase32hex(data: bytes) -> Opened | None:
    """Decode base32 with the extended hex alphabet."""
    if len(data) < SHORTEST or not _BASE32_HEX.fullmatch(data) or _HEX.fullmatch(data):
        return None
    if len(data) > LONGEST:
        return too_long(data)
    return recognised(data, _decode32(data, base64.b32hexdecode))


def base32hex_words(words: "Words", least_bytes: int) -> "Iterator[tuple[Index, Flat]]":
    """The same in the extended hex alphabet, hexadecimal digits left out."""
    return _words32(words, least_bytes, BASE32HEX, ~words.signed & ~words.hexadecimal)


def _words32(
    words: "Words", least_bytes: int, alphabet: bytes, likely: "Mask"
) -> "Iterator[tuple[Index, Flat]]":
    import numpy as np  # noqa: PLC0415

    from hometruth.peel.many.flat import flat_of  # noqa: PLC0415

    rows = np.flatnonzero(likely & words.of_one_case & (words.lengths * 5 // 8 >= least_bytes))
    upper = ((row, words.words[row].upper()) for row in rows.tolist())
    digits = bytes.maketrans(alphabet, BASE32HEX)
    read = [
        (row, _digits32(word.translate(digits))) for row, word in upper if not word.translate(None, alphabet)
    ]
    if read:
        yield np.asarray([row for row, _ in read], np.int64), flat_of([data for _, data in read])


def _digits32(word: bytes) -> bytes:
    """Bytes of digits as Python's `int` knows them with base 32."""
    number = int(word, 32)
    spare = len(word) * 5 % 8
    return (number >> spare).to_bytes(len(word) * 5 // 8)


def unbase45(data: bytes) -> Opened | None:
    """Decode base45: two bytes in three characters."""
    if len(data) < SHORTEST or len(data) % 3 == 1 or not _BASE45.fullmatch(data):
        return None
    if len(data) > LONGEST:
        return too_long(data)
    out = bytearray()
    for start in range(0, len(data), 3):
        digits = [_ALPHABET45[byte] for byte in data[start : start + 3]]
        number = sum(digit * 45**place for place, digit in enumerate(digits))
        width = len(digits) - 1
        if number >> (8 * width):
            return None
        out += number.to_bytes(width)
    return recognised(data, bytes(out))


def may_be_base45(batch: "Batch") -> "Mask":
    """Its alphabet, and more than digits."""
    packed = batch.with_any(SIGN | WORDY | CAPITAL) & batch.without(NO_45)
    return packed & (batch.lengths >= SHORTEST)


def unbase58(data: bytes) -> Opened | None:
    """Decode base58."""
    if not SHORTEST <= len(data) <= LONGEST_NUMBER or not _BASE58.fullmatch(data):
        return None
    return recognised(data, decode_number(data, ALPHABET58))


def base58_words(words: "Words", least_bytes: int) -> "Iterator[tuple[Index, Flat]]":
    """Those of both cases in its alphabet."""
    from hometruth.peel.many.numbers import decode_numbers  # noqa: PLC0415

    rows = [row for row in _mixed(words) if not words.words[row].translate(None, ALPHABET58)]
    return decode_numbers(words.words, rows, ALPHABET58, LONGEST_NUMBER, least_bytes)


def unbase62(data: bytes) -> Opened | None:
    """Decode base62, with the upper or the lower case first; both if both can be recognised."""
    if not SHORTEST <= len(data) <= LONGEST_NUMBER or not _BASE62.fullmatch(data):
        return None
    read = (recognised(data, decode_number(data, alphabet)) for alphabet in ALPHABETS62)
    pieces = [piece for opened in read if opened for piece in opened.pieces]
    return Opened(pieces) if pieces else None


def base62_words(words: "Words", least_bytes: int) -> "Iterator[tuple[Index, Flat]]":
    """Those of both cases, in both alphabets."""
    from hometruth.peel.many.numbers import decode_numbers  # noqa: PLC0415

    for alphabet in ALPHABETS62:
        yield from decode_numbers(words.words, _mixed(words), alphabet, LONGEST_NUMBER, least_bytes)


def _mixed(words: "Words") -> list[int]:
    import numpy as np  # noqa: PLC0415

    return np.flatnonzero(~words.of_one_case & ~words.signed).tolist()


def unascii85(data: bytes) -> Opened | None:
    """Decode ASCII85, with or without its brackets."""
    if data.startswith(b"<~") and _ADOBE85.fullmatch(data):
        decoded = _decode85(base64.a85decode, data[2:].removesuffix(b"~>"))
        return whole(data, decoded) if decoded else None
    if len(data) < SHORTEST or not _ASCII85.fullmatch(data) or _IDENTIFIER.fullmatch(data):
        return None
    if len(data) > LONGEST:
        return too_long(data)
    return recognised(data, _decode85(base64.a85decode, data))


def may_be_ascii85(batch: "Batch") -> "Mask":
    """Its alphabet, and a sign; or brackets."""
    return (batch.without(NO_A85) & _may_be85(batch)) | batch.beginning(b"<~")


def unbase85(data: bytes) -> Opened | None:
    """Decode base85 with the alphabet of RFC 1924."""
    if len(data) < SHORTEST or not _BASE85.fullmatch(data) or _IDENTIFIER.fullmatch(data):
        return None
    if len(data) > LONGEST:
        return too_long(data)
    return recognised(data, _decode85(_b85decode, data))


def may_be_base85(batch: "Batch") -> "Mask":
    """Its alphabet, and a sign."""
    return batch.without(NO_B85) & _may_be85(batch)


def _may_be85(batch: "Batch") -> "Mask":
    no_uuid = batch.with_any(WORDY) | (batch.lengths < SURELY_UUID)
    return batch.with_any(SIGN) & no_uuid & (batch.lengths >= SHORTEST)


def _b85decode(data: bytes) -> bytes:
    """As `base64.b85decode` does, in a third of the time; ValueError if a group is too large."""
    missing = -len(data) % 5
    digits = (data + b"~" * missing).translate(_DIGITS85)
    groups = zip(digits[0::5], digits[1::5], digits[2::5], digits[3::5], digits[4::5], strict=True)
    numbers = [(((a * 85 + b) * 85 + c) * 85 + d) * 85 + e for a, b, c, d, e in groups]
    if max(numbers) >> 32:
        raise ValueError
    decoded = struct.pack(f">{len(numbers)}I", *numbers)
    return decoded[:-missing] if missing else decoded


def _decode85(decode: Callable[[bytes], bytes], data: bytes) -> bytes | None:
    try:
        return decode(data)
    except ValueError:
        return None


def too_long(data: bytes) -> Opened | None:
    """A gap, unless the value is hexadecimal and read as such."""
    return (
        None if _HEX.fullmatch(data) else Opened([], stopped=f"text of {len(data)} characters is not decoded")
    )


def recognised(data: bytes, decoded: bytes | None, *, digests: bool = True) -> Opened | None:
    """The result, if it is text, holds some, opens as another, or (with *digests*) has the size of one."""
    if not decoded or len(decoded) < 4:
        return None
    if (
        (digests and len(decoded) in DIGEST_SIZES)
        or is_text(decoded)
        or (decoded[0] in _DOCUMENT and is_text(decoded.replace(b"\x7f", b"")))  # JSON need not escape it
        or any(layer.open(decoded, _ROOM) for layer in _packed()[decoded[0]])
        or any(len(set(stretch[0])) >= LEAST_DISTINCT for stretch in _STRETCH.finditer(decoded))
    ):
        return whole(data, decoded)
    return None


LEAST_DISTINCT = 8
"""Characters of a stretch of text: what one letter many times decodes to repeats as well."""
_STRETCH = re.compile(rb"[ -~\t\r\n]{24,}+")
"""Text that a format of which nothing is known leaves as it is; random bytes have none in 100 MB."""


_DOCUMENT = b"{["


@cache
def _packed() -> tuple[tuple[Layer, ...], ...]:
    """Layers that show by opening bytes that these are no chance, for each first byte."""
    from hometruth.peel.layers import LAYERS  # noqa: PLC0415  # these are among them

    packed = [layer for layer in LAYERS if layer.on is not On.TEXT and layer.name not in _CUTS_TEXT]
    return tuple(tuple(layer for layer in packed if layer.may_start(byte)) for byte in range(256))


def _decode32(data: bytes, decode: Callable[[bytes], bytes]) -> bytes | None:
    bare = data.rstrip(b"=").upper()
    try:
        return decode(bare + b"=" * (-len(bare) % 8))
    except binascii.Error:
        return None


def decode_number(data: bytes, alphabet: bytes) -> bytes:
    """Digits of a large number; leading zeros stand for zero bytes."""
    base = len(alphabet)
    digits = data.translate(_digits_of(alphabet))
    if len(digits) < MANY_DIGITS:
        number = 0
        for digit in digits:
            number = number * base + digit
    else:
        number = _joined(list(digits), base)
    zeros = len(data) - len(data.lstrip(alphabet[:1]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)


def _joined(digits: list[int], base: int) -> int:
    """The number that digits make, neighbours joined first: no long number is multiplied digit by digit."""
    while len(digits) > 1:
        if len(digits) % 2:
            digits.insert(0, 0)
        digits = [high * base + low for high, low in zip(digits[::2], digits[1::2], strict=True)]
        base *= base
    return digits[0]


@cache
def _digits_of(alphabet: bytes) -> bytes:
    """Table from the characters of an alphabet to the digits they stand for."""
    return bytes.maketrans(alphabet, bytes(range(len(alphabet))))


_ALPHABET85 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_DIGITS85 = bytes.maketrans(_ALPHABET85, bytes(range(85)))
_IDENTIFIER = re.compile(rb"[^G-WYZg-wyz]{%d,}+" % SURELY_UUID)
"""Identifiers, dates, lists of numbers."""
