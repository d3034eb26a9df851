"""Tables of who did what, read from CSV or Parquet, plain or compressed.

The names of people and items are replaced by numbers while reading and are not kept: what follows measures a
risk and must be unable to say who is who.
"""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hometruth.errors import TableError
from hometruth.identity.events import CodedRows, EventTable, Floats, Ints
from hometruth.identity.table_file import (
    Columns,
    Rows,
    is_parquet,
    named_columns,
    open_table,
    read_csv,
    reading,
)

BATCH_ROWS = 1 << 18
"""Rows of a Parquet file read at a time."""
UNIT_STEPS = (1e11, 1e14, 1e17)
"""A time above the first is in milliseconds, not seconds (1e11 s is the year 5138), above the next in
microseconds, above the last in nanoseconds."""


def read_events(path: Path, columns: Columns = Columns()) -> EventTable:  # noqa: B008
    """Read a table of events.

    Columns are found by their names `user`, `item`, `count` and `ts` or `time`, or by those in *columns*. A
    CSV file without such names is read by position: user first, item second, and nothing else.

    Raises:
        TableError: If the file cannot be read, with line or column and what to do.
    """
    with reading(path):
        found = _read_parquet(path, columns) if is_parquet(path) else read_csv(path, columns)
        where = _Where(path, "row" if is_parquet(path) else "line", found.first_line)
        rows, times = CodedRows(), _Times()
        user, item = _Names("user"), _Names("item")
        for batch in found.batches:
            if batch.num_rows:
                rows.add(
                    user.codes(batch["user"], where),
                    item.codes(batch["item"], where),
                    _counts(batch["count"], where) if "count" in batch.column_names else None,
                    times.seconds(batch["time"], where) if "time" in batch.column_names else None,
                )
            where = replace(where, first=where.first + batch.num_rows)
    if not rows.n_rows:
        raise TableError(f"{path}: holds no rows")
    return rows.events(len(user), len(item), found.notes, times.units_a_second)


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
    return Rows(_parquet_batches(path, columns), first_line=1)


def _parquet_batches(path: Path, columns: Columns) -> Iterator[Any]:
    with open_table(path) as stream:
        source = stream if isinstance(stream, io.BufferedReader) else io.BytesIO(stream.read())
        try:
            file = pq.ParquetFile(source)
            names = file.schema_arrow.names
            chosen = {role: names[index] for role, index in named_columns(path, names, columns).items()}
            for batch in file.iter_batches(BATCH_ROWS, columns=list(dict.fromkeys(chosen.values()))):
                yield pa.table({role: _plain(batch[name]) for role, name in chosen.items()})
        except (UnicodeDecodeError, pa.ArrowException) as err:
            raise TableError(f"{path}: not a readable Parquet file: {err}") from err


def _plain(column: Any) -> Any:
    """Without a dictionary: one from elsewhere may hold people who are not there."""
    return pc.cast(column, column.type.value_type) if pa.types.is_dictionary(column.type) else column


class _Names:
    """Numbers for the names of a column, in order of first appearance."""

    def __init__(self, role: str) -> None:
        self._role = role
        self._numbers: dict[object, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def codes(self, column: Any, where: _Where) -> Ints:
        """The number of the name in each row."""
        if column.null_count:
            problem = f"no {self._role}; leave the row out or fill it in"
            raise where.error(_flat(pc.is_null(column)), problem)
        if not pa.types.is_dictionary(column.type):
            if pa.types.is_nested(column.type):
                raise TableError(f"{where.path}: the column for {self._role} holds lists, not single values")
            column = column.dictionary_encode()
        column = column.unify_dictionaries()
        names = column.chunk(0).dictionary
        codes = np.concatenate([chunk.indices.to_numpy(zero_copy_only=False) for chunk in column.chunks])
        numbers = np.array([self._number(name) for name in names.to_pylist()], np.int64)
        if "" in self._numbers:
            empty = names.to_pylist().index("")
            raise where.error(codes == empty, f"empty {self._role}; leave the row out or fill it in")
        return cast(Ints, numbers[codes])

    def _number(self, name: object) -> int:
        if isinstance(name, float) and math.isnan(name):
            name = math.nan  # one name, not one for each time it is read
        return self._numbers.setdefault(name, len(self._numbers))


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


class _Times:
    """Times of a column, read batch after batch."""

    def __init__(self) -> None:
        self._top = 0.0
        """The largest of those written as numbers, in the unit of the table."""
        self._zones: tuple[str | None, ...] = (None, "UTC")
        """How dates may be written; the first ones say how all are."""

    @property
    def units_a_second(self) -> float:
        """How many units of the table are a second, known when all of it was read."""
        return float(1000.0 ** sum(self._top > step for step in UNIT_STEPS))

    def seconds(self, column: Any, where: _Where) -> Floats:
        """Seconds, from dates as in ISO 8601; numbers as they are, to be divided by `units_a_second`."""
        if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
            zone = getattr(column.type, "tz", None)
            seconds = _flat(pc.cast(pc.cast(column, pa.timestamp("us", zone)), pa.int64())) / 1e6
        elif _is_number(column.type):
            seconds = _flat(pc.cast(column, pa.float64()))
            self._top = max(self._top, float(np.nanmax(np.abs(seconds), initial=0)))
        else:
            seconds = _flat(self._parsed(column, where)) / 1e6
        if not np.isfinite(seconds).all():
            raise where.error(~np.isfinite(seconds), "no time; leave the row out or fill it in")
        return seconds

    def _parsed(self, column: Any, where: _Where) -> Any:
        """Microseconds of dates written as text, with or without a zone."""
        for zone in self._zones:
            try:
                parsed = pc.cast(pc.cast(column, pa.timestamp("us", zone)), pa.int64())
            except pa.ArrowException as err:
                problem = err
            else:
                self._zones = (zone,)
                return parsed
        raise TableError(
            f"{where.path}: the column for time holds neither numbers nor dates such as "
            f"2020-05-04T12:00:00: {problem}"
        )


def _is_number(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _flat(column: Any) -> NDArray[Any]:
    """A column as one array; nulls become NaN."""
    return cast(NDArray[Any], column.to_numpy())
