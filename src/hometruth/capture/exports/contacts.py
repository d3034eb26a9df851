"""Reads lists of contacts without content: who was contacted by which app, and at most how many bytes.

PCAPdroid's list of connections (https://emanuele-f.github.io/PCAPdroid/) and Apple's App Privacy Report
(https://support.apple.com/102188). No row is a request, so each is a gap with its host: nothing that was
sent was recorded, and nothing can be found, or ruled out, in it.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hometruth.capture.byte_stream import READ_BYTES, Readable
from hometruth.capture.drops import never_recorded
from hometruth.capture.har.entry import number_of, text_of
from hometruth.capture.har.exchange import nanoseconds
from hometruth.capture.json_walk import Broken, walk_rows
from hometruth.capture.reader import CaptureFile, Reader
from hometruth.capture.rows import broken_gap
from hometruth.model import Exchange, Gap, GapKind, Sender

CONTENT = "all content: it lists who was contacted, and no request"
_HEADER = re.compile(rb"IPProto,SrcIP,SrcPort,DstI[pP],DstPort,UID,App,")
_REPORT = re.compile(
    rb'\{(?=[^\n]*"type"\s*:\s*"(?:networkActivity|access)")(?=[^\n]*"(?:bundleID|accessor)"\s*:)'
)
LONGEST_LINE = 1 << 16
PROTOCOLS = {"6": "TCP", "17": "UDP", "1": "ICMP"}


def read_connection_list(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """A gap for each connection that PCAPdroid lists."""
    file.maker.recorder = "PCAPdroid (connections)"
    columns: list[str] = []
    with file.open() as stream:
        for number, line in enumerate(_lines(stream), 1):
            where = f"{file.name}, line {number}"
            if len(line) > LONGEST_LINE:
                yield Gap(GapKind.UNREADABLE, where, "a line too long for a connection")
                continue
            text = line.decode("utf-8", "replace").strip("\ufeff\r\n")
            if text and not line.endswith(b"\n"):
                yield Gap(GapKind.UNREADABLE, where, "the last line has no end: the file may be cut short")
            if not text:
                continue
            try:
                cells = next(csv.reader([text]), [])
            except csv.Error as err:
                yield Gap(GapKind.UNREADABLE, where, f"a damaged line: {err}", size_bytes=len(line))
                continue
            if not columns:
                columns = cells
                continue
            yield _connection(columns, cells, where, len(line))
    yield never_recorded(file.name, CONTENT)


def _lines(stream: Readable) -> Iterator[bytes]:
    """Lines; of one that is longer than `LONGEST_LINE` no more than shows that."""
    held = b""
    while data := stream.read(READ_BYTES):
        *whole, held = (held + data).split(b"\n")
        yield from (line + b"\n" for line in whole)
        held = held[: LONGEST_LINE + 1]
    yield held


def _connection(columns: list[str], cells: list[str], where: str, size: int) -> Gap:
    row = _row(columns, cells)
    sent = number_of(row.get("BytesSent", ""))
    if sent is None or not row.get("DstPort", "").isdigit():
        return Gap(GapKind.UNREADABLE, where, "a damaged line, or one with other columns", size_bytes=size)
    kind = row.get("Proto") or PROTOCOLS.get(row.get("IPProto", ""), "unknown")
    address = row.get("DstIp") or row.get("DstIP", "")
    asked = row.get("Info", "").strip().lower()
    app = row.get("PackageName") or row.get("App") or None
    about = f" for {asked}" if kind == "DNS" and asked else ""
    return Gap(
        GapKind.NOT_RECORDED,
        where,
        f"a {kind} connection{about} of which only the sizes were recorded",
        size_bytes=sent,
        host=address if kind == "DNS" or not asked else asked,
        received_bytes=number_of(row.get("BytesRcvd", "")),
        sender=Sender(app, "PCAPdroid") if app else None,
        at_ns=nanoseconds(row.get("FirstSeen", "")),
    )


def _row(columns: list[str], cells: list[str]) -> Mapping[str, str]:
    """Cells by column. An app or an info with a comma in it shifts what follows, since nothing is quoted."""
    surplus = len(cells) - len(columns)
    if surplus <= 0 or "App" not in columns:
        return dict(zip(columns, cells, strict=False))
    head = columns.index("App")
    for extra in range(surplus + 1):  # of the commas too many, so many are the app's, the rest the info's
        app_end = head + 1 + extra
        merged = [*cells[:head], ",".join(cells[head:app_end]), *cells[app_end:]]
        info = columns.index("Info") if "Info" in columns else len(columns) - 1
        left = len(merged) - len(columns)
        merged = [*merged[:info], ",".join(merged[info : info + 1 + left]), *merged[info + 1 + left :]]
        row = dict(zip(columns, merged, strict=False))
        package = row.get("PackageName", "")
        if row.get("BytesSent", "").isdigit() and (
            "PackageName" not in columns or "." in package or not package
        ):
            return row
    return dict(zip(columns, cells, strict=False))


def read_privacy_report(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """A gap for each domain that an app contacted; what it accessed on the phone is no traffic."""
    file.maker.recorder = "iOS App Privacy Report"
    with file.open() as stream:
        for item in walk_rows(stream, _is_entry):
            where = f"{file.name}, value {getattr(item, 'number', 0)}"
            if isinstance(item, Broken):
                yield broken_gap(item, file.name)
            elif _is_entry(item.value) and item.value.get("type") == "networkActivity":
                yield _domain(item.value, where)
            elif not _is_entry(item.value):
                yield Gap(GapKind.UNREADABLE, where, "neither an access nor a contact")
    yield never_recorded(file.name, CONTENT)


def _is_entry(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") in ("networkActivity", "access")


def _domain(row: Mapping[str, Any], where: str) -> Gap:
    app = text_of(row.get("bundleID"))
    hits = number_of(row.get("hits")) or 1
    return Gap(
        GapKind.NOT_RECORDED,
        where,
        f"{hits} contacts of which nothing but the domain was recorded",
        host=text_of(row.get("domain")).lower() or None,
        sender=Sender(app, "App Privacy Report") if app else None,
        at_ns=nanoseconds(text_of(row.get("firstTimeStamp") or row.get("timeStamp"))),
    )


CONNECTION_LIST = Reader(
    "PCAPdroid connection lists",
    (".csv",),
    lambda start: _HEADER.match(start.text) is not None,
    read_connection_list,
)
PRIVACY_REPORT = Reader(
    "iOS App Privacy Reports",
    (".ndjson",),
    lambda start: _REPORT.match(start.text) is not None,
    read_privacy_report,
)
