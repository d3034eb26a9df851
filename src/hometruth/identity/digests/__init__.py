"""Whether digests hide anything: the tester's own values looked up, and what the same costs a stranger."""

from hometruth.identity.digests.cost import Cost, costs, measure_rate
from hometruth.identity.digests.imei import Sweep, check_digit, own_imei, sweep_serials
from hometruth.identity.digests.lookup import DigestTable, KnownDigest
from hometruth.identity.digests.own_values import load_own_values
from hometruth.identity.digests.spellings import KINDS, spellings

__all__ = [
    "KINDS",
    "Cost",
    "DigestTable",
    "KnownDigest",
    "Sweep",
    "check_digit",
    "costs",
    "load_own_values",
    "measure_rate",
    "own_imei",
    "spellings",
    "sweep_serials",
]
