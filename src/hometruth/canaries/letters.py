"""Finds values told letter by letter: in a list of single characters, or with signs between them.

Apart, a character proves nothing; so many in a row that make up a whole value are that value. Nothing is
chosen: the row is as long as it is.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hometruth.canaries.haystack import Values

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
_CHARACTER = re.compile(rb"[0-9A-Za-z]")
_NUMBER = re.compile(r"[0-9]+")
_ALNUM = bytes(0x61 if chr(byte).isalnum() and byte < 128 else 0x2E for byte in range(256))
"""Letters and digits are all ``a``, everything else a dot."""
_ROWS = tuple((b"a" + b"." * gap) * (LEAST_IN_A_ROW - 1) + b"a" for gap in range(1, LONGEST_GAP + 1))


class Row(NamedTuple):
    """Characters that follow one another."""

    text: bytes
    """All of them, in lower case."""
    places: Sequence[tuple[int, int]]
    """Of each, index of its value and offset there."""


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
    beside: dict[tuple[int, str], list[int]] = defaultdict(list)
    for index, value in enumerate(peeled.values):
        if len(value.data) == 1 and value.steps and not value.is_name and index not in peeled.echoes:
            parent, label = peeled.parents[index], _NUMBER.sub("#", value.steps[-1].label)
            beside[parent, label].append(index)
            beside[parent, ""].append(index)
    for indexes in dict.fromkeys(map(tuple, beside.values())):
        text = b"".join(peeled.values[index].data for index in indexes)
        if is_row(text):
            yield Row(text.lower(), [(index, 0) for index in indexes])


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
