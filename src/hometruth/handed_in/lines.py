"""Where in a text something stands: parsers forget, and an error without a line is a search.

Each function takes a text and gives one that takes keys (fields and numbers in lists, from the outside in)
and gives the line, counted from 1, of the innermost of them that is found.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from json.decoder import scanstring  # type: ignore[attr-defined]

from hometruth.handed_in.files import BYTE_ORDER_MARK, NO_KEYS

Keys = tuple[str | int, ...]
LineOf = Callable[[Keys], int | None]

_NAME = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_HEADER = re.compile(rf"^\s*(?P<list>\[?)\[\s*(?P<name>{_DOTTED})\s*\]")
_FIELD = re.compile(rf"^\s*(?P<name>{_DOTTED})\s*=")


def toml_lines(text: str) -> LineOf:
    """Of the headers of tables, and of the fields of each."""
    starts: dict[Keys, int] = {}

    def line_of(keys: Keys) -> int | None:
        if not starts:
            starts.update(_toml_starts(text))
        return _innermost(starts, keys)

    return line_of


def json_lines(text: str) -> LineOf:
    """Of fields and items of one JSON document."""
    return lambda keys: text.count("\n", 0, _json_start(text, keys)) + 1


def line_by_line(text: str) -> LineOf:
    """Of the documents of JSON Lines: the first key counts the lines that are not blank."""
    numbers = [number for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    return lambda keys: numbers[keys[0]] if keys and isinstance(keys[0], int) else None


def _innermost(starts: dict[Keys, int], keys: Keys) -> int | None:
    for end in range(len(keys), 0, -1):
        if keys[:end] in starts:
            return starts[keys[:end]]
    return None


def _toml_starts(text: str) -> dict[Keys, int]:
    """Lines by keys. A multi-line string may hold what looks like a header, and is left out."""
    bare = NO_KEYS.sub(
        lambda match: match[0] if "\n" not in match[0] else "\n" * match[0].count("\n"),
        text.removeprefix(BYTE_ORDER_MARK),
    )
    starts: dict[Keys, int] = {}
    counts: dict[Keys, int] = {}
    table: Keys = ()
    for number, line in enumerate(bare.split("\n"), 1):
        if header := _HEADER.match(line):
            table = _table(_names(header["name"]), counts, is_item=bool(header["list"]))
            starts.setdefault(table, number)
        elif field := _FIELD.match(line):
            starts.setdefault((*table, *_names(field["name"])), number)
    return starts


def _table(names: tuple[str, ...], counts: dict[Keys, int], *, is_item: bool) -> Keys:
    """The keys of the table with this header; *counts* holds how many items each list has so far."""
    keys: Keys = ()
    for place, name in enumerate(names, 1):
        keys = (*keys, name)
        if is_item and place == len(names):
            counts[keys] = counts.get(keys, 0) + 1
        if keys in counts:
            keys = (*keys, counts[keys] - 1)
    return keys


@cache
def _names(dotted: str) -> tuple[str, ...]:
    return tuple(name.strip("\"'") for name in re.findall(_NAME, dotted))


def _json_start(text: str, keys: Keys) -> int:
    """Where the value of the innermost key starts, in characters."""
    at = _after_blanks(text, 0)
    for key in keys:
        for name, start in _json_items(text, at):
            if name == key:
                at = start
                break
        else:
            break
    return at


def _json_items(text: str, at: int) -> Iterator[tuple[str | int, int]]:
    """Keys of the object or list that starts there, and where their values start."""
    if text[at : at + 1] not in ("{", "["):
        return
    is_object = text[at] == "{"
    decoder, number = json.JSONDecoder(), 0
    while text[at : at + 1] not in ("}", "]", ""):
        at = _after_blanks(text, at + 1)
        if text[at : at + 1] in ("}", "]", ""):
            return
        key: str | int = number
        if is_object:
            key, at = scanstring(text, at + 1, False)
            at = _after_blanks(text, _after_blanks(text, at) + 1)
        yield key, at
        at = _after_blanks(text, decoder.raw_decode(text, at)[1])
        number += 1


def _after_blanks(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t", "\n", "\r"):
        at += 1
    return at
