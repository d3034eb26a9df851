"""Reads files of adapters (docs/reference/adapters.md) and says where one is malformed."""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from hometruth.errors import AdapterError
from hometruth.model import Part
from hometruth.peel.adapters.adapter import Adapter, Endpoint, Field, Sibling, ValueTest
from hometruth.peel.adapters.paths import build

HEAD = ("source", "retrieved", "licence")
"""What every file must say of itself."""
FIELD_KEYS = {"kind", "part", "path", "reason", "extract", "where", "not", "not_like", "only", "only_like"}
ADAPTER_KEYS = {"slug", "name", "company", "exodus_id", "endpoints", "body", "fields"}
_NO_CONDITION = ValueTest()


@cache
def load_adapters() -> tuple[Adapter, ...]:
    """All bundled adapters, by file and in the order of the files."""
    folder = files("hometruth.data") / "adapters"
    return tuple(
        read_adapters(file for file in sorted(folder.iterdir(), key=lambda item: item.name) if _is_json(file))
    )


def read_adapters(sources: Iterable[Traversable]) -> list[Adapter]:
    """Adapters of several files.

    Raises:
        AdapterError: If a file is malformed; the message names file, adapter, field and what is wrong.
    """
    adapters: dict[str, Adapter] = {}
    for file in sources:
        for adapter in _read_file(file):
            if adapter.slug in adapters:
                raise AdapterError(f"{file.name}: adapter {adapter.slug} is declared twice")
            adapters[adapter.slug] = adapter
    return list(adapters.values())


def _is_json(file: Traversable) -> bool:
    return file.name.endswith(".json")


def _read_file(file: Traversable) -> list[Adapter]:
    try:
        document = json.loads(file.read_text("utf-8"))
    except ValueError as err:
        raise AdapterError(f"{file.name}: not JSON: {err}") from err
    except OSError as err:
        raise AdapterError(f"{file.name}: cannot be read: {err.strerror}") from err
    where = file.name
    for key in HEAD:
        _text(document, key, where)
    return [
        _adapter(row, f"{where}: adapter {number}", document["source"])
        for number, row in enumerate(_list(document, "adapters", where), 1)
    ]


def _adapter(row: Any, where: str, source: str) -> Adapter:
    slug = _text(row, "slug", where)
    where = f"{where} ({slug})"
    _known_keys(row, ADAPTER_KEYS, where)
    return Adapter(
        slug=slug,
        name=_text(row, "name", where),
        company=_text(row, "company", where),
        endpoints=tuple(
            _endpoint(item, f"{where}: endpoint {number}")
            for number, item in enumerate(_list(row, "endpoints", where), 1)
        ),
        fields=tuple(
            _field(item, f"{where}: field {number}")
            for number, item in enumerate(_list(row, "fields", where), 1)
        ),
        source=source,
        body=_text(row, "body", where) if "body" in row else "",
    )


def _endpoint(item: Any, where: str) -> Endpoint:
    if isinstance(item, str):
        if "://" not in item:
            raise AdapterError(f"{where}: {item!r} is no URL; write https://host/path")
        return Endpoint(item)
    regex = _text(item, "regex", where)
    _regex(item, "regex", where)
    return Endpoint(regex, is_regex=True)


def _field(row: Any, where: str) -> Field:
    kind = _text(row, "kind", where)
    where = f"{where} ({kind})"
    _known_keys(row, FIELD_KEYS, where)
    part = _text(row, "part", where)
    if part not in set(Part):
        raise AdapterError(f"{where}: part {part!r} is none of {', '.join(Part)}")
    extract = _regex(row, "extract", where)
    if extract and extract.groups < 1:
        raise AdapterError(f"{where}: extract {extract.pattern!r} has no group, so nothing is taken out")
    path = _text(row, "path", where, empty=True)
    try:
        if "[/" in path:
            build([(0, path)])
    except re.error as err:
        raise AdapterError(f"{where}: path {path!r} is no pattern: {err}") from err
    return Field(
        kind=kind,
        part=Part(part),
        path=path,
        reason=_text(row, "reason", where),
        extract=extract,
        condition=_condition(row, where),
        siblings=tuple(_sibling(item, path, f"{where}: where") for item in _list(row, "where", where, ())),
    )


def _condition(row: Mapping[str, Any], where: str) -> ValueTest:
    if not row.keys() & {"not", "not_like", "only", "only_like"}:
        return _NO_CONDITION
    return ValueTest(
        never=_texts(row, "not", where),
        never_like=_regex(row, "not_like", where),
        only=_texts(row, "only", where),
        only_like=_regex(row, "only_like", where),
    )


def _sibling(item: Any, path: str, where: str) -> Sibling:
    sibling = Sibling(_text(item, "at", where), _text(item, "path", where), _text(item, "is", where))
    if not path.startswith(sibling.at):
        raise AdapterError(f"{where}: at {sibling.at!r} is not the beginning of the path {path!r}")
    return sibling


def _regex(row: Mapping[str, Any], key: str, where: str) -> re.Pattern[str] | None:
    """A regular expression, which ignores case, or None if it is not given."""
    if key not in row:
        return None
    try:
        return re.compile(_text(row, key, where), re.IGNORECASE)
    except re.error as err:
        raise AdapterError(f"{where}: {key} {row[key]!r} is no regular expression: {err}") from err


def _text(row: Any, key: str, where: str, *, empty: bool = False) -> str:
    if not isinstance(row, dict):
        raise AdapterError(f"{where}: is no object")
    value = row.get(key)
    if not isinstance(value, str) or not (value or empty):
        raise AdapterError(f"{where}: {key} is missing or no text")
    return value


def _texts(row: Mapping[str, Any], key: str, where: str) -> frozenset[str]:
    values = _list(row, key, where, ())
    if not all(isinstance(value, str) for value in values):
        raise AdapterError(f"{where}: {key} holds something that is no text")
    return frozenset(values)


def _list(row: Any, key: str, where: str, default: Any = None) -> Any:
    value = row.get(key, default) if isinstance(row, dict) else None
    if not isinstance(value, list | tuple):
        raise AdapterError(f"{where}: {key} is missing or no list")
    return value


def _known_keys(row: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(row.keys() - known):
        raise AdapterError(f"{where}: {', '.join(unknown)} is not understood; known are {sorted(known)}")
