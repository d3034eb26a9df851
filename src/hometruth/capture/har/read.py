"""Reads HAR 1.2 as browsers, proxies and scripts really write it.

http://www.softwareishard.com/blog/har-12-spec/ says what should be there; little of it can be relied upon.
The document is split into raw entries first, so that each is decoded by itself and a bad one is one gap.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec

from hometruth.capture.byte_stream import take
from hometruth.capture.har.body import body_type, rebuilt_form, request_body, response_body
from hometruth.capture.har.delivery import delivery_of, error_of
from hometruth.capture.har.entry import Entry, NameValue, Outgoing, Request, number_of, text_of
from hometruth.capture.har.frames import CONTINUATION, whole_messages
from hometruth.capture.har.stream import NoEntries, Skipped, stream_entries
from hometruth.capture.har.text import body_bytes, header_bytes, lost_bytes, utf8
from hometruth.capture.reader import CaptureFile, Reader
from hometruth.capture.url import NotOnTheWire, Url, parse_url
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap, GapKind, Headers, Message, Source

LARGE_BYTES = 8 << 20
"""A document from this size on is never held as a whole; below, that is quicker."""
MOST_WHOLE_BYTES = 2 << 30
"""One that cannot be cut into entries as it comes is read whole: 2 GiB is more than any browser exports."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BINARY_OPCODE = 2


class _Log(msgspec.Struct):
    entries: list[msgspec.Raw]


class _Document(msgspec.Struct):
    log: _Log


