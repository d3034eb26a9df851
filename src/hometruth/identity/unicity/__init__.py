"""How few points single a person out of a population."""

from hometruth.identity.unicity.measure import NUMBERS, Unicity, measure_unicity
from hometruth.identity.unicity.moments import MOMENTS, at_moments

__all__ = ["MOMENTS", "NUMBERS", "Unicity", "at_moments", "measure_unicity"]
