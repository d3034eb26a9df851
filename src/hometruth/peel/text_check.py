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
MOST_SIGNS, MOST_OF_ONE = 4, 1 / 24
"""Signs of an alphabet like base64, filling among them, and the share of one; what stands between identifiers
is more."""
MOST_BLANK = 1 / 64
"""Share of bytes that are no characters: what looks like an escape by chance becomes one."""
LEAST_CHANGES = 0.55
"""Changes between capitals, small letters, digits and signs, for each character: of drawn ones, 0.7."""
LEAST_BASE45 = 96
"""Characters that hold 64 bytes."""
MOST_ALIKE_45 = 0.045
"""Share of pairs: of 45 characters that come like dice one in 45; of words more than one in 20."""
_BASE45 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_TO_BASE45 = bytes.maketrans(_BASE45, bytes(range(45)))
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
    """True for one run of characters that come like dice, a strange sign among them: an unknown alphabet.

    Base45 whose bytes nobody can read is told by its groups: of other capitals, digits and signs, some are no
    two bytes.
    """
    sample = data[:SEALED_SAMPLE]
    if is_sealed_base45(data):
        return True
    if not has_strange(sample) or len(data.translate(None, _GRAPHIC)) > MOST_BLANK * len(data):
        return False
    counts = Counter(sample)
    n = len(sample)
    return (
        len(counts) >= LEAST_DIFFERENT
        and _is_strange(counts, n)
        and changes_of(sample) >= LEAST_CHANGES
        and sum(count * (count - 1) for count in counts.values()) <= MOST_ALIKE * n * (n - 1)
    )


def is_sealed_base45(data: bytes) -> bool:
    """True for as much base45 as holds 64 bytes, if these come like dice."""
    sample = data[:SEALED_SAMPLE]
    if len(data) < LEAST_BASE45 or len(data) % 3 == 1 or sample.translate(None, _BASE45):
        return False
    if not has_strange(sample):
        return False
    digits = sample.translate(_TO_BASE45)
    groups = zip(digits[0::3], digits[1::3], digits[2::3], strict=False)
    counts = Counter(sample)
    n = len(sample)
    return (
        len(counts) >= LEAST_DIFFERENT
        and sum(count * (count - 1) for count in counts.values()) <= MOST_ALIKE_45 * n * (n - 1)
        and all(a + 45 * b + 2025 * c <= 0xFFFF for a, b, c in groups)
    )


def changes_of(data: bytes) -> float:
    """Changes between capitals, small letters, digits and signs, for each character."""
    return len(_RUN.findall(data)) / len(data)


def has_strange(data: bytes) -> bool:
    """True if a sign is in it that words and addresses hardly have."""
    return len(data.translate(None, _STRANGE)) < len(data)


def _is_strange(counts: Counter[int], n: int) -> bool:
    """True if strange signs are a good share; or if few signs are there, a strange one among them, all rare.

    The second is an alphabet of letters, digits and two or three signs, as base64 is.
    """
    strange = [counts[byte] for byte in _STRANGE if byte in counts]
    signs = [count for byte, count in counts.items() if not chr(byte).isalnum()]
    is_alphabet = 1 < len(signs) <= MOST_SIGNS and max(signs) <= MOST_OF_ONE * n + 2
    return sum(strange) >= LEAST_STRANGE * n or (bool(strange) and is_alphabet)


_GRAPHIC = bytes(range(33, 127))
