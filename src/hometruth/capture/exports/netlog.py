"""Reads Chromium's network log (chrome://net-export, --log-net-log, Cronet): requests as really sent.

https://www.chromium.org/for-testers/providing-network-details/ and net/log/net_log_event_type_list.h. A job
that was started is no request: what counts is that headers were sent. Bodies are in it only where it was
told to log everything, as bytes of sockets; these are read as what they are, HTTP/1 or HTTP/2, and joined
to their requests.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hometruth.capture.drops import never_recorded
from hometruth.capture.har.body import METHODS_WITH_BODY
from hometruth.capture.har.entry import number_of, text_of
from hometruth.capture.har.text import from_base64, header_bytes
from hometruth.capture.json_walk import Broken, walk_document
from hometruth.capture.reader import CaptureFile, Reader, Start
from hometruth.capture.rows import broken_gap
from hometruth.capture.url import NotOnTheWire, Url, exchange_to, parse_url
from hometruth.errors import CaptureError
from hometruth.model import Delivery, Exchange, Gap, GapKind, Headers, Message, Source

if TYPE_CHECKING:
    from hometruth.capture.pcap.talk import Protocol1, Talk

SENT = frozenset(
    {
        "HTTP_TRANSACTION_SEND_REQUEST_HEADERS",
        "HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS",
        "HTTP_TRANSACTION_QUIC_SEND_REQUEST_HEADERS",
    }
)
"""Events that say that headers were sent."""
SWITCHED = 101
"""Status of an answer with which a WebSocket begins."""
CLOSE, CODE_BYTES = 8, 2
"""Of a frame that closes a WebSocket: its kind, and the bytes before its reason."""
STRIPPED = re.compile(rb"\[\d+ bytes were stripped\]")
MOST_SOCKETS = 4096
MOST_SOURCES = 50_000
"""Sources of requests that are remembered at a time."""
MOST_WAITING = 10_000
"""Requests whose end has not come; beyond, the oldest is told as it is."""
MOST_BODY_BYTES = 64 << 20
"""Of bodies that wait for their request."""
_LINE = re.compile(r"(\S+) (\S+)(?: (HTTP/[0-9.]+))?")
_BEGINNING = re.compile(rb'\{\s*"(constants|events|polledData|timeTickOffset)"\s*:')
_SIGNS = (
    b'"logEventTypes"',
    b'"certStatusFlag"',
    b'"activeFieldTrialGroups"',
    b'"polledData"',
    b'"timeTickOffset"',
)
_EVENT = re.compile(rb'"phase"\s*:\s*\d+\s*,\s*"source"\s*:\s*\{')


@dataclass
class _NetRequest:
    """One request on its way."""

    url: Url
    method: str
    version: str
    headers: Headers
    started_ns: int | None
    has_body: bool
    body: bytes | None = None
    status: int | None = None
    answer_headers: Headers = ()
    error: str = ""
    messages: tuple[Message, ...] = ()
    is_forgotten: bool = False
    """Its answer was not waited for."""

    @property
    def key(self) -> "_Key":
        return _key(self.method, self.url.host, self.url.target)


@dataclass
class _NetSource:
    """What is known of a source before its headers are sent."""

    url: str = ""
    method: str = ""
    has_body: bool = False
    asked: _NetRequest | None = None


@dataclass
class _Constants:
    events: dict[int, str] = field(default_factory=dict)
    sources: dict[int, str] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    begin: int = 1
    end: int = 2
    offset_ms: int = 0
    mode: str = ""
    client: str = ""


def read_netlog(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Requests of a log, each when its answer's headers came; the file is read twice.

    Raises:
        CaptureError: If it does not say what its numbers mean.
    """
    constants = _constants(file)
    file.maker.recorder = constants.client
    log = _NetLog(file, constants)
    with file.open() as stream:
        for item in walk_document(stream, ("events",), _is_event):
            if isinstance(item, Broken):
                yield broken_gap(item, file.name)
            elif item.name == "events" and _is_event(item.value):
                log.event(item.value)
                yield from log.taken()
    log.end()
    yield from log.taken()
    yield from log.lacking()


