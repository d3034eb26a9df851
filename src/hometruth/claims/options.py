"""Options of propositions: every one has a type, and a kind takes just those it needs."""

from collections.abc import Callable, Mapping, Sequence

from hometruth.claims.toml_table import TomlTable
from hometruth.model import CanaryKind, Rung

_FIELD = "options"
PAIRED_OPTIONS = frozenset({"rung", "leak"})
"""What a kind takes that sessions run in pairs can contradict."""
LEAKS = ("everything", "address", "128 bytes", "32 bytes")
"""Sizes of leak for which there are bounds, the largest first."""


def read_options(
    table: TomlTable, needs: frozenset[str], takes: frozenset[str] = frozenset()
) -> dict[str, object]:
    """The options of a proposition, checked; a missing, unknown or malformed one is an error.

    Args:
        takes: Those that may be left out.
    """
    row = table.row.get(_FIELD, {})
    if not isinstance(row, Mapping):
        table.fail(f"field {_FIELD} must be a table, not {row!r}", _FIELD)
    kind = table.text("kind")
    if missing := sorted(needs - row.keys()):
        table.fail(f"kind {kind} needs options {', '.join(missing)}", _FIELD)
    if unknown := sorted(row.keys() - needs - takes):
        known = ", ".join(sorted(needs | takes)) or "none"
        table.fail(f"kind {kind} has no option {', '.join(unknown)} (takes: {known})", _FIELD)
    options = TomlTable(row, table.file, table.told, table.lines, table.header, table.place)
    return {name: _READERS[name](options, name) for name in row}


def _canary_kinds(options: TomlTable, name: str) -> object:
    known = list(CanaryKind)
    kinds = options.texts(name)
    if unknown := [kind for kind in kinds if kind not in known]:
        options.fail(f"option {name}: unknown canary kind {unknown[0]!r} (have: {', '.join(known)})", name)
    return kinds


def _days(options: TomlTable, name: str) -> object:
    value = options.row[name]
    if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
        options.fail(f"option {name} must be a number of days above 0, not {value!r}", name)
    return value


def _yes(options: TomlTable, name: str) -> object:
    value = options.row[name]
    if value is not True:
        options.fail(f"option {name} must be true, or be left out, not {value!r}", name)
    return True


def _levels(options: TomlTable, name: str) -> object:
    return options.levels(name)


def _texts(options: TomlTable, name: str) -> object:
    return options.texts(name)


def _text(options: TomlTable, name: str) -> object:
    return options.text(name)


def _one_of(words: Sequence[str]) -> Callable[[TomlTable, str], object]:
    def read(options: TomlTable, name: str) -> object:
        value = options.text(name)
        if value not in words:
            options.fail(f"option {name} is {value!r}; use one of {', '.join(words)}", name)
        return value

    return read


_READERS: Mapping[str, Callable[[TomlTable, str], object]] = {
    "actions": _texts,
    "as": _levels,
    "control": _levels,
    "days": _days,
    "every": _yes,
    "events": _texts,
    "farewell": _texts,
    "fields": _texts,
    "hosts": _texts,
    "kinds": _canary_kinds,
    "known": _texts,
    "organisations": _texts,
    "others": _yes,
    "leak": _one_of(LEAKS),
    "reason": _text,
    "rung": _one_of([rung for rung in Rung if rung is not Rung.NONE]),
    "silent": _levels,
    "together": _one_of(("request",)),
    "values": _texts,
    "when": _levels,
    "with": _levels,
}
"""Every option there is, with how it is read."""
