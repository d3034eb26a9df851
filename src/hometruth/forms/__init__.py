"""One-way spellings of a value: what to look for besides the value itself."""

from hometruth.forms.digests import digests_of, short_digests_of
from hometruth.forms.letter_maps import LETTER_MAPS, LetterMap
from hometruth.forms.plain import SHORTEST_VALUE, plain_forms
from hometruth.forms.spellings import spellings_of

__all__ = [
    "LETTER_MAPS",
    "SHORTEST_VALUE",
    "LetterMap",
    "digests_of",
    "plain_forms",
    "short_digests_of",
    "spellings_of",
]
