"""How much a sighting is worth, in bits: what was matched, less what chance had to try."""

from collections.abc import Iterable
from dataclasses import replace
from math import log2

from hometruth.model import Sighting


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
