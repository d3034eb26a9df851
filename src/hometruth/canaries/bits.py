"""Estimates what finding a known value by chance would cost. Conservative: people choose, dice do not."""

import re
from itertools import islice
from math import log2

from hometruth.canaries.mint import RANDOM_BITS, is_minted

_CHARACTER_BITS = (
    (re.compile(r"[0-9]"), 2.5),
    (re.compile(r"[a-z]"), 2.0),
    (re.compile(r"[^\x00-\x7f]"), 2.0),
)
"""Bits for each digit, letter and character beyond ASCII: below the 3.3, 4.7 and more that dice would give,
since dates, prefixes and words are predictable. Everything else, punctuation above all, counts as none."""
_HEX = re.compile(r"(?=.*[0-9])(?=.*[a-f])[0-9a-f]{8,}")
_DRAWN = re.compile(r"[a-z0-9]{16,}")
_CHANGES = re.compile(r"(?<=[0-9])(?=[a-z])|(?<=[a-z])(?=[0-9])")
DRAWN_CHANGES = 0.2
"""Changes between letters and digits per character, from which on nobody chose them: names of models
and dates have fewer."""
DRAWN_BITS = 4.5
"""For each character of what was drawn: half a bit less than an alphabet of 32 letters and digits gives."""
_EXPECTED = re.compile(r"^[a-z][a-z0-9+.-]*://(www\.)?|\.(com|net|org|html?|php)\b")
"""Parts of a URL that everybody would guess."""
_LAST_LABEL = re.compile(r"(?<=[\w-])\.[a-z]{2,18}(?=[/:?#]|$)")
"""The last label of a host, which thousands of others share; the first match in a URL, address or domain."""
REPEATED = 0.5
"""Bits for a character that repeats the one before it."""


def bits_of(value: str) -> float:
    """Bits of evidence in one match of a known value.

    Digits and letters of hexadecimal identifiers count 3.5 bits each (drawn from all 16, less version
    and vendor digits), those of codes that change between letters and digits all the time 4.5; other text by
    `_CHARACTER_BITS`, and never more than its distinct characters could tell.
    """
    text = value.strip().lower()
    if is_minted(text):
        return RANDOM_BITS
    if is_drawn(text):
        return DRAWN_BITS * len(text)
    bare = re.sub(r"[-:{}]", "", text)
    if _HEX.fullmatch(bare):
        per_character = [3.5] * len(bare)
    else:
        bare = _EXPECTED.sub("", text)
        per_character = [_bits_of_character(character) for character in bare]
    for index in range(1, len(bare)):
        if bare[index] == bare[index - 1]:
            per_character[index] = min(REPEATED, per_character[index])
    distinct = log2(max(2, len(set(bare))))
    return min(sum(per_character), distinct * len(bare))


def is_drawn(value: str) -> bool:
    """True for a code of letters and digits in turns, as dice make it, not people; hexadecimal is none."""
    text = value.lower()
    changes = len(_CHANGES.findall(text))
    return bool(_DRAWN.fullmatch(text)) and not _HEX.fullmatch(text) and changes >= DRAWN_CHANGES * len(text)


def weights_of(value: str) -> tuple[float, ...]:
    """How much each byte of the value in lower case tells, as shares that add up to 1.

    Every character of a minted value, and of any that dice made, tells the same; of others, punctuation and
    what everybody would guess of a URL, or of the end of a domain, tells nothing.
    """
    text = value.lower()
    if is_minted(text) or is_drawn(text):
        bits = [1.0] * len(text)
    else:
        bits = [_bits_of_character(character) for character in text]
        for guessed in (*_EXPECTED.finditer(text), *islice(_LAST_LABEL.finditer(text), 1)):
            bits[slice(*guessed.span())] = [0.0] * len(guessed[0])
    total = sum(bits) or 1.0
    shares: list[float] = []
    for character, weight in zip(text, bits, strict=True):
        shares += [weight / total, *[0.0] * (len(character.encode("utf-8", "surrogatepass")) - 1)]
    return tuple(shares)


def _bits_of_character(character: str) -> float:
    return next((bits for pattern, bits in _CHARACTER_BITS if pattern.match(character)), 0.0)
