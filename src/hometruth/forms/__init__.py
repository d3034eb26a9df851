"""One-way spellings of a value: what to look for besides the value itself."""

from hometruth.forms.digests import digest_forms
from hometruth.forms.plain import SHORTEST_VALUE, forms_of, plain_forms

__all__ = ["SHORTEST_VALUE", "digest_forms", "forms_of", "plain_forms"]
