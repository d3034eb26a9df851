"""Opening a file of a table, plain or compressed: which column is which, and where a bad CSV file is bad."""

import csv
import gzip
import io
import lzma
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa
from pyarrow import csv as arrow_csv

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
    chosen = {names[index] for index in found.values()}
    called_once(path, [name for name in names if name in chosen])
    return found


def called_once(path: Path, names: Sequence[str]) -> None:
    """Refuse a table in which a name stands for two columns.

    Raises:
        TableError: If one does.
    """
    if twice := next((name for name, times in Counter(names).items() if times > 1), None):
        raise TableError(f"{path}: two columns are called {twice!r}; rename one of them")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:20]) + (", …" if len(names) > 20 else "")


DELIMITERS = ",\t;"
"""The first that occurs in the first line is the delimiter."""
HEAD_BYTES = 1 << 16
"""Bytes from which the shape of a file is judged: a header and enough lines after it."""
BLOCK_BYTES = 1 << 23
"""Bytes parsed at a time; a line must fit in."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns that were asked for, and how they were found."""

    batches: Iterator[Any]
    """Tables of these columns, one after the other, in the order of the file."""
    first_line: int
    """Number of the line of the first row."""
    notes: tuple[str, ...] = ()


def read_csv(path: Path, columns: Columns) -> Rows:
    """Read the columns of a CSV file as strings in dictionaries, numbers and times.

    Raises:
        TableError: If a line does not fit, with its number.
    """
    with open_table(path) as stream:
        head = stream.read(HEAD_BYTES)
    lines = _lines(path, head)
    delimiter = next((char for char in DELIMITERS if char in lines[0]), ",")
    try:
        rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error as err:
        raise TableError(f"{path}: not a table of comma-separated values: {err}") from err
    positions, n_header_lines, notes = _positions(path, rows, columns)
    names = [f"column {index}" for index in range(len(rows[0]))]
    chosen = {role: names[index] for role, index in positions.items()}
    label = pa.dictionary(pa.int32(), pa.string())
    types = {chosen["user"]: label, chosen["item"]: label}
    if "count" in chosen:
        types[chosen["count"]] = pa.float64()
    if "time" in chosen:
        first = "".join(rows[n_header_lines][positions["time"] :][:1]) if len(rows) > n_header_lines else "0"
        types[chosen["time"]] = pa.float64() if _is_number(first) else pa.string()
    batches = _csv_batches(path, delimiter, positions, types, names, n_header_lines)
    return Rows(batches, n_header_lines + 1, notes)


def _csv_batches(
    path: Path,
    delimiter: str,
    positions: dict[str, int],
    types: dict[str, Any],
    names: list[str],
    n_header_lines: int,
) -> Iterator[Any]:
    """Tables with a column for each role."""
    chosen = {role: names[index] for role, index in positions.items()}
    try:
        with (
            open_table(path) as stream,
            arrow_csv.open_csv(
                stream,
                arrow_csv.ReadOptions(
                    column_names=names, skip_rows=n_header_lines, block_size=BLOCK_BYTES, use_threads=False
                ),
                arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
                arrow_csv.ConvertOptions(
                    include_columns=list(chosen.values()), column_types=types, strings_can_be_null=False
                ),
            ) as reader,
        ):
            for batch in reader:
                yield pa.table({role: batch[name] for role, name in chosen.items()})
    except pa.ArrowException as err:
        raise locate(path, delimiter, positions, types, n_header_lines) or TableError(
            f"{path}: not a table of comma-separated values: {err}"
        ) from err


def _lines(path: Path, head: bytes) -> list[str]:
    """Whole lines at the beginning of a file."""
    if b"\x00" in head:
        raise TableError(f"{path}: neither CSV nor Parquet (it holds zero bytes)")
    whole = head if len(head) < HEAD_BYTES else head[: head.rfind(b"\n") + 1]
    # A bad byte further on is named with its line when the file is read.
    lines = [line for line in whole.decode("utf-8-sig", "replace").splitlines() if line.strip()]
    if not lines:
        raise TableError(f"{path}: holds no rows")
    return lines


def _positions(
    path: Path, rows: Sequence[Sequence[str]], columns: Columns
) -> tuple[dict[str, int], int, tuple[str, ...]]:
    """Role to position, how many header lines there are, and what was assumed."""
    usual = {name for names in USUAL_NAMES.values() for name in names}
    first = [cell.strip() for cell in rows[0]]
    asked = [columns.user, columns.item, columns.count, columns.time]
    if any(name is not None for name in asked) or usual & {cell.lower() for cell in first}:
        return named_columns(path, first, columns), 1, ()
    if len(first) < 2:
        raise TableError(f"{path}: line 1: one column only; a table needs a user and an item in each row")
    header = _looks_like_header(rows)
    return (
        {"user": 0, "item": 1},
        int(header),
        (
            "no columns are called user and item: the first column was taken for the user, the second for "
            "the item, "
            f"and line 1 for {'names' if header else 'a row'}; --user and --item say otherwise",
        ),
    )


def _looks_like_header(rows: Sequence[Sequence[str]]) -> bool:
    """True if line 1 has words where all that follow have numbers."""
    return any(
        not _is_number(rows[0][column])
        and len(rows) > 1
        and all(_is_number(row[column]) for row in rows[1:] if len(row) > column)
        for column in (0, 1)
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def locate(
    path: Path,
    delimiter: str,
    positions: dict[str, int],
    types: dict[str, Any],
    n_header_lines: int,
) -> TableError | None:
    """The same trouble again, read slowly, so that it can be named with its line."""
    with open_table(path) as stream:
        text = io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline="")
        reader = csv.reader(text, delimiter=delimiter)
        width = 0
        numbers = {
            role: index for role, index in positions.items() if types.get(f"column {index}") == pa.float64()
        }
        try:
            for index, row in enumerate(row for row in reader if row):
                width = width or len(row)
                here = f"{path}: line {reader.line_num}"
                if len(row) != width:
                    return TableError(f"{here}: {len(row)} columns where line 1 has {width}")
                if any(0xDC80 <= ord(char) <= 0xDCFF for cell in row for char in cell):
                    return TableError(f"{here}: is not UTF-8; convert the file (iconv -t utf-8)")
                if index < n_header_lines:
                    continue
                for role, column in numbers.items():
                    if row[column].strip() and not _is_number(row[column]):
                        return TableError(f"{here}: {role} {row[column][:40]!r} is not a number")
        except csv.Error as err:
            return TableError(f"{path}: line {reader.line_num}: {err}; is a quotation mark missing?")
    return None
