"""Claims as data: TOML files with statement, source and readings, checked when loaded.

Errors name the file, the line, the claim, the reading and the field.
"""

import re
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path

from hometruth.claims.kinds import KINDS
from hometruth.claims.lines import TableLines
from hometruth.claims.options import PAIRED_OPTIONS, read_options
from hometruth.claims.toml_table import TomlTable
from hometruth.errors import ClaimError
from hometruth.handed_in import parse_toml, read_text
from hometruth.model import Claim, Proposition, Reading, ReadingKind, Scope, Wording

_CLAIM_KEYS = frozenset(
    {
        *("id", "side", "who", "date", "statement", "quote", "source", "archived", "scope", "reading"),
        *("note", "source_tier", "excuses"),
    }
)
_SCOPE_KEYS = frozenset({"products", "versions", "devices", "regions", "since", "until"})
_ARCHIVED = re.compile(r"not archived|sha256:[0-9a-f]{64}")
_READING_KEYS = frozenset({"kind", "wording", "note", "proposition"})
_PROPOSITION_KEYS = frozenset({"id", "kind", "says", "where", "series", "options"})


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


def parse_claims(text: str, where: str) -> tuple[Claim, ...]:
    """Parse TOML *text*; *where* names it in errors."""
    document = parse_toml(text, where, ClaimError)
    root = TomlTable(document, where, "", TableLines(text))
    root.only(frozenset({"claim"}))
    claims: dict[str, Claim] = {}
    propositions: set[str] = set()
    for table in root.tables("claim", "id"):
        claim = _claim(table)
        if claim.id in claims:
            table.fail("its id is used twice", "id")
        claims[claim.id] = claim
        for item in (item for reading in claim.readings for item in reading.propositions):
            if item.id in propositions:
                table.fail(f"proposition id {item.id} is used twice")
            propositions.add(item.id)
    return tuple(claims.values())


def _claim(table: TomlTable) -> Claim:
    table.only(_CLAIM_KEYS)
    return Claim(
        id=table.text("id"),
        side=table.text("side"),
        who=table.text("who"),
        date=table.text("date"),
        statement=table.text("statement"),
        source=table.texts("source"),
        quote=table.text("quote", ""),
        archived=_archived(table),
        scope=_scope(table),
        excuses=table.texts("excuses", optional=True),
        readings=tuple(_reading(item) for item in table.tables("reading", "kind")),
    )


def _scope(table: TomlTable) -> Scope:
    row = table.row.get("scope", {})
    if not isinstance(row, Mapping):
        table.fail(f"field scope must be a table, not {row!r}", "scope")
    scope = TomlTable(row, table.file, f"{table.told}: scope", table.lines, table.header, table.place)
    scope.only(_SCOPE_KEYS)
    return Scope(
        products=scope.texts("products", optional=True),
        versions=scope.texts("versions", optional=True),
        devices=scope.texts("devices", optional=True),
        regions=scope.texts("regions", optional=True),
        since=_day(scope, "since"),
        until=_day(scope, "until"),
    )


def _archived(table: TomlTable) -> str:
    archived = table.text("archived", "not archived")
    if not _ARCHIVED.fullmatch(archived):
        table.fail(
            f"field archived is {archived!r}; it holds the hash of the archived text, sha256: and 64 hex "
            "digits, or 'not archived'",
            "archived",
        )
    return archived


def _day(scope: TomlTable, key: str) -> str:
    day = scope.text(key, "")
    try:
        return day and date.fromisoformat(day).isoformat()
    except ValueError:
        scope.fail(f"field scope.{key} must be a date like 2020-05-04, not {day!r}", "scope")


def _reading(table: TomlTable) -> Reading:
    table.only(_READING_KEYS)
    return Reading(
        kind=table.member(ReadingKind, "kind"),
        wording=table.member(Wording, "wording"),
        note=table.text("note", ""),
        propositions=tuple(_proposition(item) for item in table.tables("proposition", "id")),
    )


def _proposition(table: TomlTable) -> Proposition:
    table.only(_PROPOSITION_KEYS)
    kind = table.text("kind")
    if kind not in KINDS:
        table.fail(f"unknown kind {kind!r} (have: {', '.join(sorted(KINDS))})", "kind")
    options = read_options(table, KINDS[kind].needs, _takes(kind))
    if "rung" in options and options["rung"] not in KINDS[kind].rungs:
        rungs = ", ".join(KINDS[kind].rungs)
        table.fail(
            f"option rung is {options['rung']!r}, which does not contradict {kind}; use {rungs}", "options"
        )
    return Proposition(
        id=table.text("id"),
        kind=kind,
        says=table.text("says"),
        where=table.levels("where"),
        series=table.texts("series", optional=True),
        options=options,
    )


def _takes(kind: str) -> frozenset[str]:
    """Options that a proposition of this kind may give."""
    return KINDS[kind].takes | (PAIRED_OPTIONS if KINDS[kind].rungs else frozenset())
