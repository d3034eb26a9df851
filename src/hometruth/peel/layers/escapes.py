"""Escapes inside text: HTML entities (HTML Living Standard 13.5), JavaScript (ECMA-262 12.9.4),
quoted-printable (RFC 2045 6.7), and numbers written as text.
"""

import binascii
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hometruth.peel.layers.layer import Opened, Piece, whole
from hometruth.peel.layers.substitute import substitute
from hometruth.peel.layers.veiled import begins_packed
from hometruth.peel.layers.word_lists import LIST, numbers_of, unwords
from hometruth.peel.many.kinds import AMPERSAND, BACKSLASH, EQUALS, SEMICOLON, SIGN, WORDY
from hometruth.peel.text_check import is_text

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Mask

SHORTEST_LIST = 4
"""Numbers in a list of bytes; the shortest canary has as many bytes."""

_SHORTEST_BITS = 32
"""Characters of four bytes, a digit a bit."""
_SHORTEST_TEXT = 7
"""Characters of four numbers with something in between."""
_ENTITY = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_JS_ESCAPE = re.compile(
    rb"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{1,6}\})|(?:\\[0-3][0-7]{2}){4}|[a-z]:\\/\\/"
)
"""Octal ones (ECMA-262 B.1.2, and C, Python and shells) only several on end: one may be part of a path.
A slash only where it begins an address."""
_JS_ESCAPES = re.compile(
    rb"((?:\\[0-3][0-7]{2}){4,}+)|(?:\\u[0-9A-Fa-f]{4})++|\\(?:x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{1,6})\}|([bfnrtv0'\"\\/`]))"
)
_JS_SHORT = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"0": b"\0"}
_QUOTED = re.compile(rb"[^=]*+(?:=(?:[0-9A-F]{2}|[ \t]*\r?\n)[^=]*+)++")
_BYTES = re.compile(rb"[\[({]?\s*+-?[0-9]{1,3}(?:\s*[,; ]\s*+-?[0-9]{1,3}){3,}+\s*+[\])}]?")
_DASHED = re.compile(rb"[0-9]{1,3}(?:-[0-9]{1,3}){3,}+")
_HEX_BYTES = re.compile(
    rb"(?:0x|\\x)?[0-9A-Fa-f]{2}(?:(?:[ :,-]|, )(?:0x)?[0-9A-Fa-f]{2}){3,}+|(?:\\x[0-9A-Fa-f]{2}){4,}+"
)
BYTE_OBJECT = re.compile(
    rb'\{\s*+"0"\s*+:\s*+[0-9]{1,3}(?:\s*+,\s*+"(?:[0-9]{1,7}|length)"\s*+:\s*+[0-9]{1,7}){3,}+\s*+\}'
)
"""An array of bytes that was written as any object, perhaps with its length."""
_BITS = re.compile(rb"[01]{8}(?:[ ,]?+[01]{8}){3,}+")
_LENGTH = re.compile(rb'"length"\s*+:\s*+[0-9]++')
_NUMBER = re.compile(rb"-?[0-9]+")
_PREFIXES = re.compile(rb"0x|\\x|[ :,-]")


def unentity(data: bytes) -> Opened | None:
    """Decode HTML entities; None if there are none."""
    if b"&" not in data or not _ENTITY.search(data):
        return None
    import html  # noqa: PLC0415  # two thousand names, for those who need them

    def character(match: re.Match[bytes]) -> bytes:
        return html.unescape(match[0].decode("ascii")).encode("utf-8", "replace")

    text = substitute(_ENTITY, character, data)
    return whole(data, text) if text != data else None


def may_be_entities(batch: "Batch") -> "Mask":
    """Its two signs."""
    return batch.with_any(AMPERSAND) & batch.with_any(SEMICOLON)


def unjavascript(data: bytes) -> Opened | None:
    r"""Decode ``\xNN``, ``\uNNNN``, ``\u{N}`` and runs of ``\NNN`` (octal) outside JSON, quotes taken off.

    None if there are none.
    """
    if b"\\" not in data or not _JS_ESCAPE.search(data):
        return None
    text = substitute(_JS_ESCAPES, _unescape, data)
    if len(text) > 2 and text[:1] == text[-1:] and text[:1] in b"'\"`":
        return Opened([Piece("", text[1:-1], 0, len(data))])
    return whole(data, text)


