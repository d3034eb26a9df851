"""Reads canaries from what people have: JSON, TOML, JSON lines; and writes our own `canaries.jsonl`."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import msgspec

from hometruth.canaries.evidence import bits_of
from hometruth.canaries.mint import is_minted
from hometruth.errors import CanaryError
from hometruth.forms import SHORTEST_VALUE
from hometruth.handed_in import (
    MAX_CANARIES_BYTES,
    LineOf,
    Place,
    Text,
    Texts,
    checked,
    json_lines,
    line_by_line,
    parse_toml,
    read_handed_in,
    toml_lines,
)
from hometruth.model import Canary, CanaryKind

FORMS = (
    'Give {"salts": [...], "canaries": [{"id", "kind", "value", "first_party": [hosts]}]}, {name: value}, '
    "a list of values, or a canaries.jsonl."
)

MAX_CANARIES = 100_000
"""Canaries of one file."""
MAX_VALUE_BYTES = 4096
"""Bytes of one value; no address that a browser takes, and no text that people plant, is longer."""
MAX_SALTS = 100
"""Salts of one file: each costs twelve digests of every spelling of every canary."""
MAX_SALT_BYTES = 4096


class LoadedCanaries(NamedTuple):
    """What a file of canaries says."""

    canaries: tuple[Canary, ...]
    salts: tuple[str, ...]


class _Item(msgspec.Struct, frozen=True):
    """One canary as written; fields of others' programs beside these are of no account."""

    value: str | int
    """A number if somebody left the quotes out, as of device numbers."""
    id: str | int | None = None
    kind: str | None = None
    bits: float | None = None
    cell: str | None = None
    phantom: bool | None = None
    first_party: str | Texts | None = None
    personal: bool | None = None
    address: str | None = None
    path_length: int | None = None
    address_bits: float | None = None


class _Named(NamedTuple):
    """One canary of a file: where it stands, its name if the file gives one beside it, and what it is."""

    place: Place
    name: str | None
    item: object


def load_canaries(path: Path) -> LoadedCanaries:
    """Canaries and salts from a file.

    Raises:
        CanaryError: If it cannot be read, or an item makes no sense; names the file, the line and the item.
    """
    data = read_handed_in(path, CanaryError, limit_bytes=MAX_CANARIES_BYTES)
    salts, items = _split(_parse(path, data))
    if len(items) > MAX_CANARIES:
        raise CanaryError(
            f"{path}: holds {len(items)} canaries, more than {MAX_CANARIES}. Scan with several smaller files."
        )
    canaries = tuple(_canary_of(each) for each in items)
    if not canaries:
        raise CanaryError(f"{path}: holds no canaries. {FORMS}")
    _refuse_duplicates(items, canaries)
    return LoadedCanaries(canaries, salts)


def dump_canaries(canaries: Iterable[Canary]) -> str:
    """Canaries as JSON lines, every field of each; `load_canaries` reads them back unchanged."""
    return "".join(json.dumps(asdict(canary), ensure_ascii=False) + "\n" for canary in canaries)


def _parse(path: Path, data: bytes) -> Place:
    """The document in the file: JSON, else JSON lines, else TOML; TOML first if its name says so."""
    formats = [_JSON, _JSON_LINES]
    formats.insert(0 if path.suffix == ".toml" else len(formats), _TOML)
    try:
        text = data.decode("utf-8-sig")
        problems = []
        for parse, lines in formats:
            try:
                return Place(str(path), parse(text), CanaryError, lines(text))
            except ValueError as err:  # not in this format, or a number of more digits than Python takes
                problems.append(err)
    except UnicodeDecodeError as err:
        raise CanaryError(f"{path}: is not UTF-8 text (byte {err.start}). {FORMS}") from err
    except RecursionError as err:
        raise CanaryError(f"{path}: is nested too deeply. {FORMS}") from err
    raise CanaryError(f"{path}: is neither JSON, JSON lines nor TOML ({problems[0]}). {FORMS}")


def _parse_toml(text: str) -> object:
    return parse_toml(text, "as TOML", ValueError)


def _parse_json_lines(text: str) -> list[object]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]


