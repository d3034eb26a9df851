"""Finds values told letter by letter: in a list of characters, with signs between them, one a request.

Apart, a character proves nothing; so many in a row that make up a whole value are that value. Nothing is
chosen: the row is as long as it is.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hometruth.canaries.haystack import Values
from hometruth.model import Exchange, Part, Value

LEAST_IN_A_ROW = 8
"""Characters; fewer make up no value that proves anything."""
LEAST_DISTINCT = 5
"""Different ones among them: flags and digits come in rows, too."""
LONGEST_GAP = 2
"""Signs between two characters of a text: a comma and a space. Quotation marks are a format's."""
_SPACED = re.compile(
    rb"(?<![0-9A-Za-z])(?:[0-9A-Za-z][^0-9A-Za-z]{1,%d}){%d,}[0-9A-Za-z](?![0-9A-Za-z])"
    % (LONGEST_GAP, LEAST_IN_A_ROW - 1)
)
_LONGEST_CHARACTER = 4
SMALL = 256
"""Bytes of a target, body or message that may be there for one character."""
_CHARACTERS = re.compile(
    rb"""[=:,\["'\s](?:[!-~]|[\xc2-\xf4][\x80-\xbf]{1,3}|\\u[0-9a-fA-F]{4}|(?:%[0-9A-F]{2}){1,4})"""
    rb"""(?=[&#,}\]"'\s]|$)"""
)
"""As JSON, forms and queries write one."""
_SPELT = re.compile(rb"[{<&\[]|=(?!=|$)")
"""Signs of a format that shows a character as it is; base64 has them at its end only."""
_TEXT = bytes(range(32, 127)) + b"\t\r\n"
MOST_NUMBERS = 3
"""Places in lists of lists that a path may have for one of them to be looked at alone."""
_CHARACTER = re.compile(rb"[0-9A-Za-z]")
_NUMBER = re.compile(r"[0-9]+")
_PLACE = re.compile(r"\[[0-9]+\]")
_ALNUM = bytes(0x61 if chr(byte).isalnum() and byte < 128 else 0x2E for byte in range(256))
"""Letters and digits are all ``a``, everything else a dot."""
_ROWS = tuple((b"a" + b"." * gap) * (LEAST_IN_A_ROW - 1) + b"a" for gap in range(1, LONGEST_GAP + 1))


class Row(NamedTuple):
    """Characters that follow one another."""

    text: bytes
    """All of them, in lower case."""
    places: Sequence[tuple[int, int]]
    """Of each byte, index of its value and offset there."""


def rows_in_text(peeled: Values) -> Iterator[Row]:
    """Characters with signs between them, in one value."""
    for index, value in enumerate(peeled.values):
        if index in peeled.echoes or not holds_row(value.data):
            continue
        for row in _SPACED.finditer(value.data):
            found = [
                (character[0], row.start() + character.start()) for character in _CHARACTER.finditer(row[0])
            ]
            yield Row(b"".join(each for each, _ in found).lower(), [(index, at) for _, at in found])


def rows_of_values(peeled: Values) -> Iterator[Row]:
    """Values of one character each that stand side by side, or again and again in the same field."""
    beside: dict[tuple[object, str], list[tuple[int, int]]] = defaultdict(list)
    for index, value in enumerate(peeled.values):
        stands = bool(value.steps) or value.part is Part.MESSAGE
        if is_character(value.data) and stands and not value.is_name and index not in peeled.echoes:
            field = _field_of(index, peeled)
            steps = peeled.values[field].steps
            label = _NUMBER.sub("#", steps[-1].label) if steps else ""
            parent = peeled.parents[field]
            for row in (
                (parent, label),
                (parent, ""),
                *((value.part, place) for place in _places_of(value.path)),
            ):
                beside[row].append((field, index))
    rows = ([index for _, index in sorted(row)] for row in beside.values())
    for indexes in dict.fromkeys(each for row in rows for each in _thinned(row, peeled)):
        text = b"".join(peeled.values[index].data for index in indexes)
        if is_row(text):
            yield Row(
                text.lower(),
                [(index, at) for index in indexes for at in range(len(peeled.values[index].data))],
            )


def _field_of(index: int, peeled: Values) -> int:
    """The value itself, or what it stands for where it was escaped: a blank in a form is ``%20``."""
    value = peeled.values[index]
    return peeled.parents[index] if len(value.steps) > 1 and value.steps[-1].layer == "percent" else index


def _places_of(path: str) -> Iterator[str]:
    """Fields in which it may be one of a row: all that differ in their numbers, or in one of them alone."""
    yield _PLACE.sub("[]", path)
    numbers = list(_PLACE.finditer(path))
    if 1 < len(numbers) <= MOST_NUMBERS:
        yield from (f"{path[: each.start()]}[]{path[each.end() :]}" for each in numbers)


def _thinned(row: Sequence[int], peeled: Values) -> Iterator[tuple[int, ...]]:
    """A row; and one of each where all come twice or three times: a key goes down, tells, and comes up."""
    yield tuple(row)
    for times in 2, 3:
        kept = tuple(row[::times])
        if len(row) >= times * LEAST_IN_A_ROW and all(
            peeled.values[index].data == peeled.values[kept[at // times]].data for at, index in enumerate(row)
        ):
            yield kept


def is_character(data: bytes) -> bool:
    """True for one character in UTF-8."""
    if len(data) == 1:
        return data.isascii()
    try:
        return 1 < len(data) <= _LONGEST_CHARACTER and len(data.decode("utf-8")) == 1
    except UnicodeDecodeError:
        return False


def place_of(value: Value) -> str:
    """Where it stands. Its place in a list of events is its time, not another field."""
    return _PLACE.sub("[]", value.path)


def may_tell_a_character(exchange: Exchange) -> bool:
    """True for a small request that may be there for one character of a text, as far as its bytes show."""
    body = exchange.request_body or b""
    if len(exchange.target) + len(body) > SMALL:
        return False
    if len(body) == 1 or _CHARACTERS.search(exchange.target) or _CHARACTERS.search(body):
        return True
    is_spelt = not body.translate(None, _TEXT) and _SPELT.search(body)
    return bool(body) and not is_spelt  # what is packed shows nothing


def characters_of(peeled: Values) -> Iterator[Value]:
    """Values of one character, none of them blank, that a request sends, but for those of its headers."""
    for index, value in enumerate(peeled.values):
        may_be_one = not (value.is_name or value.data.isspace() or value.part in {Part.HEADER, Part.COOKIE})
        if may_be_one and is_character(value.data) and index not in peeled.echoes:
            yield value


def is_row(characters: bytes) -> bool:
    """True if so many characters may say something."""
    return len(characters) >= LEAST_IN_A_ROW and len(set(characters)) >= LEAST_DISTINCT


def holds_row(data: bytes) -> bool:
    """True if a text may hold characters with signs between them."""
    return next(row_places(data), None) is not None


def row_places(data: bytes) -> Iterator[int]:
    """Where characters with signs between them may stand; one place for each stretch at least."""
    shape = data.translate(_ALNUM)
    for gap, row in enumerate(_ROWS, 1):
        at = shape.find(row)
        while at >= 0:
            if is_row(data[at : at + len(row)][:: gap + 1]):
                yield at
            at = shape.find(row, at + gap + 1)
