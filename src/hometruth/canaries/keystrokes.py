"""Finds values of which every character is a value of its own: a key pressed, an event, a place in a list."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from math import log2
from typing import NamedTuple

from hometruth.canaries.haystack import Values
from hometruth.model import Canary, Value

FEWEST = 8
"""Characters of a value that can be told from chance."""
LEAST_DISTINCT = 5
"""Different characters among them: flags are ``0`` and ``1``, ``Y`` and ``N``."""
MOST_BYTES = 4
"""Of one character in UTF-8."""
UNDONE = b"Backspace"
"""A key that takes the last character away."""
_PLACE = re.compile(r"\[[0-9]+\]")


class Typed(NamedTuple):
    """A canary whose characters stand in the same field of one thing after the other."""

    canary: Canary
    indexes: tuple[int, ...]
    """Values, one for each character."""
    choice_bits: float
    """Bits to say where it begins among all such characters of the exchange."""


def typed_in(
    peeled: Values, canaries: Iterable[tuple[Canary, str]], without: Collection[str] = ()
) -> Iterator[Typed]:
    """Canaries in the characters of each field, in their order.

    Args:
        canaries: Each with its value in lower case.
        without: Ids of canaries that were found whole.
    """
    fields = _fields(peeled)
    if not fields:
        return
    choice_bits = log2(sum(len(pressed) for pressed in fields))
    texts = [("".join(character for _, character in pressed), pressed) for pressed in fields]
    for canary, value in canaries:
        if canary.id in without:
            continue
        for text, pressed in texts:
            at = text.find(value)
            if at >= 0:
                indexes = tuple(index for index, _ in pressed[at : at + len(value)])
                yield Typed(canary, indexes, choice_bits)
                break


def may_spell(characters: Sequence[bytes], values: Iterable[bytes]) -> bool:
    """True if one of the values is there, whatever stands in between."""
    if len(characters) < FEWEST or len({*characters}) < LEAST_DISTINCT:
        return False
    pressed = b"".join(characters).lower()
    return any(len(value) <= len(pressed) and _is_spelt(value, pressed) for value in values)


def may_be_typed(value: str) -> bool:
    """True for a value that has enough characters, and enough different ones."""
    return len(value) >= FEWEST and len({*value.lower()}) >= LEAST_DISTINCT


def _is_spelt(value: bytes, pressed: bytes) -> bool:
    at = -1
    for byte in value:
        at = pressed.find(byte, at + 1)
        if at < 0:
            return False
    return True


def _fields(peeled: Values) -> list[list[tuple[int, str]]]:
    """For each field, its characters in lower case, with the index of the value of each."""
    fields: dict[tuple[object, ...], list[tuple[int, str]]] = defaultdict(list)
    for index, value in enumerate(peeled.values):
        if not value.steps or index in peeled.echoes:
            continue
        if len(value.data) <= MOST_BYTES and (character := _character(value.data)):
            fields[_field(value)].append((index, character))
        elif value.data == UNDONE and (pressed := fields.get(_field(value))):
            pressed.pop()
    long = (pressed for pressed in fields.values() if len(pressed) >= FEWEST)
    told = [pressed for pressed in long if len({character for _, character in pressed}) >= LEAST_DISTINCT]
    return [each for pressed in told for each in (pressed, _once(pressed))]


def _once(pressed: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Without every second one, if each key is told twice: going down, and up."""
    return [each for n, each in enumerate(pressed) if n % 2 == 0 or each[1] != pressed[n - 1][1]]


def _field(value: Value) -> tuple[object, ...]:
    layers = tuple(step.layer for step in value.steps)
    return value.part, layers, _PLACE.sub("[]", value.path)


def _character(data: bytes) -> str:
    """The character in lower case; empty if it is none, or more than one."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return ""
    return text.lower() if len(text) == 1 and len(text.lower()) == 1 else ""