def may_be_javascript(batch: "Batch") -> "Mask":
    """A backslash."""
    return batch.with_any(BACKSLASH)


def unquoted_printable(data: bytes) -> Opened | None:
    """Decode quoted-printable; None if an equals sign does not quote, or none is there."""
    if b"=" not in data or not _QUOTED.fullmatch(data):
        return None
    return whole(data, binascii.a2b_qp(data))


def may_be_quoted_printable(batch: "Batch") -> "Mask":
    """Equals signs that quote, each of them."""
    return batch.fully_matching(_QUOTED, batch.with_any(EQUALS))


def unbyte_list(data: bytes) -> Opened | None:
    """Bytes written as a list of numbers (104, 116, ...), of hexadecimal pairs (68:74:...), or as bits.

    Also as JavaScript writes a Uint8Array, {"0": 104, "1": 116, ...}; and larger numbers that spell text.
    """
    if data[:1] == b"{" and BYTE_OBJECT.fullmatch(data):
        return _of_object(data)
    if read := dict.fromkeys(_pairs_and_numbers(data)):
        return Opened([Piece("", each, 0, len(data)) for each in read])
    if _BITS.fullmatch(data):
        bits = data.translate(None, b" ,")
        plain = int(bits, 2).to_bytes(len(bits) // 8)
        return whole(data, plain) if is_text(plain) or begins_packed(plain) else None
    spelt = unwords(numbers_of(data))
    return Opened([Piece("", text, 0, len(data)) for text in spelt]) if spelt else None


def _pairs_and_numbers(data: bytes) -> Iterator[bytes]:
    """As decimal numbers and as hexadecimal pairs: 48-50-58 is either."""
    if _BYTES.fullmatch(data):
        numbers = [_byte(int(match[0])) for match in _NUMBER.finditer(data)]
        if all(0 <= number <= 0xFF for number in numbers):
            yield bytes(numbers)
    elif _DASHED.fullmatch(data):
        numbers = [*map(int, data.split(b"-"))]
        if max(numbers) <= 0xFF:
            yield bytes(numbers)
    if _HEX_BYTES.fullmatch(data):
        yield bytes.fromhex(_PREFIXES.sub(b"", data).decode("ascii"))


def may_be_byte_list(batch: "Batch") -> "Mask":
    """Numbers with signs between them."""
    listed = batch.with_any(SIGN) & batch.without(WORDY) & (batch.lengths >= _SHORTEST_TEXT)
    counted = batch.beginning(b'{"0"', b'{ "0"')
    objects = batch.fully_matching(BYTE_OBJECT, counted)
    numbers = batch.fully_matching(_BYTES, listed) | batch.fully_matching(_DASHED, listed)
    numbers |= batch.fully_matching(LIST, listed)
    digits = batch.beginning(b"0", b"1") & (batch.lengths >= _SHORTEST_BITS)
    bits = batch.fully_matching(_BITS, digits)
    return objects | numbers | bits | batch.fully_matching(_HEX_BYTES, listed)


def _of_object(data: bytes) -> Opened | None:
    """The bytes of an object whose keys count them."""
    numbers = [int(match[0]) for match in _NUMBER.finditer(_LENGTH.sub(b"", data))]
    if numbers[0::2] != list(range(len(numbers) // 2)) or max(numbers[1::2]) > 0xFF:
        return None
    return whole(data, bytes(numbers[1::2]))


def _byte(number: int) -> int:
    """Signed or not; what is no byte stays none."""
    return number + 256 if -128 <= number < 0 else number


def _unescape(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes(int(digits, 8) for digits in match[1].split(b"\\")[1:])
    if match[2]:
        return chr(int(match[2], 16)).encode()
    if match[3]:
        return chr(min(int(match[3], 16), 0x10FFFF)).encode("utf-8", "surrogatepass")
    if match[4]:
        return _JS_SHORT.get(match[4], match[4])
    units = bytes.fromhex(match[0].replace(b"\\u", b"").decode("ascii"))
    return units.decode("utf-16-be", "replace").encode()
