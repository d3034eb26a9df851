"""Which pieces of text the layers might open, by the kinds of characters in them.

Asked of whole values, and of every string in a JSON document without taking it apart.
"""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hometruth.peel.layers.base_n import SURELY_UUID
from hometruth.peel.layers.escapes import BYTES, HEX_BYTES, QUOTED
from hometruth.peel.layers.json_text import unescape
from hometruth.peel.sieve.flat import Flat, Index, Mask, any_of

SHORTEST_85 = 8
"""Characters of base45 and base85."""
SHORTEST_LIST = 7
"""Characters of four numbers with something in between."""

NO_A85, NO_B85, NO_45, SIGN, WORDY, CONTROL, HIGH, PERCENT = (1 << n for n in range(8))
AMPERSAND, SEMICOLON, BACKSLASH, LESS, QUOTE, EQUALS, PLUS, LINE = (1 << n for n in range(8, 16))
CAPITAL = 1 << 16
"""A to F: without any, digits alone are no base45."""
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGITS = b"0123456789"
_A85 = bytes(range(0x21, 0x76)) + b"z"
_B85 = _DIGITS + _LETTERS + b"!#$%&()*+-;<=>?@^_`{|}~"
_45 = _DIGITS + _LETTERS[:26] + b" $%*+-./:"
_HEX_PAIR = frozenset(b"0123456789abcdefABCDEF")


def _flags() -> NDArray[np.uint32]:
    flags = np.zeros(256, np.uint32)
    everything = frozenset(range(256))
    for members, flag in (
        (everything - set(_A85), NO_A85),
        (everything - set(_B85), NO_B85),
        (everything - set(_45), NO_45),
        (everything - set(_DIGITS + _LETTERS), SIGN),
        (set(_LETTERS) - set(b"abcdefABCDEFxX"), WORDY),
        ({*range(32), 127} - set(b"\t\n\r"), CONTROL),
        (set(range(128, 256)), HIGH),
        (b"%", PERCENT),
        (b"&", AMPERSAND),
        (b";", SEMICOLON),
        (b"\\", BACKSLASH),
        (b"<", LESS),
        (b'"', QUOTE),
        (b"=", EQUALS),
        (b"+", PLUS),
        (b"\t\n\r", LINE),
        (b"ABCDEF", CAPITAL),
    ):
        flags[list(members)] |= flag
    return flags


_FLAGS = _flags()
_IS_HEX = np.isin(np.arange(256), list(_HEX_PAIR))
_IS_UPPER_HEX = np.isin(np.arange(256), list(b"0123456789ABCDEF"))


def flags_of(strings: Flat) -> NDArray[np.uint32]:
    """Flags of every byte."""
    return _FLAGS[strings.buffer]


def escapes(strings: Flat) -> Index:
    """Places of percent signs with two hexadecimal digits after them, and of what quoted-printable has."""
    buffer = strings.buffer
    places = np.flatnonzero((buffer[:-2] == 0x25) | (buffer[:-2] == 0x3D))
    after, then = buffer[places + 1], buffer[places + 2]
    percent = (buffer[places] == 0x25) & _IS_HEX[after] & _IS_HEX[then]
    quoted = (buffer[places] == 0x3D) & (
        (_IS_UPPER_HEX[after] & _IS_UPPER_HEX[then]) | (after == 0x0A) | (after == 0x0D)
    )
    result: Index = places[percent | quoted]
    return result


def named(strings: Flat) -> Index:
    """Places of data: URLs and of international host names."""
    lower = strings.data.lower()
    return np.asarray([place for name in _NAMES for place in _places(lower, name)], np.int64)


def _places(data: bytes, name: bytes) -> Iterator[int]:
    at = data.find(name)
    while at >= 0:
        yield at
        at = data.find(name, at + 1)


def promising(kinds: NDArray[np.uint32], lengths: Index) -> Mask:
    """True for texts that a layer may open, by the kinds of characters in them; see also `is_promising`."""
    structured = (kinds & (CONTROL | BACKSLASH | LESS | QUOTE | LINE | HIGH)) != 0
    entity = (kinds & (AMPERSAND | SEMICOLON)) == AMPERSAND | SEMICOLON
    no_uuid = ((kinds & WORDY) != 0) | (lengths < SURELY_UUID)
    base85 = ((kinds & (NO_A85 | NO_B85)) != NO_A85 | NO_B85) & no_uuid
    base45 = (kinds & NO_45) == 0
    signed = (kinds & SIGN) != 0
    packed = (signed & base85) | (((kinds & (SIGN | WORDY | CAPITAL)) != 0) & base45)
    result: Mask = structured | entity | (packed & (lengths >= SHORTEST_85))
    return result


def maybe(kinds: NDArray[np.uint32], lengths: Index) -> Mask:
    """True for texts that only `is_promising` can tell."""
    escaped = (kinds & (PERCENT | EQUALS)) != 0
    listed = ((kinds & (WORDY | SIGN)) == SIGN) & (lengths >= SHORTEST_LIST)
    result: Mask = escaped | listed
    return result


_NAMES = (b"data:", b"xn--")
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")


def is_promising(text: bytes) -> bool:
    """True for texts with percent escapes, in quoted-printable, or that are a list of bytes."""
    return bool(
        _PERCENT.search(text)
        or (b"=" in text and QUOTED.fullmatch(text))
        or BYTES.fullmatch(text)
        or HEX_BYTES.fullmatch(text)
    )


_NUMBERS = bytes(
    0x30 if byte in _DIGITS else 0x2C if byte in b", \n\r\t" else 0x2D if byte in b"-" else 0x78
    for byte in range(256)
)
_LIST = re.compile(rb"\[\s*+-?[0-9]{1,3}(?:\s*+,\s*+-?[0-9]{1,3}){3,}+\s*+\]")


def number_lists(document: bytes) -> list[bytes]:
    """Lists of small numbers in a JSON document, which may spell bytes."""
    shape = document.translate(_NUMBERS)
    if b"0,0" not in shape and b"0,,0" not in shape and b"0,-" not in shape and b"0,,-" not in shape:
        return []
    return _LIST.findall(document)


def strings_in(documents: list[bytes]) -> tuple[Flat, NDArray[np.uint32]]:
    """All strings of some JSON documents, as they are written between their quotes, with their kinds."""
    data = b"\0".join(documents) + b"\0"
    buffer = np.frombuffer(data, np.uint8)
    if b"\\" in data:  # escaped quotes end nothing
        data_quotes = data.replace(b"\\\\", b"~~").replace(b'\\"', b"~~")
        quotes = np.flatnonzero(np.frombuffer(data_quotes, np.uint8) == 0x22)
    else:
        quotes = np.flatnonzero(buffer == 0x22)
    starts, ends = quotes[0::2] + 1, quotes[1::2]
    full = ends > starts
    starts, ends = starts[full], ends[full]
    return Flat(data, buffer, starts, ends), any_of(_FLAGS[buffer], starts, ends)


_LEAF = re.compile(rb'"((?:[^"\\]++|\\.)*+)"|(-?[0-9][0-9.eE+\-]{3,})', re.DOTALL)


def leaves_in(document: bytes) -> Iterator[bytes]:
    """Every string and long number of a JSON document."""
    for match in _LEAF.finditer(document):
        yield unescape(match[1]) if match[1] is not None else match[2]
