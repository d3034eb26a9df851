"""What public documents say of codes: a bundled table, so that "documented" is never taken for "observed"."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib.resources import files

from hometruth.model.identifier import Documented, Names, Place


@dataclass(frozen=True, slots=True)
class _DocumentedRow:
    host: str
    path: re.Pattern[str] | None
    shape: re.Pattern[str] | None
    meaning: Documented

    def fits(self, place: Place, text: str) -> bool:
        return (
            fnmatchcase(place.host, self.host)
            and (self.path is None or self.path.fullmatch(place.path) is not None)
            and (self.shape is None or self.shape.fullmatch(text) is not None)
        )


@lru_cache(1 << 16)
def documented(place: Place, text: str) -> Documented | None:
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
    table = tomllib.loads((files("hometruth.data") / "documented_codes.toml").read_text("utf-8"))
    rows = sorted(
        (
            _DocumentedRow(
                row["host"], _compiled(row, "path"), _compiled(row, "shape"), _meaning(row, row["names"])
            )
            for row in table["code"]
        ),
        key=lambda row: row.shape is None,  # what a value is comes before where it stands
    )
    names = tuple((re.compile(row["name"]), _meaning(row, Names.SOFTWARE.value)) for row in table["usual"])
    return tuple(rows), names


def _compiled(row: Mapping[str, str], key: str) -> re.Pattern[str] | None:
    return re.compile(row[key]) if key in row else None


def _meaning(row: Mapping[str, str], names: str) -> Documented:
    return Documented(Names(names), row["says"], row["source"])
