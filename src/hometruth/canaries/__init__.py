"""Values worth planting, and finding them again."""

from hometruth.canaries.across import Across
from hometruth.canaries.bits import bits_of
from hometruth.canaries.deepest import deepest
from hometruth.canaries.evidence import chance_of_short, is_first_party, is_short, weigh
from hometruth.canaries.load import LoadedCanaries, dump_canaries, load_canaries
from hometruth.canaries.mint import SITE, is_minted, mint, mint_address
from hometruth.canaries.reassemble import reassemble
from hometruth.canaries.salts import has_salt, is_called_salt
from hometruth.canaries.search import Hit, Search, Trace, compile_search

__all__ = [
    "SITE",
    "Across",
    "Hit",
    "LoadedCanaries",
    "Search",
    "Trace",
    "bits_of",
    "chance_of_short",
    "compile_search",
    "deepest",
    "dump_canaries",
    "has_salt",
    "is_called_salt",
    "is_first_party",
    "is_minted",
    "is_short",
    "load_canaries",
    "mint",
    "mint_address",
    "reassemble",
    "weigh",
]
