"""Tables of who did what, read from CSV or Parquet, plain or compressed.

The names of people and items are replaced by numbers while reading and are not kept: what follows measures a
risk and must be unable to say who is who.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hometruth.errors import TableError
from hometruth.identity.csv_file import Rows, read_csv
from hometruth.identity.table_file import Columns, is_parquet, named_columns, open_table, reading

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

UNIT_STEPS = (1e11, 1e14, 1e17)
"""A time above the first is in milliseconds, not seconds (1e11 s is the year 5138), above the next in
microseconds, above the last in nanoseconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Rows of a table, in the order of the file."""

    user: Ints
    """Person of each row, 0 to n_people - 1, in order of first appearance."""
    item: Ints
    n_people: int
    n_items: int
    count: Ints | None = None
    """How often, at least 1; None if the table does not say."""
    time: Floats | None = None
    """Seconds since an epoch; None if the table does not say."""
    notes: tuple[str, ...] = ()
    """What was assumed about the table, for people."""


def read_events(path: Path, columns: Columns = Columns()) -> Events:  # noqa: B008
    """Read a table of events.

    Columns are found by their names `user`, `item`, `count` and `ts` or `time`, or by those in *columns*. A
    CSV file without such names is read by position: user first, item second, and nothing else.

    Raises:
        TableError: If the file cannot be read, with line or column and what to do.
    """
    with reading(path):
        parquet = is_parquet(path)
        found = _read_parquet(path, columns) if parquet else read_csv(path, columns)
    table = found.table
    if table.num_rows == 0:
        raise TableError(f"{path}: holds no rows")
    where = _Where(path, "row" if parquet else "line", found.first_line)
    user, n_people = _codes(table["user"], "user", where)
    item, n_items = _codes(table["item"], "item", where)
    return Events(
        user,
        item,
        n_people,
        n_items,
        count=_counts(table["count"], where) if "count" in table.column_names else None,
        time=_times(table["time"], where) if "time" in table.column_names else None,
        notes=found.notes,
    )


@dataclass(frozen=True, slots=True)
class _Where:
    """Turns the number of a row into words."""

    path: Path
    unit: str
    first: int

    def error(self, bad: NDArray[np.bool_], problem: str) -> TableError:
        """The error for the first row of which *bad* is true."""
        return TableError(f"{self.path}: {self.unit} {int(np.argmax(bad)) + self.first}: {problem}")


def _read_parquet(path: Path, columns: Columns) -> Rows:
    with open_table(path) as stream:
        source = stream if isinstance(stream, io.BufferedReader) else io.BytesIO(stream.read())
        try:
            file = pq.ParquetFile(source)
            names = file.schema_arrow.names
            chosen = {role: names[index] for role, index in named_columns(path, names, columns).items()}
            table = file.read(columns=list(dict.fromkeys(chosen.values())))
        except pa.ArrowException as err:
            raise TableError(f"{path}: not a readable Parquet file: {err}") from err
    return Rows(pa.table({role: _plain(table[name]) for role, name in chosen.items()}), first_line=1)


def _plain(column: Any) -> Any:
    """Without a dictionary: one from elsewhere may hold people who are not there."""
    return pc.cast(column, column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _codes(column: Any, role: str, where: _Where) -> tuple[Ints, int]:
    """The column as numbers in order of first appearance, and how many different there are."""
    if column.null_count:
        raise where.error(_flat(pc.is_null(column)), f"no {role}; leave the row out or fill it in")
    if not pa.types.is_dictionary(column.type):
        if pa.types.is_nested(column.type):
            raise TableError(f"{where.path}: the column for {role} holds lists, not single values")
        column = column.dictionary_encode()
    column = column.unify_dictionaries()
    names = column.chunk(0).dictionary
    codes = np.concatenate([chunk.indices.to_numpy(zero_copy_only=False) for chunk in column.chunks])
    if pa.types.is_string(names.type) or pa.types.is_large_string(names.type):
        empty = pc.index(names, pa.scalar("", names.type)).as_py()
        if empty >= 0:
            raise where.error(codes == empty, f"empty {role}; leave the row out or fill it in")
    return codes.astype(np.int64), len(names)


def _counts(column: Any, where: _Where) -> Ints:
    numbers = _flat(
        pc.cast(column, pa.float64()) if _is_number(column.type) else _cast(column, where, "count")
    )
    bad = ~(np.isfinite(numbers) & (numbers >= 1) & (numbers == np.floor(numbers)))
    if bad.any():
        value = numbers[np.argmax(bad)]
        raise where.error(bad, f"count {value:g} is not a whole number of at least 1; leave rows of 0 out")
    return numbers.astype(np.int64)


def _cast(column: Any, where: _Where, role: str) -> Any:
    try:
        return pc.cast(column, pa.float64())
    except pa.ArrowException as err:
        raise TableError(f"{where.path}: the column for {role} holds no numbers: {err}") from err


def _times(column: Any, where: _Where) -> Floats:
    """Seconds, from numbers or from dates as in ISO 8601."""
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        column = pc.cast(pc.cast(column, pa.timestamp("us", getattr(column.type, "tz", None))), pa.int64())
        seconds = _flat(column) / 1e6
    elif _is_number(column.type):
        seconds = _flat(pc.cast(column, pa.float64()))
        top = float(np.nanmax(np.abs(seconds), initial=0))
        seconds = seconds / 1000.0 ** sum(top > step for step in UNIT_STEPS)
    else:
        seconds = _flat(_parsed(column, where)) / 1e6
    if not np.isfinite(seconds).all():
        raise where.error(~np.isfinite(seconds), "no time; leave the row out or fill it in")
    return seconds


def _parsed(column: Any, where: _Where) -> Any:
    """Microseconds of dates written as text, with or without a zone."""
    for zone in (None, "UTC"):
        try:
            return pc.cast(pc.cast(column, pa.timestamp("us", zone)), pa.int64())
        except pa.ArrowException as err:
            problem = err
    raise TableError(
        f"{where.path}: the column for time holds neither numbers nor dates such as 2020-05-04T12:00:00: "
        f"{problem}"
    )


def _is_number(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _flat(column: Any) -> NDArray[Any]:
    """A column as one array; nulls become NaN."""
    return cast(NDArray[Any], column.to_numpy())
