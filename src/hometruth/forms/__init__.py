"""One-way spellings of a value: what to look for besides the value itself."""

from hometruth.forms.digests import digests_of, short_digests_of
from hometruth.forms.plain import SHORTEST_VALUE, plain_forms

__all__ = ["SHORTEST_VALUE", "digests_of", "plain_forms", "short_digests_of"]