def _is_event(value: Any) -> bool:
    return isinstance(value, dict) and "type" in value and isinstance(value.get("source"), dict)


def _constants(file: CaptureFile) -> _Constants:
    """What the numbers of a log mean; it may stand at its end, and in a cut log be missing."""
    offset = None
    with file.open() as stream:
        for item in walk_document(stream, ("events",), _is_event):
            if isinstance(item, Broken) or item.name == "events":
                continue
            if item.name == "timeTickOffset":
                offset = number_of(item.value)
            if item.name == "constants" and isinstance(item.value, dict):
                return _told(item.value, offset)
    raise CaptureError(
        f"{file.name}: is a Chromium network log without its constants (cut off?): its numbers mean nothing;"
        " stop the logging in chrome://net-export and save it again"
    )


def _told(value: Mapping[str, Any], offset: int | None) -> _Constants:
    phases, client = value.get("logEventPhase"), value.get("clientInfo")
    phases = phases if isinstance(phases, dict) else {}
    client = client if isinstance(client, dict) else {}
    ticks = number_of(value.get("timeTickOffset"))
    return _Constants(
        _by_number(value.get("logEventTypes")),
        _by_number(value.get("logSourceType")),
        _by_number(value.get("netError")),
        number_of(phases.get("PHASE_BEGIN")) or 1,
        number_of(phases.get("PHASE_END")) or 2,
        (offset if ticks is None else ticks) or 0,
        text_of(value.get("logCaptureMode")),
        f"{text_of(client.get('name'))} {text_of(client.get('version'))}".strip()
        or "Chromium's network stack",
    )


def _by_number(names: object) -> dict[int, str]:
    rows = names.items() if isinstance(names, dict) else ()
    return {number: name for name, value in rows if (number := number_of(value)) is not None}


