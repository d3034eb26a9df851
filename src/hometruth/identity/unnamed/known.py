"""What is known of numbers, fields and addresses: the bundled table, ready to be asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

import msgspec

from hometruth.handed_in import Table, Text, bundled
from hometruth.model.unnamed import PersonalKind

_SETS = {"n": "[0-9]", "a": "[A-Za-z]", "c": "[A-Za-z0-9]"}
_WORD = re.compile(r"[A-Z]+(?![a-zß-ÿ])|[A-ZÄÖÜ]?[a-zß-ÿ]+|[0-9]+")
_LAST_WORDS = 4


class _Issuer(Table, frozen=True):
    issuer: Text
    first: Text
    digits: tuple[int, ...]
    source: Text


class _Field(Table, frozen=True):
    kind: PersonalKind
    names: tuple[Text, ...]
    source: Text
    only_confirms: bool = False
    """The name alone says nothing: what stands there must have the form, too."""


class _NoEmail(Table, frozen=True):
    says: Text
    source: Text
    path: Text | None = None
    text: Text | None = None


class _WrittenUnnamed(Table, frozen=True):
    iban: dict[str, Text]
    card: tuple[_Issuer, ...]
    field: tuple[_Field, ...]
    no_email: tuple[_NoEmail, ...] = msgspec.field(default=())


@dataclass(frozen=True, slots=True)
class KnownForms:
    """The table, compiled."""

    ibans: Mapping[str, re.Pattern[str]]
    """By country, in capitals: the whole number, groups of it apart or not."""
    cards: tuple[tuple[re.Pattern[str], frozenset[int]], ...]
    """First digits, and how many there are."""
    fields: Mapping[str, frozenset[PersonalKind]]
    """By name of a field without signs, in small letters."""
    no_email_paths: tuple[re.Pattern[str], ...]
    no_email_texts: tuple[re.Pattern[str], ...]


@cache
def known_forms() -> KnownForms:
    """What the table says."""
    table = bundled("unnamed.toml", _WrittenUnnamed)
    fields: dict[str, frozenset[PersonalKind]] = {}
    for row in table.field:
        for name in row.names:
            fields[name] = fields.get(name, frozenset()) | {row.kind}
    return KnownForms(
        {country: _iban(country, form) for country, form in table.iban.items() if len(country) == 2},
        tuple((re.compile(each.first), frozenset(each.digits)) for each in table.card),
        fields,
        tuple(re.compile(each.path) for each in table.no_email if each.path),
        tuple(re.compile(each.text) for each in table.no_email if each.text),
    )


def _iban(country: str, form: str) -> re.Pattern[str]:
    behind = "".join(rf"(?:[ -]?{_SETS[kind]}){{{n}}}" for n, kind in re.findall(r"(\d+)([nac])", form))
    code = "".join(f"[{letter}{letter.lower()}]" for letter in country)
    return re.compile(rf"{code}[ -]?[0-9]{{2}}{behind}(?![A-Za-z0-9])")


@lru_cache(1 << 14)
def kinds_of_field(name: str) -> frozenset[PersonalKind]:
    """What a field of this name holds, by its last words: ``billing_first_name`` is a ``firstname``."""
    words = [word.lower() for word in _WORD.findall(name[-200:])][-_LAST_WORDS:]
    known = known_forms().fields
    return next(
        (known[tail] for start in range(len(words)) if (tail := "".join(words[start:])) in known), frozenset()
    )


@lru_cache(1 << 14)
def words_of(name: str) -> frozenset[str]:
    """Words of a name in small letters, alone and each with the one after."""
    words = [word.lower() for word in _WORD.findall(name[-200:])]
    return frozenset((*words, *map("".join, pairwise(words))))
