"""One spelling of a value: other characters, or bytes, that people and systems write for it."""

import base64
from collections.abc import Iterator
from typing import NamedTuple

DIGITS = b"0123456789"
WORD = DIGITS + b"abcdefghijklmnopqrstuvwxyz"
"""In lower case, as everything that is searched."""
SHORTEST_PART = 5
"""Characters; digests of shorter parts of a value are digests of words that everybody sends."""


class Spelling(NamedTuple):
    """What is looked for, digested or as it is."""

    name: str
    """Empty for the value as it is."""
    text: str | bytes
    """Text, or bytes where the value is sent as a number."""
    part: str = ""
    """What of the value it says, where it does not say all; its evidence is that of this text."""
    is_sought: bool = True
    """True if it is looked for as it is."""
    is_digested: bool = False
    """True if senders digest it, and its digests are looked for."""
    barred_before: bytes = b""
    """Bytes that make it something else when one stands before it."""
    barred_after: bytes = b""


_BASE64 = WORD + b"+/"


def in_base64(name: str, data: bytes, part: str = "") -> Iterator[Spelling]:
    """Base64 of so few bytes, eleven at most, that no layer takes the text for base64; in both alphabets."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(data).decode().rstrip("=")
        yield Spelling(f"{name}:base64", text, part, barred_before=_BASE64, barred_after=_BASE64)
