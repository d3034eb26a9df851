"""Which column of a table is which."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hometruth.errors import TableError

USUAL_NAMES = {"user": ("user",), "item": ("item",), "count": ("count",), "time": ("ts", "time")}
"""Role to the names, in any case, that need not be given."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of columns, where they are not the usual ones."""

    user: str | None = None
    item: str | None = None
    count: str | None = None
    time: str | None = None


def named_columns(path: Path, names: Sequence[str], columns: Columns) -> dict[str, int]:
    """Role to the position of its column, by the names given or the usual ones.

    Raises:
        TableError: If a column that was named, or one for user or item, is not there.
    """
    lower = [name.strip().lower() for name in names]
    found = {}
    for role, usual in USUAL_NAMES.items():
        wanted = getattr(columns, role)
        if wanted is not None:
            if wanted not in names:
                raise TableError(f"{path}: no column {wanted!r} (have: {_listed(names)})")
            found[role] = list(names).index(wanted)
        else:
            name = next((name for name in usual if name in lower), None)
            if name is not None:
                found[role] = lower.index(name)
    for role in ("user", "item"):
        if role not in found:
            raise TableError(
                f"{path}: no column {role!r} (have: {_listed(names)}); say which it is with --{role} NAME"
            )
    return found


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
