"""The twin of a mitmproxy flow file: whatever somebody sent is rewritten, or goes.

What is written is made of the parts that are known, one by one, and of all others as any text: a field that
some version of mitmproxy adds is rewritten, too.
"""

import io
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from secrets import token_bytes
from typing import Any
from uuid import UUID

from mitmproxy.dns import DNSFlow
from mitmproxy.flow import Flow
from mitmproxy.http import Headers, HTTPFlow, Message
from mitmproxy.io import FlowReader, tnetstring
from mitmproxy.tcp import TCPFlow
from mitmproxy.udp import UDPFlow
from mitmproxy.websocket import WebSocketMessage

from hometruth.audit.redact.har import GONE, NO_HOST, NOT_NAMED, OPAQUE, SIGHTED, read_whole
from hometruth.audit.redact.left_out import LeftOut
from hometruth.audit.redact.rewrite import Rewriter
from hometruth.audit.redact.sensitive import COOKIE_HEADERS
from hometruth.capture.flows import item_of
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Part

NOBODY = ("192.0.2.1", 9)
"""In the place of the client's own address: of a block that is nobody's (RFC 5737), port discard."""
_MODES = frozenset({"regular", "transparent", "socks5", "dns", "wireguard"})
"""Ways into mitmproxy that stay by their name; what else stands there holds addresses and files."""
_READ = frozenset({"path", "headers", "trailers", "content", "messages"})
"""Of a flow that was read, what stands in its exchange and is searched there."""


def load_flows(path: Path) -> bytes:
    """The file.

    Raises:
        CaptureError: If it is too large, or its first flow cannot be read.
    """
    data = read_whole(path)
    if data and next(_flows(data, LeftOut()), None) is None:
        raise CaptureError(f"{path}: not one flow in it can be read, so there is nothing to make a twin of")
    return data


def flow_twin(data: bytes, rewriter: Rewriter, left: LeftOut) -> bytes:
    """All flows that can be read, rewritten."""
    written = io.BytesIO()
    index = 0
    for number, flow in enumerate(_flows(data, left)):
        try:
            twin = _TwinFlow(index, number, rewriter, left).twin(flow)
            is_exchange = isinstance(item_of(twin, "", index), Exchange)
            written.write(tnetstring.dumps(twin.get_state()))
            index += is_exchange
        except Exception as err:  # noqa: BLE001 (mitmproxy trusts its files; a hostile one raises anything)
            left.tell(f"flow {number} of the file", f"it is damaged: {type(err).__name__}: {err}", 0)
    return written.getvalue()


def beside_flows(twin: bytes, read: Collection[int | str]) -> Iterator[tuple[int, bytes]]:
    """What a twin holds that no reader took for a part of an exchange, by the number of its flow.

    Args:
        read: Ids of flows that were read.
    """
    stream = io.BytesIO(twin)
    while stream.tell() < len(twin):
        state: dict[str, Any] = tnetstring.load(stream)  # type: ignore[assignment]
        if state["id"] in read:
            for part in (state, *filter(None, map(state.get, ("request", "response", "websocket")))):
                for name in _READ:
                    part.pop(name, None)
        yield UUID(state["id"]).int, json.dumps(state, default=_shown).encode("utf-8", "surrogatepass")


