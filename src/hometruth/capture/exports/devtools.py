"""Reads what Chromium's developer tools tell: performance traces, and logs of the DevTools protocol.

A trace (``ResourceSendRequest`` among its events) has addresses and methods only. A log of protocol events,
as Lighthouse and drivers save it, has headers, and bodies where the protocol gives them:
https://chromedevtools.github.io/devtools-protocol/tot/Network/
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hometruth.capture.drops import never_recorded
from hometruth.capture.har.body import METHODS_WITH_BODY
from hometruth.capture.har.delivery import delivery_by
from hometruth.capture.har.entry import number_of, text_of
from hometruth.capture.har.text import from_base64, header_bytes, utf8
from hometruth.capture.json_walk import Broken, Item, walk_document, walk_rows
from hometruth.capture.reader import CaptureFile, Reader, Start
from hometruth.capture.rows import broken_gap
from hometruth.capture.url import NotOnTheWire, exchange_to, parse_url
from hometruth.model import Delivery, Exchange, Gap, GapKind, Headers, Message, Source

MOST_WAITING = 10_000
"""Requests whose end has not come; beyond, the oldest is told as it is."""
NEVER_LEFT = frozenset({"csp", "inspector", "mixed-content", "subresource-filter"})
"""Reasons for which Chromium blocks a request before it is sent (``Network.BlockedReason``)."""
KEPT_FROM_PAGE = re.compile("(corp-|coep-|coop-|sri-|content-type|integrity)")
"""Reasons for which it keeps an answer that came from the page."""
SENT_UNSEEN = frozenset(
    {
        *("requestWillBeSent", "requestWillBeSentExtraInfo", "responseReceived"),
        *("webSocketFrameSent", "webSocketWillSendHandshakeRequest", "webTransportCreated"),
        *("directTCPSocketCreated", "directTCPSocketChunkSent", "directUDPSocketCreated"),
        "directUDPSocketChunkSent",
    }
)
"""Events that tell of something sent; without the request that they belong to it is not known what."""
NO_BODIES = "headers and bodies of requests: a performance trace has addresses and methods only"
_TRACE = re.compile(rb'\{\s*("metadata"\s*:|"traceEvents"\s*:\s*\[)')
_TRACE_EVENT = re.compile(rb'\[\s*\{(?=[^{}]{0,400}"ph"\s*:)(?=[^{}]{0,400}"(?:pid|cat|ts)"\s*:)')
_HAR = re.compile(rb'\{\s*"log"\s*:')
_PROTOCOL = re.compile(rb'"method"\s*:\s*"[A-Z][A-Za-z]{2,30}\.[a-z][A-Za-z]{2,60}"')


@dataclass
class _Pending:
    """A request whose end has not come."""

    url: str
    method: str
    headers: dict[str, str] = field(default_factory=dict)
    true_headers: dict[str, str] | None = None
    """As they were on the wire, cookies included, where that was told."""
    body: bytes | None = None
    at_us: int | None = None
    started_ns: int | None = None
    version: str = ""
    status: int | None = None
    answer_headers: dict[str, str] = field(default_factory=dict)
    address: tuple[str, int] | None = None
    is_cached: bool = False
    error: str = ""
    blocked_by: str = ""
    """Chromium's reason, if it blocked the request or kept its answer from the page."""
    has_extra: bool = False
    """Whether the event came that tells its true headers."""
    messages: list[Message] = field(default_factory=list)
    is_forgotten: bool = False
    """Its end was not waited for."""


