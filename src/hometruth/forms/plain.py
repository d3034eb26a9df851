"""The value itself, in the byte spellings that text can take on its way."""

import unicodedata
from collections.abc import Iterable

from hometruth.forms.digests import digest_forms
from hometruth.model import Form

SHORTEST_VALUE = 4
"""Bytes; anything shorter is everywhere by chance."""


def forms_of(value: str, bits: float, salts: Iterable[str] = ()) -> tuple[Form, ...]:
    """Every form of a value: plain, and digests of it and of its lower-cased form, with and without salts.

    Args:
        value: What was planted, or is known.
        bits: What finding it by chance would cost; a digest is evidence for no more than it has bits itself.
        salts: Known salts, put before and after the value.
    """
    return (*plain_forms(value, bits), *digest_forms(value, bits, salts))


def plain_forms(value: str, bits: float) -> tuple[Form, ...]:
    """The value in UTF-8: composed, decomposed, and in the other case where ASCII rules do not reach."""
    spellings = [value]
    spellings += (unicodedata.normalize(form, value) for form in ("NFC", "NFD"))
    if not value.isascii():
        spellings += (value.lower(), value.upper())
    needles = dict.fromkeys(text.encode("utf-8", "surrogatepass").lower() for text in spellings)
    return tuple(Form("plain", needle, bits) for needle in needles)