class _NetLog:
    def __init__(self, file: CaptureFile, constants: _Constants) -> None:
        self._file, self._constants = file, constants
        self._jobs: dict[int, _NetSource] = {}
        self._ready: list[Exchange | Gap] = []
        self._waiting: dict[int, _NetRequest] = {}
        self._wanting: dict[_Key, dict[int, _NetRequest]] = defaultdict(dict)
        """Of those that wait, whose body was not seen yet, by what a socket tells of it."""
        self._bodies: dict[_Key, deque[bytes | None]] = defaultdict(deque)
        self._body_bytes = 0
        self._forgotten: Counter[str] = Counter()
        """What our own limits lost, in words."""
        self._sockets: dict[int, _Socket] = {}
        self._index = 0
        self._is_stripped = self._has_bytes = False
        self._frames = 0

    def taken(self) -> Iterator[Exchange | Gap]:
        ready, self._ready = self._ready, []
        yield from ready

    def event(self, event: Mapping[str, Any]) -> None:
        """One event, in the order of the file."""
        name = self._constants.events.get(number_of(event["type"]) or 0, "")
        source = number_of(event["source"].get("id"))
        if source is None:
            return
        told = event.get("params")
        params: dict[str, Any] = told if isinstance(told, dict) else {}
        match name:
            case "URL_REQUEST_START_JOB":
                self._start(source, event, params)
            case _ if name in SENT:
                self._sent(source, event, params)
            case "HTTP_TRANSACTION_SEND_REQUEST_BODY":
                if source in self._jobs:
                    self._jobs[source].has_body = True
                if source in self._waiting:
                    self._waiting[source].has_body = True
            case "HTTP_TRANSACTION_READ_RESPONSE_HEADERS":
                self._answered(source, params)
            case (
                "SOCKET_BYTES_SENT"
                | "SSL_SOCKET_BYTES_SENT"
                | "SOCKET_BYTES_RECEIVED"
                | "SSL_SOCKET_BYTES_RECEIVED"
            ):
                self._bytes(source, name, params, self._time(event) or 0)
            case "WEBSOCKET_SENT_FRAME_HEADER":
                self._frames += _tells(params)
            case "SOCKET_ALIVE" if event.get("phase") == self._constants.end and source in self._sockets:
                self._sockets.pop(source).end()
            case "REQUEST_ALIVE" if event.get("phase") == self._constants.end:
                self._jobs.pop(source, None)

    def _start(self, source: int, event: Mapping[str, Any], params: Mapping[str, Any]) -> None:
        job = self._jobs.setdefault(source, _NetSource())
        if len(self._jobs) > MOST_SOURCES:
            self._jobs.pop(next(iter(self._jobs)))
            self._forgotten["addresses of requests that had not been sent yet"] += 1
        if url := text_of(params.get("url")):
            job.url, job.method = url, text_of(params.get("method"))
            job.has_body, job.asked = "upload_id" in params, None
            return
        error = number_of(params.get("net_error"))
        if event.get("phase") != self._constants.end or not error:
            return
        why = self._constants.errors.get(error, str(error))
        if job.asked:
            job.asked.error = job.asked.error or why
        elif job.url and error < 0:
            self._not_sent(job, why)
            job.url = ""

    def _not_sent(self, job: _NetSource, why: str) -> None:
        try:
            host = parse_url(job.url).host
        except ValueError:
            return  # data:, blob: and the like lead to no server
        detail = f"a request that was never sent: {why}"
        self._ready.append(Gap(GapKind.NOT_RECORDED, self._file.name, detail, size_bytes=0, host=host))

    def _sent(self, source: int, event: Mapping[str, Any], params: Mapping[str, Any]) -> None:
        if source in self._waiting:  # a redirect, or another try
            self._done(source)
        job = self._jobs.setdefault(source, _NetSource())
        headers = _headers(params.get("headers"))
        try:
            method, version, url = _line(params, headers, job)
        except NotOnTheWire as err:
            self._ready.append(Gap(GapKind.NOT_HTTP, self._file.name, str(err), size_bytes=err.size_bytes))
            return
        except ValueError as err:
            detail = f"a request of which nobody can tell where it went: {err}"
            self._ready.append(Gap(GapKind.UNREADABLE, self._file.name, detail))
            return
        self._is_stripped = self._is_stripped or any(STRIPPED.search(value) for _, value in headers)
        has_body = job.has_body or any(
            name.lower() == b"content-length" and value.strip() not in (b"", b"0") for name, value in headers
        )
        # What stands in place of a value that was stripped was never sent.
        kept = tuple(
            (name, STRIPPED.sub(b"", value))
            for name, value in headers
            if name not in (b":method", b":scheme", b":path")
        )
        started = self._time(event)
        self._waiting[source] = job.asked = asked = _NetRequest(url, method, version, kept, started, has_body)
        self._wanting[asked.key][source] = asked
        if len(self._waiting) > MOST_WAITING:
            first = next(iter(self._waiting))
            self._waiting[first].is_forgotten = True
            self._forgotten["answers of requests that came late"] += 1
            self._done(first)

    def _time(self, event: Mapping[str, Any]) -> int | None:
        """When it was, in nanoseconds since the epoch."""
        time_ms = number_of(event.get("time"))
        return None if time_ms is None else (time_ms + self._constants.offset_ms) * 1_000_000

    def _answered(self, source: int, params: Mapping[str, Any]) -> None:
        asked = self._waiting.get(source)
        if asked is None:
            return
        listed = params.get("headers")
        lines = [text_of(line) for line in listed] if isinstance(listed, list) else []
        status = re.match(r"HTTP/\S+ +(\d{3})", lines[0]) if lines else None
        asked.status = int(status[1]) if status else None
        asked.answer_headers = _headers(lines[1:])
        if asked.status == SWITCHED and self._has_bytes:
            return  # its messages come, on its socket
        if not asked.has_body or not self._has_bytes or self._take_body(asked):
            self._done(source)

    def _take_body(self, asked: _NetRequest) -> bool:
        """True if the body is there already."""
        bodies = self._bodies.get(asked.key)
        if not bodies:
            return False
        asked.body = bodies.popleft()
        self._body_bytes -= len(asked.body or b"")
        if not bodies:
            del self._bodies[asked.key]
        return True

    def _bytes(self, source: int, name: str, params: Mapping[str, Any], time_ns: int) -> None:
        encoded = params.get("bytes")
        if not isinstance(encoded, str):
            return
        self._has_bytes = True
        if source not in self._sockets and len(self._sockets) >= MOST_SOCKETS:
            self._sockets.pop(next(iter(self._sockets))).end()
            self._forgotten["sockets, with the bodies that were still to come on them"] += 1
        socket = self._sockets.setdefault(source, _Socket(self._talked))
        inside = name.startswith("SSL_")
        if not socket.looks_at(inside):
            return
        if (data := from_base64(encoded)) is None:
            detail = "damaged bytes of a socket: bodies on it may be lost"
            self._ready.append(Gap(GapKind.UNREADABLE, self._file.name, detail))
        else:
            socket.add(inside, name.endswith("SENT"), data, time_ns)

    def _talked(self, talk: "Talk") -> None:
        """A request as a socket carried it; its headers are told elsewhere, its body only here."""
        body = talk.body.recorded
        host = talk.authority.decode("utf-8", "replace")
        key = _key(talk.method.decode("ascii", "replace"), host.rpartition(":")[0] or host, talk.target)
        wanting = self._wanting.get(key, {})
        if talk.status == SWITCHED:
            self._said(talk, wanting)
            return
        source = next((each for each, asked in wanting.items() if asked.has_body), None)
        if source is None and body:  # its headers did not say that it has one
            source = next(iter(wanting), None)
        if source is not None:
            asked = wanting.pop(source)
            asked.body, asked.has_body = body, True
            if asked.status is not None:
                self._done(source)
        elif body == b"" and key[0] not in METHODS_WITH_BODY:
            return
        elif self._body_bytes + len(body or b"") <= MOST_BODY_BYTES:
            self._body_bytes += len(body or b"")
            self._bodies[key].append(body)
        else:
            self._forgotten["bodies that came before their requests"] += 1

    def _said(self, talk: "Talk", wanting: dict[int, _NetRequest]) -> None:
        """All that went through a WebSocket, for the request that opened it."""
        if talk.error:
            self._ready.append(Gap(GapKind.UNREADABLE, self._file.name, talk.error))
        source = next((each for each, asked in wanting.items() if asked.status == SWITCHED), None)
        if source is not None:
            wanting[source].messages = tuple(talk.messages)
            self._frames -= len(talk.messages)
            self._done(source)

    def end(self) -> None:
        """Nothing more comes."""
        for socket in self._sockets.values():
            socket.end()
        for source in [*self._waiting]:
            asked = self._waiting[source]
            if asked.has_body and asked.body is None:
                self._take_body(asked)
            self._done(source)
        for what, times in self._forgotten.items():
            detail = f"{times:,} {what}: more than are remembered at a time"
            self._ready.append(Gap(GapKind.BUDGET, self._file.name, detail))

    def _done(self, source: int) -> None:
        asked = self._waiting.pop(source)
        wanting = self._wanting[asked.key]
        wanting.pop(source, None)
        if not wanting:
            del self._wanting[asked.key]
        delivered = Delivery.NOT_RECORDED if asked.is_forgotten else Delivery.NO_ANSWER
        self._ready.append(
            exchange_to(
                asked.url,
                Source(self._file.name, self._index, str(source)),
                method=asked.method,
                request_headers=asked.headers,
                request_body=asked.body if asked.has_body else b"",
                started_ns=asked.started_ns,
                http_version=asked.version,
                status=asked.status,
                response_headers=asked.answer_headers,
                error=asked.error or None,
                messages=asked.messages,
                delivered=Delivery.YES if asked.status is not None else delivered,
            )
        )
        self._index += 1

    def lacking(self) -> Iterator[Gap]:
        """What this log was told to leave out."""
        name, source = self._file.name, "net/log/net_log_capture_mode.h of Chromium"
        if self._is_stripped or self._constants.mode == "Default":
            yield never_recorded(
                name, f"the values of cookies and authorizations: they were stripped ({source})"
            )
        if not self._has_bytes:
            yield never_recorded(name, f"bodies of requests: only the mode Everything logs them ({source})")
        if self._frames > 0:
            detail = f"{self._frames} WebSocket messages were sent of which only heads are logged"
            yield never_recorded(name, f"{detail} ({source})")


