"""One item of a canaries file, checked field by field."""

from collections.abc import Mapping
from typing import Any

from hometruth.canaries.bits import bits_of
from hometruth.canaries.mint import is_minted
from hometruth.errors import CanaryError
from hometruth.forms import SHORTEST_VALUE
from hometruth.model import Canary, CanaryKind


def canary_of(where: str, item: object, name: str | None) -> Canary:
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
        return canary_of_value(where, str(item), name)
    raise CanaryError(f"{where}: is {_kind_of(item)}, not a text or an object with a 'value'")


def canary_of_value(where: str, value: str, name: str | None) -> Canary:
    """A canary known by its value alone."""
    return _canary_of_mapping(where, {"value": value}, name)


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
        planted_at_ns=_field(where, item, "planted_at_ns", int, None),
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
