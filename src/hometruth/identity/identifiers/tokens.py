"""Pieces of a value that may name somebody, and what their shape says."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

SHORTEST = 6
"""Characters; shorter pieces are words, counters and levels, and coincide between devices."""
LEAST_DIFFERENT = 2
"""Characters: what has fewer is one character, again and again."""
SHORTEST_CODE = 8
"""Characters of a value that a document calls a code."""
LONG_NUMBER = 14
"""Digits; shorter numbers that are sent once are nanoseconds and sizes as a rule."""

_PIECE = re.compile(r"[^\W_]+")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SPELLED = re.compile(
    rf"{_UUID.pattern}|[0-9a-f]{{2}}(?::[0-9a-f]{{2}}){{5,7}}|[0-9a-f]{{2}}(?:-[0-9a-f]{{2}}){{5,7}}"
    r"|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}"
)
"""A UUID; a MAC of 6 or 8 bytes as IEEE 802, Windows and Cisco write it."""
_SIGNS = re.compile("[-:.]")
_RANDOM = (
    re.compile(r"(?=.*[0-9])[0-9a-f]{12,}"),
    re.compile(r"[0-9]{9,}"),
    re.compile(r"(?=.*[0-9])(?=.*[a-z])[0-9a-z]{16,}"),
)
_IN_PATH = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![0-9a-z])(?:(?=[a-f]*[0-9])[0-9a-f]{12,}|[0-9]{9,})(?![0-9a-z])",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?:1[4-9]|2[01])[0-9]{8}(?:[0-9]{3}){0,3}"  # seconds to nanoseconds, 2014 to 2039
    r"|(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])(?:[0-9]{2,6})?"  # 20200504, 20200504103000
    r"|(?:19|20)[0-9]{2}-[0-9]{2}(?:-[0-9]{2})?(?:[t ][0-9:.]+)?(?: ?z| ?[+-][0-9:]+)?"
    r"|[a-z]{3},? [0-9a-z]{2,3}[ -][a-z0-9]{2,3}[ -][0-9:]+ .*"  # Sun, 22 Nov 2026 17:29:29 GMT
    r"|(?:[0-9]{2}t)?[0-9]{2}:[0-9]{2}:[0-9]{2}.*"
)


def bare(text: str) -> str:
    """*text* in lower case, without brackets, quotes and spaces around it; a UUID or a MAC without its signs.

    One value is one token however it is spelled: one company writes dashes where another writes none.
    """
    stripped = _stripped(text)
    return _SIGNS.sub("", stripped) if _SPELLED.fullmatch(stripped) else stripped


def tokens(text: str) -> tuple[str, ...]:
    """The whole value, the UUIDs in it, and its pieces between signs; lower case, 6 characters or more."""
    return tuple(spellings(text))


@lru_cache(1 << 16)
def spellings(text: str) -> Mapping[str, str]:
    """The tokens of a value, each with how it stands there, in lower case."""
    whole = _stripped(text)
    found = {bare(whole): whole} if len(whole) >= SHORTEST else {}
    for match in _UUID.finditer(whole):
        found.setdefault(bare(match[0]), match[0])
    for match in _PIECE.finditer(whole):
        if len(match[0]) >= SHORTEST:
            found.setdefault(match[0], match[0])
    return found


def _stripped(text: str) -> str:
    return text.strip("{}()[]<>\"' \t\r\n").lower().removeprefix("urn:uuid:")


@lru_cache(1 << 16)
def looks_random(token: str) -> bool:
    """True for 12+ hexadecimal digits, a UUID, 9+ digits, 16+ letters and digits mixed; not for a moment."""
    if len({*token} - {"-"}) < LEAST_DIFFERENT:
        return False  # zeros, which stand for an ID that nobody may have
    if _UUID.fullmatch(token):
        return True
    return not is_time(token) and any(pattern.fullmatch(token) for pattern in _RANDOM)


def whole_code(text: str) -> str | None:
    """*text* as one token, where a document says that it is a code, however it looks; None for a word."""
    whole = bare(text)
    is_code = len(whole) >= SHORTEST_CODE and any(char.isdigit() for char in whole)
    return whole if is_code and len({*whole} - {"-"}) >= LEAST_DIFFERENT else None


def looks_minted(token: str) -> bool:
    """True for what looks random and is no mere measurement: of digits alone 14 or more, as an IMEI has."""
    return looks_random(token) and (len(token) >= LONG_NUMBER or not token.isdigit())


def is_time(token: str) -> bool:
    """True for what reads as a moment: seconds to nanoseconds of the years 2014 to 2039, or a date.

    Two devices are not used at the very same time: a moment differs between them and names neither, unless it
    stays (the time of installation does).
    """
    return _CLOCK.fullmatch(token) is not None


def without_random_names(path: str) -> str:
    """*path* with names that look random taken out: the place is the same for everybody."""
    return _IN_PATH.sub("{}", path)


class PlantedInputs:
    """What the tester put in: minted values and typed inputs are nobody's identifiers."""

    def __init__(self, inputs: Iterable[str]) -> None:
        self._inputs = {text.lower() for text in inputs if len(text) >= SHORTEST}

    def __contains__(self, token: object) -> bool:
        """True if *token* is an input, holds one, or is the beginning of one that was being typed."""
        return isinstance(token, str) and any(
            text in token or text.startswith(token) for text in self._inputs
        )
