"""Claims as data: TOML files with statement, source and readings, checked when loaded.

Errors name the file, the line, the claim, the reading and the field.
"""

import re
from collections.abc import Iterable
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, field

from hometruth.claims.kinds import KINDS
from hometruth.claims.kinds.content import WHOEVER
from hometruth.claims.options import read_options
from hometruth.errors import ClaimError
from hometruth.handed_in import Place, Table, Text, Texts, checked_toml, read_text
from hometruth.model import Claim, Proposition, Reading, ReadingKind, Scope, Wording

MAX_SHORT_CHARS = 44
"""Of the short form of a statement: it has half a line of 80."""
_ARCHIVED = re.compile(r"not archived|sha256:[0-9a-f]{64}")


class _Proposition(Table, frozen=True):
    id: Text
    kind: Text
    says: Text
    where: dict[str, Texts] = field(default_factory=dict)
    series: Texts = ()
    options: dict[str, Any] = field(default_factory=dict)


class _Reading(Table, frozen=True):
    kind: ReadingKind
    wording: Wording
    proposition: Annotated[tuple[_Proposition, ...], Meta(min_length=1)]
    note: str = ""


class _Scope(Table, frozen=True):
    products: Texts = ()
    versions: Texts = ()
    devices: Texts = ()
    regions: Texts = ()
    since: str = ""
    until: str = ""


class _Claim(Table, frozen=True):
    id: Text
    side: Text
    who: Text
    date: Text
    statement: Text
    source: Texts
    reading: Annotated[tuple[_Reading, ...], Meta(min_length=1)]
    short: Annotated[str, Meta(max_length=MAX_SHORT_CHARS)] = ""
    quote: str = ""
    archived: str = "not archived"
    scope: _Scope = _Scope()
    excuses: Texts = ()
    note: str = ""
    source_tier: str = ""


class _Claims(Table, frozen=True):
    claim: Annotated[tuple[_Claim, ...], Meta(min_length=1)]


def load_claims(path: Path) -> tuple[Claim, ...]:
    """Read the claims of one TOML file.

    Raises:
        ClaimError: If the file cannot be read or a claim is malformed; the message names the place.
    """
    return parse_claims(read_text(path, ClaimError), str(path))


def bundled_text(name: str = "") -> str:
    """The claims that come with Hometruth, as written: the 2020 story, or those called *name*.

    Raises:
        ClaimError: If there are none called so.
    """
    folder = files("hometruth.data") / "claims"
    if name:
        one = folder / "by-name" / f"{name}.toml"
        if not name.replace("-", "").isalnum() or not one.is_file():
            raise ClaimError(f"no claims called {name!r} come with Hometruth")
        return one.read_text("utf-8")
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".toml"))
    return "\n".join((folder / name).read_text("utf-8") for name in names)


def bundled_claims() -> tuple[Claim, ...]:
    """The claims that come with Hometruth."""
    return parse_claims(bundled_text(), "bundled claims")


def speaks_of_the_vendor(claims: Iterable[Claim]) -> str:
    """Id of the first proposition that needs to know who the vendor is; empty if none does."""
    propositions = (each for claim in claims for reading in claim.readings for each in reading.propositions)
    return next((each.id for each in propositions if WHOEVER not in each.options), "")


def parse_claims(text: str, where: str) -> tuple[Claim, ...]:
    """Parse TOML *text*; *where* names it in errors."""
    table, place = checked_toml(text, where, _Claims, ClaimError)
    claims: dict[str, Claim] = {}
    propositions: set[str] = set()
    for number, row in enumerate(table.claim):
        at = place.at("claim", number)
        claim = _claim(row, at)
        if claim.id in claims:
            at.at("id").fail("its id is used twice")
        claims[claim.id] = claim
        for item in (item for reading in claim.readings for item in reading.propositions):
            if item.id in propositions:
                at.fail(f"proposition id {item.id} is used twice")
            propositions.add(item.id)
    return tuple(claims.values())


def _claim(row: _Claim, place: Place) -> Claim:
    if not _ARCHIVED.fullmatch(row.archived):
        place.at("archived").fail(
            f"archived is {row.archived!r}; it holds the hash of the archived text, sha256: and 64 hex "
            "digits, or 'not archived'"
        )
    return Claim(
        id=row.id,
        side=row.side,
        who=row.who,
        date=row.date,
        statement=row.statement,
        source=row.source,
        quote=row.quote,
        short=row.short,
        archived=row.archived,
        scope=_scope(row.scope, place.at("scope")),
        excuses=row.excuses,
        readings=tuple(_reading(each, place.at("reading", n)) for n, each in enumerate(row.reading)),
    )


def _scope(row: _Scope, place: Place) -> Scope:
    return Scope(
        products=row.products,
        versions=row.versions,
        devices=row.devices,
        regions=row.regions,
        since=_day(row.since, place.at("since")),
        until=_day(row.until, place.at("until")),
    )


def _day(day: str, place: Place) -> str:
    try:
        return day and date.fromisoformat(day).isoformat()
    except ValueError:
        place.fail(f"{place.field} must be a date like 2020-05-04, not {day!r}")


def _reading(row: _Reading, place: Place) -> Reading:
    return Reading(
        kind=row.kind,
        wording=row.wording,
        note=row.note,
        propositions=tuple(
            _proposition(each, place.at("proposition", n)) for n, each in enumerate(row.proposition)
        ),
    )


def _proposition(row: _Proposition, place: Place) -> Proposition:
    if row.kind not in KINDS:
        place.at("kind").fail(f"unknown kind {row.kind!r} (have: {', '.join(sorted(KINDS))})")
    return Proposition(
        id=row.id,
        kind=row.kind,
        says=row.says,
        where=row.where,
        series=row.series,
        options=read_options(row.kind, KINDS[row.kind], row.options, place.at("options")),
    )