_Format = tuple[Callable[[str], object], Callable[[str], LineOf]]
_JSON: _Format = (json.loads, json_lines)
_JSON_LINES: _Format = (_parse_json_lines, line_by_line)
_TOML: _Format = (_parse_toml, toml_lines)


def _split(place: Place) -> tuple[tuple[str, ...], list[_Named]]:
    """Salts, and items."""
    document = place.document
    if not isinstance(document, list | Mapping):
        place.fail(f"holds {type(document).__name__}, not canaries. {FORMS}")
    match document:
        case {"canaries": list() | Mapping() as items, **rest}:
            return _salts(rest.get("salts", []), place.at("salts")), _items(items, place.at("canaries"))
        case {"canaries": _}:
            place.at("canaries").fail(f"canaries is neither a list nor names and values. {FORMS}")
        case {"value": str(), "id": _} | {"value": str(), "kind": _}:  # a canaries.jsonl of one line
            return (), [_Named(place.called("canary 1"), None, document)]
    return (), _items(document, place)


def _items(items: list[object] | Mapping[str, object], place: Place) -> list[_Named]:
    if isinstance(items, Mapping):
        return [
            _Named(place.at(str(name)).called(f"canary {str(name)!r:.80}"), str(name), item)
            for name, item in items.items()
        ]
    return [
        _Named(place.at(number).called(f"canary {number + 1}"), None, item)
        for number, item in enumerate(items)
    ]


def _salts(given: object, place: Place) -> tuple[str, ...]:
    salts: tuple[str, ...] = checked(given, tuple[Text, ...], place)
    if len(salts) > MAX_SALTS:
        place.fail(f"holds {len(salts)} salts, more than {MAX_SALTS}. Give fewer.")
    for number, salt in enumerate(salts, 1):
        if len(salt.encode("utf-8", "surrogatepass")) > MAX_SALT_BYTES:
            place.at(number - 1).fail(f"salt {number} has more than {MAX_SALT_BYTES} bytes: {salt!r:.40}…")
    return salts


def _refuse_duplicates(items: Iterable[_Named], canaries: Iterable[Canary]) -> None:
    ids: dict[str, int] = {}
    for number, (item, canary) in enumerate(zip(items, canaries, strict=True), 1):
        if canary.id in ids:
            item.place.fail(f"id {canary.id!r} is that of canary {ids[canary.id]}")
        ids[canary.id] = number


def _canary_of(named: _Named) -> Canary:
    """The canary that an item describes: a value, or a table with ``value`` and any other field of `Canary`.

    Raises:
        CanaryError: If the item makes no sense.
    """
    given = named.item if isinstance(named.item, Mapping) else {"value": named.item}
    if "value" not in given:
        named.place.fail("has no value")
    item: _Item = checked(given, _Item, named.place)
    value = str(item.value)
    _check_value(value, named.place)
    minted = is_minted(value)
    hosts = (item.first_party,) if isinstance(item.first_party, str) else item.first_party or ()
    own_id = "" if item.id is None else str(item.id)
    return Canary(
        id=own_id or named.name or (f"c-{value[:8].lower()}" if minted else value),
        # People call their values what they like; claims speak of those kinds only.
        kind=CanaryKind(item.kind) if item.kind in set(CanaryKind) else CanaryKind.KNOWN,
        value=value,
        bits=bits_of(value) if item.bits is None else item.bits,
        cell=item.cell,
        phantom=bool(item.phantom),
        first_party=tuple(host.lower() for host in hosts),
        personal=not minted if item.personal is None else item.personal,
        address=item.address or "",
        path_length=item.path_length or 0,
        address_bits=item.address_bits or 0.0,
    )


def _check_value(value: str, place: Place) -> None:
    size = len(value.encode("utf-8", "surrogatepass"))
    if not value.strip():
        place.fail("the value is empty")
    if size > MAX_VALUE_BYTES:
        place.fail(f"the value has {size} bytes, more than {MAX_VALUE_BYTES}: {value!r:.40}…. Shorten it.")
    if size < SHORTEST_VALUE:
        place.fail(
            f"the value {value!r} has {size} bytes; below {SHORTEST_VALUE} it would be found "
            "everywhere by chance. Take a longer one."
        )
