"""Where in a TOML text a table starts: tomllib forgets, and an error without a line is a search."""

import re
from collections.abc import Sequence

_HEADER = re.compile(r"^\s*\[\[\s*(?P<name>[\w.]+)\s*\]\]")


class TableLines:
    """Line numbers of the ``[[header]]`` of every table in an array of tables, counted from 1."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._starts: dict[tuple[str, tuple[int, ...]], int] = {}
        place: dict[str, int] = {}
        for number, line in enumerate(self._lines, 1):
            if match := _HEADER.match(line):
                name = match["name"]
                place[name] = place.get(name, -1) + 1
                for inner in [key for key in place if key.startswith(f"{name}.")]:
                    del place[inner]
                path = tuple(place.get(outer, 0) for outer in _outward(name))
                self._starts[name, path] = number

    def find(self, name: str, place: Sequence[int], key: str | None = None) -> int | None:
        """Line of the table *name* at *place* (one index per level), or of *key* in it; None if unknown."""
        start = self._starts.get((name, tuple(place)))
        if start is None or key is None:
            return start
        assignment = re.compile(rf"^\s*{re.escape(key)}\s*=")
        for number, line in enumerate(self._lines[start:], start + 1):
            if line.lstrip().startswith("[["):
                break
            if assignment.match(line):
                return number
        return start


def _outward(name: str) -> list[str]:
    """``a.b.c`` as ``a``, ``a.b``, ``a.b.c``."""
    parts = name.split(".")
    return [".".join(parts[: n + 1]) for n in range(len(parts))]
