"""The tables of a fleet: numbered Parquet files that are whole as soon as they can be seen."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hometruth.audit.fleet.outcome import InputOutcome
from hometruth.errors import CaseError
from hometruth.report.arrow import to_arrow

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = ("findings", "gaps", "coverage", "inputs")
"""In the order in which a part is written: inputs last, since a row there says that all others are there."""
_PART = re.compile(r"part-(\d{6})\.parquet")


class FleetTables:
    """Tables in a folder: ``NAME/part-000001.parquet`` and so on.

    A part without a file in ``inputs/`` was being written when a run died; it is removed, and its inputs
    are examined again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in TABLES:
            (folder / name).mkdir(parents=True, exist_ok=True)
        whole = set(map(_number, self._parts("inputs")))
        self._last = max(whole, default=0)
        for name in TABLES:
            for path in (folder / name).iterdir():
                if path.suffix == ".new" or (_PART.fullmatch(path.name) and _number(path) not in whole):
                    path.unlink()

    def done(self) -> Iterator[tuple[str, str]]:
        """Path and SHA-256 of each input that has a row."""
        for row in self.read("inputs", ["path", "sha256"]):
            yield row["path"], row["sha256"]

    def read(self, table: str, columns: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """Rows of one table in the order in which they were written, each with the number of its ``part``."""
        import pyarrow.parquet as pq  # noqa: PLC0415  # slow to import, and most commands need none

        for path in self._parts(table):
            try:
                for row in pq.read_table(path, columns=list(columns)).to_pylist():
                    yield {**row, "part": _number(path)}
            except (OSError, KeyError, ValueError) as err:
                raise CaseError(f"{path}: is no table of a fleet ({err}); give --out another folder") from err

    def append(self, outcomes: Sequence[InputOutcome]) -> None:
        """Write what became of some inputs as the next part; after a failure, as the same one."""
        part = self._last + 1
        self._write(part, "findings", _findings(outcomes))
        self._write(part, "gaps", _table(_gaps(outcomes), _GAPS))
        self._write(part, "coverage", _table(_coverage(outcomes), _COVERAGE))
        self._write(part, "inputs", _table(map(_input, outcomes), _INPUTS))
        self._last = part

    def _parts(self, table: str) -> list[Path]:
        return sorted(path for path in (self._folder / table).iterdir() if _PART.fullmatch(path.name))

    def _write(self, part: int, name: str, table: "pa.Table") -> None:
        import pyarrow.parquet as pq  # noqa: PLC0415

        path = self._folder / name / f"part-{part:06}.parquet"
        new = path.with_suffix(".new")
        pq.write_table(table, new, compression="zstd")
        new.replace(path)


_GAPS = {"input": "text", "kind": "text", "where": "text", "host": "text", "detail": "text", "bytes": "int"}
_COVERAGE = {
    "input": "text",
    "host": "text",
    "exchanges": "int",
    "searched_bytes": "int",
    "unread_bytes": "int",
}
_INPUTS = {
    "path": "text",
    "sha256": "text",
    "size_bytes": "int",
    "status": "text",
    "reason": "text",
    "exchanges": "int",
    "findings": "int",
    "phantoms": "int",
    "gaps": "int",
    "searched_bytes": "int",
    "unread_bytes": "int",
    "cpu_s": "float",
}


def _findings(outcomes: Sequence[InputOutcome]) -> "pa.Table":
    """Rows as `to_arrow` has them, each with its ``input``: an archive holds captures of other names."""
    import pyarrow as pa  # noqa: PLC0415

    rows = [(outcome.given.path, row) for outcome in outcomes for row in outcome.rows]
    paths = pa.array([_plain(path) for path, _ in rows], pa.string())
    return to_arrow(row for _, row in rows).append_column("input", paths)


def _gaps(outcomes: Iterable[InputOutcome]) -> Iterator[dict[str, Any]]:
    for outcome in outcomes:
        for gap in outcome.gaps:
            yield {
                "input": outcome.given.path,
                "kind": str(gap.kind),
                "where": gap.where,
                "host": gap.host,
                "detail": gap.detail,
                "bytes": gap.size_bytes,
            }


def _coverage(outcomes: Iterable[InputOutcome]) -> Iterator[dict[str, Any]]:
    for outcome in outcomes:
        for host, count in sorted(outcome.hosts.items()):
            yield {
                "input": outcome.given.path,
                "host": host,
                "exchanges": count.exchanges,
                "searched_bytes": count.searched_bytes,
                "unread_bytes": count.unread_bytes,
            }


def _input(outcome: InputOutcome) -> dict[str, Any]:
    given = outcome.given
    return {
        "path": given.path,
        "sha256": given.sha256,
        "size_bytes": given.size_bytes,
        "status": str(outcome.status),
        "reason": outcome.reason,
        "exchanges": outcome.totals.exchanges,
        "findings": outcome.totals.sightings,
        "phantoms": outcome.phantoms,
        "gaps": outcome.totals.gaps,
        "searched_bytes": outcome.totals.searched_bytes,
        "unread_bytes": outcome.totals.opaque_bytes,
        "cpu_s": outcome.cpu_s,
    }


def _table(rows: Iterable[dict[str, Any]], columns: Mapping[str, str]) -> "pa.Table":
    import pyarrow as pa  # noqa: PLC0415

    types = {"text": pa.string(), "int": pa.int64(), "float": pa.float64()}
    return pa.Table.from_pylist(
        [{name: _plain(value) for name, value in row.items()} for row in rows],
        pa.schema([(name, types[kind]) for name, kind in columns.items()]),
    )


def _plain(value: object) -> object:
    """Text as a table can hold it: bytes of a name that are no UTF-8 are shown as ``\\xNN``."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _number(path: Path) -> int:
    found = _PART.fullmatch(path.name)
    return int(found.group(1)) if found else 0
