"""A reference population, one row a person or a device, and how alone attributes leave one in it.

Never from the audited devices themselves: of ten phones the entropy of "model" reads 3.2 bits where the truth
is 8 (small samples cannot show how many others are alike).
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv as arrow_csv

from hometruth.errors import TableError
from hometruth.identity.events import Ints
from hometruth.identity.population import Bools
from hometruth.identity.table_file import PARQUET, called_once, locate, open_table, reading
from hometruth.model.reidentification import Attributes, Crowd


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Columns of a population, values as numbers."""

    people: int
    columns: dict[str, Ints]
    values: dict[str, tuple[str, ...]]
    """Column to the text of each of its numbers."""

    def shares(self, own: Sequence[tuple[str, str]]) -> tuple[float, ...]:
        """What share of the population has all of these values of columns, as one number: the joint is known.

        If nobody has all of them, the shares of each alone: only a bracket can be given.

        Raises:
            TableError: If nobody has one of them: then only "fewer than one in N" can be said.
        """
        alike = np.ones(self.people, bool)
        single = []
        for column, value in own:
            has = self._has(column, value)
            alike &= has
            single.append(float(has.mean()))
        return (float(alike.mean()),) if alike.any() else tuple(single)

    def _has(self, column: str, value: str) -> Bools:
        if value not in self.values[column]:
            raise TableError(
                f"nobody of {self.people:,} people in the reference has {column}={value}; "
                f"all that can be said is: fewer than about one in {self.people:,}"
            )
        has: Bools = self.columns[column] == self.values[column].index(value)
        return has


def read_reference(path: Path, names: Sequence[str] = ()) -> Reference:
    """Read the columns *names*, or all but `user`, of a CSV with header or a Parquet file, plain or
    compressed.

    Raises:
        TableError: If the file cannot be read, or a column is not there.
    """
    with reading(path), open_table(path) as stream:
        data = stream.read()
    try:
        table = pq.read_table(io.BytesIO(data)) if data.startswith(PARQUET) else _read_csv(data)
    except (UnicodeDecodeError, pa.ArrowException) as err:
        raise locate(path, ",", {}, {}, 1) or TableError(
            f"{path}: neither CSV with a header nor Parquet: {err}"
        ) from err
    try:
        columns = table.column_names
    except UnicodeDecodeError as err:
        raise TableError(f"{path}: the names of its columns are not UTF-8") from err
    for name in names:
        if name not in columns:
            raise TableError(f"{path}: no column {name!r} (have: {', '.join(columns[:20])})")
    called_once(path, columns)
    chosen = [name for name in (names or columns) if names or name.lower() != "user"]
    if table.num_rows == 0 or not chosen:
        raise TableError(f"{path}: holds no {'rows' if chosen else 'columns but user'}")
    coded = {name: _coded(path, name, table[name]) for name in chosen}
    return Reference(
        table.num_rows,
        {name: codes for name, (codes, _) in coded.items()},
        {name: values for name, (_, values) in coded.items()},
    )


def _read_csv(data: bytes) -> Any:
    """All columns as text, as written: 07 and 7 are different values."""
    header = data.split(b"\n", 1)[0].decode("utf-8-sig", "replace")
    names = [cell.strip().strip('"') for cell in header.rstrip("\r").split(",")]
    return arrow_csv.read_csv(
        io.BytesIO(data),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )


def _coded(path: Path, name: str, column: Any) -> tuple[Ints, tuple[str, ...]]:
    if pa.types.is_nested(column.type):
        raise TableError(f"{path}: column {name!r} holds lists, not single values")
    values, codes = np.unique(np.array([str(value) for value in column.to_pylist()]), return_inverse=True)
    return codes.astype(np.int64), tuple(str(value) for value in values)


SMALL_GROUP = 5


def measure_attributes(columns: Sequence[Ints]) -> Attributes:
    """Group people by *columns*, each of which has a number for each person's value.

    The joint value is counted; nothing is estimated. Uniqueness under independence is printed beside it.
    """
    people = len(columns[0])
    joint = np.zeros(people, np.int64)
    for column in columns:
        # Renumbered after each column: the product of all numbers of values may not fit into 64 bits.
        joint = np.unique(joint * (int(column.max()) + 1) + column, return_inverse=True)[1].astype(np.int64)
    sizes = np.bincount(joint)
    sizes = sizes[sizes > 0]
    k = np.bincount(joint)[joint]
    shares = [np.bincount(column)[column] / people for column in columns]
    independent = np.prod(shares, axis=0)
    return Attributes(
        people=people,
        groups=len(sizes),
        bits=_entropy(sizes),
        unique=float((k == 1).mean()),
        in_small_groups=float((k < SMALL_GROUP).mean()),
        median_k=float(np.median(k)),
        expected_k=float((sizes.astype(np.float64) ** 2).sum() / people),
        bits_added_up=sum(_entropy(np.bincount(column)) for column in columns),
        unique_if_independent=float(((1 - independent) ** (people - 1)).mean()),
    )


def crowd(shares: Sequence[float], population: float) -> Crowd:
    """Bracket how many of *population* people are alike, from the share of each attribute in a reference.

    Args:
        shares: For each attribute, the share of the reference population with the same value; above 0.
    """
    independent, rarest = math.prod(shares), min(shares)
    return Crowd(independent * population, rarest * population, -math.log2(rarest), -math.log2(independent))


def _entropy(sizes: Ints) -> float:
    p = sizes[sizes > 0] / sizes.sum()
    return float(-(p * np.log2(p)).sum())