class _Pendings:
    """Requests by the id that the tools give them; a redirect has the id of what led to it."""

    def __init__(self, file: CaptureFile) -> None:
        self._file = file
        self._by_id: dict[str, _Pending] = {}
        self._ready: list[Exchange | Gap] = []
        self._n = self._forgotten = 0
        self._early: dict[str, dict[str, str]] = {}
        self.unseen = 0
        """Events of `SENT_UNSEEN` of which the request is not in the log."""

    def begin(self, key: str, pending: _Pending) -> None:
        self.done(key)
        self._by_id[key] = pending
        if (headers := self._early.pop(key, None)) is not None:
            pending.true_headers, pending.has_extra = headers or None, True
        if len(self._by_id) > MOST_WAITING:
            first = next(iter(self._by_id))
            self._by_id[first].is_forgotten = True
            self._forgotten += 1
            self.done(first)

    def get(self, key: str) -> _Pending | None:
        return self._by_id.get(key)

    def await_request(self, key: str, headers: dict[str, str]) -> None:
        """Keep headers that came before their request."""
        self.unseen += key in self._early
        self._early[key] = headers
        if len(self._early) > MOST_WAITING:
            del self._early[next(iter(self._early))]
            self.unseen += 1

    def done(self, key: str) -> None:
        pending = self._by_id.pop(key, None)
        if pending is not None:
            self._ready.append(self._told(pending, key))

    def end(self) -> None:
        for key in [*self._by_id]:
            self.done(key)
        if unseen := self.unseen + len(self._early):
            detail = f"{unseen} events tell of something sent of which the log does not hold the request"
            self._ready.append(Gap(GapKind.NOT_RECORDED, self._file.name, detail))
        if self._forgotten:
            detail = f"the ends of {self._forgotten:,} requests came late, and were not waited for"
            self._ready.append(Gap(GapKind.BUDGET, self._file.name, detail))

    def taken(self) -> Iterator[Exchange | Gap]:
        ready, self._ready = self._ready, []
        yield from ready

    def _told(self, pending: _Pending, key: str) -> Exchange | Gap:
        where = f"{self._file.name}, request {key[:80]}"
        try:
            url = parse_url(pending.url)
        except NotOnTheWire as err:
            return Gap(GapKind.NOT_HTTP, where, str(err), size_bytes=err.size_bytes)
        except ValueError as err:
            return Gap(GapKind.UNREADABLE, where, f"a damaged entry: {err}")
        index, self._n = self._n, self._n + 1
        return exchange_to(
            url,
            Source(self._file.name, index, key[:200]),
            method=pending.method,
            request_headers=_headers(
                pending.headers if pending.true_headers is None else pending.true_headers
            ),
            request_body=pending.body,
            started_ns=pending.started_ns,
            http_version=pending.version,
            status=pending.status or None,
            response_headers=_headers(pending.answer_headers),
            messages=tuple(pending.messages),
            server_address=pending.address,
            error=pending.error or None,
            delivered=_delivery(pending),
        )


def _delivery(pending: _Pending) -> Delivery:
    if pending.is_cached:
        return Delivery.BLOCKED
    if KEPT_FROM_PAGE.match(pending.blocked_by):
        return Delivery.YES
    if not pending.status and pending.blocked_by in NEVER_LEFT:
        return Delivery.BLOCKED
    if pending.is_forgotten and not pending.status:
        return Delivery.NOT_RECORDED
    return delivery_by(pending.status, pending.error)


