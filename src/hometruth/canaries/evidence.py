"""What a sighting is worth: bits matched, less what chance had to try; and whether its host may have it."""

from collections.abc import Iterable
from dataclasses import replace
from math import expm1, log2

from hometruth.canaries.bits import bits_of
from hometruth.canaries.mint import is_minted
from hometruth.forms import Spelling, is_assigned, short_digests_of
from hometruth.model import Canary, CanaryKind, Form, HostPattern, Sighting

SHORT_BITS = 32
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


def weigh(sightings: Iterable[Sighting], searched_bytes: int) -> tuple[Sighting, ...]:
    """Sightings with their evidence: bits of the form, less those of keys, less log2 of the bytes searched.

    Args:
        sightings: As found, in one search over everything.
        searched_bytes: Bytes of all values searched: the places where chance could have hit.
    """
    places = log2(max(1, searched_bytes))
    return tuple(
        replace(sighting, evidence_bits=sighting.form.bits - _key_bits(sighting) - places)
        for sighting in sightings
    )


def _key_bits(sighting: Sighting) -> float:
    values = [fragment.value for fragment in sighting.fragments] or [sighting.value]
    return sum(step.key_bits for value in values for step in value.steps)


def is_short(form: Form) -> bool:
    """True for a form that many captures hold by chance."""
    return form.bits <= SHORT_BITS


def chance_of_short(canary: Canary, searched_bytes: int) -> float:
    """Probability, at most, that some digest of 32 bits of the canary is met by chance in so many bytes.

    Every searched byte belongs to one value of at least `SHORTEST_LOOKED_UP` bytes, and each of those could
    be any number of 32 bits.
    """
    targets = len({digest for _, digest in short_digests_of(canary.value)})
    places = searched_bytes / SHORTEST_LOOKED_UP
    return -expm1(-places * targets / 2.0**SHORT_BITS)


def is_first_party(sighting: Sighting) -> bool:
    """True if the canary's ``first_party`` names the recipient: *own host, not examined*, which is not clean.

    A name means that host alone; with a leading ``*.`` every host below it.
    """
    host = sighting.exchange.host.lower()
    return any(HostPattern(name).fits(host) for name in sighting.canary.first_party)
