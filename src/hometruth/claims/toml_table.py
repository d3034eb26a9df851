"""Reading a TOML table with errors that name file, line, place and field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from hometruth.claims.lines import TableLines
from hometruth.errors import ClaimError

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class TomlTable:
    """One table of an array of tables, and where it stands."""

    row: Mapping[str, Any]
    file: str
    told: str
    """Place in words: ``claim x03: reading strict``."""
    lines: TableLines
    header: str = ""
    """Name in the double brackets, ``claim.reading``."""
    place: tuple[int, ...] = ()

    def fail(self, problem: str, key: str | None = None) -> NoReturn:
        """Raise a `ClaimError` that names the place."""
        line = self.lines.find(self.header, self.place, key)
        told = ": ".join(filter(None, (f"line {line}" if line else "", self.told, problem)))
        raise ClaimError(f"{self.file}: {told}")

    def only(self, keys: frozenset[str]) -> None:
        """Refuse fields that nobody reads: a misspelt one would otherwise be silently without effect."""
        if unknown := sorted(self.row.keys() - keys):
            self.fail(f"unknown field {', '.join(unknown)} (have: {', '.join(sorted(keys))})", unknown[0])

    def text(self, key: str, default: str | None = None) -> str:
        """A text; it must not be empty unless there is a default."""
        value = self.row.get(key, default)
        if not isinstance(value, str) or (default is None and not value):
            self.fail(f"field {key} must be a text that is not empty, not {value!r}", key)
        return value

    def texts(self, key: str, *, optional: bool = False) -> tuple[str, ...]:
        """A list of texts."""
        if optional and key not in self.row:
            return ()
        return self.as_texts(self.row.get(key), key, key)

    def levels(self, key: str) -> dict[str, tuple[str, ...]]:
        """A condition: factor to levels; empty if absent."""
        table = self.row.get(key, {})
        if not isinstance(table, Mapping):
            self.fail(f"field {key} must be a table of factors, not {table!r}", key)
        return {factor: self.as_texts(value, f"{key}.{factor}", key) for factor, value in table.items()}

    def member(self, enum: type[E], key: str) -> E:
        """One of a closed set of words."""
        value = self.text(key)
        if value not in list(enum):
            self.fail(f"{key} is {value!r}; use one of {', '.join(enum)}", key)
        return enum(value)

    def as_texts(self, value: object, name: str, key: str) -> tuple[str, ...]:
        """*value* as a list of texts; *name* is what the error calls it, *key* the field it is in."""
        if isinstance(value, str) or not isinstance(value, Sequence):
            self.fail(f"{name} must be a list of texts, not {value!r}", key)
        if not all(isinstance(item, str) for item in value):
            self.fail(f"{name} must be a list of texts, not {value!r}", key)
        return tuple(value)

    def tables(self, key: str, name_by: str) -> Iterator["TomlTable"]:
        """The tables ``[[header.key]]``, at least one; each is called by its field *name_by*."""
        header = f"{self.header}.{key}" if self.header else key
        rows = self.row.get(key)
        if not isinstance(rows, list) or not rows:
            self.fail(f"needs at least one [[{header}]]")
        for number, row in enumerate(rows):
            if not isinstance(row, Mapping):
                self.fail(f"{key} {number + 1} must be a table, not {row!r}", key)
            told = f"{key} {row.get(name_by, number + 1)}"
            yield TomlTable(
                row=row,
                file=self.file,
                told=": ".join(filter(None, (self.told, told))),
                lines=self.lines,
                header=header,
                place=(*self.place, number),
            )