def read_har(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Exchanges of one HAR document, in its order; whatever cannot be read is a gap.

    Raises:
        CaptureError: If it is not a HAR document.
    """
    kind = Entry if file.responses else Outgoing
    with file.open() as stream:
        start = take(stream, LARGE_BYTES)
        if len(start) < LARGE_BYTES:
            yield from _read_entries(_entries(start, file.name), file.name, kind)
            return
        try:
            yield from _read_entries(stream_entries(stream, start, file.name), file.name, kind)
            return
        except NoEntries:
            del start
    with file.open() as stream:
        whole = take(stream, MOST_WHOLE_BYTES + 1)
    if len(whole) > MOST_WHOLE_BYTES:
        raise CaptureError(
            f"{file.name}: is larger than {MOST_WHOLE_BYTES >> 30} GiB of HAR; split the recording"
        )
    yield from _read_entries(_entries(whole, file.name), file.name, kind)


def _entries(data: bytes, file: str) -> Sequence[object]:
    """The entries, undecoded if the document is clean, else decoded as forgivingly as possible."""
    body = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(body, type=_Document).log.entries
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        document = _lenient_json(body, file)
    match document:
        case {"log": {"entries": [*entries]}}:
            return entries
    raise CaptureError(f"{file}: is JSON, but not HAR: it has no log.entries")


def _lenient_json(data: bytes, file: str) -> object:
    """JSON with the faults that recorders write: bare control characters, broken UTF-8, NaN."""
    try:
        return json.loads(data.decode("utf-8", "surrogateescape"), strict=False)
    except (ValueError, RecursionError) as err:
        raise CaptureError(
            f"{file}: starts like HAR, but is broken JSON ({err}); export it again, it may be cut short"
        ) from err


def _read_entries(
    entries: Iterable[object], file: str, kind: type[Entry | Outgoing]
) -> Iterator[Exchange | Gap]:
    decoder = msgspec.json.Decoder(kind)
    for index, raw in enumerate(entries):
        where = f"{file}, entry {index}"
        if isinstance(raw, Skipped):
            yield Gap(GapKind.BUDGET, where, raw.why, size_bytes=raw.size_bytes)
            continue
        size = len(raw) if isinstance(raw, msgspec.Raw) else None
        try:
            entry = _decode(raw, decoder)
            del raw
            exchange = _exchange(entry, file, index)
            lost = _lost_bytes(entry.request)
            del entry  # it may be large, and the exchange is used for a while
        except NotOnTheWire as err:
            yield Gap(GapKind.NOT_HTTP, where, str(err), size_bytes=0)
        except (msgspec.MsgspecError, ValueError, RecursionError) as err:
            yield Gap(GapKind.UNREADABLE, where, f"a damaged entry: {err}", size_bytes=size)
        else:
            yield exchange
            if lost:
                detail = "the recorder replaced bytes of the request body that it could not show"
                yield Gap(GapKind.UNREADABLE, where, detail, exchange=exchange.id, host=exchange.host)


def _decode(raw: object, decoder: msgspec.json.Decoder[Entry | Outgoing]) -> Entry | Outgoing:
    if not isinstance(raw, msgspec.Raw):
        return msgspec.convert(raw, decoder.type)
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.convert(_lenient_json(bytes(raw), "entry"), decoder.type)


def _exchange(entry: Entry | Outgoing, file: str, index: int) -> Exchange:
    request, response = entry.request, entry.response if isinstance(entry, Entry) else None
    url = _url(request)
    status = number_of(response.status) if response else None
    return Exchange(
        id=str(index),
        source=Source(file, index),
        method=text_of(request.method),
        scheme=url.scheme,
        host=url.host,
        port=url.port,
        target=url.target,
        request_headers=_request_headers(request),
        request_body=request_body(request),
        started_ns=nanoseconds(text_of(entry.startedDateTime)),
        http_version=text_of(request.httpVersion),
        status=status or None,
        response_headers=_headers(response.headers) if response else (),
        response_body=response_body(response) if response and status else None,
        messages=_messages(entry),
        server_address=_server_address(entry, url.port),
        error=error_of(entry),
        delivered=delivery_of(entry),
        authority=url.user,
    )


def _url(request: Request) -> Url:
    text = text_of(request.url)
    if not text:
        raise ValueError("no request.url, so its recipient is unknown")
    url = parse_url(text)
    if (
        request.queryString and b"?" not in url.target
    ):  # some recorders list the query, and leave it out of the URL
        return replace(url, target=url.target + b"?" + rebuilt_form(request.queryString))
    return url


def _headers(pairs: Sequence[NameValue] | None) -> Headers:
    return tuple(
        (header_bytes(text_of(pair.name)), header_bytes(text_of(pair.value))) for pair in pairs or ()
    )


def _request_headers(request: Request) -> Headers:
    """The headers, with cookies that the recorder lists but leaves out of them."""
    headers = _headers(request.headers)
    if not request.cookies or any(name.lower() == b"cookie" for name, _ in headers):
        return headers
    cookies = "; ".join(f"{text_of(cookie.name)}={text_of(cookie.value)}" for cookie in request.cookies)
    return (*headers, (b"Cookie", header_bytes(cookies)))


def _messages(entry: Entry | Outgoing) -> tuple[Message, ...]:
    frames = []
    opcodes: dict[bool, object] = {}
    for message in entry.messages or ():
        sent, continues = message.type == "send", message.opcode == CONTINUATION
        if not continues:
            opcodes[sent] = message.opcode
        opcode = opcodes.get(sent, message.opcode)
        data = _message_bytes(message.data, opcode)
        frames.append((Message(sent, data, opcode != BINARY_OPCODE, _seconds(message.time)), continues))
    return whole_messages(frames)


def _message_bytes(data: object, opcode: object) -> bytes:
    if opcode == BINARY_OPCODE:
        return body_bytes(text_of(data), "base64", "application/octet-stream")
    return utf8(text_of(data))


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


def _server_address(entry: Entry | Outgoing, port: int) -> tuple[str, int] | None:
    address = text_of(entry.serverIPAddress).strip("[]")
    return (address, port) if address else None


def _lost_bytes(request: Request) -> bool:
    content = request.postData
    return content is not None and lost_bytes(text_of(content.text), body_type(content, request.headers))


HAR = Reader("HAR 1.2", (".har",), lambda start: start.text.startswith(b"{"), read_har)
