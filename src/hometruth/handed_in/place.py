"""Somewhere in a file that people wrote, and how to say that something is wrong there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from hometruth.handed_in.lines import Keys, LineOf

_CALLED_BY = ("id", "slug", "kind", "file", "name")
"""Fields that tell an item of a list from the others, the best first."""


@dataclass(frozen=True, slots=True)
class Place:
    """A table, an item or a field, by its keys from the outside in."""

    file: str
    document: object
    """What the whole file holds."""
    error: type[Exception]
    line_of: LineOf
    keys: Keys = ()
    told: tuple[str, int] | None = None
    """Words for the first of the keys, and of how many, where their tables do not tell it."""
    secret: bool = False
    """True if values must not be repeated in errors."""

    def at(self, *keys: str | int) -> "Place":
        """What is further inside."""
        return replace(self, keys=(*self.keys, *keys))

    def called(self, words: str) -> "Place":
        """This place, by other words than its tables give."""
        return replace(self, told=(words, len(self.keys)))

    def fail(self, problem: str, *within: str | int) -> NoReturn:
        """Raise the error of this kind of file: file, line, tables, and the *problem*.

        Args:
            within: Keys further inside, of whose line to speak.

        Raises:
            Exception: An `error`.
        """
        line = self.line_of((*self.keys, *within))
        told = self._split()[0]
        raise self.error(": ".join(filter(None, (self.file, f"line {line}" if line else "", told, problem))))

    @property
    def field(self) -> str:
        """The field in its table, with dots: ``levels.version``."""
        return self._split()[1]

    @property
    def header(self) -> str:
        """Names of tables and fields without numbers: ``claim.reading``."""
        return ".".join(key for key in self.keys if isinstance(key, str))

    def _split(self) -> tuple[str, str]:
        """The tables around in words, ``claim x03: reading strict``, and the rest of the keys."""
        if self.told:
            words_for, n_keys = self.told
            return words_for, _dotted(self.keys[n_keys:])
        words: list[str] = []
        rest: Keys = ()
        value: object = self.document
        for number, key in enumerate(self.keys):
            outer, value = value, _inside(value, key)
            rest = (*rest, key)
            if isinstance(key, int) and isinstance(value, Mapping):
                words.append(f"{_dotted(rest[:-1])} {_called(outer, key)}")
                rest = ()
            elif number == 0 and isinstance(value, Mapping):
                words.append(f"[{key}]")
                rest = ()
        return ": ".join(words), _dotted(rest)


def _dotted(keys: Keys) -> str:
    """Fields with dots between them, and numbers, counted from 1, after a blank."""
    words = (f".{key}" if isinstance(key, str) else f" {key + 1}" for key in keys)
    return "".join(words).lstrip(".")


def _inside(value: object, key: str | int) -> object:
    if isinstance(key, str):
        return value.get(key) if isinstance(value, Mapping) else None
    return value[key] if isinstance(value, Sequence) and key < len(value) else None


def _called(items: object, number: int) -> str:
    """The item's name, with its number where another is called the same; its number alone without a name."""
    names = [_name(item) for item in items] if isinstance(items, Sequence) else []
    name = names[number]
    if not name:
        return str(number + 1)
    return name if names.count(name) == 1 else f"{number + 1} ({name})"


def _name(item: object) -> str:
    if not isinstance(item, Mapping):
        return ""
    return next((item[key] for key in _CALLED_BY if isinstance(item.get(key), str) and item[key]), "")
