"""Claims as data: TOML files with statement, source and readings, checked when loaded.

Errors name the file, the claim, the reading and the field.
"""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from hometruth.claims.kinds import KINDS
from hometruth.errors import ClaimError
from hometruth.model import Claim, Proposition, Reading, ReadingKind, Scope, Wording

_E = TypeVar("_E", ReadingKind, Wording)

_CLAIM_KEYS = {
    *("id", "side", "who", "date", "statement", "quote", "source", "archived", "scope", "reading"),
    *("note", "source_tier"),
}
_READING_KEYS = {"kind", "wording", "note", "proposition"}
_PROPOSITION_KEYS = {"id", "kind", "says", "where", "series", "options"}


def load_claims(path: Path) -> tuple[Claim, ...]:
    """Read the claims of one TOML file.

    Raises:
        ClaimError: If the file cannot be read or a claim is malformed; the message names the place.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise ClaimError(f"{path}: cannot read the claims: {err}") from err
    return parse_claims(text, str(path))


def bundled_text() -> str:
    """The claims that come with Hometruth, the 2020 story, as written."""
    folder = files("hometruth.data") / "claims"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".toml"))
    return "\n".join((folder / name).read_text("utf-8") for name in names)


def bundled_claims() -> tuple[Claim, ...]:
    """The claims that come with Hometruth."""
    return parse_claims(bundled_text(), "bundled claims")


def parse_claims(text: str, where: str) -> tuple[Claim, ...]:
    """Parse TOML *text*; *where* names it in errors."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise ClaimError(f"{where}: not valid TOML: {err}") from err
    rows = table.get("claim")
    if not isinstance(rows, list) or not rows:
        raise ClaimError(f"{where}: has no [[claim]] tables")
    claims = tuple(
        _claim(row, f"{where}: claim {row.get('id', number + 1)}") for number, row in enumerate(rows)
    )
    ids = [claim.id for claim in claims]
    if doubled := {name for name in ids if ids.count(name) > 1}:
        raise ClaimError(f"{where}: claim id used twice: {', '.join(sorted(doubled))}")
    return claims


def _claim(row: Mapping[str, Any], where: str) -> Claim:
    _known(row, _CLAIM_KEYS, where)
    scope = row.get("scope", {})
    readings = row.get("reading")
    if not readings:
        raise ClaimError(f"{where}: needs at least one [[claim.reading]]")
    return Claim(
        id=_text(row, "id", where),
        side=_text(row, "side", where),
        who=_text(row, "who", where),
        date=_text(row, "date", where),
        statement=_text(row, "statement", where),
        source=_texts(row, "source", where),
        quote=row.get("quote", ""),
        archived=row.get("archived", "not archived"),
        scope=Scope(
            products=_texts(scope, "products", where, optional=True),
            versions=_texts(scope, "versions", where, optional=True),
            until=scope.get("until", ""),
        ),
        readings=tuple(_reading(item, f"{where}: reading {item.get('kind', '?')}") for item in readings),
    )


def _reading(row: Mapping[str, Any], where: str) -> Reading:
    _known(row, _READING_KEYS, where)
    propositions = row.get("proposition")
    if not propositions:
        raise ClaimError(f"{where}: needs at least one proposition")
    return Reading(
        kind=_member(ReadingKind, row, "kind", where),
        wording=_member(Wording, row, "wording", where),
        note=row.get("note", ""),
        propositions=tuple(_proposition(item, where) for item in propositions),
    )


def _proposition(row: Mapping[str, Any], where: str) -> Proposition:
    where = f"{where}: proposition {row.get('id', '?')}"
    _known(row, _PROPOSITION_KEYS, where)
    kind = _text(row, "kind", where)
    if kind not in KINDS:
        raise ClaimError(f"{where}: unknown kind {kind!r} (have: {', '.join(sorted(KINDS))})")
    options = row.get("options", {})
    if missing := KINDS[kind].needs - options.keys():
        raise ClaimError(f"{where}: kind {kind} needs options {', '.join(sorted(missing))}")
    return Proposition(
        id=_text(row, "id", where),
        kind=kind,
        says=_text(row, "says", where),
        where={
            factor: _levels(levels, f"{where}: where.{factor}")
            for factor, levels in row.get("where", {}).items()
        },
        series=_texts(row, "series", where, optional=True),
        options=options,
    )


def _known(row: Mapping[str, Any], keys: set[str], where: str) -> None:
    if unknown := row.keys() - keys:
        raise ClaimError(
            f"{where}: unknown field {', '.join(sorted(unknown))} (have: {', '.join(sorted(keys))})"
        )


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise ClaimError(f"{where}: field {key} must be a text that is not empty, not {value!r}")
    return value


def _texts(row: Mapping[str, Any], key: str, where: str, *, optional: bool = False) -> tuple[str, ...]:
    value = row.get(key)
    if value is None and optional:
        return ()
    return _levels(value, f"{where}: field {key}")


def _levels(value: object, where: str) -> tuple[str, ...]:
    if (
        not isinstance(value, Sequence)
        or isinstance(value, str)
        or not all(isinstance(item, str) for item in value)
    ):
        raise ClaimError(f"{where} must be a list of texts, not {value!r}")
    return tuple(value)


def _member(enum: type[_E], row: Mapping[str, Any], key: str, where: str) -> _E:
    value = _text(row, key, where)
    try:
        return enum(value)
    except ValueError:
        raise ClaimError(f"{where}: {key} is {value!r}; use one of {', '.join(enum)}") from None
