"""What a sighting is worth: bits matched, less what chance had to try; and whether its host may have it."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from math import expm1, lgamma, log, log2

from hometruth.canaries.mint import RANDOM_BITS, is_minted
from hometruth.forms import MOST_NUMBERS, Spelling, is_assigned, numbers_of
from hometruth.model import Canary, CanaryKind, Form, HostPattern, Sighting

_CHARACTER_BITS = (
    (re.compile(r"[0-9]"), 2.5),
    (re.compile(r"[a-z]"), 2.0),
    (re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]"), 4.0),
    (re.compile(r"[^\x00-\x7f]"), 2.0),
)
"""Bits for each digit, letter, Chinese character and other one beyond ASCII: below the 3.3, 4.7 and more that
dice would give, since dates, prefixes and words are predictable. In running Chinese text a character carries
about 4 bits however much went before it (Tan and Yap 2002, Takahira and others 2016), alone more than 9.
Everything else, punctuation above all, counts as none."""
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


@lru_cache(maxsize=1 << 10)
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


@lru_cache(1 << 16)
def _bits_of_character(character: str) -> float:
    return next((bits for pattern, bits in _CHARACTER_BITS if pattern.match(character)), 0.0)


SHORT_BITS = 32.0
SHORTEST_LOOKED_UP = 4
"""Bytes of a value that is looked up as a digest of 32 bits: only whole values are."""
WHOLE_BITS = 128
"""Of the shortest digest that nobody can find a second text for by trying (md5, whole)."""
LEAST_ASSIGNED_BITS = 20.0
"""Of a value that is taken for one holder's; below are placeholders: test@test.com."""
LEAST_DISTINCT = 5
"""Different letters and digits in it; of fewer are identifiers that were reset: zeros, ones."""
LEAST_DIGITS = 10
"""Of a number that is digested; counters, dates and moments in seconds are shorter, and digested too."""
ASSIGNED_KINDS = frozenset({CanaryKind.ACCOUNT, CanaryKind.DEVICE_ID})
SHARED = frozenset(
    {
        "02:00:00:00:00:00",  # MAC that Android 6 and later tells every app (developer.android.com)
        "9774d56d682e549c",  # Android ID of many phones of one maker (Android issue 10603)
        "00:11:22:33:44:55",
        "aa:bb:cc:dd:ee:ff",
        "123456789012345",
    }
)
"""Values of an assigned kind that many have, in lower case; the last three stand in every manual."""


def digest_bits(canary: Canary, spelling: Spelling, n_bits: float, *, is_whole: bool, n_tried: int) -> float:
    """What a digest of a spelling is worth before the places it was looked for in are taken off.

    A digest is met by chance in two ways: another text has the same digest, or the same text is about
    something else. The first costs the bits of the digest. The second is what the value is worth, unless it
    is assigned to one holder: then the same text is the same holder's. So a whole digest of an assigned value
    counts its own bits, less those of the digests that it was compared with; any other at most the value's.

    Args:
        n_bits: What was matched of the digest.
        is_whole: Nothing of the digest was cut off.
        n_tried: Digests that were looked for.
    """
    if is_whole and n_bits >= WHOLE_BITS and _says_a_holder(canary, spelling):
        return n_bits - log2(max(1, n_tried))
    most = min(canary.bits, bits_of(spelling.part)) if spelling.part else canary.bits
    return min(most, n_bits)


def _says_a_holder(canary: Canary, spelling: Spelling) -> bool:
    text = str(spelling.text)
    return (
        not spelling.part
        and not is_minted(canary.value)
        and canary.bits >= LEAST_ASSIGNED_BITS
        and len({character for character in canary.value.lower() if character.isalnum()}) >= LEAST_DISTINCT
        and canary.value.strip().lower() not in SHARED
        and not (text.isdigit() and len(text) < LEAST_DIGITS)
        and (canary.kind in ASSIGNED_KINDS or is_assigned(canary.value))
    )


