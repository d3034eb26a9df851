"""Stretches of letters and digits that may be other bytes in disguise, and all they may be.

More than the layers take for an encoding, never less: what is decoded here is only searched, and whoever
holds something that is found goes to the real layers.
"""

import binascii
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hometruth.peel.sieve.flat import Bytes, Flat, Index, Mask, any_of, flat_of, runs, table
from hometruth.peel.sieve.numbers import decode_numbers

SHORTEST = 8
"""Characters; the shortest values of base32, 58 and 62 that are read, and of hex."""
_WORDS = 1 | 4 | 32 | 64
"""Small letters, and the signs between words and the names of a path: of base64 of anything but chosen bytes,
one in a million of 16 characters has nothing else."""
SHORTEST_DIGEST = 6
"""Decimal digits of a 32-bit digest, the fewest that are looked at."""
SURELY_HEX = 16
"""Characters: of base64 of anything but chosen bytes one in 4^16 has nothing but hexadecimal digits."""
_LOW_HEX, _UP_HEX, _LOW, _UP, _DIGIT, _STANDARD, _URL = 1, 2, 4, 8, 16, 32, 64
_DIGITS = b"0123456789"
_LOWER, _UPPER = b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CLASSES = table(
    (
        (_LOWER[:6], _LOW_HEX),
        (_UPPER[:6], _UP_HEX),
        (_LOWER[6:], _LOW),
        (_UPPER[6:], _UP),
        (_DIGITS, _DIGIT),
        (b"+/", _STANDARD),
        (b"-_", _URL),
    )
)
_ALNUM = _LOW_HEX | _UP_HEX | _LOW | _UP | _DIGIT


class Tokens(NamedTuple):
    """Stretches of one alphabet in many strings."""

    words: list[bytes]
    holders: Index
    """The string each is in."""
    flags: NDArray[np.uint8]
    """Kinds of characters in each."""
    parts: Mask
    """True for those beside a sign of base64, which may be a part of a longer one."""


class _Runs(NamedTuple):
    """Where stretches of one alphabet stand, and what is in them."""

    starts: Index
    ends: Index
    flags: NDArray[np.uint8]

    def only(self, mask: Mask) -> "_Runs":
        return _Runs(self.starts[mask], self.ends[mask], self.flags[mask])

    def tokens(self, strings: Flat) -> Tokens:
        data = strings.data
        words = [data[start:end] for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True)]
        before, after = strings.buffer[np.maximum(self.starts - 1, 0)], strings.buffer[self.ends]
        parts = (_IS_SIGN[before] & (self.starts > 0)) | _IS_SIGN[after]
        return Tokens(words, strings.holders(self.starts), self.flags, parts)


def tokens_of(strings: Flat, escaped: Mask) -> tuple[Tokens, Tokens]:
    """Stretches that may be digests written in digits; and those that may be encoded bytes.

    A stretch that an escape cuts short is left out: it stands whole where the escapes have been undone.

    Args:
        strings: Where to look.
        escaped: True for those in which a backslash begins an escape.
    """
    flags = np.frombuffer(strings.data.translate(_CLASSES), np.uint8)
    cut = _cut_short(strings, escaped)
    alnum = _runs(flags, cut, _ALNUM, _ALNUM, SHORTEST_DIGEST)
    digits = _may_be_digest(strings.buffer, alnum)
    encoded = [alnum.only(_may_be_encoded(alnum))]
    for sign in (_STANDARD, _URL):
        signed = _runs(flags, cut, _ALNUM | sign, sign, SHORTEST)
        encoded.append(signed.only(_may_be_encoded(signed)))
    joined = _Runs(*(np.concatenate(each) for each in zip(*encoded, strict=True)))
    return alnum.only(digits).tokens(strings), joined.tokens(strings)


def _cut_short(strings: Flat, escaped: Mask) -> Mask:
    """True for places at which an escape begins."""
    buffer = strings.buffer
    cut = buffer == 0x5C
    backslashes = np.flatnonzero(cut)
    cut[backslashes] = escaped[strings.holders(backslashes)]
    percents = np.flatnonzero(buffer[:-2] == 0x25)
    cut[percents] = _IS_HEX[buffer[percents + 1]] & _IS_HEX[buffer[percents + 2]]
    result: Mask = cut
    return result


def _runs(flags: NDArray[np.uint8], cut: Mask, alphabet: int, needed: int, shortest: int) -> _Runs:
    starts, ends = runs((flags & alphabet) != 0)
    long = (ends - starts >= shortest) & ~cut[ends]
    found = _Runs(starts[long], ends[long], any_of(flags, starts[long], ends[long]))
    return found.only((found.flags & needed) != 0)


