"""What people write in tables, checked against types: what is wrong is said in words, with its place.

A type says what a file may hold: a `Table` with its fields, and from the standard library texts, numbers,
lists, mappings, enumerations and `typing.Literal`. What no type can say is checked by who reads the file, who
has the `Place` for it.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from importlib.resources import files
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, NoReturn, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from hometruth.errors import HometruthError
from hometruth.handed_in.files import parse_toml
from hometruth.handed_in.lines import Keys, toml_lines
from hometruth.handed_in.place import Place
from hometruth.handed_in.words import choice_of, in_words, suggestion

T = TypeVar("T")
Text = Annotated[str, Meta(min_length=1)]
Texts = tuple[str, ...]
Count = Annotated[int, Meta(ge=1)]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table and its fields; a field that nobody reads is refused: misspelt, it would be without effect."""


def checked_toml(
    text: str, where: str, kind: type[T], error: type[HometruthError], *, secret: bool = False
) -> tuple[T, Place]:
    """The table that TOML *text* is, and its place, to say what is wrong beyond the types.

    Args:
        where: What the text is called in errors.
        kind: A `Table`, or a mapping.
        secret: Never repeat a value in an error.

    Raises:
        HometruthError: An *error*, if it is no TOML or not such a table.
    """
    document = parse_toml(text, where, error)
    place = Place(where, document, error, toml_lines(text), secret=secret)
    return checked(document, kind, place), place


def bundled(name: str, kind: type[T], error: type[HometruthError] = HometruthError) -> T:
    """A TOML file that comes with Hometruth, in ``data/``."""
    return checked_toml((files("hometruth.data") / name).read_text("utf-8"), name, kind, error)[0]


def checked(value: object, kind: Any, place: Place) -> Any:
    """*value*, which stands at *place*, as a *kind*.

    Raises:
        Exception: The error of the place, if it is something else.
    """
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError):
        _refuse(value, kind, place)


class _Fault(NamedTuple):
    keys: Keys
    """From where the search started to the innermost thing that is wrong."""
    value: object
    """`msgspec.UNSET` if it is missing."""
    kind: Any
    """What it must be; None if it must not be there."""
    known: tuple[str, ...] = ()
    """Fields that its table has, where it must not be there."""


def _refuse(value: object, kind: Any, place: Place) -> NoReturn:
    fault = _fault(value, kind)
    at = place.at(*fault.keys)
    if fault.kind is None:
        *table, name = fault.keys
        close = suggestion(str(name), fault.known)
        place.at(*table).fail(f"unknown field {name}{close} (have: {', '.join(sorted(fault.known))})", name)
    if _is_list_of_tables(fault.kind) and fault.value in (msgspec.UNSET, []) and not _fits([], fault.kind):
        at.fail(f"needs at least one [[{at.header}]]")
    is_missing = fault.value is msgspec.UNSET
    if is_missing and _is_table(fault.kind):
        at.fail(f"needs a table [{at.header}]")
    choice = choice_of(fault.kind)
    if choice and isinstance(fault.value, str) and not place.secret:
        at.fail(f"{at.field} is {fault.value!r:.80}; use {choice}")
    must = f"{at.field} must be {in_words(fault.kind)}".lstrip()
    if is_missing:
        at.fail(f"{must}, and is missing")
    at.fail(must if place.secret else f"{must}, not {fault.value!r:.80}")


def _fault(value: object, kind: Any, keys: Keys = ()) -> _Fault:
    """The innermost thing in *value* that keeps it from being a *kind*."""
    inner = _inner(value, kind)
    if isinstance(inner, _Fault):
        return inner._replace(keys=(*keys, *inner.keys))
    for key, each, wanted in inner:
        if not _fits(each, wanted):
            if isinstance(key, str) or any(map(_is_container, _arms(wanted))):
                return _fault(each, wanted, (*keys, key))
            if choice_of(wanted) and isinstance(each, str):
                return _Fault(keys, each, wanted)
            break  # an item of a plain list: the list is what must be something else
    return _Fault(keys, value, kind)


def _inner(value: object, kind: Any) -> "_Fault | list[tuple[str | int, object, Any]]":
    """What is in *value* with what it must be; a fault if there is too much or too little."""
    for arm in _arms(kind):
        if isinstance(value, Mapping) and _is_table(arm):
            return _inner_of_table(value, arm)
        if isinstance(value, Mapping) and get_origin(arm) is dict:
            if strange := _strange_key(value, get_args(arm)[0]):
                return strange
            return [(str(key), each, get_args(arm)[1]) for key, each in value.items()]
        if isinstance(value, list) and get_origin(arm) in (tuple, list, frozenset):
            return [(number, each, get_args(arm)[0]) for number, each in enumerate(value)]
    return []


def _strange_key(value: Mapping[str, object], kind: Any) -> _Fault | None:
    """The first key that is none of a closed set, where keys must be of one."""
    if not (isinstance(kind, type) and issubclass(kind, Enum)):
        return None
    known = tuple(str(each.value) for each in kind)
    key = next((key for key in value if str(key) not in known), None)
    return None if key is None else _Fault((key,), value[key], None, known)


def _inner_of_table(value: Mapping[str, object], kind: Any) -> "_Fault | list[tuple[str | int, object, Any]]":
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    if kind.__struct_config__.forbid_unknown_fields and (unknown := sorted(value.keys() - fields)):
        return _Fault((unknown[0],), value[unknown[0]], None, tuple(fields))
    missing = [(name, msgspec.UNSET, field.type) for name, field in fields.items() if field.required]
    return [
        *((name, value[name], field.type) for name, field in fields.items() if name in value),
        *(each for each in missing if each[0] not in value),
    ]


def _fits(value: object, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError):
        return False
    return True


def _arms(kind: Any) -> Iterator[Any]:
    """The types of which a value may be one, without what is said of them."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _arms(get_args(kind)[0])
    elif origin in (Union, UnionType):
        for arm in get_args(kind):
            yield from _arms(arm)
    elif kind is not NoneType:
        yield kind


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _is_container(kind: Any) -> bool:
    return _is_table(kind) or get_origin(kind) in (dict, tuple, list, frozenset)


def _is_list_of_tables(kind: Any) -> bool:
    return any(get_origin(arm) is tuple and _is_table(get_args(arm)[0]) for arm in _arms(kind))