def weigh(
    sightings: Iterable[Sighting],
    searched_bytes: int,
    *,
    searched_for: Callable[[Sighting], int] | None = None,
    n_canaries: int = 0,
) -> tuple[Sighting, ...]:
    """Sightings with their evidence: bits of the form, less those of keys, less log2 of the bytes searched.

    A digest of 32 bits proves nothing in one session. Its evidence is that of the coincidence over all
    sessions: *n* values of the *N* searched for, each minted by itself, have the same short digest at one
    host. One is met by chance in one of 2^32 values; so many were searched in its own session (or, if it
    was met elsewhere, in all). There are ``N over n`` ways to choose which *n*, and no more than
    `MOST_NUMBERS` digests. So all together carry

        sum of (32 - log2(values searched)) - log2(N over n) - log2(MOST_NUMBERS)

    and each an equal part of it: adding up independent sessions, as verdicts do, gives the whole.

    Args:
        sightings: As found, in one search over everything.
        searched_bytes: Bytes of all values searched: the places where chance could have hit.
        searched_for: For a short digest, the bytes in which chance could have put it: those of its own
            session if it was met there; by default all.
        n_canaries: Canaries searched for, if more than were seen.
    """
    sightings = tuple(sightings)
    places = log2(max(1, searched_bytes))
    together = _coincidences(sightings, n_canaries)
    return tuple(
        replace(
            sighting,
            evidence_bits=_short_bits(sighting, searched_for(sighting) if searched_for else searched_bytes)
            - together[_coincidence(sighting)]
            if sighting.form.is_short
            else sighting.form.bits - _key_bits(sighting) - places,
        )
        for sighting in sightings
    )


def _short_bits(sighting: Sighting, searched_bytes: int) -> float:
    """Bits of one short digest before the choice of the digest and of the canaries."""
    values = max(1, searched_bytes / SHORTEST_LOOKED_UP)
    return sighting.form.bits - _key_bits(sighting) - log2(values)


_Coincidence = tuple[str, str]


def _coincidence(sighting: Sighting) -> _Coincidence:
    return sighting.form.name, sighting.exchange.host


def _coincidences(sightings: Iterable[Sighting], n_canaries: int) -> dict[_Coincidence, float]:
    """For each short digest at a host: bits to say which digest and which canaries, for each of these."""
    seen: dict[_Coincidence, set[str]] = defaultdict(set)
    for sighting in sightings:
        if sighting.form.is_short:
            seen[_coincidence(sighting)].add(sighting.canary.id)
    return {
        each: (log2(MOST_NUMBERS) + _choice_bits(max(n_canaries, len(canaries)), len(canaries)))
        / len(canaries)
        for each, canaries in seen.items()
    }


def _choice_bits(n: int, k: int) -> float:
    """log2 of the ways to choose *k* of *n*."""
    return (lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)) / log(2)


def _key_bits(sighting: Sighting) -> float:
    values = [fragment.value for fragment in sighting.fragments] or [sighting.value]
    return sum(step.key_bits for value in values for step in value.steps)


def is_short(form: Form) -> bool:
    """True for a form that many captures hold by chance."""
    return form.is_short


def chance_of_short(canary: Canary, searched_bytes: int) -> float:
    """Probability, at most, that some digest of 32 bits of the canary is met by chance in so many bytes.

    Every searched byte belongs to one value of at least `SHORTEST_LOOKED_UP` bytes, and each of those could
    be any number of 32 bits.
    """
    targets = len(set(numbers_of(canary.value)))
    places = searched_bytes / SHORTEST_LOOKED_UP
    return -expm1(-places * targets / 2.0**SHORT_BITS)


def is_first_party(sighting: Sighting) -> bool:
    """True if the canary's ``first_party`` names the recipient: *own host, not examined*, which is not clean.

    A name means that host alone; with a leading ``*.`` every host below it.
    """
    host = sighting.exchange.host.lower()
    return any(HostPattern(name).fits(host) for name in sighting.canary.first_party)
