"""What a sighting is worth: bits matched, less what chance had to try; and whether its host may have it."""

from collections.abc import Iterable
from dataclasses import replace
from math import expm1, log2

from hometruth.forms import short_digests_of
from hometruth.model import Canary, Form, HostPattern, Sighting

SHORT_BITS = 32
SHORTEST_LOOKED_UP = 4
"""Bytes of a value that is looked up as a digest of 32 bits: only whole values are."""


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
