"""Received text made harmless for a page.

Anybody can send events, so a name may hold controls, overrides of reading direction or characters that draw
nothing. All of them are written out as ``\\u{1b}``; escaping for HTML is the templates' part.
"""

import json
import unicodedata
from typing import Any

MAX_CHARS = 300
"""Longest text shown at one place; what is cut off is counted."""
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | {
    chr(point) for point in range(0xFE00, 0xFE10)
}
"""Characters of other categories that draw nothing either."""


def as_text(value: Any) -> str:
    """Any JSON value as text, not yet harmless."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def visible(text: str) -> str:
    """Text that shows what is in it, and no more than a page has room for."""
    shown = "".join(_visible_char(char) for char in text[:MAX_CHARS])
    return shown if len(text) <= MAX_CHARS else f"{shown} … and {len(text) - MAX_CHARS} characters"


def _visible_char(char: str) -> str:
    if unicodedata.category(char) in UNSEEN or char in BLANKS:
        return f"\\u{{{ord(char):x}}}"
    return char
