"""Reads canaries from what people have: JSON, TOML, JSON lines; and writes our own `canaries.jsonl`."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from hometruth.canaries.evidence import bits_of
from hometruth.canaries.mint import is_minted
from hometruth.errors import CanaryError
from hometruth.forms import SHORTEST_VALUE
from hometruth.handed_in import MAX_CANARIES_BYTES, parse_toml, read_handed_in
from hometruth.model import Canary, CanaryKind

FORMS = (
    'Give {"salts": [...], "canaries": [{"id", "kind", "value", "first_party": [hosts]}]}, {name: value}, '
    "a list of values, or a canaries.jsonl."
)

MAX_CANARIES = 20_000
"""Canaries of one file: to compile the search takes about 50 kB and a millisecond for each."""
MAX_VALUE_BYTES = 4096
"""Bytes of one value; no address that a browser takes, and no text that people plant, is longer."""
MAX_SALTS = 100
"""Salts of one file: each costs twelve digests of every spelling of every canary."""
MAX_SALT_BYTES = 4096


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
    if len(items) > MAX_CANARIES:
        raise CanaryError(
            f"{path}: holds {len(items)} canaries, more than {MAX_CANARIES}. Scan with several smaller files."
        )
    canaries = tuple(_canary_of(f"{path}: {where}", item, name) for where, name, item in items)
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
    if len(salts) > MAX_SALTS:
        raise CanaryError(f"{path}: holds {len(salts)} salts, more than {MAX_SALTS}. Give fewer.")
    for number, salt in enumerate(salts, 1):
        if len(salt.encode("utf-8", "surrogatepass")) > MAX_SALT_BYTES:
            raise CanaryError(f"{path}: salt {number} has more than {MAX_SALT_BYTES} bytes: {salt!r:.40}…")
    return tuple(salts)


def _refuse_duplicates(path: Path, canaries: Iterable[Canary]) -> None:
    ids: dict[str, int] = {}
    for number, canary in enumerate(canaries, 1):
        if canary.id in ids:
            raise CanaryError(f"{path}: canary {number}: id {canary.id!r} is that of canary {ids[canary.id]}")
        ids[canary.id] = number


def _canary_of(where: str, item: object, name: str | None) -> Canary:
    """The canary that an item describes.

    Args:
        where: File and item, for messages.
        item: A value, or a mapping with ``value`` and any other field of `Canary`.
        name: Its id, where the file gives one beside the item.

    Raises:
        CanaryError: If the item makes no sense.
    """
    if isinstance(item, Mapping):
        return _canary_of_mapping(where, item, name)
    if isinstance(item, str | int) and not isinstance(item, bool):
        return _canary_of_mapping(where, {"value": str(item)}, name)
    raise CanaryError(f"{where}: is {_kind_of(item)}, not a text or an object with a 'value'")


def _canary_of_mapping(where: str, item: Mapping[str, Any], name: str | None) -> Canary:
    value = _text(where, item, "value")
    if value is None:
        raise CanaryError(f"{where}: has no 'value'")
    _check_value(where, value)
    minted = is_minted(value)
    bits = _field(where, item, "bits", (int, float), bits_of(value))
    hosts = _field(where, item, "first_party", (list, str), [])
    hosts = [hosts] if isinstance(hosts, str) else hosts
    if not all(isinstance(host, str) for host in hosts):
        raise CanaryError(f"{where}: 'first_party' is not a list of host names: {hosts!r:.80}")
    return Canary(
        id=_text(where, item, "id") or name or (f"c-{value[:8].lower()}" if minted else value),
        kind=_kind(where, item),
        value=value,
        bits=float(bits),
        cell=_field(where, item, "cell", str, None),
        phantom=_field(where, item, "phantom", bool, False),
        first_party=tuple(host.lower() for host in hosts),
        personal=_field(where, item, "personal", bool, not minted),
        address=_field(where, item, "address", str, ""),
        path_length=_field(where, item, "path_length", int, 0),
        address_bits=float(_field(where, item, "address_bits", (int, float), 0.0)),
    )


def _check_value(where: str, value: str) -> None:
    size = len(value.encode("utf-8", "surrogatepass"))
    if not value.strip():
        raise CanaryError(f"{where}: the value is empty")
    if size > MAX_VALUE_BYTES:
        raise CanaryError(
            f"{where}: the value has {size} bytes, more than {MAX_VALUE_BYTES}: {value!r:.40}…. Shorten it."
        )
    if size < SHORTEST_VALUE:
        raise CanaryError(
            f"{where}: the value {value!r} has {size} bytes; below {SHORTEST_VALUE} it would be found "
            "everywhere by chance. Take a longer one."
        )


def _kind(where: str, item: Mapping[str, Any]) -> CanaryKind:
    """The kind, if it is one that claims speak of; people call their values what they like."""
    kind = _field(where, item, "kind", str, CanaryKind.KNOWN.value)
    return CanaryKind(kind) if kind in set(CanaryKind) else CanaryKind.KNOWN


def _text(where: str, item: Mapping[str, Any], name: str) -> str | None:
    """A field that is text, or a number written without quotes, as device numbers often are."""
    value = _field(where, item, name, (str, int), None)
    return None if value is None else str(value)


def _field(where: str, item: Mapping[str, Any], name: str, kind: Any, default: Any) -> Any:
    """A field of the item, checked for its type; *default* if it is absent or null."""
    value = item.get(name)
    if value is None:
        return default
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise CanaryError(f"{where}: {name!r} is {_kind_of(value)}: {value!r:.80}")
    return value


def _kind_of(value: object) -> str:
    return {"int": "a number", "float": "a number", "bool": "true or false", "NoneType": "null"}.get(
        type(value).__name__, f"a {type(value).__name__}"
    )
