"""How often nameless traces can be put back to their people. Rates only: no pair is ever returned."""

from hometruth.identity.relink.measure import measure_relink

__all__ = ["measure_relink"]
