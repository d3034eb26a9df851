"""Fields that look drawn by dice: a nonce, an id, or a secret that nobody can read; which, no wire shows.

Spelling does not matter: hexadecimal, base64, a UUID and bare bytes count by the bytes that they stand for.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator

from hometruth.model import Part, RandomField, Value

SMALLEST_TOKEN = 8
"""Bytes: a shorter run of characters that looks random may be a word or a version."""
SMALLEST_FIELD = 16
"""Bytes that a planted value fits into: 128 bits, a block of the usual ciphers."""
SPECIFIED = ("sec-websocket-key", "traceparent", "tracestate", "boundary")
"""Names whose values a specification asks to be random: RFC 6455, W3C Trace Context, RFC 2046."""
_TOKEN = re.compile(r"[A-Za-z0-9+/_=-]{11,}|(?:[0-9a-fA-F]{2}[: ]){7,}[0-9a-fA-F]{2}")
_HEX = re.compile(r"[0-9a-f]{16,}|[0-9A-F]{16,}")
_DIGITS = re.compile(r"[0-9]+")
_CHANGES = re.compile(
    r"(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[a-z])"
)
_SAME_CASE = re.compile(r"[0-9a-z]+|[0-9A-Z]+")
CHANGES, CHANGES_WITHOUT_DIGITS = 0.15, 0.38
"""Changes between small letters, capitals and digits per character: names and words have fewer."""
_INDEX = re.compile(r"\[\d+\]")
_BOUNDARY = re.compile(r'boundary="?([^";]+)', re.IGNORECASE)


def random_fields(
    leaves: Iterable[tuple[Value, str]], explained: Collection[tuple[Part, str]]
) -> tuple[RandomField, ...]:
    """The random fields of one request.

    Args:
        leaves: Values that are read as they stand, with their text.
        explained: Part and path of values in which something planted was found.
    """
    found = {}
    for value, text in leaves:
        item = _field(value, text)
        if item and (value.part, value.path) not in explained and not value.is_name:
            found[item.name, item.digest] = item
    return tuple(found.values())


def _field(value: Value, text: str) -> RandomField | None:
    boundary = _BOUNDARY.search(text)
    text = boundary[1] if boundary else text
    size_bytes = sum(random_bytes(text))
    if size_bytes < SMALLEST_FIELD:
        return None
    place = f"{value.part} {_INDEX.sub('[]', value.path)}".rstrip()
    specified = bool(boundary) or place.lower().endswith(SPECIFIED)
    digest = hashlib.sha256(text.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return RandomField(place, digest, size_bytes, specified)


def random_bytes(text: str) -> Iterator[int]:
    """Sizes of the random tokens in *text*, in the bytes that they stand for."""
    for match in _TOKEN.finditer(text):
        token = match[0].strip("=")
        bare = re.sub(r"[-: ]", "", token)
        size = _size(bare if _HEX.fullmatch(bare) else token)
        if size >= SMALLEST_TOKEN:
            yield size


def _size(token: str) -> int:
    if _DIGITS.fullmatch(token):
        return len(token) * 10 // 24 if len(set(token)) > 7 and len(token) >= 39 else 0
    if _HEX.fullmatch(token):
        return len(token) // 2 if _is_mixed(token) else 0
    if not _is_mixed(token):
        return 0
    bits = 5 if _SAME_CASE.fullmatch(re.sub(r"[+/_-]", "", token)) else 6
    return len(token) * bits // 8


def _is_mixed(token: str) -> bool:
    """True if it changes between kinds of characters as often as dice would, and repeats as little."""
    enough = CHANGES if re.search(r"\d", token) else CHANGES_WITHOUT_DIGITS
    return len(_CHANGES.findall(token)) >= enough * len(token) and len(set(token)) >= min(len(token) // 3, 8)