def _may_be_digest(buffer: Bytes, words: _Runs) -> Mask:
    """Decimal digits, hexadecimal digits, and eight of these behind ``0x``."""
    lengths = words.ends - words.starts
    prefixed = (lengths == 10) & (buffer[words.starts] == 0x30) & (buffer[words.starts + 1] | 0x20 == 0x78)
    hexadecimal = (words.flags & (_LOW | _UP | _STANDARD | _URL)) == 0
    result: Mask = prefixed | (hexadecimal & ((words.flags == _DIGIT) | (lengths >= SHORTEST)))
    return result


def _may_be_encoded(words: _Runs) -> Mask:
    """Whatever is long enough, digits alone excepted, which are a number unless they are many."""
    lengths = words.ends - words.starts
    result: Mask = (lengths >= SURELY_HEX) | ((lengths >= SHORTEST) & (words.flags != _DIGIT))
    return result


def _one_of(characters: bytes) -> Mask:
    return np.isin(np.arange(256), list(characters))


_IS_SIGN = _one_of(b"+/-_")
_IS_HEX = _one_of(b"0123456789abcdefABCDEF")


def decoded(
    words: Sequence[bytes], flags: NDArray[np.uint8], least_bytes: int
) -> Iterator[tuple[Index, Flat]]:
    """What each of the words may be in base16, 32, 58, 62 and 64, as often as it takes.

    Args:
        words: Different stretches.
        flags: Kinds of characters in each.
        least_bytes: Shorter results are left out.

    Yields:
        Rows of *words*, and as many strings, decoded from them.
    """
    if not words:
        return
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    hexadecimal = (flags & ~np.uint8(_LOW_HEX | _UP_HEX | _DIGIT)) == 0
    lower, upper = (flags & (_LOW | _LOW_HEX)) != 0, (flags & (_UP | _UP_HEX)) != 0
    signed = (flags & (_STANDARD | _URL)) != 0

    rows = np.flatnonzero(hexadecimal & (lengths % 2 == 0) & (lengths // 2 >= least_bytes))
    yield rows, _hex([words[row] for row in rows.tolist()], lengths[rows])

    plain = (flags == _DIGIT) | (
        (lengths >= SURELY_HEX) & (np.isin(flags, _ONE_CASE_HEX) | ((flags & ~np.uint8(_WORDS)) == 0))
    )
    rows = np.flatnonzero(~plain & ((lengths - (lengths % 4 == 1)) * 3 // 4 >= least_bytes))
    yield rows, _base64([words[row] for row in rows.tolist()], lengths[rows])

    rows = np.flatnonzero(~signed & ~(lower & upper) & (lengths * 5 // 8 >= least_bytes))
    yield _base32(words, rows.tolist(), hexadecimal)

    yield from decode_numbers(words, np.flatnonzero(lower & upper & ~signed).tolist(), least_bytes)


def _hex(words: list[bytes], lengths: Index) -> Flat:
    """All of them at once, with two zeros after each."""
    data = binascii.unhexlify(b"00".join(words) + b"00")
    ends = np.cumsum(lengths // 2 + 1) - 1
    return Flat(data, np.frombuffer(data, np.uint8), ends - lengths // 2, ends)


def _base64(words: list[bytes], lengths: Index) -> Flat:
    """All of them at once, each filled up with zero bits to whole groups, and one group more."""
    filled = [word + _FILL[len(word) % 4] if len(word) % 4 != 1 else word[:-1] + _FILL[0] for word in words]
    text = b"".join(filled)
    data = binascii.a2b_base64(text.translate(_URL_SAFE))
    bare = lengths - (lengths % 4 == 1)
    starts = np.zeros(len(words), np.int64)
    np.cumsum(((bare + 3) // 4 + 1)[:-1] * 3, out=starts[1:])
    return Flat(data, np.frombuffer(data, np.uint8), starts, starts + bare * 3 // 4)


_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_FILL = (b"AAAA", b"", b"AAAAAA", b"AAAAA")
"""By the characters over in the last group; the second is not used."""
_ONE_CASE_HEX = (_DIGIT | _LOW_HEX, _DIGIT | _UP_HEX)


def _base32(words: Sequence[bytes], rows: list[int], hexadecimal: Mask) -> tuple[Index, Flat]:
    read: list[tuple[int, bytes]] = []
    for row in rows:
        plain = words[row].upper()
        if not plain.translate(None, _ALPHABET32):
            read.append((row, _decode32(plain.translate(_DIGITS32))))
        if not hexadecimal[row] and not plain.translate(None, _ALPHABET32HEX):
            read.append((row, _decode32(plain)))
    return np.asarray([row for row, _ in read], np.int64), flat_of([data for _, data in read])


_ALPHABET32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_ALPHABET32HEX = b"0123456789ABCDEFGHIJKLMNOPQRSTUV"
_DIGITS32 = bytes.maketrans(_ALPHABET32, _ALPHABET32HEX)


def _decode32(word: bytes) -> bytes:
    """Bytes of digits as Python's `int` knows them with base 32."""
    number = int(word, 32)
    spare = len(word) * 5 % 8
    return (number >> spare).to_bytes(len(word) * 5 // 8)