class _Socket:
    """Bytes of a socket; of a TLS socket those inside, which come with events of their own."""

    def __init__(self, done: Any) -> None:
        self._done = done
        self._is_tls = False
        self._protocol: Protocol1 | None = None
        self._is_other = False

    def looks_at(self, inside: bool) -> bool:
        """False for bytes that tell nothing: of other protocols, and of a TLS socket those outside."""
        return not (self._is_other and inside == self._is_tls) and inside >= self._is_tls

    def add(self, inside: bool, sent: bool, data: bytes, time_ns: int) -> None:
        if inside and not self._is_tls:  # what came before was the handshake
            self._is_tls, self._protocol, self._is_other = True, None, False
        if inside != self._is_tls or self._is_other or not data:
            return
        if self._protocol is None:
            if not sent:
                return
            # Imported late: only a log of everything has bytes, and every scan loads this file.
            from hometruth.capture.pcap.http1 import REQUEST, Http1  # noqa: PLC0415
            from hometruth.capture.pcap.http2 import PREFACE, Http2  # noqa: PLC0415
            from hometruth.capture.pcap.talk import header  # noqa: PLC0415
            from hometruth.capture.pcap.websocket import WebSocket  # noqa: PLC0415

            def upgraded(talk: "Talk") -> WebSocket | None:
                is_it = header(talk.answer_headers, b"upgrade").lower() == b"websocket"
                return WebSocket(talk, self._done, answers=False) if is_it else None

            if data.startswith(PREFACE[:14]):
                self._protocol = Http2("https", self._done, answers=False)
            elif REQUEST.match(data):
                self._protocol = Http1("https" if inside else "http", self._done, upgraded, answers=False)
            else:
                self._is_other = True
                return
        self._protocol.add(sent, data, time_ns)

    def end(self) -> None:
        if self._protocol:
            self._protocol.end()


