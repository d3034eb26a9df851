"""Stretches of letters and digits that may be other bytes in disguise, cut out of many strings.

More than the layers take for an encoding, never less: what comes out of them is only searched, and whoever
holds something that is found goes to the real layers.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hometruth.peel.many.flat import Bytes, Flat, Index, Mask, any_of, runs, table
from hometruth.peel.many.words import (
    DIGIT,
    LOW,
    LOW_HEX,
    STANDARD,
    SURELY_HEX,
    UP,
    UP_HEX,
    URL,
)

SHORTEST = 8
"""Characters; the shortest values of base32, 58 and 62 that are read, and of hex."""
SHORTEST_DIGEST = 6
"""Decimal digits of a 32-bit digest, the fewest that are looked at."""
_DIGITS = b"0123456789"
_LOWER, _UPPER = b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CLASSES = table(
    (
        (_LOWER[:6], LOW_HEX),
        (_UPPER[:6], UP_HEX),
        (_LOWER[6:], LOW),
        (_UPPER[6:], UP),
        (_DIGITS, DIGIT),
        (b"+/", STANDARD),
        (b"-_", URL),
    )
)
_ALNUM = LOW_HEX | UP_HEX | LOW | UP | DIGIT


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
    for sign in (STANDARD, URL):
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
    hexadecimal = (words.flags & (LOW | UP | STANDARD | URL)) == 0
    result: Mask = prefixed | (hexadecimal & ((words.flags == DIGIT) | (lengths >= SHORTEST)))
    return result


def _may_be_encoded(words: _Runs) -> Mask:
    """Whatever is long enough, digits alone excepted, which are a number unless they are many."""
    lengths = words.ends - words.starts
    result: Mask = (lengths >= SURELY_HEX) | ((lengths >= SHORTEST) & (words.flags != DIGIT))
    return result


def _one_of(characters: bytes) -> Mask:
    return np.isin(np.arange(256), list(characters))


_IS_SIGN = _one_of(b"+/-_")
_IS_HEX = _one_of(b"0123456789abcdefABCDEF")
