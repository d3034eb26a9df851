"""What public documents say of codes: a bundled table, so that "documented" is never taken for "observed"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, lru_cache

from hometruth.handed_in import Table, Text, bundled
from hometruth.model.identifier import Documented, FieldPlace, Names


class _Code(Table, frozen=True):
    host: Text
    names: Names
    says: Text
    source: Text
    path: Text | None = None
    shape: Text | None = None


class _Usual(Table, frozen=True):
    name: Text
    says: Text
    source: Text


class _WrittenCodes(Table, frozen=True):
    code: tuple[_Code, ...]
    usual: tuple[_Usual, ...]


@dataclass(frozen=True, slots=True)
class _DocumentedRow:
    host: str
    path: re.Pattern[str] | None
    shape: re.Pattern[str] | None
    meaning: Documented

    def fits(self, place: FieldPlace, text: str) -> bool:
        return (
            fnmatchcase(place.host, self.host)
            and (self.path is None or self.path.fullmatch(place.path) is not None)
            and (self.shape is None or self.shape.fullmatch(text) is not None)
        )


KINDS_THAT_NAME: Mapping[str, tuple[Names, str]] = {
    "advertisingId": (Names.INSTALLATION, "the advertising ID"),
    "browserId": (Names.INSTALLATION, "an ID of the browser"),
    "developerScopedId": (Names.INSTALLATION, "an ID of the device for one developer"),
    "deviceId": (Names.INSTALLATION, "an ID of the device"),
    "installationId": (Names.INSTALLATION, "an ID of the installation"),
    "sessionId": (Names.SESSION, "an ID of the session"),
    "userId": (Names.INSTALLATION, "an ID of the user"),
}
"""Kinds of a known endpoint's fields that name who sent them, and what they are."""


def of_known_field(kind: str, reason: str) -> Documented | None:
    """What is documented of a field that a known endpoint was sent; None if it names nobody, or if no
    document says so."""
    if kind not in KINDS_THAT_NAME or not reason.startswith(("https://", "http://")):
        return None
    names, says = KINDS_THAT_NAME[kind]
    return Documented(names, says, reason)


@lru_cache(1 << 16)
def documented(place: FieldPlace, text: str) -> Documented | None:
    """What a document says of *text* at *place*; None if no document in the table speaks of it.

    Args:
        text: The whole value as it was sent: the shape of a key is told by its capitals, too.
    """
    return next((row.meaning for row in _table()[0] if row.fits(place, text)), None)


def usual(path: str) -> Documented | None:
    """What the name at the end of *path* usually stands for: a hint, for a name proves nothing."""
    name = re.split(r"[ .\[\]\"]+", path.rstrip('.[]"'))[-1].lower()
    return next((meaning for pattern, meaning in _table()[1] if pattern.fullmatch(name)), None)


@cache
def _table() -> tuple[tuple[_DocumentedRow, ...], tuple[tuple[re.Pattern[str], Documented], ...]]:
    table = bundled("documented_codes.toml", _WrittenCodes)
    rows = sorted(
        (
            _DocumentedRow(each.host, _compiled(each.path), _compiled(each.shape), _meaning(each))
            for each in table.code
        ),
        key=lambda row: row.shape is None,  # what a value is comes before where it stands
    )
    names = tuple(
        (re.compile(row.name), Documented(Names.SOFTWARE, row.says, row.source)) for row in table.usual
    )
    return tuple(rows), names


def _meaning(row: _Code) -> Documented:
    return Documented(row.names, row.says, row.source)


def _compiled(text: str | None) -> re.Pattern[str] | None:
    return None if text is None else re.compile(text)
