"""One HAR entry as an exchange, with a word for whatever in it cannot be used."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hometruth.capture.har.body import (
    Beside,
    body_type,
    header,
    other_bodies,
    rebuilt_form,
    request_body,
    response_body,
    unsaid,
)
from hometruth.capture.har.delivery import delivery_of, error_of
from hometruth.capture.har.entry import (
    Entry,
    NameValue,
    Outgoing,
    Request,
    WebSocketMessage,
    number_of,
    text_of,
)
from hometruth.capture.har.text import BASE64, body_bytes, header_bytes, lost_bytes, may_be_plain, utf8
from hometruth.capture.url import Url, exchange_to, parse_url, schemeless
from hometruth.model import Exchange, Extra, Headers, Message, Part, Source

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BINARY_OPCODE = 2
SENT = frozenset({"send", "sent", "request", "outgoing", "outbound", "out", "client", "upload"})
"""Words of recorders for a WebSocket message that the client sent."""
RECEIVED = frozenset({"receive", "received", "response", "incoming", "inbound", "in", "server", "download"})
SWITCHING = 101
"""Status with which a server takes up another protocol."""
_HTTP_VERSION = re.compile(r"[A-Za-z]{0,10}[/ ]?[0-9.+-]{0,8}")
_KNOWN_ENCODINGS = frozenset({"", BASE64, "utf-8", "utf8", "text", "plain", "raw", "none", "identity"})


def exchange_of(entry: Outgoing, file: str, index: int, beside: Beside) -> tuple[Exchange, tuple[str, ...]]:
    """The entry as an exchange, and what of its request could not be read, each in words.

    Raises:
        NotOnTheWire: If it leads to no server.
        ValueError: If its recipient is unknown.
    """
    request, response = entry.request, entry.response if isinstance(entry, Entry) else None
    url, unclear = _url(request)
    messages, undirected = _messages(entry.messages or ())
    status = number_of(entry.response.status) if entry.response else None
    headers = _request_headers(request)
    exchange = exchange_to(
        url,
        Source(file, index),
        method=text_of(request.method),
        request_headers=headers,
        request_body=request_body(request, beside),
        started_ns=nanoseconds(text_of(entry.startedDateTime)),
        http_version=text_of(request.httpVersion),
        status=status or None,
        response_headers=_headers(response.headers) if response else (),
        response_body=response_body(response) if response and status else None,
        messages=messages,
        server_address=_server_address(entry, url.port),
        error=error_of(entry),
        delivered=delivery_of(entry),
        extras=tuple(_extras(request, url, headers, beside)),
    )
    return exchange, (*unclear, *undirected, *_losses(request))


def is_deaf(entry: Outgoing, exchange: Exchange) -> bool:
    """True for a WebSocket of which no messages were written down, not even that there were none."""
    if entry.messages is not None or exchange.delivered.is_attempt:
        return False
    upgrade = exchange.request_header("upgrade") or b""
    told = text_of(entry.resource_type).lower() == "websocket" or exchange.scheme in ("ws", "wss")
    return told or (exchange.status == SWITCHING and upgrade.strip().lower() == b"websocket")


def _url(request: Request) -> tuple[Url, tuple[str, ...]]:
    text = text_of(request.url).strip()
    if not text:
        raise ValueError("no request.url, so its recipient is unknown")
    unclear: tuple[str, ...] = ()
    if schemeless(text):
        host = header(request.headers, "host") or header(request.headers, ":authority")
        if text.startswith("//"):
            text = f"https:{text}"
        elif text[0] in "/*?" and host:
            text = f"https://{host}{text if text[0] == '/' else '/' + text}"
        elif text_of(request.method).upper() == "CONNECT" or text.split("/")[0] == host:
            text = f"https://{text}"
        else:
            raise ValueError(f"a URL without a host, and no Host header: {text[:80]!r}")
        unclear = (
            "the URL has no scheme: whether this was encrypted is not recorded, and taken for granted",
        )
    url = parse_url(text)
    if request.queryString and b"?" not in url.target:
        # some recorders list the query, and leave it out of the URL
        url = replace(url, target=url.target + b"?" + rebuilt_form(request.queryString))
    return url, unclear


def _extras(request: Request, url: Url, headers: Headers, beside: Beside) -> Iterator[Extra]:
    """What is recorded twice and does not say the same, and what has no field of its own in an exchange."""
    _, mark, query = url.target.partition(b"?")
    listed = request.queryString or ()
    if listed and mark and (left := unsaid(listed, query.decode("utf-8", "surrogateescape"))):
        yield Extra(Part.QUERY, "queryString", rebuilt_form(left))
    sent = next((value for name, value in headers if name.lower() == b"cookie"), None)
    if request.cookies and sent is not None and (left := unsaid(request.cookies, _text(headers, b"cookie"))):
        yield Extra(Part.COOKIE, "cookies", _cookies(left))
    for name, body in other_bodies(request, beside):
        yield Extra(Part.BODY, name, body)
    for name, content in (("postData", request.postData), ("_content", request.content)):
        if content and text_of(content.encoding).lower() == BASE64 and may_be_plain(text_of(content.text)):
            yield Extra(Part.BODY, f"{name}.text, as it stands", utf8(text_of(content.text)))
    kind = text_of(request.postData.mimeType) if request.postData else ""
    if kind and kind not in header(request.headers, "content-type"):
        yield Extra(Part.HEADER, "content-type, as recorded with the body", utf8(kind))
    if not _HTTP_VERSION.fullmatch(text_of(request.httpVersion)):
        yield Extra(Part.HEADER, "httpVersion", utf8(text_of(request.httpVersion)))


def _text(headers: Headers, wanted: bytes) -> str:
    values = [value for name, value in headers if name.lower() == wanted]
    return b"; ".join(values).decode("utf-8", "surrogateescape")


def _headers(pairs: Sequence[NameValue] | None) -> Headers:
    """Name and value of each; programs in JavaScript hold a header that comes twice as a list."""
    return tuple(
        (header_bytes(text_of(pair.name)), header_bytes(text_of(value)))
        for pair in pairs or ()
        for value in (pair.value if isinstance(pair.value, list) else (pair.value,))
    )


def _request_headers(request: Request) -> Headers:
    """The headers, with cookies that the recorder lists but leaves out of them."""
    headers = (*_headers(request.headers), *_headers(request.trailers))
    if not request.cookies or any(name.lower() == b"cookie" for name, _ in headers):
        return headers
    return (*headers, (b"Cookie", _cookies(request.cookies)))


def _cookies(pairs: Sequence[NameValue]) -> bytes:
    return header_bytes("; ".join(f"{text_of(pair.name)}={text_of(pair.value)}" for pair in pairs))


def _messages(listed: Sequence[WebSocketMessage]) -> tuple[tuple[Message, ...], tuple[str, ...]]:
    """Messages, and in words those of which nobody knows which way they went."""
    frames = []
    opcodes: dict[bool, object] = {}
    undirected = []
    for number, message in enumerate(listed):
        word = text_of(message.type).strip().lower()
        sent, continues = word in SENT, message.opcode == CONTINUATION
        if not sent and word not in RECEIVED:
            undirected.append(number)
            continue
        if not continues:
            opcodes[sent] = message.opcode
        opcode = opcodes.get(sent, message.opcode)
        data = _message_bytes(message.data, opcode)
        frames.append((Message(sent, data, opcode != BINARY_OPCODE, _seconds(message.time)), continues))
    told: tuple[str, ...] = ()
    if undirected:
        first = f"_webSocketMessages[{undirected[0]}]"
        told = (f"which way {len(undirected)} WebSocket messages went is not recorded (first: {first})",)
    return whole_messages(frames), told


def _message_bytes(data: object, opcode: object) -> bytes:
    text = text_of(data)
    return body_bytes(text, BASE64, "application/octet-stream") if opcode == BINARY_OPCODE else utf8(text)


def _losses(request: Request) -> Iterator[str]:
    """What the recorder says, or shows, that it lost of the body."""
    for name, content in (("postData", request.postData), ("_content", request.content)):
        if content is None:
            continue
        encoding = text_of(content.encoding)
        if lost := lost_bytes(text_of(content.text), encoding, body_type(content, request.headers)):
            yield lost
        if encoding.strip().lower() not in _KNOWN_ENCODINGS:
            yield f"request.{name}.encoding is one that we do not know: {encoding[:80]!r}"


def _seconds(value: object) -> int | None:
    if not isinstance(value, int | float):  # a text times a thousand million fills memory
        return None
    try:
        return int(value * 1_000_000_000)
    except (ValueError, OverflowError):
        return None


def nanoseconds(iso: str) -> int | None:
    """An ISO 8601 time in nanoseconds since the epoch; None if it is not one. Without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(iso)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (moment - EPOCH) // timedelta(microseconds=1) * 1000
    except (ValueError, OverflowError):
        return None


def _server_address(entry: Outgoing, port: int) -> tuple[str, int] | None:
    address = text_of(entry.serverIPAddress).strip("[]")
    return (address, port) if address else None


CONTINUATION = 0
"""Opcode of a frame that goes on with the message before it."""


def whole_messages(frames: Iterable[tuple[Message, bool]]) -> tuple[Message, ...]:
    """Messages, each with the frames that continue it.

    Args:
        frames: Frames in their order, and whether each is a continuation. One that continues nothing stands
            for itself: the recording began in the middle of a message.
    """
    messages: list[Message] = []
    parts: list[list[bytes]] = []
    last: dict[bool, int] = {}
    for frame, continues in frames:
        if continues and frame.sent in last:  # control frames and the other side may come in between
            parts[last[frame.sent]].append(frame.data)
            continue
        last[frame.sent] = len(messages)
        messages.append(frame)
        parts.append([frame.data])
    return tuple(
        message if len(data) == 1 else replace(message, data=b"".join(data))
        for message, data in zip(messages, parts, strict=True)
    )
