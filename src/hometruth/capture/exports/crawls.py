"""Reads what crawlers of privacy research save: Tracker Radar Collector's results, and OpenWPM's database.

https://github.com/duckduckgo/tracker-radar-collector (RequestCollector.js: no headers and no bodies of
requests) and https://github.com/openwpm/OpenWPM (schema.sql: table http_requests; response bodies stand
elsewhere, if anywhere).
"""

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hometruth.capture.byte_stream import READ_BYTES
from hometruth.capture.drops import never_recorded
from hometruth.capture.har.body import METHODS_WITH_BODY
from hometruth.capture.har.entry import number_of, text_of
from hometruth.capture.har.exchange import nanoseconds
from hometruth.capture.har.text import from_base64, header_bytes, utf8
from hometruth.capture.json_walk import Broken, walk_document
from hometruth.capture.reader import CaptureFile, Reader, Start
from hometruth.capture.rows import InOrder, broken_gap
from hometruth.capture.url import exchange_to, parse_url
from hometruth.errors import CaptureError
from hometruth.model import Delivery, Exchange, Gap, GapKind, Headers, Source

if TYPE_CHECKING:
    import sqlite3

SQLITE = b"SQLite format 3\x00"
_REQUESTS_TABLE = re.compile(rb"(?i)CREATE TABLE\s+\W?(http_requests)\b")
MOST_DATABASE_BYTES = 16 << 30
"""Bytes of a database, which is written down to be read: it may come compressed or through a pipe."""
COLUMNS = ("url", "method", "headers", "post_body", "post_body_raw", "time_stamp", "request_id", "visit_id")
"""Of ``http_requests``; versions of OpenWPM lack some."""


