"""How few points single a person out of a population."""

from hometruth.identity.unicity.measure import MOMENTS, NUMBERS, at_moments, measure_unicity

__all__ = ["MOMENTS", "NUMBERS", "at_moments", "measure_unicity"]
