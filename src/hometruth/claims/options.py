"""Options of propositions: every one has a type, and a kind takes just those it needs."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta

from hometruth.claims.kinds import Kind
from hometruth.handed_in import Place, Text, Texts, checked
from hometruth.model import CanaryKind, Rung

PAIRED = frozenset({"rung", "leak"})
"""What a kind takes that sessions run in pairs can contradict."""
LEAKS = ("everything", "address", "128 bytes", "32 bytes")
"""Sizes of leak for which there are bounds, the largest first."""

_Levels = dict[str, Texts]

OPTIONS: Mapping[str, Any] = {
    "actions": Texts,
    "as": _Levels,
    "control": _Levels,
    "days": Annotated[float, Meta(gt=0)],
    "every": bool,
    "events": Texts,
    "farewell": Texts,
    "fields": Texts,
    "hosts": Texts,
    "kinds": tuple[CanaryKind, ...],
    "known": Texts,
    "organisations": Texts,
    "others": bool,
    "leak": Literal[LEAKS],
    "reason": Text,
    "rung": Rung,
    "sdks": Texts,
    "silent": _Levels,
    "together": Literal["request"],
    "values": Texts,
    "when": _Levels,
    "with": _Levels,
}
"""Every option that kinds share, with what it must be; one of a single kind is in its `Kind.own_options`."""


def read_options(name: str, kind: Kind, given: Mapping[str, object], place: Place) -> dict[str, object]:
    """The options of a proposition, checked; a missing, unknown or malformed one is an error.

    Args:
        name: Of the *kind*.
        place: Of the options.
    """
    known = kind.needs | kind.takes | kind.own_options.keys() | (PAIRED if kind.rungs else frozenset())
    if missing := sorted(kind.needs - given.keys()):
        place.fail(f"kind {name} needs options {', '.join(missing)}")
    if unknown := sorted(given.keys() - known):
        takes = ", ".join(sorted(known)) or "none"
        place.at(unknown[0]).fail(f"kind {name} has no option {', '.join(unknown)} (takes: {takes})")
    types = {**OPTIONS, **kind.own_options}
    options = {key: checked(value, types[key], place.at(key)) for key, value in given.items()}
    if "rung" in options and options["rung"] not in kind.rungs:
        rungs = ", ".join(kind.rungs)
        place.at("rung").fail(
            f"option rung is {str(options['rung'])!r}, which does not contradict {name}; use {rungs}"
        )
    return {key: value for key, value in options.items() if value is not False}
