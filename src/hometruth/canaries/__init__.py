"""Values worth planting, and finding them again."""

from hometruth.canaries.across import Across
from hometruth.canaries.bits import bits_of
from hometruth.canaries.chance import chance_of_short, is_short
from hometruth.canaries.deepest import deepest
from hometruth.canaries.evidence import weigh
from hometruth.canaries.first_party import is_first_party
from hometruth.canaries.in_pieces import in_pieces
from hometruth.canaries.load import LoadedCanaries, dump_canaries, load_canaries
from hometruth.canaries.mint import is_minted, mint
from hometruth.canaries.mint_address import SITE, mint_address
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
    "in_pieces",
    "is_called_salt",
    "is_first_party",
    "is_minted",
    "is_short",
    "load_canaries",
    "mint",
    "mint_address",
    "weigh",
]
