"""What a value must be, in the words in which it is said to who wrote it."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from msgspec.inspect import (
    BoolType,
    CollectionType,
    DateType,
    DictType,
    EnumType,
    FloatType,
    IntType,
    LiteralType,
    NoneType,
    StrType,
    Type,
    UnionType,
    type_info,
)

_SINGULAR = re.compile(r"^a (whole number|number|text|table|list)")


def suggestion(word: str, known: Iterable[str]) -> str:
    """``; did you mean this?``, where one of those known is close; else empty."""
    close = get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def choice_of(kind: Any) -> str:
    """``this or that``, ``one of …``, for a closed set of texts; empty for anything else."""
    return " or ".join(filter(None, map(_choice, _arms(type_info(kind)))))


def in_words(kind: Any) -> str:
    """``a list of texts``, ``a whole number of at least 1``."""
    return " or ".join(_named(arm) for arm in _arms(type_info(kind)))


def _arms(told: Type) -> list[Type]:
    arms = told.types if isinstance(told, UnionType) else (told,)
    return [arm for arm in arms if not isinstance(arm, NoneType)]


def _choice(told: Type) -> str:
    match told:
        case EnumType(cls):
            words = [str(member.value) for member in cls]
        case LiteralType(values):
            words = [str(value) for value in values]
        case _:
            return ""
    return " or ".join(words) if len(words) < 3 else f"one of {', '.join(words)}"


def _named(told: Type) -> str:
    match told:
        case StrType():
            return f"a text{_length(told.min_length)}"
        case DateType():
            return "a date such as 2027-01-31, without quotes"
        case BoolType():
            return "true or false"
        case IntType():
            return f"a whole number{_bounds(told)}"
        case FloatType():
            return f"a number{_bounds(told)}"
        case CollectionType():
            return f"a list of {_several(told.item_type)}{', at least one' if told.min_length else ''}"
        case DictType():
            return f"a table of {_several(told.value_type)}"
    return _choice(told) or "a table"


def _length(least: int | None) -> str:
    if not least:
        return ""
    return " that is not empty" if least == 1 else f" of at least {least} characters"


def _several(told: Type) -> str:
    if choice := _choice(told):
        return f"texts, each {choice}"
    words = " or ".join(_SINGULAR.sub(r"\1s", _named(arm)) for arm in _arms(told))
    return words.replace("texts that is", "texts that are")


def _bounds(told: IntType | FloatType) -> str:
    least = told.ge if told.ge is not None else told.gt
    most = told.le if told.le is not None else told.lt
    if told.ge is not None and told.le is not None:
        return f" from {least:g} to {most:g}"
    words = [f"{'of at least' if told.ge is not None else 'above'} {least:g}"] if least is not None else []
    words += [f"{'of at most' if told.le is not None else 'below'} {most:g}"] if most is not None else []
    return " ".join(["", " and ".join(words)]) if words else ""
