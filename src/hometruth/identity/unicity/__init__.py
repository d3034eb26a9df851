"""How few points single a person out of a population."""

from hometruth.identity.unicity.measure import NUMBERS, Unicity, measure_unicity

__all__ = ["NUMBERS", "Unicity", "measure_unicity"]
