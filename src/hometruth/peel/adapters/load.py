"""Reads files of adapters (docs/reference/adapters.md) and says where one is malformed."""

import json
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec
from msgspec import field

from hometruth.errors import AdapterError
from hometruth.handed_in import Place, Table, Text, Texts, checked, json_lines
from hometruth.model import Part
from hometruth.peel.adapters.adapter import Adapter, Endpoint, Field, Sibling, ValueTest
from hometruth.peel.adapters.paths import build

_NO_CONDITION = ValueTest()


class WrittenRegex(Table, frozen=True):
    """An endpoint by a regular expression."""

    regex: Text


class WrittenSibling(Table, frozen=True):
    """A `Sibling` as written."""

    at: Text
    path: Text
    is_: Text = field(name="is")


class WrittenField(Table, frozen=True):
    """A `Field` as written."""

    kind: Text
    part: Part
    path: str
    reason: Text
    extract: Text | None = None
    where: tuple[WrittenSibling, ...] = ()
    never: Texts = field(name="not", default=())
    never_like: Text | None = field(name="not_like", default=None)
    only: Texts = ()
    only_like: Text | None = None


class WrittenAdapter(Table, frozen=True):
    """An `Adapter` as written."""

    slug: Text
    name: Text
    company: Text
    endpoints: tuple[Text | WrittenRegex, ...]
    fields: tuple[WrittenField, ...]
    exodus_id: int | str | None = None
    body: Text | None = None


class WrittenFile(msgspec.Struct, frozen=True):
    """What every file says of itself, and its adapters."""

    source: Text
    retrieved: Text
    licence: Text
    adapters: tuple[WrittenAdapter, ...]


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
        text = file.read_text("utf-8")
        document = json.loads(text)
    except ValueError as err:
        raise AdapterError(f"{file.name}: not JSON: {err}") from err
    except OSError as err:
        raise AdapterError(f"{file.name}: cannot be read: {err.strerror}") from err
    place = Place(file.name, document, AdapterError, json_lines(text))
    content: WrittenFile = checked(document, WrittenFile, place)
    return [
        _adapter(row, place.at("adapters", number), content.source)
        for number, row in enumerate(content.adapters)
    ]


def _adapter(row: WrittenAdapter, place: Place, source: str) -> Adapter:
    return Adapter(
        slug=row.slug,
        name=row.name,
        company=row.company,
        endpoints=tuple(_endpoint(item, place.at("endpoints", n)) for n, item in enumerate(row.endpoints)),
        fields=tuple(_field(item, place.at("fields", n)) for n, item in enumerate(row.fields)),
        source=source,
        body=row.body or "",
    )


def _endpoint(item: str | WrittenRegex, place: Place) -> Endpoint:
    if isinstance(item, str):
        if "://" not in item:
            place.fail(f"{place.field}: {item!r} is no URL; write https://host/path")
        return Endpoint(item)
    _pattern(item.regex, place.at("regex"))
    return Endpoint(item.regex, is_regex=True)


def _field(row: WrittenField, place: Place) -> Field:
    extract = _pattern(row.extract, place.at("extract"))
    if extract and extract.groups < 1:
        place.at("extract").fail(f"extract {extract.pattern!r} has no group, so nothing is taken out")
    try:
        if "[/" in row.path:
            build([(0, row.path)])
    except re.error as err:
        place.at("path").fail(f"path {row.path!r} is no pattern: {err}")
    return Field(
        kind=row.kind,
        part=row.part,
        path=row.path,
        reason=row.reason,
        extract=extract,
        condition=_condition(row, place),
        siblings=tuple(
            _sibling(item, row.path, place.at("where", number)) for number, item in enumerate(row.where)
        ),
    )


def _condition(row: WrittenField, place: Place) -> ValueTest:
    if not (row.never or row.never_like or row.only or row.only_like):
        return _NO_CONDITION
    return ValueTest(
        never=frozenset(row.never),
        never_like=_pattern(row.never_like, place.at("not_like")),
        only=frozenset(row.only),
        only_like=_pattern(row.only_like, place.at("only_like")),
    )


def _sibling(item: WrittenSibling, path: str, place: Place) -> Sibling:
    if not path.startswith(item.at):
        place.fail(f"at {item.at!r} is not the beginning of the path {path!r}")
    return Sibling(item.at, item.path, item.is_)


def _pattern(text: str | None, place: Place) -> re.Pattern[str] | None:
    """A regular expression, which ignores case, or None if it is not given."""
    if text is None:
        return None
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as err:
        place.fail(f"{place.field} {text!r} is no regular expression: {err}")