def _shown(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def _flags(notes: dict[str, object]) -> dict[str, object]:
    """Notes that only say yes or no: whether a request was delivered is one."""
    return {name: value for name, value in notes.items() if isinstance(value, bool)}


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

    def __init__(self, index: int, number: int, rewriter: Rewriter, left: LeftOut) -> None:
        self._index = index
        """Among the exchanges of the file."""
        self._number = number
        """Among its flows."""
        self._rewriter = rewriter
        self._left = left

    def twin(self, flow: Flow) -> Flow:
        known: tuple[str, ...] = ("version", "type")
        match flow:
            case HTTPFlow():
                self._http(flow)
                known = (*known, "request", "response", "websocket")
            case DNSFlow():
                self._dns(flow)
            case TCPFlow() | UDPFlow():
                self._talk(flow)
                known = (*known, "messages")
        state: dict[str, Any] = flow.get_state()
        state |= {"id": self._id(), "backup": None}  # where somebody edited it, that is the original
        if self._number in self._left.beside:
            self._tell("what stands beside its request", SIGHTED, 0)
            state |= {"comment": "", "marked": "", "metadata": _flags(state["metadata"])}
            state["error"] = state["error"] and {**state["error"], "msg": GONE}
        sides = {side: self._connection(state, side) for side in ("client_conn", "server_conn")}
        rest = {name: value for name, value in state.items() if name not in (*known, *sides, "id")}
        return Flow.from_state({**state, **self._rewriter.tree(rest), **sides})

    def _id(self, side: int = 0) -> str:
        """Says which flow of the file it is, and nothing of where it was recorded."""
        return str(UUID(int=side << 96 | self._number))

    def _connection(self, state: dict[str, Any], side: str) -> dict[str, Any]:
        """No address of the client, no certificate, no other proxy; names as the requests have them."""
        old = state[side]
        sni = old["sni"] and (GONE if self._sighted(Part.SNI) else self._rewriter.text(old["sni"]))
        if self._number in self._left.beside:
            old = {**old, "error": None, "cipher": None, "cipher_list": [], "alpn": None, "alpn_offers": []}
        twin = {**self._rewriter.tree({**old, "id": ""}), "sni": sni, "certificate_list": []}
        if side == "client_conn":
            ours = {
                "id": self._id(1),
                "peername": NOBODY,
                "sockname": NOBODY,
                "mitmcert": None,
                "proxy_mode": self._mode(old["proxy_mode"]),
            }
        else:
            address = old["address"] and (self._host(old["address"][0]), *old["address"][1:])
            ours = {"id": self._id(2), "sockname": None, "via": None, "address": address}
        return {**twin, **ours}

    def _mode(self, mode: str) -> str:
        """The way into mitmproxy: of captured programs with their names, of others no address and no file."""
        kind, _, programs = mode.partition(":")
        if kind == "local":
            return f"local:{self._rewriter.text(programs)}"
        return kind if kind in _MODES else "regular"

    def _http(self, flow: HTTPFlow) -> None:
        request = flow.request.data
        request.host = self._host(request.host)
        request.authority = self._bytes(request.authority, Part.AUTHORITY)
        request.method = self._bytes(request.method, Part.METHOD)
        request.path = self._path(request.path)
        request.scheme = self._rewriter.raw(request.scheme)
        request.http_version = self._rewriter.raw(request.http_version)
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
        return self._rewriter.raw(start + mark + query)

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
        """The body replaced, with its Content-Encoding on again, whether it says so truly or not."""
        coding = message.headers.get("content-encoding", "").rpartition(",")[2].strip().lower()
        return self._rewriter.data(raw, coding=coding)

    def _headers(self, fields: tuple[tuple[bytes, bytes], ...]) -> list[tuple[bytes, bytes]]:
        if self._sighted(Part.HEADER_NAME):
            return []
        return [(self._rewriter.raw(name), self._header(name, value)) for name, value in fields]

    def _header(self, raw_name: bytes, raw: bytes) -> bytes:
        name = raw_name.decode("latin-1")
        is_cookie = name.lower() in COOKIE_HEADERS
        if self._left.has(self._index, Part.HEADER, name=name) or (is_cookie and self._sighted(Part.COOKIE)):
            self._tell(f"header {name}", SIGHTED, len(raw))
            return GONE.encode()
        new: str = self._rewriter.field(name, raw.decode("utf-8", "surrogateescape"))
        return new.encode("utf-8", "surrogateescape")

    def _answer(self, flow: HTTPFlow) -> None:
        response = flow.response
        assert response is not None
        data = response.data
        data.http_version = self._rewriter.raw(data.http_version)
        if self._left.keep_responses and not self._sighted(Part.ANSWER):
            data.reason = self._rewriter.raw(data.reason)
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
        """What is asked; records that come with it, as of the client's own network, go."""
        if flow.request:
            flow.request.answers, flow.request.authorities, flow.request.additionals = [], [], []
        if not self._left.keep_responses or self._sighted(Part.ANSWER):
            flow.response = None
        for message in (flow.request, flow.response):
            for question in message.questions if message and self._sighted(Part.HOST, Part.MESSAGE) else ():
                question.name = NO_HOST

    def _talk(self, flow: TCPFlow | UDPFlow) -> None:
        """Noise of the same length: how much was said stays, what was said goes."""
        for message in flow.messages:
            new = self._rewriter.data(message.content) if self._left.keep_opaque else None
            if self._sighted(Part.MESSAGE) or not self._left.keep_opaque:
                self._tell(
                    "conversation", SIGHTED if self._left.keep_opaque else OPAQUE, len(message.content)
                )
                new = token_bytes(len(message.content))
            message.content = message.content if new is None else new

    def _host(self, host: str) -> str:
        return NO_HOST if self._sighted(Part.HOST) else self._rewriter.text(host)

    def _bytes(self, data: bytes, part: Part) -> bytes:
        return b"" if self._sighted(part) else self._rewriter.raw(data)

    def _sighted(self, *parts: Part) -> bool:
        return self._left.has(self._index, *parts)

    def _tell(self, what: str, why: str, size_bytes: int) -> None:
        self._left.tell(f"flow {self._index}, {what}", why, size_bytes)
