"""The twin of a mitmproxy flow file: whatever somebody sent is rewritten, or goes."""

import io
from collections.abc import Iterator
from pathlib import Path
from secrets import token_bytes

from mitmproxy.dns import DNSFlow
from mitmproxy.flow import Flow
from mitmproxy.http import Headers, HTTPFlow, Message
from mitmproxy.io import FlowReader, FlowWriter
from mitmproxy.tcp import TCPFlow
from mitmproxy.udp import UDPFlow
from mitmproxy.websocket import WebSocketMessage

from hometruth.errors import CaptureError
from hometruth.model import Part
from hometruth.redact.har import GONE, MAX_HAR_BYTES, NO_HOST, NOT_NAMED, OPAQUE, SIGHTED
from hometruth.redact.left_out import LeftOut
from hometruth.redact.rewrite import Rewriter
from hometruth.redact.sensitive import COOKIE_HEADERS, SECRET_HEADERS

NOBODY = ("192.0.2.1", 9)
"""In the place of the client's own address: of a block that is nobody's (RFC 5737), port discard."""
_STAY = frozenset({b"content-length", b"content-type", b"content-encoding", b"transfer-encoding"})


def load_flows(path: Path) -> bytes:
    """The file.

    Raises:
        CaptureError: If it is too large, or its first flow cannot be read.
    """
    if path.stat().st_size > MAX_HAR_BYTES:
        raise CaptureError(f"{path}: larger than {MAX_HAR_BYTES >> 30} GiB; cut it up first")
    data = path.read_bytes()
    if data and next(_flows(data, LeftOut()), None) is None:
        raise CaptureError(f"{path}: not one flow in it can be read, so there is nothing to make a twin of")
    return data


def flow_twin(data: bytes, rewriter: Rewriter, left: LeftOut) -> bytes:
    """All flows that can be read, rewritten."""
    written = io.BytesIO()
    writer = FlowWriter(written)  # type: ignore[no-untyped-call]
    index = 0
    for number, flow in enumerate(_flows(data, left)):
        try:
            _TwinFlow(index, rewriter, left).rewrite(flow)
        except Exception as err:  # noqa: BLE001 (mitmproxy trusts its files; a hostile one raises anything)
            left.tell(f"flow {number} of the file", f"it is damaged: {type(err).__name__}: {err}", 0)
            continue
        writer.add(flow)
        index += 1
    return written.getvalue()


def _flows(data: bytes, left: LeftOut) -> Iterator[Flow]:
    stream = io.BytesIO(data)
    try:
        yield from FlowReader(stream).stream()
    except Exception as err:  # noqa: BLE001 (mitmproxy trusts its files; a hostile one raises anything)
        rest = len(data) - stream.tell()
        left.tell("the rest of the file", f"it is damaged from there on: {type(err).__name__}: {err}", rest)


def _content_of(message: WebSocketMessage) -> bytes:
    """Files of mitmproxy 5 and 6 hold text messages as text."""
    content: object = message.content
    return content.encode() if isinstance(content, str) else bytes(message.content)


