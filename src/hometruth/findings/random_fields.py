"""Fields that look drawn by dice: a nonce, an id, or a secret that nobody can read; which, no wire shows.

Spelling does not matter: hexadecimal, base64, a UUID and bare bytes count by the bytes that they stand for.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from itertools import repeat

from hometruth.model import Part, RandomField, Value

SMALLEST_TOKEN = 8
"""Bytes: a shorter run of characters that looks random may be a word or a version."""
SMALLEST_HEX = 4
"""Bytes of a run of hexadecimal digits: no word has digits among its letters."""
SPECIFIED = ("sec-websocket-key", "traceparent", "tracestate", "boundary")
"""Names whose values a specification asks to be random: RFC 6455, W3C Trace Context, RFC 2046."""
_TOKEN = re.compile(r"[A-Za-z0-9+/_=-]{8,}|(?:[0-9a-fA-F]{2}[: ]){7,}[0-9a-fA-F]{2}")
_HEX = re.compile(r"[0-9a-f]{8,}|[0-9A-F]{8,}")
_DIGITS = re.compile(r"[0-9]+")
_CHANGES = re.compile(
    r"(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[a-z])"
)
_SAME_CASE = re.compile(r"[0-9a-z]+|[0-9A-Z]+")
CHANGES, CHANGES_WITHOUT_DIGITS = 0.15, 0.38
"""Changes between small letters, capitals and digits per character: names and words have fewer."""
LONG = 16
"""Bytes from which on dice are believed at once."""
CHANGES_OF_SHORT = 0.25
"""In what is shorter, letters of one case: versions and dates have letters and digits, too."""
SHORTEST_SIGNED, LONGEST_SIGNED = 20, 512
"""Characters of a run with strange signs in it: of 85, twenty stand for sixteen bytes."""
CHANGES_OF_SIGNED = 0.5
"""Changes between capitals, small letters, digits and signs for each character: of drawn ones, 0.7."""
_WORD = re.compile(r"[a-z]{5}|[A-Z]{6}")
_GRAPHIC = re.compile(r"[!-~]+")
_STRANGE = r"[!#$()*;<>?@^`{|}~]"
_ANY_CHANGE = re.compile(
    r"(?<=[A-Z])(?![A-Z])|(?<=[a-z])(?![a-z])|(?<=[0-9])(?![0-9])|(?<=[^A-Za-z0-9])(?=[A-Za-z0-9])"
)
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
    if not size_bytes:
        return None
    place = f"{value.part} {_INDEX.sub('[]', value.path)}".rstrip()
    specified = bool(boundary) or place.lower().endswith(SPECIFIED)
    digest = hashlib.sha256(text.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return RandomField(place, digest, size_bytes, specified)


def random_bytes(text: str) -> Iterator[int]:
    """Sizes of the random tokens in *text*, in the bytes that they stand for."""
    if _is_of_many_signs(text):
        yield len(text) * 4 // 5
        return
    for match in _TOKEN.finditer(text):
        token = match[0].strip("=")
        bare = re.sub(r"[-: ]", "", token)
        is_hex = bool(_HEX.fullmatch(bare)) and not _DIGITS.fullmatch(bare)
        size = _size(bare if is_hex else token)
        if size >= LONG or (size >= SMALLEST_HEX if is_hex else size >= SMALLEST_TOKEN and _is_drawn(token)):
            yield size


def _is_of_many_signs(text: str) -> bool:
    """True for one run that changes between kinds of characters as dice do: bytes in base85 and its like."""
    if (
        not SHORTEST_SIGNED <= len(text) <= LONGEST_SIGNED
        or not _GRAPHIC.fullmatch(text)
        or _WORD.search(text)
    ):
        return False
    kinds = [set(found) for found in map(re.findall, ("[A-Z]", "[a-z]", "[0-9]", _STRANGE), repeat(text))]
    changes = sum(1 for _ in _ANY_CHANGE.finditer(text))
    return all(len(kind) > 1 for kind in kinds) and changes >= CHANGES_OF_SIGNED * len(text)


def _size(token: str) -> int:
    if _DIGITS.fullmatch(token):
        size = len(token) * 10 // 24
        return size if len(set(token)) > 7 and size >= SMALLEST_TOKEN else 0
    if _HEX.fullmatch(token):
        return len(token) // 2 if _is_mixed(token) else 0
    if not _is_mixed(token):
        return 0
    bits = 5 if _SAME_CASE.fullmatch(re.sub(r"[+/_-]", "", token)) else 6
    return len(token) * bits // 8


def _is_drawn(token: str) -> bool:
    """True for a short token that no date, version or name looks like."""
    if _DIGITS.fullmatch(token):
        return True
    if not re.search("[0-9]", token):
        return False
    changes = len(_CHANGES.findall(token)) / len(token)
    if re.search("[a-z]", token) and re.search("[A-Z]", token):
        return changes >= CHANGES_WITHOUT_DIGITS
    return token.isalnum() and changes >= CHANGES_OF_SHORT


def _is_mixed(token: str) -> bool:
    """True if it changes between kinds of characters as often as dice would, and repeats as little."""
    enough = CHANGES if re.search(r"\d", token) else CHANGES_WITHOUT_DIGITS
    return len(_CHANGES.findall(token)) >= enough * len(token) and len(set(token)) >= min(len(token) // 3, 8)
