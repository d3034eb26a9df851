"""The value itself, in the byte spellings that text can take on its way."""

import unicodedata

from hometruth.forms.spellings import whole_spellings
from hometruth.model import Form

SHORTEST_VALUE = 4
"""Bytes; anything shorter is everywhere by chance."""


def plain_forms(value: str, bits: float) -> tuple[Form, ...]:
    """The value in UTF-8, composed and decomposed, in the other case where ASCII rules do not reach, and in
    the other characters that say the same (``email:google``, ``digits``).

    Args:
        value: What was planted, or is known.
        bits: What finding it by chance would cost.
    """
    spellings = [value]
    spellings += (unicodedata.normalize(form, value) for form in ("NFC", "NFD"))
    if not value.isascii():
        spellings += (value.lower(), value.upper())
    forms = {needle: Form("plain", needle, bits) for needle in map(_needle, spellings)}
    for text, name in whole_spellings(value).items():
        needle = _needle(text)
        if len(needle) >= SHORTEST_VALUE:
            forms.setdefault(needle, Form(name, needle, bits))
    return tuple(forms.values())


def _needle(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass").lower()
