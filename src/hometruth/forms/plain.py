"""The value itself, in the byte spellings that text can take on its way."""

import unicodedata
from collections.abc import Iterator
from uuid import UUID

from hometruth.forms.spellings import is_uuid, whole_spellings
from hometruth.model import Form

SHORTEST_VALUE = 4
"""Bytes; anything shorter is everywhere by chance."""
CHARSETS = ("cp1252", "cp1251", "gb18030", "shift-jis", "euc-kr")
"""Encodings older than UTF-8 that clients still use (https://encoding.spec.whatwg.org/)."""


def plain_forms(value: str, bits: float) -> tuple[Form, ...]:
    """The value in UTF-8, composed and decomposed, in the other case where ASCII rules do not reach, in older
    character sets, in the other characters that say the same (``email:google``, ``digits``), and a UUID as
    its sixteen bytes.

    Args:
        value: What was planted, or is known.
        bits: What finding it by chance would cost.
    """
    spellings = [value]
    spellings += (unicodedata.normalize(form, value) for form in ("NFC", "NFD"))
    if not value.isascii():
        spellings += (value.lower(), value.upper())
    needles = [_needle(text) for text in spellings]
    needles += (text.encode(charset) for text in spellings for charset in CHARSETS if _fits(text, charset))
    forms = {needle: Form("plain", needle, bits) for needle in needles}
    for text, name in whole_spellings(value).items():
        needle = _needle(text)
        if len(needle) >= SHORTEST_VALUE:
            forms.setdefault(needle, Form(name, needle, bits))
    forms |= {form.needle: form for form in _uuid_bytes(value, bits)}
    return tuple(forms.values())


def _uuid_bytes(value: str, bits: float) -> Iterator[Form]:
    """A UUID in binary formats: in network order (RFC 9562), and in the mixed order of Microsoft's GUID.

    The search does not regard the case of letters, so each byte that is one is worth a bit less.
    """
    if not is_uuid(value):
        return
    number = UUID(value)
    for name, needle in (("uuid:bytes", number.bytes), ("uuid:bytes-le", number.bytes_le)):
        yield Form(name, needle.lower(), bits - sum(needle[at : at + 1].isalpha() for at in range(16)))


def _fits(text: str, charset: str) -> bool:
    """True if the character set has all of the text, in bytes of its own."""
    if text.isascii():
        return False
    try:
        return len(text.encode(charset)) >= SHORTEST_VALUE
    except UnicodeEncodeError:
        return False


def _needle(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass").lower()
