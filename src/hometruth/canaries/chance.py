"""How likely a digest of 32 bits is seen by chance: in a large capture, it is."""

from math import expm1

from hometruth.forms import short_digests_of
from hometruth.model import Canary, Form

SHORT_BITS = 32
SHORTEST_LOOKED_UP = 4
"""Bytes of a value that is looked up as a digest of 32 bits: only whole values are."""


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
