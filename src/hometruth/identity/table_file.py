"""Opening a file of a table, plain or compressed, and telling which of its columns is which."""

import gzip
import lzma
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from hometruth.errors import TableError

PARQUET = b"PAR1"
"""First bytes of a Parquet file."""
_COMPRESSIONS: dict[bytes, Any] = {
    b"\x1f\x8b": gzip.GzipFile,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}
"""First bytes to the way such a file is opened; the name of the file is not asked."""


def open_table(path: Path) -> BinaryIO:
    """The content of a file, decompressed."""
    with path.open("rb") as file:
        start = file.read(max(map(len, _COMPRESSIONS)))
    for magic, opened in _COMPRESSIONS.items():
        if start.startswith(magic):
            return cast(BinaryIO, opened(path))
    return path.open("rb")


def is_parquet(path: Path) -> bool:
    """Whether the content begins as Parquet does."""
    with open_table(path) as stream:
        return stream.read(len(PARQUET)) == PARQUET


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what goes wrong while a file is opened or decompressed into one clear error."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError) as err:
        raise TableError(f"{path}: the compressed file is damaged or cut off ({err})") from err
    except OSError as err:
        raise TableError(f"{path}: {err.strerror or err}") from err


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
