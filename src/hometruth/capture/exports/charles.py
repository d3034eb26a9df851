"""Reads Charles's JSON sessions (.chlsj): a list of transactions, with bodies where it kept them.

Charles documents no schema; the fields are those of files that it wrote. A size without a body is a body
that was not recorded.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hometruth.capture.har.entry import number_of, text_of
from hometruth.capture.har.exchange import nanoseconds
from hometruth.capture.har.text import body_bytes, header_bytes, utf8
from hometruth.capture.json_walk import walk_rows
from hometruth.capture.reader import CaptureFile, Reader, Start
from hometruth.capture.rows import read_rows
from hometruth.capture.url import DEFAULT_PORTS, exchange_to, parse_url
from hometruth.model import Delivery, Exchange, Extra, Gap, GapKind, Headers, Part, Source

_KEYS = re.compile(rb'"(protocolVersion|actualPort|keptAlive|tunnel|remoteAddress|durations)"\s*:')
SURE_KEYS = 3
_AT_ITS_END = ("", "COMPLETE")


def read_charles(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Exchanges of a session, in its order."""
    file.maker.recorder = "Charles"
    yield from read_rows(file, lambda stream: walk_rows(stream, _is_transaction), _exchange, _is_transaction)


def _is_transaction(value: Any) -> bool:
    return isinstance(value, dict) and "host" in value and isinstance(value.get("request"), dict)


def _exchange(row: Mapping[str, Any], source: Source) -> Iterator[Exchange | Gap]:
    request, response = row["request"], row.get("response")
    response = response if isinstance(response, dict) else {}
    scheme, host = text_of(row.get("scheme")) or "https", text_of(row["host"])
    port = number_of(row.get("actualPort") or row.get("port")) or DEFAULT_PORTS.get(scheme, 443)
    path, query = text_of(row.get("path")) or "/", text_of(row.get("query"))
    address = f"[{host}]" if ":" in host else host
    url = parse_url(f"{scheme}://{address}:{port}{path}{'?' + query if query else ''}")
    times = row.get("times")
    started = text_of(times.get("start")) if isinstance(times, dict) else ""
    status = number_of(response.get("status"))
    notes, state = text_of(row.get("notes")), text_of(row.get("status"))
    is_tunnel = row.get("tunnel") is True and text_of(row.get("method")) == "CONNECT"
    yield exchange_to(
        url,
        source,
        method=text_of(row.get("method")),
        target=b"" if is_tunnel else url.target,
        request_headers=_headers(request),
        request_body=_body(request, answered=False),
        started_ns=nanoseconds(started),
        http_version=text_of(row.get("protocolVersion")),
        status=status,
        response_headers=_headers(response),
        response_body=_body(response, answered=True) if status else None,
        server_address=_address(row, url.port),
        error=None if state in _AT_ITS_END else state,
        delivered=_delivered(status, state),
        extras=(Extra(Part.HEADER, "notes of Charles, which tell of what it changed", utf8(notes)),)
        if notes
        else (),
    )
    if row.get("webSocket") is True:
        detail = "a WebSocket: where Charles keeps its messages we know of no true file, so they are not read"
        yield Gap(GapKind.UNREADABLE, source.file, detail, exchange=str(source.index), host=url.host)


def _delivered(status: int | None, state: str) -> Delivery:
    """Whether it arrived: where Charles saw it to its end, an answer that is not there was not kept."""
    if status:
        return Delivery.YES
    return Delivery.NOT_RECORDED if state in _AT_ITS_END else Delivery.NO_ANSWER


def _headers(side: Mapping[str, Any]) -> Headers:
    header = side.get("header")
    rows = header.get("headers") if isinstance(header, dict) else None
    return tuple(
        (header_bytes(text_of(row.get("name"))), header_bytes(text_of(row.get("value"))))
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict)
    )


def _body(side: Mapping[str, Any], *, answered: bool) -> bytes | None:
    """A body as text, or as ``encoded`` in base64; None if there may be one and it is not told."""
    body = side.get("body")
    told = body if isinstance(body, dict) else {"text": body}
    kind = text_of(side.get("mimeType"))
    if encoded := text_of(told.get("encoded")):
        return body_bytes(encoded, text_of(told.get("encoding")) or "base64", kind)
    if told.get("text") is not None:
        text = text_of(told["text"])
        return body_bytes(text, "", kind) if told is body else utf8(text)
    sizes = side.get("sizes")
    size = number_of(sizes.get("body")) if isinstance(sizes, dict) else None
    return b"" if size == 0 or (size is None and not answered and not side.get("mimeType")) else None


def _address(row: Mapping[str, Any], port: int) -> tuple[str, int] | None:
    address = text_of(row.get("remoteAddress")).rpartition("/")[2]
    return (address, port) if address else None


def _sniff(start: Start) -> bool:
    if not start.text.startswith(b"["):
        return False
    return len(set(_KEYS.findall(start.head))) >= SURE_KEYS


CHARLES = Reader("Charles JSON sessions", (".chlsj",), _sniff, read_charles)
