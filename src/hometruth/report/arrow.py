"""Rows of a scan as an Arrow table, for whoever counts with data frames or SQL."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from hometruth.model import ScanRow

if TYPE_CHECKING:
    import pyarrow as pa


def to_arrow(rows: Iterable[ScanRow]) -> "pa.Table":
    """A table with one column for each field of `ScanRow`, and ``standing``; the same columns for no rows."""
    import pyarrow as pa  # noqa: PLC0415  # slow to import, and only some need it

    text, texts = pa.string(), pa.list_(pa.string())
    piece = pa.struct(
        [
            ("exchange", text),
            ("part", text),
            ("path", text),
            ("chain", texts),
            ("start", pa.int64()),
            ("end", pa.int64()),
        ]
    )
    schema = pa.schema(
        [
            ("capture", text),
            ("entry", pa.int64()),
            ("canary", text),
            ("part", text),
            ("path", text),
            ("chain", texts),
            ("form", text),
            ("recipient", text),
            ("expected", pa.bool_()),
            ("delivered", text),
            ("evidence_bits", pa.float64()),
            ("matched_bits", pa.float64()),
            ("chance", pa.float64()),
            ("pieces", pa.list_(piece)),
            ("is_secret", pa.bool_()),
            ("standing", text),
        ]
    )
    return pa.Table.from_pylist([asdict(row) | {"standing": str(row.standing)} for row in rows], schema)
