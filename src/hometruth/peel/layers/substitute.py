"""`re.sub` for text of any length: it lists all pieces of its result first, some 40 times what they hold."""

import re
from collections.abc import Callable

LONG_BYTES = 1 << 18
"""Below it the pieces are few, and `re.sub` takes a fifth less time."""


def substitute(pattern: re.Pattern[bytes], replace: Callable[[re.Match[bytes]], bytes], data: bytes) -> bytes:
    """*data* with every match of *pattern* replaced by what *replace* gives for it."""
    if len(data) <= LONG_BYTES:
        return pattern.sub(replace, data)
    out = bytearray()
    pos = 0
    for match in pattern.finditer(data):
        out += memoryview(data)[pos : match.start()]
        out += replace(match)
        pos = match.end()
    out += memoryview(data)[pos:]
    return bytes(out)
