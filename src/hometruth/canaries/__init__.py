"""Values worth planting, and finding them again."""

from hometruth.canaries.across import Across
from hometruth.canaries.deepest import deepest
from hometruth.canaries.evidence import bits_of, chance_of_short, is_first_party, is_short, weigh
from hometruth.canaries.letters import characters_of, may_tell_a_character
from hometruth.canaries.load import LoadedCanaries, dump_canaries, load_canaries
from hometruth.canaries.mint import is_minted, mint, mint_address
from hometruth.canaries.pieces import WordCount, Words, may_hold_pieces
from hometruth.canaries.reassemble import reassemble
from hometruth.canaries.salts import has_salt, is_called_salt
from hometruth.canaries.search import Hit, Search, Trace, compile_search, left_out

__all__ = [
    "Across",
    "Hit",
    "LoadedCanaries",
    "Search",
    "Trace",
    "WordCount",
    "Words",
    "bits_of",
    "chance_of_short",
    "characters_of",
    "compile_search",
    "deepest",
    "dump_canaries",
    "has_salt",
    "is_called_salt",
    "is_first_party",
    "is_minted",
    "is_short",
    "left_out",
    "load_canaries",
    "may_hold_pieces",
    "may_tell_a_character",
    "mint",
    "mint_address",
    "reassemble",
    "weigh",
]
