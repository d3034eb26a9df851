"""What a file is that no reader reads, in words, and what to do instead."""

import re

from hometruth.capture.reader import Start

_JSONP = re.compile(rb"[\w$.]+\s*\(")
_SIGNATURES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
)


def looks_like(start: Start) -> str:
    """In words, what a file that starts like this seems to be."""
    for signature, name in _SIGNATURES:
        if start.head.startswith(signature):
            return f"looks like {name}"
    text = start.text
    if text.startswith(b"<"):
        return "looks like HTML or XML"
    if text.startswith(b"["):
        return "looks like a JSON list"
    if _JSONP.match(text):
        return "looks like JSONP (JSON wrapped in a call; save what is inside the parentheses)"
    return "looks like plain text" if _is_text(start.head) else "is in no format we know"


def _is_text(head: bytes) -> bool:
    """True if it is UTF-8, but for a character cut at its end, without NUL."""
    try:
        return "\0" not in head.decode()
    except UnicodeDecodeError as err:
        return err.start > len(head) - 4 and b"\0" not in head