def read_trace(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Requests of a performance trace; a chrome://tracing file may hold none."""
    file.maker.recorder = "Chromium (performance trace)"
    with file.open() as stream:
        yield from _requests(file, _trace_items(file, stream), _trace_event)
    yield never_recorded(file.name, NO_BODIES)


def _requests(
    file: CaptureFile,
    items: Iterable[Item | Broken],
    note: Callable[[Mapping[str, Any], "_Pendings"], None],
) -> Iterator[Exchange | Gap]:
    """What the events of a log come to, each request when it has ended."""
    pendings = _Pendings(file)
    for item in items:
        if isinstance(item, Broken):
            yield broken_gap(item, file.name)
        elif item.name in ("", "traceEvents") and isinstance(item.value, dict):
            note(item.value, pendings)
            yield from pendings.taken()
    pendings.end()
    yield from pendings.taken()


def _trace_items(file: CaptureFile, stream: Any) -> Iterator[Item | Broken]:
    with file.open() as again:
        is_list = again.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")
    return walk_rows(stream, _is_trace) if is_list else walk_document(stream, ("traceEvents",), _is_trace)


def _is_trace(value: Any) -> bool:
    return isinstance(value, dict) and "ph" in value and "name" in value


def _trace_event(event: Mapping[str, Any], pendings: _Pendings) -> None:
    name = event.get("name")
    if not isinstance(name, str) or not name.startswith("Resource"):
        return
    args = event.get("args")
    data = args.get("data") if isinstance(args, dict) else None
    if not isinstance(data, dict):
        return
    key, at_us = text_of(data.get("requestId")), number_of(event.get("ts"))
    match name:
        case "ResourceSendRequest":
            method = text_of(data.get("requestMethod")) or "GET"
            body = None if method.upper() in METHODS_WITH_BODY else b""
            pendings.begin(key, _Pending(text_of(data.get("url")), method, body=body, at_us=at_us))
        case "ResourceReceiveResponse" if (pending := pendings.get(key)) is not None:
            pending.status = number_of(data.get("statusCode"))
            pending.version = text_of(data.get("protocol"))
            pending.is_cached = data.get("fromCache") is True
            listed = data.get("headers")
            pending.answer_headers = {
                text_of(row.get("name")): text_of(row.get("value"))
                for row in (listed if isinstance(listed, list) else ())
                if isinstance(row, dict)
            }
            answered_ms = data.get("responseTime")
            if (
                isinstance(answered_ms, int | float)
                and answered_ms > 0
                and None not in (at_us, pending.at_us)
            ):
                before_us = (at_us or 0) - (pending.at_us or 0)
                pending.started_ns = int(answered_ms * 1000 - before_us) * 1000
        case "ResourceFinish" if (pending := pendings.get(key)) is not None:
            if data.get("didFail") is True and not pending.status:
                pending.error = "the request failed"
            pendings.done(key)


def read_protocol(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Requests of a log of protocol events."""
    file.maker.recorder = "Chromium (DevTools protocol log)"
    with file.open() as stream:
        yield from _requests(file, walk_rows(stream, _is_protocol), _protocol_event)
    what = (
        "bodies that the DevTools protocol leaves out of its events, such as long ones, and blobs and files"
    )
    yield never_recorded(
        file.name, f"{what} (https://chromedevtools.github.io/devtools-protocol/tot/Network/)"
    )


def _is_protocol(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("method"), str)
        and isinstance(value.get("params"), dict)
    )


def _protocol_event(event: Mapping[str, Any], pendings: _Pendings) -> None:
    if not _is_protocol(event):
        return
    params: Mapping[str, Any] = event["params"]
    key = text_of(params.get("requestId"))
    method = event["method"].removeprefix("Network.")
    pending = pendings.get(key)
    if method == "requestWillBeSent" and isinstance(params.get("request"), dict):
        _asked(key, params, pendings)
    elif method == "webSocketCreated":
        pendings.begin(key, _Pending(text_of(params.get("url")), "GET", body=b""))
    elif method == "requestWillBeSentExtraInfo" and (pending is None or pending.has_extra):
        pendings.await_request(key, _texts(params.get("headers")))  # of a redirect, it may be the next one's
    elif pending is not None:
        _more(key, method, params, pending, pendings)
    elif method in SENT_UNSEEN:
        pendings.unseen += 1


def _asked(key: str, params: Mapping[str, Any], pendings: _Pendings) -> None:
    request = params["request"]
    if (
        isinstance(redirect := params.get("redirectResponse"), dict)
        and (before := pendings.get(key)) is not None
    ):
        _answer(before, redirect)
    wall = params.get("wallTime")
    pendings.begin(
        key,
        _Pending(
            text_of(request.get("url")) + text_of(request.get("urlFragment")),
            text_of(request.get("method")),
            _texts(request.get("headers")),
            body=_body(request),
            started_ns=int(wall * 1_000_000_000)
            if isinstance(wall, int | float) and 0 < wall < 1e11
            else None,
        ),
    )


def _more(key: str, method: str, params: Mapping[str, Any], pending: _Pending, pendings: _Pendings) -> None:
    match method:
        case "requestWillBeSentExtraInfo" | "webSocketWillSendHandshakeRequest":
            request = params.get("request")
            told = request if isinstance(request, dict) else params
            pending.true_headers, pending.has_extra = _texts(told.get("headers")) or None, True
        case "responseReceived" | "webSocketHandshakeResponseReceived":
            if isinstance(response := params.get("response"), dict):
                _answer(pending, response)
        case "webSocketFrameSent" | "webSocketFrameReceived":
            if isinstance(frame := params.get("response"), dict):
                pending.messages.append(_frame(frame, sent=method.endswith("Sent")))
        case "requestServedFromCache":
            pending.is_cached = True
        case "loadingFailed":
            pending.error = text_of(params.get("errorText")) or "failed"
            if blocked := text_of(params.get("blockedReason")):
                pending.blocked_by = blocked
                pending.error += f" (blocked: {blocked})"
            pendings.done(key)
        case "loadingFinished" | "webSocketClosed":
            pendings.done(key)


def _answer(pending: _Pending, response: Mapping[str, Any]) -> None:
    pending.status = number_of(response.get("status"))
    pending.version = text_of(response.get("protocol"))
    pending.answer_headers = _texts(response.get("headers"))
    sent = _texts(response.get("requestHeaders"))
    pending.true_headers = pending.true_headers or sent or None
    pending.is_cached |= response.get("fromDiskCache") is True or response.get("fromPrefetchCache") is True
    address, port = (
        text_of(response.get("remoteIPAddress")).strip("[]"),
        number_of(response.get("remotePort")),
    )
    pending.address = (address, port) if address and port else None


def _body(request: Mapping[str, Any]) -> bytes | None:
    """The body; None where the protocol says that there is one and gives none."""
    entries = request.get("postDataEntries")
    if isinstance(entries, list) and entries:
        pieces = [from_base64(_piece(entry)) for entry in entries]
        if None not in pieces:
            return b"".join(piece or b"" for piece in pieces)
    if "postData" in request:
        return utf8(text_of(request["postData"]))
    if request.get("hasPostData") is True:
        return None
    method = text_of(request.get("method")).upper()
    length = {name.lower(): value for name, value in _texts(request.get("headers")).items()}.get(
        "content-length"
    )
    return None if method in METHODS_WITH_BODY and length != "0" else b""


def _piece(entry: object) -> str:
    """What of a body is told in base64; no base64 where it is a blob or a file."""
    return text_of(entry.get("bytes", "!")) if isinstance(entry, dict) else "!"


def _frame(frame: Mapping[str, Any], *, sent: bool) -> Message:
    data = text_of(frame.get("payloadData"))
    if number_of(frame.get("opcode")) not in (None, 1) and (binary := from_base64(data)) is not None:
        return Message(sent, binary, is_text=False)
    return Message(sent, utf8(data), is_text=True)  # text, or no base64 after all: kept as it stands


def _texts(headers: object) -> dict[str, str]:
    rows = headers.items() if isinstance(headers, dict) else ()
    return {text_of(name): text_of(value) for name, value in rows}


def _headers(headers: Mapping[str, str]) -> Headers:
    return tuple(
        (header_bytes(name), header_bytes(line))
        for name, value in headers.items()
        for line in value.split("\n")
    )


def _sniff_trace(start: Start) -> bool:
    text = start.text
    found = _TRACE.match(text)
    if found is not None and found[1].startswith(b'"metadata"'):
        return b'"traceEvents"' in text or b'"clock-domain"' in text or b'"dataOrigin"' in text
    return found is not None or _TRACE_EVENT.match(text) is not None


def _sniff_protocol(start: Start) -> bool:
    text = start.text
    if not text.startswith((b"[", b"{")):
        return False
    return len(_PROTOCOL.findall(text)) >= 1 and b'"params"' in text and not _HAR.match(text)


TRACE = Reader("performance traces of Chromium", (".json",), _sniff_trace, read_trace)
PROTOCOL = Reader("DevTools protocol logs", (".json",), _sniff_protocol, read_protocol)
