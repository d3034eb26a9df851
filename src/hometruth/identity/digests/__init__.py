"""Whether digests hide anything: the tester's own values looked up, and what the same costs a stranger."""

from hometruth.identity.digests.cost import costs, measure_rate, own_imei, sweep_serials
from hometruth.identity.digests.lookup import KINDS, OwnDigestTable, load_own_values, spellings

__all__ = [
    "KINDS",
    "OwnDigestTable",
    "costs",
    "load_own_values",
    "measure_rate",
    "own_imei",
    "spellings",
    "sweep_serials",
]
