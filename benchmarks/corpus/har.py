"""Writes the corpus as HAR 1.2, in Chrome's dialect: bodies that are not text in base64, and marked."""

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from benchmarks.corpus.sent import Headers, Message, Sent

STARTED = datetime(2026, 11, 22, tzinfo=UTC)
TEXT, BINARY = 1, 2
"""WebSocket opcodes."""


def write_har(sent: Iterable[Sent], path: Path) -> None:
    """Write exchanges one by one: the document is never in memory as a whole."""
    creator = {"name": "hometruth corpus", "version": "1"}
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f'{{"log":{{"version":"1.2","creator":{json.dumps(creator)},"pages":[],"entries":[')
        for number, each in enumerate(sent):
            file.write(",\n" if number else "\n")
            file.write(json.dumps(_entry(each, number), ensure_ascii=False))
        file.write("\n]}}\n")


def _entry(sent: Sent, number: int) -> dict[str, object]:
    entry: dict[str, object] = {
        "startedDateTime": (STARTED + timedelta(milliseconds=217 * number)).isoformat(
            timespec="milliseconds"
        ),
        "time": 81.5,
        "request": _request(sent),
        "response": _response(sent),
        "cache": {},
        "timings": {"blocked": 1.1, "dns": -1, "connect": -1, "send": 0.4, "wait": 60, "receive": 20},
        "serverIPAddress": "192.0.2.17",
        "connection": str(number % 97),
    }
    if sent.messages:
        entry["_resourceType"] = "websocket"
        entry["_webSocketMessages"] = [_message(message) for message in sent.messages]
    return entry


def _request(sent: Sent) -> dict[str, object]:
    headers = (*base_headers(sent), *sent.headers)
    cookies = next((value for name, value in headers if name == "Cookie"), "")
    request: dict[str, object] = {
        "method": sent.method,
        "url": sent.url,
        "httpVersion": "HTTP/1.1",
        "headers": _pairs(headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(urlsplit(sent.url).query, keep_blank_values=True)
        ],
        "cookies": _pairs(tuple((name, value) for name, _, value in map(_cut, cookies.split("; ")) if name)),
        "headersSize": -1,
        "bodySize": len(sent.body),
    }
    if sent.body:
        request["postData"] = {"mimeType": sent.mime, **_text(sent.body)}
    return request


def _response(sent: Sent) -> dict[str, object]:
    answer = sent.answer
    status = 101 if sent.messages else answer.status
    return {
        "status": status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "headers": _pairs((("Content-Type", answer.mime), ("Server", "nginx"))),
        "cookies": [],
        "content": {"size": len(answer.body), "mimeType": answer.mime, **_text(answer.body)},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": len(answer.body),
    }


def base_headers(sent: Sent) -> Headers:
    """The headers that belong to every request of its kind."""
    headers = (("Host", sent.host),)
    if not sent.body:
        return headers
    return (*headers, ("Content-Type", sent.mime), ("Content-Length", str(len(sent.body))))


def _message(message: Message) -> dict[str, object]:
    data = message.data.decode() if message.is_text else base64.b64encode(message.data).decode()
    opcode = TEXT if message.is_text else BINARY
    return {"type": "send", "time": STARTED.timestamp(), "opcode": opcode, "data": data}


def _text(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(data).decode(), "encoding": "base64"}


def _pairs(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _cut(cookie: str) -> tuple[str, str, str]:
    return cookie.partition("=")
