"""Exchanges as a Parquet table: a crawl that was read once, to be searched again or asked with SQL.

A row is an exchange, column by column as in `Exchange`, or a gap (column ``gap``); in the order of the
recordings. Null means not recorded, as None does there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from hometruth.capture.byte_stream import seekable
from hometruth.capture.reader import CaptureFile, Reader, Start
from hometruth.errors import CaptureError, CaseError
from hometruth.model import Exchange, Gap, GapKind

if TYPE_CHECKING:
    import pyarrow as pa

MAGIC = b"PAR1"
FORMAT = "hometruth.exchanges"
"""Key of the table's own description; its value is the version of the columns."""
VERSION = "1"
GROUP_BYTES = 8 << 20
"""Of contents in one row group, about: what is held while writing, and while reading."""
MOST_GROUP_BYTES = 1 << 30
"""Of a row group that somebody else wrote: all of it is unpacked at once."""
ROWS_AT_ONCE = 256


def write_exchanges(
    items: Iterable[Exchange | Gap], path: Path, *, responses: bool = True
) -> tuple[int, int]:
    """Write a new table, whole or not at all; return how many exchanges and gaps it holds.

    Args:
        responses: False to leave out what came back.

    Raises:
        CaseError: The file exists, or cannot be written.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415  # slow to import, and most commands need none

    new = path.with_name(f"{path.name}.new")
    if path.exists():
        raise CaseError(f"{path}: exists already; nothing is written over, give another name")
    counts = {Exchange: 0, Gap: 0}
    try:
        with pq.ParquetWriter(new, _schema(), compression="zstd") as writer:
            for rows in _groups(items, counts, responses=responses):
                writer.write_table(_as_table(rows))
        new.replace(path)
    except OSError as err:
        raise CaseError(f"{path}: cannot be written: {err.strerror or err}") from err
    finally:
        new.unlink(missing_ok=True)
    return counts[Exchange], counts[Gap]


def _groups(
    items: Iterable[Exchange | Gap], counts: dict[type, int], *, responses: bool
) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    held = 0
    for item in items:
        counts[type(item)] += 1
        if isinstance(item, Gap):
            rows.append({"gap": msgspec.to_builtins(item, builtin_types=(bytes,))})
            continue
        kept = item if responses else replace(item, response_headers=(), response_body=None)
        rows.append(_in_range(msgspec.to_builtins(kept, builtin_types=(bytes,))))
        held += len(kept.request_body or b"") + len(kept.response_body or b"") + len(kept.target)
        if held >= GROUP_BYTES or len(rows) >= 64 * ROWS_AT_ONCE:
            yield rows
            rows, held = [], 0
    yield rows


def _in_range(row: dict[str, Any]) -> dict[str, Any]:
    """The row without times that no table holds: damaged recordings are of any year."""
    for told in (row, *row["messages"]):
        for name in ("started_ns", "time_ns"):
            if told.get(name) is not None and not -_BEYOND <= told[name] < _BEYOND:
                told[name] = None
    return row


_BEYOND = 1 << 63


def _as_table(rows: list[dict[str, Any]]) -> "pa.Table":
    import pyarrow as pa  # noqa: PLC0415

    try:
        return pa.Table.from_pylist(rows, _schema())
    except UnicodeEncodeError:  # a host may hold anything, a table's text must be UTF-8
        return pa.Table.from_pylist(_as_utf8(rows), _schema())


def _as_utf8(value: Any) -> Any:
    """The same with ``\\xNN`` for what is no character."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {name: _as_utf8(each) for name, each in value.items()}
    return [_as_utf8(each) for each in value] if isinstance(value, list | tuple) else value