def read_tracker_radar(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Requests of one visit; the rest of the file tells what scripts called and which cookies were set."""
    file.maker.recorder = "Tracker Radar Collector"
    began_ms: int | None = None
    exchanges, has_requests = InOrder(file), False
    with file.open() as stream:
        for item in walk_document(stream, ("requests",), _is_visited):
            rows: object = ()
            if isinstance(item, Broken):  # then requests are sought in what is damaged
                yield broken_gap(item, file.name)
            elif item.name == "testStarted":
                began_ms = number_of(item.value)
            elif item.name == "data" and isinstance(item.value, dict):
                rows = item.value.get("requests")
            elif item.name == "requests":
                rows = [item.value]
            has_requests |= isinstance(rows, list)
            for row in rows if isinstance(rows, list) else ():
                read = partial(_visited, began_ms=began_ms)
                yield from exchanges.read(read, row, f"{file.name}, request {exchanges.n}")
    if not has_requests:
        yield Gap(GapKind.NOT_RECORDED, file.name, "the visit has no list of requests: none of them is known")
    what = "headers and bodies of requests, and what goes through WebSockets"
    yield never_recorded(file.name, f"{what} (https://github.com/duckduckgo/tracker-radar-collector)")


def _is_visited(value: object) -> bool:
    return isinstance(value, dict) and "url" in value and "method" in value


def _visited(row: Mapping[str, Any], source: Source, *, began_ms: int | None) -> Iterator[Exchange]:
    url = parse_url(text_of(row["url"]))
    method = text_of(row.get("method")) or "GET"
    after_s = row.get("time")
    started = None
    if began_ms is not None and isinstance(after_s, int | float) and 0 <= after_s < 1e6:
        started = began_ms * 1_000_000 + int(after_s * 1_000_000_000)
    headers = row.get("responseHeaders")
    status, address = number_of(row.get("status")), text_of(row.get("remoteIPAddress")).strip("[]")
    failed = text_of(row.get("failureReason"))
    yield exchange_to(
        url,
        source,
        method=method,
        request_headers=(),
        request_body=None if method.upper() in METHODS_WITH_BODY else b"",
        started_ns=started,
        status=status or None,
        response_headers=tuple(
            (header_bytes(text_of(name)), header_bytes(text_of(value)))
            for name, value in (headers.items() if isinstance(headers, dict) else ())
        ),
        server_address=(address, url.port) if address else None,
        error=failed or None,
        delivered=Delivery.YES if status else Delivery.NO_ANSWER if failed else Delivery.NOT_RECORDED,
    )


def read_openwpm(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Requests of a crawl, by their number.

    Raises:
        CaptureError: If the database is damaged as a whole.
    """
    file.maker.recorder = "OpenWPM"
    with tempfile.NamedTemporaryFile(prefix="hometruth-", suffix=".sqlite") as copy:
        with file.open() as stream:
            while data := stream.read(READ_BYTES):
                copy.write(data)
                if copy.tell() > MOST_DATABASE_BYTES:
                    raise CaptureError(
                        f"{file.name}: is larger than {MOST_DATABASE_BYTES >> 30} GiB; export a part of it"
                    )
        copy.flush()
        try:
            with closing(_opened(copy.name)) as database:
                file.maker.recorder = _version(database)
                yield from _crawled(database, file)
            yield from _not_in_it(copy.name, file)
        except _database_errors() as err:
            raise CaptureError(f"{file.name}: is an OpenWPM database that cannot be read: {err}") from err
    what = "bodies of answers, and what goes through WebSockets"
    yield never_recorded(
        file.name, f"{what} (https://github.com/openwpm/OpenWPM/blob/master/docs/Configuration.md)"
    )


def _not_in_it(path: str, file: CaptureFile) -> Iterator[Gap]:
    """What the database itself says that it should hold (sqlite.org/fileformat2.html, 1.3 and 4)."""
    with Path(path).open("rb") as stream:
        head = stream.read(100)
    page_bytes, pages = int.from_bytes(head[16:18]), int.from_bytes(head[28:32])
    lacking = pages * (page_bytes if page_bytes > 1 else 1 << 16) - Path(path).stat().st_size
    if head[24:28] == head[92:96] and lacking:
        what = "are missing" if lacking > 0 else "stand behind its end, and are not read"
        yield Gap(GapKind.UNREADABLE, file.name, f"{abs(lacking):,} bytes of the database {what}")
    name = f"{PurePath(file.name).name}-wal"
    if file.beside(name):
        detail = f"changes to the database that are still in {name} are not read"
        yield Gap(GapKind.UNREADABLE, file.name, f"{detail}: open and close it with sqlite3 first")


def _opened(path: str) -> "sqlite3.Connection":
    import sqlite3  # noqa: PLC0415 (every scan loads this file)

    database = sqlite3.connect(f"file:{quote(os.fspath(path))}?mode=ro&immutable=1", uri=True)
    database.execute("PRAGMA trusted_schema = OFF")  # a hostile file may hold views and triggers of its own
    database.text_factory = bytes
    return database


def _database_errors() -> tuple[type[Exception], ...]:
    """What a damaged database raises: SQLite quotes it in messages, which Python takes for UTF-8."""
    import sqlite3  # noqa: PLC0415 (every scan loads this file)

    return sqlite3.Error, UnicodeDecodeError


def _version(database: "sqlite3.Connection") -> str:
    try:
        row = database.execute("SELECT openwpm_version FROM task LIMIT 1").fetchone()
    except _database_errors():
        row = None
    return f"OpenWPM {row[0].decode('utf-8', 'replace')}" if row and isinstance(row[0], bytes) else "OpenWPM"


def _crawled(database: "sqlite3.Connection", file: CaptureFile) -> Iterator[Exchange | Gap]:
    kinds = {name for _, name, *_ in database.execute("PRAGMA table_info(http_requests)")}
    there = {name.decode("utf-8", "replace") for name in kinds if isinstance(name, bytes)}
    columns = [name for name in COLUMNS if name in there]
    if not {"url", "method"} <= set(columns):
        raise CaptureError(
            f"{file.name}: is an SQLite database whose http_requests has neither url nor method"
        )
    statuses = _statuses(database)
    rows = database.execute(f"SELECT rowid, {', '.join(columns)} FROM http_requests ORDER BY rowid")  # noqa: S608
    exchanges, read = InOrder(file), partial(_crawled_one, statuses=statuses)
    while True:
        try:
            values = rows.fetchone()
        except _database_errors() as err:
            yield Gap(GapKind.UNREADABLE, file.name, f"damaged after request {exchanges.n}: {err}")
            return
        if values is None:
            return
        row = dict(zip(columns, values[1:], strict=True))
        yield from exchanges.read(read, row, f"{file.name}, request {values[0]}")


Statuses = dict[tuple[Any, Any, bytes], tuple[int | None, Any]]


def _statuses(database: "sqlite3.Connection") -> Statuses:
    """Status and headers of answers, by visit, request and address."""
    found: Statuses = {}
    for table, url in (("http_responses", "url"), ("http_redirects", "old_request_url")):
        key = "request_id" if table == "http_responses" else "old_request_id"
        try:
            rows = database.execute(
                f"SELECT visit_id, {key}, {url}, response_status, headers FROM {table}"  # noqa: S608
            )
            for visit, request, address, status, headers in rows:
                found[visit, _plain(request), _bytes(address)] = number_of(status), headers
        except _database_errors():
            continue  # an older schema, or damage, which the requests tell of
    return found


def _crawled_one(row: Mapping[str, Any], source: Source, *, statuses: Statuses) -> Iterator[Exchange | Gap]:
    text = _bytes(row["url"]).decode("utf-8", "surrogateescape")
    url, method = parse_url(text), _bytes(row["method"]).decode("utf-8", "replace")
    key = row.get("visit_id"), _plain(row.get("request_id")), _bytes(row["url"])
    status, answered = statuses.get(key, (None, None))
    damaged: list[str] = []
    headers = _pairs(row.get("headers"), "headers", damaged)
    yield exchange_to(
        url,
        source,
        method=method,
        request_headers=headers,
        request_body=_posted(row, method, headers, damaged),
        started_ns=nanoseconds(_bytes(row.get("time_stamp")).decode("ascii", "replace")),
        status=status or None,
        response_headers=_pairs(answered, "headers of the answer", damaged),
        delivered=Delivery.YES if status else Delivery.NOT_RECORDED,
    )
    for what in damaged:
        where = f"{source.file}, request {source.index}"
        yield Gap(GapKind.UNREADABLE, where, what, exchange=str(source.index), host=url.host)


def _posted(row: Mapping[str, Any], method: str, headers: Headers, damaged: list[str]) -> bytes | None:
    """``post_body_raw`` is a list of pieces, each with base64; ``post_body`` is parsed form data as JSON.

    Args:
        damaged: Is given, in words, what of it cannot be read.
    """
    pieces: list[bytes] = []
    for piece in _listed(row.get("post_body_raw"), "body", damaged):
        encoded = piece[1] if isinstance(piece, list) and len(piece) == 2 else None
        data = from_base64(encoded) if isinstance(encoded, str) else None
        if data is None:
            damaged.append("a part of the body is damaged, and read as it stands")
            data = utf8(text_of(encoded if isinstance(encoded, str) else piece))
        pieces.append(data)
    if pieces:
        return b"".join(pieces)
    if body := _bytes(row.get("post_body")):
        return body
    declared = next((value for name, value in headers if name.lower() == b"content-length"), b"").strip()
    if declared not in (b"", b"0"):
        return None
    return None if method.upper() in METHODS_WITH_BODY and declared != b"0" else b""


def _pairs(value: object, what: str, damaged: list[str]) -> Headers:
    pairs: list[tuple[bytes, bytes]] = []
    for row in _listed(value, what, damaged):
        if isinstance(row, list) and len(row) == 2:
            pairs.append((header_bytes(text_of(row[0])), header_bytes(text_of(row[1]))))
        else:
            damaged.append(f"one of the {what} is no pair: {text_of(row)[:80]!r}")
    return tuple(pairs)


def _listed(value: object, what: str, damaged: list[str]) -> list[Any]:
    """A list written as JSON; what is none is told, and empty."""
    data = _bytes(value)
    try:
        rows = json.loads(data or b"null")
    except (ValueError, RecursionError) as err:
        damaged.append(f"the {what} cannot be read: {err}")
        return []
    if not isinstance(rows, list | None):
        damaged.append(f"the {what} are no list: {data[:80]!r}")
    return rows if isinstance(rows, list) else []


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else utf8(text_of(value))


def _plain(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else text_of(value)


def _sniff_openwpm(start: Start) -> bool:
    return start.head.startswith(SQLITE) and _REQUESTS_TABLE.search(start.head) is not None


def _sniff_radar(start: Start) -> bool:
    text = start.text
    return (
        text.startswith(b"{")
        and all(key in text[:4096] for key in (b'"initialUrl"', b'"finalUrl"'))
        and b'"uri_ins"' not in text
    )


OPENWPM = Reader("OpenWPM databases", (".sqlite",), _sniff_openwpm, read_openwpm)
TRACKER_RADAR = Reader("Tracker Radar Collector", (".json",), _sniff_radar, read_tracker_radar)
