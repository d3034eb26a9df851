"""Reads and writes our own format, so that any tool can feed us: a line of JSON for each exchange.

The first line says what it is, and who wrote it; the fields are described in
docs/reference/exchange-lines.md.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hometruth.capture.har.entry import number_of, text_of
from hometruth.capture.har.exchange import nanoseconds
from hometruth.capture.har.text import header_bytes, utf8
from hometruth.capture.json_walk import Broken, walk_rows
from hometruth.capture.reader import CaptureFile, Reader
from hometruth.capture.rows import InOrder, broken_gap
from hometruth.capture.url import exchange_to, parse_url
from hometruth.errors import CaptureError
from hometruth.model import Delivery, Exchange, Gap, GapKind, Headers, Message, Sender, Source

FORMAT = "hometruth-exchanges"
VERSION = 1
FIELDS = (
    *("method", "url", "headers", "body", "body_base64", "started", "http_version", "status"),
    *("response_headers", "response_body", "response_body_base64", "messages", "app", "app_source", "server"),
    *("error", "delivered"),
)
"""Of one exchange. All but ``url`` may be left out; a body that is left out was not recorded."""
MESSAGE_FIELDS = ("sent", "data", "data_base64", "is_text", "time")
"""Of one message; the first, and one of the next two, must be there."""
_FIRST = re.compile(rb'\{\s*"format"\s*:\s*"hometruth-exchanges"')


def first_line(recorder: str) -> str:
    """What such a file begins with, without the end of the line."""
    return json.dumps({"format": FORMAT, "version": VERSION, "recorder": recorder})


def line_of(exchange: Exchange) -> str:
    """One exchange, without the end of the line; reading it gives the same again."""
    user = exchange.authority.decode("utf-8", "surrogatepass") + "@" if exchange.authority else ""
    scheme, mark, rest = exchange.url.partition("://")
    told: dict[str, Any] = {
        "method": exchange.method,
        "url": f"{scheme}{mark}{user}{rest}",
        "headers": _pairs(exchange.request_headers),
        **_body_fields("body", exchange.request_body),
        "started": exchange.started_ns,
        "http_version": exchange.http_version or None,
        "status": exchange.status,
        "response_headers": _pairs(exchange.response_headers) or None,
        **_body_fields("response_body", exchange.response_body),
        "messages": [_message_fields(message) for message in exchange.messages] or None,
        "app": exchange.sent_by.app if exchange.sent_by else None,
        "app_source": exchange.sent_by.source if exchange.sent_by else None,
        "server": list(exchange.server_address) if exchange.server_address else None,
        "error": exchange.error,
        "delivered": str(exchange.delivered),
    }
    return json.dumps({name: value for name, value in told.items() if value is not None}, ensure_ascii=True)


def _pairs(headers: Headers) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]


def _body_fields(name: str, body: bytes | None) -> dict[str, str]:
    if body is None:
        return {}
    try:
        return {name: body.decode("utf-8")}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(body).decode("ascii")}


def _message_fields(message: Message) -> dict[str, Any]:
    told = {"sent": message.sent, "is_text": message.is_text, **_body_fields("data", message.data)}
    return told if message.time_ns is None else {**told, "time": message.time_ns}


def read_lines(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Exchanges of a file in its order; a line that cannot be read is a gap.

    Raises:
        CaptureError: If it is of another version.
    """
    exchanges = InOrder(file)
    with file.open() as stream:
        for item in walk_rows(stream, _is_exchange):
            if isinstance(item, Broken):
                yield broken_gap(item, file.name)
            elif item.number == 0 and isinstance(item.value, dict) and item.value.get("format") == FORMAT:
                if (version := item.value.get("version")) != VERSION:
                    known = f"this program knows {VERSION} only"
                    raise CaptureError(f"{file.name}: is version {version!r} of our format; {known}")
                file.maker.recorder = text_of(item.value.get("recorder"))
            else:
                yield from exchanges.read(_exchange, item.value, f"{file.name}, value {item.number}")


def _is_exchange(value: Any) -> bool:
    return isinstance(value, dict) and "url" in value


def _exchange(row: Mapping[str, Any], source: Source) -> Iterator[Exchange | Gap]:
    url = parse_url(text_of(row["url"]))
    app, server = row.get("app"), row.get("server")
    status = number_of(row.get("status"))
    delivered = row.get("delivered")
    messages = row.get("messages") or ()
    yield exchange_to(
        url,
        source,
        method=text_of(row.get("method")) or "GET",
        request_headers=_headers(row.get("headers")),
        request_body=_bytes(row, "body"),
        started_ns=_time(row.get("started")),
        http_version=text_of(row.get("http_version")),
        status=status,
        response_headers=_headers(row.get("response_headers")),
        response_body=_bytes(row, "response_body"),
        messages=tuple(map(_message, messages)),
        server_address=(text_of(server[0]), int(server[1])) if isinstance(server, list) else None,
        error=text_of(row.get("error")) or None,
        delivered=Delivery(delivered) if delivered else Delivery.YES if status else Delivery.NOT_RECORDED,
        sent_by=Sender(text_of(app), text_of(row.get("app_source")) or "the recording") if app else None,
    )
    strange = {f"messages[].{name}" for each in messages for name in each.keys() - set(MESSAGE_FIELDS)}
    if unknown := sorted(strange | (row.keys() - set(FIELDS))):
        detail = f"fields that are none of this format, not looked into: {', '.join(map(str, unknown))[:500]}"
        yield Gap(GapKind.UNREADABLE, source.file, detail, exchange=str(source.index), host=url.host)


def _headers(listed: object) -> Headers:
    if listed is None:
        return ()
    if isinstance(listed, dict):
        return tuple((_text(name), _text(value)) for name, value in listed.items())
    if not isinstance(listed, list):
        raise TypeError("headers are neither pairs nor an object")
    return tuple((_text(name), _text(value)) for name, value in listed)


def _text(value: object) -> bytes:
    text = text_of(value)
    return text.encode("latin-1") if all(each <= "\xff" for each in text) else header_bytes(text)


def _bytes(row: Mapping[str, Any], name: str) -> bytes | None:
    if (encoded := row.get(f"{name}_base64")) is not None:
        try:
            return base64.b64decode(text_of(encoded), validate=True)
        except ValueError as err:
            raise ValueError(f"{name}_base64 is none: {err}") from err
    value = row.get(name)
    return None if value is None else utf8(text_of(value))


def _message(row: Mapping[str, Any]) -> Message:
    data, sent = _bytes(row, "data"), row["sent"]
    if data is None or not isinstance(sent, bool):
        raise ValueError("a message needs its data, and a sent that is true or false")
    return Message(sent, data, row.get("is_text") is not False, _time(row.get("time")))


def _time(value: object) -> int | None:
    """Nanoseconds since the epoch, or ISO 8601."""
    return value if type(value) is int else nanoseconds(value) if isinstance(value, str) else None


EXCHANGES = Reader(
    "exchange lines (our own)", (".jsonl",), lambda start: _FIRST.match(start.text) is not None, read_lines
)
