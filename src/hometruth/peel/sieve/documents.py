"""The strings of JSON documents, without taking these apart."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from hometruth.peel.layers.escapes import BYTE_OBJECT
from hometruth.peel.layers.json_text import unescape
from hometruth.peel.layers.string_lists import spelled_in
from hometruth.peel.layers.word_lists import spells
from hometruth.peel.many.kinds import DIGITS

if TYPE_CHECKING:
    from hometruth.peel.many.flat import Flat


def is_document(data: bytes) -> bool:
    """True for one clean document."""
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


_NUMBERS = bytes(
    0x30 if byte in DIGITS else 0x2C if byte in b", \n\r\t" else 0x2D if byte in b"-" else 0x78
    for byte in range(256)
)
_LIST = re.compile(rb"\[\s*+-?[0-9]{1,3}(?:\s*+,\s*+-?[0-9]{1,3}){3,}+\s*+\]")


def number_lists(document: bytes) -> list[bytes]:
    """What may spell bytes in a JSON document: lists of numbers, arrays as objects, lists of strings."""
    objects = BYTE_OBJECT.findall(document) if b'"0"' in document else []
    return [*objects, *_lists(document), *spelled_in(document)]


_WORDS = re.compile(rb"\[\s*+-?[0-9]{1,10}(?:\s*+,\s*+-?[0-9]{1,10}){3,}+\s*+\]")


def _lists(document: bytes) -> list[bytes]:
    shape = document.translate(_NUMBERS)
    if b"0,0" not in shape and b"0,,0" not in shape and b"0,-" not in shape and b"0,,-" not in shape:
        return []
    return [*_LIST.findall(document), *filter(spells, _WORDS.findall(document))]


def strings_in(documents: list[bytes]) -> "Flat":
    """All strings of some JSON documents, as they are written between their quotes."""
    import numpy as np  # noqa: PLC0415  # for who has many documents

    from hometruth.peel.many.flat import Flat  # noqa: PLC0415

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
    return Flat(data, buffer, starts, ends)


_LEAF = re.compile(rb'"((?:[^"\\]++|\\.)*+)"|(-?[0-9][0-9.eE+\-]{3,})', re.DOTALL)


def leaves_in(document: bytes) -> Iterator[bytes]:
    """Every string and long number of a JSON document."""
    for match in _LEAF.finditer(document):
        yield unescape(match[1]) if match[1] is not None else match[2]
