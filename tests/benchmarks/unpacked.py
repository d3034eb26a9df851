"""Second decoders of packed formats, written by hand, as far as the corpus uses them."""

from collections.abc import Iterator
from typing import NamedTuple

STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
URI = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-$"


def protobuf(data: bytes) -> bytes:
    """The longest text in a message, or in a message in it that reads to its end."""
    return max(protobuf_texts(data), key=len)


def protobuf_texts(data: bytes) -> list[bytes]:
    texts: list[bytes] = []
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        number, at = varint(data, at)
        if tag & 7 == 2:
            if at + number > len(data):
                raise ValueError("a field longer than its message")
            texts += inner_texts(data[at : at + number])
            at += number
        elif tag & 7 or not tag >> 3:
            raise ValueError("no varint and no field of known length")
    return texts


def inner_texts(field: bytes) -> list[bytes]:
    try:
        return protobuf_texts(field) or [field]
    except (ValueError, IndexError):
        return [field]


def varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return number, at


def cbor(data: bytes) -> bytes:
    """The item of the list ``v``."""
    document, _ = cbor_item(data, 0)
    assert isinstance(document, dict)
    item = document[b"v"][0]
    assert isinstance(item, bytes)
    return item


def cbor_item(data: bytes, at: int) -> tuple[object, int]:
    major, size = data[at] >> 5, data[at] & 31
    at += 1
    if size >= 24:
        width = 1 << size - 24
        size, at = int.from_bytes(data[at : at + width]), at + width
    if major == 0:
        return size, at
    if major in (2, 3):
        return data[at : at + size], at + size
    items = []
    for _ in range(size * (2 if major == 5 else 1)):
        item, at = cbor_item(data, at)
        items.append(item)
    return dict(zip(items[::2], items[1::2], strict=True)) if major == 5 else items, at


class Units(NamedTuple):
    """Numbers that LZ-string packed its bits into, and how many bits each holds."""

    numbers: list[int]
    width: int


def lz_string(data: bytes) -> bytes:
    """From whichever of its four outer forms this is."""
    units = lz_units(data)
    bits = (unit >> place & 1 for unit in units.numbers for place in reversed(range(units.width)))
    text = "".join(lz_texts(bits))
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be").encode()


def lz_units(data: bytes) -> Units:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = ""
    for alphabet in (STANDARD, URI):
        bare = text.rstrip("=" if alphabet is STANDARD else "")
        if bare and set(bare) <= set(alphabet):
            return Units([alphabet.index(character) for character in bare], 6)
    if text and min(text) >= " ":
        return Units([ord(character) - 32 for character in text], 15)
    return Units(list(data), 8)


def lz_texts(bits: Iterator[int]) -> Iterator[str]:
    """The texts of the codes one after the other; 0 and 1 announce a new character, 2 the end."""
    known: list[str] = ["", "", ""]
    before = ""
    width, until_wider = 2, 2
    while (code := number(bits, width)) != 2:
        if code < 2:
            known.append(chr(number(bits, 16 if code else 8)))
            code = len(known) - 1
            until_wider, width = (until_wider - 1, width) if until_wider > 1 else (1 << width, width + 1)
        text = known[code] if code < len(known) else before + before[0]
        yield text
        if before:
            known.append(before + text[0])
        before = text
        until_wider, width = (until_wider - 1, width) if until_wider > 1 else (1 << width, width + 1)


def number(bits: Iterator[int], width: int) -> int:
    return sum(next(bits) << place for place in range(width))
