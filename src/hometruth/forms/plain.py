"""The value itself, in the byte spellings that text and numbers can take on their way."""

import unicodedata
from collections.abc import Callable

from hometruth.forms.spelling import Spelling
from hometruth.forms.spellings import sought_spellings
from hometruth.model import Form

SHORTEST_VALUE = 4
"""Bytes; anything shorter is everywhere by chance."""
LEAST_PART_BITS = 12.0
"""Evidence in a part of a value that is looked for as it is; a host of four letters is in every capture."""
MOST_FORMS = 256
"""Plain forms of one value: they are the size of the automaton."""


def plain_forms(value: str, bits: float, bits_of_part: Callable[[str], float]) -> tuple[Form, ...]:
    """The value in UTF-8, composed and decomposed, in the other case where ASCII rules do not reach, and in
    every spelling of its kind (``email:google``, ``mac:bytes``, ``host+path``); at most `MOST_FORMS`.

    Args:
        value: What was planted, or is known.
        bits: What finding it by chance would cost.
        bits_of_part: The same for a text that is a part of it.
    """
    spellings = [value]
    spellings += (unicodedata.normalize(form, value) for form in ("NFC", "NFD"))
    if not value.isascii():
        spellings += (value.lower(), value.upper())
    forms = {needle: Form("plain", needle, bits) for needle in map(_needle, spellings)}
    for spelling in sought_spellings(value):
        form = _form(spelling, bits, bits_of_part)
        if len(form.needle) >= SHORTEST_VALUE and not (form.is_part and form.bits < LEAST_PART_BITS):
            forms.setdefault(form.needle, form)
    return tuple(forms.values())[:MOST_FORMS]


def _form(spelling: Spelling, bits: float, bits_of_part: Callable[[str], float]) -> Form:
    """What is looked for: text without regard to case, also in another charset, where a byte that is a letter
    tells a bit less; bytes of a number are the same or are not.
    """
    text = spelling.text
    is_number = isinstance(text, bytes) and spelling.name != "plain"
    if isinstance(text, bytes):
        needle = text if is_number else text.lower()
        letters = 0 if is_number else sum(needle[at : at + 1].isalpha() for at in range(len(needle)))
        most = min(bits, 8.0 * len(text)) - letters
    else:
        needle = _needle(text)
        most = bits
    if spelling.part:
        most = min(most, bits_of_part(spelling.part))
    return Form(
        spelling.name,
        needle,
        most,
        caseless=not is_number,
        is_part=bool(spelling.part),
        barred_before=spelling.barred_before,
        barred_after=spelling.barred_after,
    )


def _needle(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass").lower()
