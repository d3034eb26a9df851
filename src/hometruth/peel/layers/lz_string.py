"""LZ-string (pieroxy.net/blog/pages/lz-string): LZW over 16-bit characters, in five spellings.

``compressToBase64``, ``compressToEncodedURIComponent``, ``compressToUTF16``, ``compressToUint8Array`` and
``compress`` itself. There is no magic number, but an end mark: None unless it stands where the value ends.
"""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from hometruth.peel.layers.compression import STOPPED
from hometruth.peel.layers.layer import Context, Opened, whole
from hometruth.peel.many.kinds import HIGH, PLUS

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Flat, Index, Mask
    from hometruth.peel.many.words import Words

SHORTEST = 4
"""Bytes; a text worth finding takes more."""
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_URI = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"
_IS_BASE64 = re.compile(rb"[A-Za-z0-9+/]++={0,3}")
_IS_URI = re.compile(rb"[A-Za-z0-9+\-$]++")
SHORTEST_ASCII = 5
"""Characters of base64 that hold four letters, all the same."""
_NUMBERS = bytes.maketrans(BASE64 + b"-", bytes((*range(64), 63)))
_ROOM = Context(room_bytes=8 << 20)
"""What a word may decompress to where many are sifted."""
FIRST = frozenset(BASE64[:16] + BASE64[32:48])
"""Characters of base64 whose first two bits announce a character."""
_SMALL, _LARGE, _END = 0, 1, 2
_UTF16_OFFSET, _UTF16_BITS = 32, 15


class _Ended(ValueError):
    """The bits are no LZ-string."""


class _Full(ValueError):
    """More comes out than there is room for."""


class _Bits:
    """Bits from the highest of each unit, put together from the lowest, as the format has it."""

    def __init__(self, units: Iterator[int], width: int) -> None:
        self._units = units
        self._width = width
        self._unit = 0
        self._left = 0

    def take(self, count: int) -> int:
        number = 0
        for place in range(count):
            if self._left == 0:
                unit = next(self._units, None)
                if unit is None:
                    raise _Ended
                self._unit, self._left = unit, self._width
            self._left -= 1
            number |= (self._unit >> self._left & 1) << place
        return number

    def at_end(self) -> bool:
        """True if nothing but padding is left."""
        rest = self._unit & ((1 << self._left) - 1)
        units = [unit for _, unit in zip(range(3), self._units, strict=False)]
        return rest == 0 and len(units) < 3 and not any(units)


def unlz_string(data: bytes, context: Context) -> Opened | None:
    """Decompress LZ-string in any of its spellings."""
    if len(data) < SHORTEST:
        return None
    if data.isascii() and (len(data) < SHORTEST_ASCII or data[0] not in FIRST):
        return None
    for units, width in _spellings(data):
        try:
            text = _decompress(_Bits(units, width), context.room_bytes // 4)
        except _Ended:
            continue
        except _Full:
            return Opened([], stopped=STOPPED)
        return whole(data, text)
    return None


def may_be_lz_string(batch: "Batch") -> "Mask":
    """Characters beyond ASCII, both signs of a URI, or bytes that are codes up to an end mark; else words."""
    if batch.is_text:
        return batch.with_any(HIGH) | batch.fully_matching(_IS_URI, batch.with_any(PLUS))
    import numpy as np  # noqa: PLC0415

    from hometruth.peel.layers.lz_ends import lz_string_ends  # noqa: PLC0415

    strings = batch.strings
    bits = np.unpackbits(strings.buffer)
    return batch.utf8 | lz_string_ends(bits, strings.starts * 8, strings.ends * 8, 8)


def lz_string_words(words: "Words", least_bytes: int) -> "Iterator[tuple[Index, Flat | None]]":
    """Those whose codes come to an end mark, decompressed one by one, for they are few."""
    import numpy as np  # noqa: PLC0415

    from hometruth.peel.layers.lz_ends import lz_string_ends  # noqa: PLC0415
    from hometruth.peel.many.flat import flat_of  # noqa: PLC0415
    from hometruth.peel.many.words import LONGEST  # noqa: PLC0415

    likely = [row for row, word in enumerate(words.words) if word[0] in FIRST and len(word) <= LONGEST]
    if not likely:
        return
    strings = flat_of([words.words[row].translate(_NUMBERS) for row in likely])
    bits = np.unpackbits(strings.buffer).reshape(-1, 8)[:, 2:].ravel()
    read: list[tuple[int, bytes]] = []
    for at in np.flatnonzero(lz_string_ends(bits, strings.starts * 6, strings.ends * 6, 6)).tolist():
        row = likely[at]
        opened = unlz_string(words.words[row], _ROOM)
        if opened and opened.stopped:
            yield np.asarray([row]), None
        elif opened:
            read += ((row, piece.data) for piece in opened.pieces if len(piece.data) >= least_bytes)
    if read:
        yield np.asarray([row for row, _ in read], np.int64), flat_of([data for _, data in read])


def _spellings(data: bytes) -> Iterator[tuple[Iterator[int], int]]:
    """Units and their width, for every spelling that *data* may be."""
    if _IS_BASE64.fullmatch(data):
        yield _by_alphabet(data.rstrip(b"="), BASE64), 6
    if _IS_URI.fullmatch(data) and (b"-" in data or b"/" not in data):
        yield _by_alphabet(data.rstrip(b"$"), _URI), 6
    if data.isascii():
        return
    yield iter(data), 8
    try:
        characters = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return
    units = [int.from_bytes(pair) for pair in _pairs(characters.encode("utf-16-be", "surrogatepass"))]
    yield iter(units), 16
    bare = units[:-1] if units[-1] == _UTF16_OFFSET else units
    if all(_UTF16_OFFSET <= unit < _UTF16_OFFSET + (1 << _UTF16_BITS) for unit in bare):
        yield (unit - _UTF16_OFFSET for unit in bare), _UTF16_BITS


def _by_alphabet(data: bytes, alphabet: bytes) -> Iterator[int]:
    find: Callable[[int], int] = alphabet.find
    return (number for byte in data if (number := find(byte)) >= 0)


def _pairs(data: bytes) -> Iterator[bytes]:
    return (data[start : start + 2] for start in range(0, len(data), 2))


def _decompress(bits: _Bits, room_characters: int) -> bytes:
    """The text; raises `_Ended` if the bits do not end with the end mark."""
    words: list[str] = ["", "", ""]  # the first three codes are commands
    previous = _character(bits, bits.take(2))
    if previous is None:
        raise _Ended  # an empty text is none
    words.append(previous)
    out = [previous]
    size = 1
    code_bits, until_longer = 3, 4
    while True:
        code = bits.take(code_bits)
        if code <= _END:
            character = _character(bits, code)
            if character is None:
                if not bits.at_end():
                    raise _Ended
                return "".join(out).encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
            words.append(character)
            code = len(words) - 1
            until_longer -= 1
            if until_longer == 0:
                until_longer = 1 << code_bits
                code_bits += 1
        if code < len(words):
            entry = words[code]
        elif code == len(words):
            entry = previous + previous[0]
        else:
            raise _Ended
        out.append(entry)
        size += len(entry)
        if size > room_characters:
            raise _Full
        words.append(previous + entry[0])
        until_longer -= 1
        if until_longer == 0:
            until_longer = 1 << code_bits
            code_bits += 1
        previous = entry


def _character(bits: _Bits, command: int) -> str | None:
    """The new character that a command announces; None for the end mark."""
    if command == _END:
        return None
    if command not in {_SMALL, _LARGE}:
        raise _Ended
    return chr(bits.take(8 if command == _SMALL else 16))
