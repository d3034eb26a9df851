"""One-way spellings of a value: what to look for besides the value itself."""

from hometruth.forms.digests import Digested, digests_of, prefixes_of
from hometruth.forms.letter_maps import LETTER_MAPS, LetterMap
from hometruth.forms.plain import SHORTEST_VALUE, plain_forms
from hometruth.forms.short_digests import MOST_NUMBERS, numbers_of, short_digests_of
from hometruth.forms.spelling import Spelling
from hometruth.forms.spellings import KINDS, is_assigned, spellings_of

__all__ = [
    "KINDS",
    "LETTER_MAPS",
    "MOST_NUMBERS",
    "SHORTEST_VALUE",
    "Digested",
    "LetterMap",
    "Spelling",
    "digests_of",
    "is_assigned",
    "numbers_of",
    "plain_forms",
    "prefixes_of",
    "short_digests_of",
    "spellings_of",
]
