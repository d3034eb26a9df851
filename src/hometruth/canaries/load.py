"""Reads canaries from what people have: JSON, TOML, JSON lines; and writes our own `canaries.jsonl`."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from hometruth.canaries.items import canary_of
from hometruth.errors import CanaryError
from hometruth.handed_in import MAX_CANARIES_BYTES, parse_toml, read_handed_in
from hometruth.model import Canary

FORMS = (
    'Give {"salts": [...], "canaries": [{"id", "kind", "value", "first_party": [hosts]}]}, {name: value}, '
    "a list of values, or a canaries.jsonl."
)


class LoadedCanaries(NamedTuple):
    """What a file of canaries says."""

    canaries: tuple[Canary, ...]
    salts: tuple[str, ...]


def load_canaries(path: Path) -> LoadedCanaries:
    """Canaries and salts from a file.

    Raises:
        CanaryError: If it cannot be read, or an item makes no sense; names the file and the item.
    """
    data = read_handed_in(path, CanaryError, limit_bytes=MAX_CANARIES_BYTES)
    document = _parse(path, data)
    salts, items = _split(path, document)
    canaries = tuple(canary_of(f"{path}: {where}", item, name) for where, name, item in items)
    if not canaries:
        raise CanaryError(f"{path}: holds no canaries. {FORMS}")
    _refuse_duplicates(path, canaries)
    return LoadedCanaries(canaries, salts)


def dump_canaries(canaries: Iterable[Canary]) -> str:
    """Canaries as JSON lines, every field of each; `load_canaries` reads them back unchanged."""
    return "".join(json.dumps(asdict(canary), ensure_ascii=False) + "\n" for canary in canaries)


def _parse(path: Path, data: bytes) -> object:
    """The document in the file: JSON, else JSON lines, else TOML; TOML first if its name says so."""
    parsers: list[Callable[[str], object]] = [json.loads, _json_lines]
    parsers.insert(0 if path.suffix == ".toml" else len(parsers), _toml)
    try:
        text = data.decode("utf-8-sig")
        problems = []
        for parse in parsers:
            try:
                return parse(text)
            except ValueError as err:  # not in this format, or a number of more digits than Python takes
                problems.append(err)
    except UnicodeDecodeError as err:
        raise CanaryError(f"{path}: is not UTF-8 text (byte {err.start}). {FORMS}") from err
    except RecursionError as err:
        raise CanaryError(f"{path}: is nested too deeply. {FORMS}") from err
    raise CanaryError(f"{path}: is neither JSON, JSON lines nor TOML ({problems[0]}). {FORMS}")


def _toml(text: str) -> object:
    return parse_toml(text, "as TOML", ValueError)


def _json_lines(text: str) -> list[object]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _split(path: Path, document: object) -> tuple[tuple[str, ...], list[tuple[str, str | None, object]]]:
    """Salts, and items as (where, name, item)."""
    match document:
        case {"canaries": list() | Mapping() as items, **rest}:
            return _salts(path, rest.get("salts", [])), _items(items)
        case {"canaries": _}:
            raise CanaryError(f"{path}: 'canaries' is neither a list nor names and values. {FORMS}")
        case {"value": str(), "id": _} | {"value": str(), "kind": _}:  # a canaries.jsonl of one line
            return (), _items([document])
        case list() | Mapping():
            return (), _items(document)
    raise CanaryError(f"{path}: holds {type(document).__name__}, not canaries. {FORMS}")


def _items(items: list[object] | Mapping[str, object]) -> list[tuple[str, str | None, object]]:
    if isinstance(items, Mapping):
        return [(f"canary {str(name)!r:.80}", str(name), item) for name, item in items.items()]
    return [(f"canary {number}", None, item) for number, item in enumerate(items, 1)]


def _salts(path: Path, salts: Any) -> tuple[str, ...]:
    if not isinstance(salts, list) or not all(isinstance(salt, str) and salt for salt in salts):
        raise CanaryError(f"{path}: 'salts' is not a list of texts that are not empty: {salts!r:.80}")
    return tuple(salts)


def _refuse_duplicates(path: Path, canaries: Iterable[Canary]) -> None:
    ids: dict[str, int] = {}
    for number, canary in enumerate(canaries, 1):
        if canary.id in ids:
            raise CanaryError(f"{path}: canary {number}: id {canary.id!r} is that of canary {ids[canary.id]}")
        ids[canary.id] = number
