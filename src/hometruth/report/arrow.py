"""Results as Arrow tables and data frames, for whoever counts with these or with SQL."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hometruth.errors import needs
from hometruth.model import Gated, Scanned, ScanRow
from hometruth.model.identified import Identified

if TYPE_CHECKING:
    import pyarrow as pa

Result = Iterable[ScanRow] | Scanned | Gated | Identified


def to_arrow(result: Result) -> "pa.Table":
    """A table with the same columns whatever was found, for no rows too.

    Args:
        result: Of `scan`, or rows of one: a row a sighting, its columns the fields of `ScanRow` and
            ``standing``. Of `gate`: a row a transfer. Of `identify`: a row for each place of an identifier.
    """
    with needs("tables", "a table"):
        import pyarrow as pa  # noqa: PLC0415  # slow to import, and only some need it

    match result:
        case Gated():
            rows = [each.as_json() for each in result.transfers]
            pairs = [{**row, "condition": list(row["condition"].items())} for row in rows]
            return pa.Table.from_pylist(pairs, _transfers(pa))
        case Identified():
            return pa.Table.from_pylist(list(_places_of(result)), _places(pa))
        case Scanned():
            return to_arrow(result.rows)
    return pa.Table.from_pylist([asdict(row) | {"standing": str(row.standing)} for row in result], _rows(pa))


def to_pandas(result: Result) -> Any:
    """The same as a pandas ``DataFrame``; pandas must be installed."""
    return to_arrow(result).to_pandas()


def to_polars(result: Result) -> Any:
    """The same as a polars ``DataFrame``; polars must be installed."""
    import polars  # noqa: PLC0415

    return polars.from_arrow(to_arrow(result))


def _rows(pa: Any) -> "pa.Schema":
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
    return pa.schema(
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


def _transfers(pa: Any) -> "pa.Schema":
    texts = ("canary", "kind", "recipient", "organisation", "part", "path", "ruling", "why", "fingerprint")
    return pa.schema(
        [
            *((name, pa.string()) for name in texts),
            ("condition", pa.map_(pa.string(), pa.string())),
            ("chain", pa.list_(pa.string())),
            ("form", pa.string()),
            ("delivered", pa.string()),
            ("evidence_bits", pa.float64()),
            ("times", pa.int64()),
            ("capture", pa.string()),
            ("entry", pa.int64()),
            ("line", pa.int64()),
        ]
    )


def _places(pa: Any) -> "pa.Schema":
    texts = ("kind", "kind_known_from", "app", "host", "path")
    return pa.schema(
        [
            ("identifier", pa.int64()),
            ("certain", pa.bool_()),
            *((name, pa.string()) for name in texts),
            ("sessions", pa.list_(pa.string())),
            ("evidence", pa.list_(pa.string())),
        ]
    )


def _places_of(identified: Identified) -> Iterator[dict[str, object]]:
    for number, code in enumerate(identified.codes):
        for found in code.found:
            yield {
                "identifier": number,
                "certain": found.is_certain,
                "kind": found.kind.value,
                "kind_known_from": found.basis.value,
                "app": found.place.app,
                "host": found.place.host,
                "path": found.place.path,
                "sessions": [session.id for session in found.sessions],
                "evidence": list(found.evidence),
            }
