"""Is it text? Decides what a person could read, and where guessing at compression is worth the while."""

import re
from collections import Counter

CONTROL = bytes(range(9)) + bytes(range(14, 32)) + b"\x7f\x0b\x0c"
"""Bytes that text does not hold; tab, line feed and carriage return it does."""
PRINTABLE = bytes(range(32, 127)) + b"\t\r\n"
READABLE_SHARE = 0.75
"""Share of printable ASCII from which bytes count as readable although a format we do not know frames them:
the strings in an undecoded protobuf message stand there as they are."""


SEALED_SAMPLE = 512
"""Characters of a text that are counted."""
LEAST_DIFFERENT = 36
"""Characters among those of a text that nobody wrote: of 64 drawn from 85, 45; addresses have about 30."""
MOST_ALIKE = 0.02
"""Share of pairs of characters that are alike: of 85 that come like dice, one pair in 85 is; of words, of
addresses, of programs, one in 15 to 30."""
LEAST_STRANGE = 0.1
"""Share of signs that words and addresses hardly have: of 85 characters, at least 15 are."""
LEAST_CHANGES = 0.55
"""Changes between capitals, small letters, digits and signs, for each character: of drawn ones, 0.7."""
_STRANGE = b'!#$()*;<>?@[]^`{|}~"'
_RUN = re.compile(rb"[a-z]+|[A-Z]+|[0-9]+|[^a-zA-Z0-9]+")


def is_text(data: bytes) -> bool:
    """True if *data* is UTF-8 without control characters."""
    if len(data.translate(None, CONTROL)) != len(data):
        return False
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def is_readable(data: bytes) -> bool:
    """True if *data* is text, or mostly printable."""
    return is_text(data) or len(data) - len(data.translate(None, PRINTABLE)) >= READABLE_SHARE * len(data)


def is_sealed_text(data: bytes) -> bool:
    """True for one run of characters that come like dice, strange signs among them: an unknown alphabet."""
    sample = data[:SEALED_SAMPLE]
    counts = Counter(sample)
    n = len(sample)
    return (
        len(counts) >= LEAST_DIFFERENT
        and n - len(sample.translate(None, _STRANGE)) >= LEAST_STRANGE * n
        and len(_RUN.findall(sample)) >= LEAST_CHANGES * n
        and not data.translate(None, _GRAPHIC)
        and sum(count * (count - 1) for count in counts.values()) <= MOST_ALIKE * n * (n - 1)
    )


_GRAPHIC = bytes(range(33, 127))
