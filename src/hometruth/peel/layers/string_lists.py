"""Lists of strings that are one value: an encoder's text cut into characters or lines, or bytes as digits.

A list is taken for that only if the whole says so: what its strings make up is text, or a compressed stream.
Or else a code of letters and digits, cut into equal chunks.
"""

import base64
import binascii
import re
from collections.abc import Sequence

from hometruth.peel.layers.veiled import begins_packed
from hometruth.peel.text_check import is_text

SHORTEST_LIST = 4
"""Strings."""
LONGEST_STRING = 80
"""Characters of a string: a line of base64 has 76."""
LONGEST_CHUNK = 5
"""Characters of the strings that a code was cut into; longer ones, and single ones, are found apart."""
SHORTEST_SPELLED = 12
"""Bytes that come out: of random ones, fewer are text once in 100,000 lists."""

LINES = frozenset({60, 64, 72, 76})
"""Characters of a line of base64 (RFC 2045, RFC 7468, and what libraries break at)."""
_UPPER, _LOWER = re.compile(rb"[A-Z]"), re.compile(rb"[a-z]")
_LETTER, _DIGIT = re.compile(rb"[A-Za-z]"), re.compile(rb"[0-9]")
_ALPHABET = re.compile(rb"[A-Za-z0-9+/_\-]++={0,2}")
_BYTES = re.compile(rb"-?[0-9]{1,3}(?:,-?[0-9]{1,3})*+")
_PREFIXED = re.compile(rb"0[xX][0-9A-Fa-f]{2}(?:,0[xX][0-9A-Fa-f]{2})*+")
_BITS = re.compile(rb"[01]{8}(?:,[01]{8})*+")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2})++")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def spelled(strings: Sequence[bytes]) -> bytes | None:
    """The text that the strings of a list make up, which some layer opens; None if they make up none."""
    if len(strings) < SHORTEST_LIST or max(map(len, strings)) > LONGEST_STRING:
        return None
    listed = b",".join(strings)
    if _BYTES.fullmatch(listed):
        numbers = [int(number) for number in strings]
        is_bytes = all(-128 <= number <= 255 for number in numbers)
        return listed if is_bytes and _is_something(bytes(number % 256 for number in numbers)) else None
    if _PREFIXED.fullmatch(listed):
        return listed if _is_something(bytes(int(number[2:], 16) for number in strings)) else None
    if _BITS.fullmatch(listed):
        return listed if _is_something(bytes(int(number, 2) for number in strings)) else None
    return _joined(strings)


def _joined(strings: Sequence[bytes]) -> bytes | None:
    """Strings of one length, but for the last, that are base64 or hexadecimal digits together."""
    length = len(strings[0])
    whole = all(len(each) == length for each in strings[1:-1]) and len(strings[-1]) <= length
    joined = b"".join(strings) if whole else b""
    if not _ALPHABET.fullmatch(joined):
        return None
    if _HEX.fullmatch(joined) and _is_something(binascii.unhexlify(joined)):
        return joined
    bare = joined.rstrip(b"=").translate(_URL_SAFE)
    bare = bare[: len(bare) - (len(bare) % 4 == 1)]
    if _is_something(base64.b64decode(bare + b"=" * (-len(bare) % 4))) or _are_lines(strings):
        return joined
    is_code = _LETTER.search(joined) and _DIGIT.search(joined)
    return joined if is_code and 1 < length <= LONGEST_CHUNK and len(joined) >= SHORTEST_SPELLED else None


def _are_lines(strings: Sequence[bytes]) -> bool:
    """True for lines as encoders of base64 break them, whatever is in them: of hashes none is shorter."""
    is_mixed = _UPPER.search(strings[0]) and _LOWER.search(strings[0])
    return bool(is_mixed) and len(strings[0]) in LINES and len(strings[-1]) < len(strings[0])


def _is_something(data: bytes) -> bool:
    return len(data) >= SHORTEST_SPELLED and (is_text(data) or begins_packed(data))


_QUOTED = rb'"[A-Za-z0-9+/=_\-]{1,%d}"' % LONGEST_STRING
_LIST = re.compile(rb"\[\s*+%s(?:\s*+,\s*+%s){%d,}+\s*+\]" % (_QUOTED, _QUOTED, SHORTEST_LIST - 1))
_STRING = re.compile(rb'"([^"]*)"')


def spelled_in(document: bytes) -> list[bytes]:
    """What the lists of strings in a JSON document make up, each."""
    lists = (_STRING.findall(match[0]) for match in _LIST.finditer(document))
    return [text for text in map(spelled, lists) if text is not None]