@cache
def _schema() -> "pa.Schema":
    import pyarrow as pa  # noqa: PLC0415

    text, data, number, flag = pa.string(), pa.binary(), pa.int64(), pa.bool_()
    headers = pa.list_(pa.list_(data))  # pairs of name and value
    sender = pa.struct([("app", text), ("source", text)])
    fields = {
        "id": text,
        "source": pa.struct([("file", text), ("index", number), ("flow_id", text)]),
        "method": text,
        "scheme": text,
        "host": text,
        "port": number,
        "target": data,
        "request_headers": headers,
        "request_body": data,
        "started_ns": number,
        "http_version": text,
        "status": number,
        "response_headers": headers,
        "response_body": data,
        "messages": pa.list_(
            pa.struct([("sent", flag), ("data", data), ("is_text", flag), ("time_ns", number)])
        ),
        "tls": pa.struct([("negotiated", text), ("offered", pa.list_(text)), ("sni", text)]),
        "server_address": pa.struct([("host", text), ("port", number)]),
        "error": text,
        "delivered": text,
        "authority": data,
        "trial": text,
        "sent_by": sender,
        "extras": pa.list_(pa.struct([("part", text), ("name", text), ("data", data)])),
        "gap": pa.struct(
            [
                ("kind", text),
                ("where", text),
                ("detail", text),
                ("size_bytes", number),
                ("exchange", text),
                ("host", text),
                ("trial", text),
                ("received_bytes", number),
                ("bursts", pa.list_(number)),
                ("sender", sender),
                ("at_ns", number),
                ("share", pa.float64()),
            ]
        ),
    }
    return pa.schema(list(fields.items()), metadata={FORMAT: VERSION})


def _read(file: CaptureFile) -> Iterator[Exchange | Gap]:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    with file.open() as stream, seekable(stream, file.name) as source:
        try:
            table = pq.ParquetFile(source)
            found = (table.schema_arrow.metadata or {}).get(FORMAT.encode(), b"").decode()
        except (OSError, UnicodeDecodeError, pa.ArrowException) as err:
            raise CaptureError(f"{file.name}: is a Parquet file that cannot be read: {err}") from err
        if found != VERSION:
            raise CaptureError(
                f"{file.name}: is a Parquet file, and holds no exchanges; `hometruth export` writes such"
            )
        if missing := [name for name in _schema().names if name not in table.schema_arrow.names]:
            raise CaptureError(
                f"{file.name}: a table of exchanges without the columns {', '.join(missing)}; "
                "`hometruth export` writes all"
            )
        groups = range(table.metadata.num_row_groups)
        if any(table.metadata.row_group(at).total_byte_size > MOST_GROUP_BYTES for at in groups):
            raise CaptureError(
                f"{file.name}: its row groups unpack to more than {MOST_GROUP_BYTES >> 20} MiB; "
                "write it anew with smaller ones"
            )
        n = 0
        try:
            for batch in table.iter_batches(ROWS_AT_ONCE):
                for row in batch.to_pylist():
                    n += 1
                    try:
                        item = _item(row)
                    except msgspec.ValidationError as err:
                        item = Gap(GapKind.UNREADABLE, f"{file.name}, row {n}", f"the row is damaged: {err}")
                    yield item
        except (OSError, UnicodeDecodeError, pa.ArrowException) as err:
            why = f"the table is damaged from here on: {err}"
            yield Gap(GapKind.UNREADABLE, f"{file.name}, row {n}", why)


def _item(row: dict[str, Any]) -> Exchange | Gap:
    kind: type[Exchange | Gap] = Gap if row["gap"] else Exchange
    told = row["gap"] or row
    if address := told.get("server_address"):
        told = {**told, "server_address": (address.get("host"), address.get("port"))}
    fields = {name: value for name, value in told.items() if value is not None or name in _NULLS}
    item: Exchange | Gap = msgspec.convert(fields, kind, builtin_types=(bytes,))
    return item


_NULLS = frozenset({"request_body"})
"""Fields without a default, for which null says something."""


def _sniff(start: Start) -> bool:
    return start.head.startswith(MAGIC)


EXCHANGE_TABLE = Reader("Parquet tables of exchanges", (".parquet",), _sniff, _read)