def _line(params: Mapping[str, Any], headers: Headers, job: _NetSource) -> tuple[str, str, Url]:
    """Method, version and address, from the request line or its pseudo headers, and the job's URL."""
    told = {name: value.decode("utf-8", "surrogateescape") for name, value in headers}
    if (line := _LINE.match(text_of(params.get("line")))) is not None:
        method, target, version = line[1], line[2], line[3] or ""
    else:
        method, target = told.get(b":method", job.method), told.get(b":path", "")
        version = "HTTP/2" if b":method" in told else ""
    if not job.url and b":authority" in told:
        return (
            method,
            version,
            parse_url(f"{told.get(b':scheme', 'https')}://{told[b':authority']}{target or '/'}"),
        )
    url = parse_url(job.url)
    if target.startswith("/") and target.encode("utf-8", "surrogateescape") != url.target:
        scheme, _, rest = job.url.partition("://")
        url = parse_url(f"{scheme}://{re.split('[/?#]', rest, maxsplit=1)[0]}{target}")
    return method or job.method, version, url


def _tells(frame: Mapping[str, Any]) -> bool:
    """True for the head of a frame with which a message ends that has content."""
    opcode, size = number_of(frame.get("opcode")) or 0, number_of(frame.get("payload_length")) or 0
    if opcode < CLOSE:
        return frame.get("final") is not False
    return size > (CODE_BYTES if opcode == CLOSE else 0)


def _headers(listed: object) -> Headers:
    """Lines ``name: value``, as the log writes headers of requests and answers."""
    pairs = []
    for each in listed if isinstance(listed, list) else ():
        line = text_of(each)
        mark = line.find(":", 1)
        if mark > 0:
            pairs.append((header_bytes(line[:mark]), header_bytes(line[mark + 1 :].strip())))
    return tuple(pairs)


_Key = tuple[str, str, str]


def _key(method: str, host: str, target: bytes) -> _Key:
    return method.upper(), host.strip("[]").lower(), target.decode("latin-1")


def _sniff(start: Start) -> bool:
    found = _BEGINNING.match(start.text)
    if found is None:
        return False
    if found[1] == b"events":
        return _EVENT.search(start.head) is not None
    return any(sign in start.head for sign in _SIGNS[:3]) or (
        found[1] in (b"timeTickOffset", b"polledData") and _EVENT.search(start.head) is not None
    )


NETLOG = Reader("NetLog of Chromium", (".json",), _sniff, read_netlog)
