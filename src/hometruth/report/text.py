"""Captured text made harmless, and bytes made readable, for terminals and for HTML.

Traffic comes from adversaries: an escape sequence may rewrite a terminal, a bidirectional override may
reverse what a reader sees, a zero-width character may hide a difference. Everything that draws nothing or
changes how its neighbours are drawn is therefore written out as
``\\u{1b}``. HTML escaping (autoescape) comes on top.
"""

from hometruth.errors import escape_terminal
from hometruth.report.catalogue import _

__all__ = ["clip", "escape_terminal", "is_text", "mask", "printable"]

MASK_WHOLE_BELOW = 12
"""Characters. Of a shorter value even two letters at each end would tell too much."""
_DOTS = "•••••"

MIN_TEXT_SHARE = 0.85
"""Share of printable characters from which bytes are shown as text rather than in hexadecimal."""
_TEXT_SAMPLE_BYTES = 4096


def printable(data: bytes) -> str:
    """Bytes as text for people: UTF-8 where it is, ``\\xNN`` where it is not, controls written out."""
    return escape_terminal(data.decode("utf-8", "backslashreplace"))


def is_text(data: bytes) -> bool:
    """True if most of the beginning of *data* is text a person can read."""
    sample = data[:_TEXT_SAMPLE_BYTES].decode("utf-8", "replace")
    if not sample:
        return True
    unreadable = sum(
        char == "\ufffd" or (char not in "\t\r\n" and escape_terminal(char) != char) for char in sample
    )
    return 1 - unreadable / len(sample) >= MIN_TEXT_SHARE


def mask(value: str) -> str:
    """A personal value made unreadable but, when long, still told apart from others: ``an•••••rg``."""
    return _DOTS if len(value) < MASK_WHOLE_BELOW else f"{value[:2]}{_DOTS}{value[-2:]}"


def clip(text: str, room: int) -> str:
    """*text* in at most about *room* characters: the middle is left out, and how much is said."""
    if len(text) <= room:
        return text
    head, tail = room * 2 // 3, room // 3
    left_out = len(text) - head - tail
    return _(
        "{text} … {left_out:,} characters left out … {text2}",
        text=text[:head],
        left_out=left_out,
        text2=text[len(text) - tail :],
    )