class _TwinFlow:
    """One flow."""

    def __init__(self, index: int, rewriter: Rewriter, left: LeftOut) -> None:
        self._index = index
        self._rewriter = rewriter
        self._left = left

    def rewrite(self, flow: Flow) -> None:
        self._connections(flow)
        flow.comment = self._rewriter.text(flow.comment)
        flow.metadata = {
            name: self._rewriter.text(value) if isinstance(value, str) else value
            for name, value in flow.metadata.items()
            if isinstance(value, str | bool | int | float)
        }
        flow._backup = None  # the original, where somebody edited it
        if flow.error:
            flow.error.msg = self._rewriter.text(flow.error.msg)
        match flow:
            case HTTPFlow():
                self._http(flow)
            case DNSFlow():
                self._dns(flow)
            case TCPFlow() | UDPFlow():
                self._talk(flow)

    def _connections(self, flow: Flow) -> None:
        """No address of the client, no certificate; names as the requests have them."""
        flow.client_conn.peername = NOBODY
        flow.client_conn.sockname = NOBODY
        for side in (flow.client_conn, flow.server_conn):
            side.certificate_list = []
            if side.sni:
                side.sni = GONE if self._sighted(Part.SNI) else self._rewriter.text(side.sni)
        flow.client_conn.mitmcert = None
        flow.server_conn.sockname = None
        if address := flow.server_conn.address:
            flow.server_conn.address = (self._host(address[0]), address[1])

    def _http(self, flow: HTTPFlow) -> None:
        request = flow.request.data
        request.host = self._host(request.host)
        request.authority = self._bytes(request.authority, Part.AUTHORITY)
        request.method = self._bytes(request.method, Part.METHOD)
        request.path = self._path(request.path)
        self._message(flow.request)
        if flow.response is not None:
            self._answer(flow)
        for message in flow.websocket.messages if flow.websocket else ():
            content = _content_of(message)
            new = self._rewriter.data(content)
            if new is None and self._left.keep_opaque:
                new = content
            if (
                new is None
                or self._sighted(Part.MESSAGE)
                or not (message.from_client or self._left.keep_responses)
            ):
                why = NOT_NAMED if not message.from_client else OPAQUE if new is None else SIGHTED
                self._tell("messages", why, len(content))
                new = b""
            message.content = new
        if flow.websocket and flow.websocket.close_reason:
            flow.websocket.close_reason = self._rewriter.text(flow.websocket.close_reason)

    def _path(self, path: bytes) -> bytes:
        start, mark, query = path.partition(b"?")
        if self._sighted(Part.QUERY):
            self._tell("query", SIGHTED, len(query))
            mark, query = b"", b""
        if self._sighted(Part.PATH):
            self._tell("path", SIGHTED, len(start))
            start = f"/{GONE}".encode()
        return self._rewritten(start + mark + query)

    def _message(self, message: Message) -> None:
        message.headers = Headers(self._headers(message.headers.fields))
        if message.trailers:
            message.trailers = Headers(self._headers(message.trailers.fields))
        raw = message.raw_content
        if not raw:
            return
        if self._sighted(Part.BODY):
            self._tell("body", SIGHTED, len(raw))
            message.raw_content = None
            return
        new = self._content(message, raw)
        if new is None and not self._left.keep_opaque:
            self._tell("body", OPAQUE, len(raw))
        if new is not None or not self._left.keep_opaque:
            message.raw_content = new
        if new is not None and "content-length" in message.headers:
            message.headers["content-length"] = str(len(new))

    def _content(self, message: Message, raw: bytes) -> bytes | None:
        """The body replaced, with its Content-Encoding on again."""
        if not message.headers.get("content-encoding"):
            return self._rewriter.data(raw)
        try:
            inner = message.get_content(strict=True)
        except ValueError:  # it says one coding and has another, as broken senders do
            return self._rewriter.data(raw)
        if inner is None or (new := self._rewriter.data(inner)) is None:
            return None
        if new == inner:
            return raw
        message.set_content(new)
        return message.raw_content

    def _headers(self, fields: tuple[tuple[bytes, bytes], ...]) -> list[tuple[bytes, bytes]]:
        if self._sighted(Part.HEADER_NAME):
            return []
        return [(self._rewritten(name), self._header(name, value)) for name, value in fields]

    def _header(self, raw_name: bytes, raw: bytes) -> bytes:
        name = raw_name.decode("latin-1")
        if raw_name.lower() in _STAY:
            return raw
        is_cookie = name.lower() in COOKIE_HEADERS
        if self._left.has(self._index, Part.HEADER, name=name) or (is_cookie and self._sighted(Part.COOKIE)):
            self._tell(f"header {name}", SIGHTED, len(raw))
            return GONE.encode()
        value = raw.decode("utf-8", "surrogateescape")
        if is_cookie:
            new = self._rewriter.cookies(name, value)
        elif name.lower() in SECRET_HEADERS:
            new = self._rewriter.header(name, value)
        else:
            new = self._rewriter.text(value, name)
        return new.encode("utf-8", "surrogateescape")

    def _answer(self, flow: HTTPFlow) -> None:
        response = flow.response
        assert response is not None
        if self._left.keep_responses and not self._sighted(Part.ANSWER):
            self._message(response)
            return
        if response.raw_content or response.headers:
            why = SIGHTED if self._left.keep_responses else NOT_NAMED
            self._tell("answer", why, len(response.raw_content or b""))
        response.headers = Headers()
        response.trailers = None
        response.raw_content = None if response.raw_content else b""
        response.reason = ""

    def _dns(self, flow: DNSFlow) -> None:
        for question in flow.request.questions if flow.request else ():
            question.name = self._host(question.name)
        if flow.request:
            flow.request.additionals = []
        if flow.response and not self._left.keep_responses:
            flow.response = None
        for asked in flow.response.questions if flow.response else ():
            asked.name = self._host(asked.name)
        for answer in flow.response.answers if flow.response else ():
            answer.name = self._host(answer.name)

    def _talk(self, flow: TCPFlow | UDPFlow) -> None:
        """Noise of the same length: how much was said stays, what was said goes."""
        for message in flow.messages:
            if not self._left.keep_opaque:
                self._tell("conversation", OPAQUE, len(message.content))
                message.content = token_bytes(len(message.content))

    def _host(self, host: str) -> str:
        return NO_HOST if self._sighted(Part.HOST) else self._rewriter.text(host)

    def _bytes(self, data: bytes, part: Part) -> bytes:
        return b"" if self._sighted(part) else self._rewritten(data)

    def _rewritten(self, data: bytes) -> bytes:
        text = data.decode("utf-8", "surrogateescape")
        return self._rewriter.text(text).encode("utf-8", "surrogateescape")

    def _sighted(self, *parts: Part) -> bool:
        return self._left.has(self._index, *parts)

    def _tell(self, what: str, why: str, size_bytes: int) -> None:
        self._left.tell(f"flow {self._index}, {what}", why, size_bytes)
