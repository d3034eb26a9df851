"""The mitmproxy addon behind the recorder: stamps flows, writes them when complete, notes the rest."""

import asyncio
import functools
import inspect
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar, cast

from mitmproxy.connection import Client
from mitmproxy.dns import DNSFlow
from mitmproxy.flow import Error, Flow
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layer import CommandGenerator, NextLayer
from mitmproxy.proxy.layers import HttpLayer
from mitmproxy.proxy.layers.http import HttpStream
from mitmproxy.proxy.layers.http._http1 import Http1Server
from mitmproxy.proxy.layers.http._http2 import Http2Server
from mitmproxy.proxy.layers.websocket import WebsocketLayer
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.tcp import TCPFlow, TCPMessage
from mitmproxy.tls import ClientHelloData, TlsData
from mitmproxy.udp import UDPFlow
from mitmproxy.websocket import WebSocketMessage
from wsproto.frame_protocol import Opcode

from hometruth.capture.connections import READ_AFTER_ALL, ConnectionFact, ConnectionLog
from hometruth.capture.flows import host_of, item_of
from hometruth.capture.proxy import own_pages
from hometruth.capture.proxy.admitted import Admitted
from hometruth.capture.proxy.black_hole import BlackHole
from hometruth.capture.proxy.client_hello import offered_versions
from hometruth.capture.proxy.flow_file import FlowFile
from hometruth.capture.proxy.http1 import TrailingServer
from hometruth.capture.proxy.other_resolvers import (
    ASKED_ELSEWHERE,
    DENIED,
    HUNG_UP,
    KNOWN_RESOLVER,
    asks_names,
)
from hometruth.capture.proxy.own_pages import OwnPages
from hometruth.capture.proxy.passing import (
    ENCIPHERED,
    NOT_READABLE,
    READABLE,
    Counted,
    Passing,
    RecordingPhase,
)
from hometruth.capture.proxy.preflight import OVER_QUIC, looks_enciphered
from hometruth.capture.proxy.process import Processes
from hometruth.capture.proxy.resolver import Resolver
from hometruth.capture.proxy.sinkhole import Answers, declines_websocket
from hometruth.capture.stamps import (
    APP,
    APP_SOURCE,
    ASKED_HOST,
    ASKED_PORT,
    TLS_OFFERED,
    TRIAL,
    UNDELIVERED,
    sent_by,
)
from hometruth.model import Exchange, Gap, GapKind, Sender, is_within

ENDED_EARLY = "the recording ended before this exchange did"
NOT_LOOKED_UP = "the recording ended before it was known which program this is: it is told as nobody's"
CUT_OFF = "the recorder was ended from outside, and began again here: what came meanwhile is unseen"
DISTRUSTED = "The client does not trust the proxy's certificate"
"""What mitmproxy says where the client does not know who issued it, or thinks it a bad one. A device whose
clock is wrong, or a certificate that has expired, is none of that."""
REFUSALS = (DISTRUSTED, "alert")
"""What mitmproxy says of a failed handshake where the client said that it refuses the certificate. Of one
that left without a word it guesses only ("… may indicate that the client does not trust …")."""
NOT_WHOLE = "what came last is not a whole HTTP request"
KEPT_AS_IT_CAME = "; it was passed on to nobody, and is kept as it came"
HALF_A_MESSAGE = "the last message that came over a WebSocket is not whole: what came of it is kept"
NOTHING_IN_COMMON = ("cannot agree on a TLS version", "no shared cipher", "no suitable key share")
"""What mitmproxy says where the handshake failed because of the recorder, not of the client's will."""
NO_TLS_IN_COMMON = "this client speaks no version or cipher of TLS that the recorder has: it was not read"
STATED = "stated by the tester: nothing but this app's traffic is routed here"
PROCESS = "name of the process that holds the connection"
SINKHOLE_SAFETY_NET = "a sinkhole opens no connection to the outside"


@dataclass(frozen=True, slots=True)
class Senders:
    """How the recorder is to know who sends."""

    only_app: str | None = None
    """The only app whose traffic is routed here, as the tester states it."""
    name_processes: bool = False
    """Look up which program of this machine each connection comes from (Linux)."""


def _may_be_of_this_machine(client: Client) -> bool:
    """False for what comes out of a tunnel: that is another device's."""
    through_tunnel = client.proxy_mode.type_name == "wireguard"
    return not through_tunnel and bool(client.peername and client.sockname)


NOBODY = Senders()


class _Http2Server(Http2Server):
    """Remembers that what came broke the rules of HTTP/2, of which no hook tells.

    All that came was read otherwise, and asked for nothing: a browser that is quit greets, and takes leave.
    """

    is_broken = False

    def protocol_error(self, *args: Any, **kwargs: Any) -> CommandGenerator[None]:
        self.is_broken = True
        yield from super().protocol_error(*args, **kwargs)


@dataclass(slots=True)
class _Connection:
    """What is known of one client connection."""

    host: str | None
    port: int | None
    trial: str | None
    tls: bool = False
    quic: bool = False
    offered: tuple[str, ...] = ()
    pending: bool = False
    """Bytes came of which nothing is known yet."""
    spoke: bool = False
    """An exchange or a conversation came of it."""
    asked: bool = False
    """A proxy's tunnel was asked for, and nothing has come through it."""
    arriving: bool = False
    """Nothing of it is read before it is known whose it is."""
    sender: Sender | None = None
    http: HttpLayer | None = None
    """What reads its requests, once they are known to be some."""
    undecided: NextLayer | None = None
    """What holds its bytes as long as it is not known what they are."""

    @property
    def piece(self) -> tuple[Context, bytes] | None:
        """What came of which no hook tells, as it came, and where; None if that is not at hand."""
        reading = self.http and self.http.connections.get(self.http.context.client)
        if isinstance(reading, TrailingServer) and reading.unread.strip():
            return reading.context, reading.unread
        if self.pending and self.undecided is not None:
            came = self.undecided.data_client()  # type: ignore[no-untyped-call]
            return (self.undecided.context, came) if came else None
        return None

    @property
    def holds_a_piece(self) -> bool:
        """True if something came of which no hook tells: the head of a request, not whole or broken."""
        reading = self.http and self.http.connections.get(self.http.context.client)
        if isinstance(reading, _Http2Server):
            came = reading.h2_conn.incoming_buffer
            data = came.data if hasattr(came, "data") else came._data  # h2 before 4.2, and since
            return reading.is_broken or bool(data or came._headers_buffer)
        if self.pending or not isinstance(reading, Http1Server):
            return self.pending
        broken = reading.state == reading.done and reading.request is None
        return broken or bool(bytes(reading.buf).strip())


Hook = TypeVar("Hook", bound=Callable[..., Any])


@contextmanager
def _failing(recording: "Recording", args: tuple[object, ...]) -> Iterator[None]:
    try:
        yield
    except Exception as err:  # noqa: BLE001 (whatever it is, the recorder raises it again)
        recording.fail(err)
        for flow in args:
            if isinstance(flow, Flow) and flow.killable:
                flow.kill()  # type: ignore[no-untyped-call]


def _loud(hook: Hook) -> Hook:
    """End the recording on any exception: mitmproxy would log it and let traffic pass unrecorded."""

    @functools.wraps(hook)
    def guarded(self: "Recording", *args: object) -> None:
        with _failing(self, args):
            hook(self, *args)

    @functools.wraps(hook)
    async def awaited(self: "Recording", *args: object) -> None:
        with _failing(self, args):
            await hook(self, *args)

    return cast(Hook, awaited if inspect.iscoroutinefunction(hook) else guarded)


class Recording:
    """One recording under way. All methods but `mark` run in the recorder's event loop."""

    def __init__(
        self,
        flows: FlowFile,
        connections: ConnectionLog,
        fail: Callable[[Exception], None],
        on_exchange: Callable[[Exchange], None] | None = None,
        *,
        on_gap: Callable[[Gap], None] | None = None,
        passing: Passing | None = None,
        senders: Senders = NOBODY,
        admitted: Admitted | None = None,
    ) -> None:
        self.passing = passing or Passing()
        self._admitted = admitted
        self._app = Sender(senders.only_app, STATED) if senders.only_app else None
        self._processes = Processes() if senders.name_processes else None
        self._raw: dict[str, Flow] = {}
        """Conversations that are no HTTP, by their server's id."""
        self._passed: dict[str, Counted] = {}
        """Connections let through unopened, by the client's id."""
        self.answers: Answers | None = None
        """What a sinkhole answers; None forwards."""
        self.own_pages: OwnPages | None = None
        """The recorder's own page; None has none."""
        self.is_page_opened = False
        """True once a client has opened the recorder's own page."""
        self.trusted_ns: int | None = None
        """When a client last showed that it trusts the recorder's certificate."""
        self.black_hole: BlackHole | None = None
        """Who listens, in a sinkhole, to what is no HTTP."""
        self.resolver = Resolver(self._answers_for)
        self.ready = asyncio.Event()
        self.trial: str | None = None
        self.gaps: list[Gap] = []
        self.n_exchanges = 0
        self.fail = fail
        self._flows = flows
        self._log = connections
        self._on_exchange = on_exchange
        self._on_gap = on_gap
        self._under_way: dict[str, Flow] = {}
        self._closed: dict[str, str] = {}
        """Those of them, by id, of which nothing is kept, and why."""
        self._connections: dict[str, _Connection] = {}
        self._hosts_heard: set[tuple[str | None, str | None]] = set()
        """Sessions and hosts of which a request was read."""
        self._waiting: dict[tuple[str | None, str | None], list[Gap]] = {}
        """By session and host: connections that were not used, as long as nothing was read of the host."""
        self._resolvers_heard: set[tuple[str | None, str]] = set()
        """Sessions, and hosts of which names were asked over HTTPS in them."""
        self._denied: set[tuple[str | None, str]] = set()
        """Sessions, and names of other resolvers that were said not to exist in them."""
        self._ending = False

    @property
    def is_empty(self) -> bool:
        """True until a flow has been written."""
        return self._flows.size_bytes == 0

    @property
    def n_under_way(self) -> int:
        """Flows that have begun and not ended, and connections on which what came is not understood yet."""
        return len(self._under_way) + sum(known.holds_a_piece for known in list(self._connections.values()))

    @property
    def may_still_be_told(self) -> bool:
        """True while nothing was understood of a connection that began: its refusal may be on its way."""
        return any(
            known.arriving or known.holds_a_piece or (known.tls and not known.spoke)
            for known in self._connections.values()
        )

    @property
    def is_looking_up(self) -> bool:
        """True while it is not known yet which program some connection comes from."""
        return any(known.arriving for known in self._connections.values())

    def running(self) -> None:
        """mitmproxy has come up, listening or not."""
        self.ready.set()

    @_loud
    def stop_looking_up(self) -> None:
        """Read what waits for the name of its program without one; a program that nobody named is told."""
        for known in self._connections.values():
            if known.arriving:
                self._note(GapKind.NOT_RECORDED, known, NOT_LOOKED_UP)
        if self._processes is not None:
            self._processes.close()

    @_loud
    def finish(self) -> None:
        """Write what is still under way, marked as cut short; what comes after it is written likewise."""
        for counted in self._passed.values():
            self._write_down(counted)
        self._passed.clear()
        for known in self._connections.values():
            self._note_unread(known, "open without a request, when the recording ended")
        self._tell_unused()
        self._ending = True
        if self._processes is not None:
            self._processes.close()
        for flow in list(self._under_way.values()):
            flow.error = flow.error or Error(ENDED_EARLY)
            self._write(flow)
        self._connections.clear()

    # Connections

    @_loud
    async def client_connected(self, client: Client) -> None:
        """Refuse whom nobody named; look up which program of this machine it is, as long as it is there."""
        if self._admitted and (refusal := self._admitted.refusal(client)):
            client.error = refusal
            if news := self._admitted.news(refusal):
                self._note(GapKind.NOT_RECORDED, _Connection(None, None, self.trial), news)
            return
        known = self._connections[client.id] = _Connection(None, None, self.trial, sender=self._app)
        if self._app is None and self._processes and _may_be_of_this_machine(client):
            known.arriving = True
            name = await self._processes.at(client.peername[:2], client.sockname[:2])
            known.arriving = False
            known.sender = Sender(name, PROCESS) if name else None

    @_loud
    def next_layer(self, data: NextLayer) -> None:
        """Something came that is yet to be understood; unread requests would otherwise leave no trace."""
        known = self._connection(data.context)
        known.pending = known.pending or bool(data.data_client())  # type: ignore[no-untyped-call]
        known.undecided = data
        if isinstance(data.layer, HttpLayer):
            known.http = data.layer
            context = data.layer.context
            if context.client.alpn == b"h2":
                data.layer.connections[context.client] = _Http2Server(context.fork())
            elif context.client.transport_protocol == "tcp":
                data.layer.connections[context.client] = TrailingServer(context.fork())

    @_loud
    def was_not_seen(self, since_ns: int, reason: str) -> None:
        """Note a time in which nothing of the device was seen, or which cannot be told from another."""
        kind = GapKind.NOT_RECORDED.value
        self._add(ConnectionFact(kind, None, None, since_ns, reason, self.trial))

    @_loud
    def was_cut_off(self, lost_bytes: int) -> None:
        """Note that the recorder was not there for a while, after something had ended it."""
        lost = f", and {lost_bytes:,} bytes of an exchange in flight were lost" * bool(lost_bytes)
        self._note(GapKind.NOT_RECORDED, _Connection(None, None, None), f"{CUT_OFF}{lost}")

    @_loud
    def hung_up(self, context: Context, host: str) -> None:
        """Note a resolver that the device was kept from asking."""
        known = self._connection(context)
        known.host, known.pending, known.spoke = host, False, True
        self._note(GapKind.CHANGED, known, HUNG_UP)

    @_loud
    def asks_elsewhere(self, context: Context, host: str) -> None:
        """Note a connection to a known resolver, once a session."""
        if (self.trial, host) not in self._resolvers_heard:
            self._resolvers_heard.add((self.trial, host))
            port = context.server.address[1] if context.server.address else None
            self._note(GapKind.RESOLVES_ELSEWHERE, _Connection(host, port, self.trial), KNOWN_RESOLVER)

    @_loud
    def tls_clienthello(self, data: ClientHelloData) -> None:
        """Remember what the client itself offered: it is a fact about the client, unlike what was agreed."""
        known = self._connection(data.context)
        known.tls, known.pending, known.spoke, known.asked = True, False, False, False
        known.quic = data.context.client.transport_protocol == "udp"
        known.host = data.client_hello.sni or known.host
        known.offered = offered_versions(data.client_hello.raw_bytes(wrap_in_record=False))

    @_loud
    def tls_failed_client(self, data: TlsData) -> None:
        """Note a handshake that failed."""
        known = self._connection(data.context)
        del self._connections[data.conn.id]
        told = (data.conn.error or "no reason given") + f", {OVER_QUIC}" * known.quic
        says_so = any(word in told for word in REFUSALS)
        if known.tls:
            self.passing.refused(known.host, says_so=says_so)
        if known.tls and any(word in told for word in NOTHING_IN_COMMON):
            self._note(GapKind.NOT_RECORDED, known, NO_TLS_IN_COMMON)
            return
        if known.tls and not says_so:
            self._unused(known, f"closed during the TLS handshake, without a word of refusal ({told})")
            return
        kind = GapKind.REFUSED_TLS if known.tls else GapKind.NOT_HTTP
        self._note(kind, known, f"no TLS connection with the client: {told}")

    @_loud
    def client_disconnected(self, client: Client) -> None:
        """Note a connection on which nothing was understood.

        Some apps check the certificate only after the handshake (pinning). Browsers open connections ahead
        and do not use them, so silence towards a host that is read in the same session means nothing.
        """
        known = self._connections.get(client.id)
        if known is None:
            return
        if known.tls and not known.spoke and not known.pending:
            self.passing.refused(known.host, says_so=False)
        over = f", {OVER_QUIC}" * known.quic
        self._note_unread(known, f"closed after the TLS handshake without a request{over}")
        del self._connections[client.id]

    def _note_unread(self, known: _Connection, unused: str) -> None:
        """Note what is left of a connection that is over, if it says anything.

        Args:
            unused: What to say of one on which nothing came after the handshake.
        """
        if known.holds_a_piece:
            kept = self._keep_piece(known)
            self._note(GapKind.NOT_HTTP, known, f"{NOT_WHOLE}{KEPT_AS_IT_CAME * kept}")
        elif known.tls and not known.spoke:
            self._unused(known, unused)
        elif known.asked:
            self._unused(known, "asked for, and not a byte was sent through it")

    def _keep_piece(self, known: _Connection) -> bool:
        """Write what is no whole request as a conversation, to be searched; True if it was kept."""
        if (piece := known.piece) is None:
            return False
        context, came = piece
        flow = TCPFlow(context.client, context.server)
        flow.messages.append(TCPMessage(True, came))  # type: ignore[no-untyped-call]
        flow.metadata[UNDELIVERED] = True
        if known.host is None:  # it was said to the recorder itself
            known.host, known.port = context.client.sockname[:2]
        flow.metadata[ASKED_HOST], flow.metadata[ASKED_PORT] = known.host, known.port or 0
        self._start(flow)
        is_kept = flow.id not in self._closed
        self._write(flow)
        return is_kept

    @_loud
    def http_connect(self, flow: HTTPFlow) -> None:
        """The client asks for a tunnel: understood, and what matters comes next."""
        if (known := self._understood(flow)) is not None:
            known.host, known.port, known.asked = flow.request.host, flow.request.port, True

    @_loud
    def server_connect(self, data: ServerConnectionHookData) -> None:
        """In a sinkhole, the last gate: no connection leaves, whatever asked for it.

        What is let through there goes to a server on loopback, and to no other. What is no HTTP is heard out
        by somebody on loopback who never answers.
        """
        if not data.server.address:
            return
        host = data.server.address[0]
        named = self.resolver.name_of(host) or host
        if not self.is_answered_here(host):
            return
        if data.client.id in self._passed and data.server.address in (self.passing.inside or {}).values():
            return
        if (flow := self._raw.get(data.server.id)) is not None and self.black_hole is not None:
            flow.metadata[ASKED_HOST], flow.metadata[ASKED_PORT] = named, data.server.address[1]
            flow.metadata[UNDELIVERED] = True
            data.server.address = self.black_hole.address
            return
        data.server.error = SINKHOLE_SAFETY_NET

    def is_answered_here(self, address: str) -> bool:
        """True for a host, or its address, that no connection is opened to."""
        return self._answers_for(self.resolver.name_of(address) or address) or self.resolver.is_made_up(
            address
        )

    def _answers_for(self, host: str) -> bool:
        ours = self.own_pages is not None and is_within(host, own_pages.HOST)
        return ours or (self.answers is not None and self.answers.answers_for(host))

    @_loud
    def http_connect_error(self, flow: HTTPFlow) -> None:
        """Note a host that the client asked for and that could not be reached."""
        known = _Connection(flow.request.host, flow.request.port, self.trial)
        reason = flow.error.msg if flow.error else "no connection"
        self._note(GapKind.NOT_RECORDED, known, f"the host could not be reached: {reason}")

    # HTTP

    @_loud
    def requestheaders(self, flow: HTTPFlow) -> None:
        """Stamp an exchange at its start."""
        known = self._start(flow)
        self._heard(host_of(flow))
        if known is not None and known.tls:
            flow.metadata[TLS_OFFERED] = ",".join(known.offered)

    @_loud
    async def request(self, flow: HTTPFlow) -> None:
        """In a sinkhole, answer; else mitmproxy forwards."""
        if flow.error is not None:  # killed by an addon before us
            return
        host = host_of(flow)
        if self.own_pages and _asks_the_proxy(flow):
            flow.response = self.own_pages.set_up(host, flow.request.port)
            return
        if asks_names(flow.request) and (self.trial, host) not in self._resolvers_heard:
            self._resolvers_heard.add((self.trial, host))
            at = _Connection(host, flow.request.port, flow.metadata.get(TRIAL))
            self._note(GapKind.RESOLVES_ELSEWHERE, at, ASKED_ELSEWHERE)
        if self.own_pages and (answer := self.own_pages.answer(flow.request, host)):
            if self.own_pages.shows_trust(flow.request, host):
                self.trusted_ns = time.time_ns()
                self.passing.trusted()
            self.is_page_opened = True
            flow.response = answer
            return
        if not self._answers_for(host):
            return
        assert self.answers is not None
        if declines_websocket(flow.request):
            at = _Connection(host_of(flow), flow.request.port, flow.metadata.get(TRIAL))
            self._note(
                GapKind.NOT_RECORDED, at, "the sinkhole declined a WebSocket: what it would carry is unseen"
            )
        flow.response = await self.answers.response_to(flow)

    @_loud
    def response(self, flow: HTTPFlow) -> None:
        """Write an exchange, unless it goes on as a WebSocket."""
        if flow.websocket is None:
            self._write(flow)

    @_loud
    def websocket_end(self, flow: HTTPFlow) -> None:
        """Write a WebSocket with its messages."""
        self._write(flow)

    @_loud
    def error(self, flow: HTTPFlow) -> None:
        """Write an exchange that failed."""
        if flow.websocket is None:
            self._write(flow)

    # Everything else

    @_loud
    def _start_other(self, flow: TCPFlow | UDPFlow) -> None:
        if (counted := self._let_through(flow)) is None:
            self._start(flow)
            self._raw[flow.server_conn.id] = flow
            host = (flow.server_conn.address or ("", 0))[0]
            if name := self.resolver.name_of(host):
                flow.metadata[ASKED_HOST] = name
            return
        self._passed[flow.client_conn.id] = counted
        self._understood(flow)

    tcp_start = udp_start = _start_other

    @_loud
    async def dns_request(self, flow: DNSFlow) -> None:
        """Stamp a question, and answer it where it is for the recorder to answer."""
        self._start(flow)
        if flow.server_conn.address:
            flow.metadata[ASKED_HOST], flow.metadata[ASKED_PORT] = flow.server_conn.address[:2]
        if (denied := await self.resolver.answer(flow)) and (self.trial, denied) not in self._denied:
            self._denied.add((self.trial, denied))
            self._note(GapKind.CHANGED, _Connection(denied, None, self.trial), DENIED)
        if flow.response is None and flow.error is None and self.answers and self.answers.is_closed:
            flow.error = Error(SINKHOLE_SAFETY_NET)

    @_loud
    def dns_response(self, flow: DNSFlow) -> None:
        """Write a question with its answer."""
        self.resolver.learn(flow)
        self._write(flow)

    @_loud
    def _end_other(self, flow: TCPFlow | UDPFlow | DNSFlow) -> None:
        self._raw.pop(flow.server_conn.id, None)
        counted = self._passed.pop(flow.client_conn.id, None)
        if counted is None:
            self._write(flow)
            return
        self._write_down(counted)
        if flow.error is not None:
            at = _Connection(counted.host, counted.port, counted.trial)
            self._note(GapKind.NOT_RECORDED, at, f"let through, and broken off: {flow.error.msg}")

    tcp_end = tcp_error = udp_end = udp_error = dns_error = _end_other

    # Let through unopened

    @_loud
    def _message(self, flow: TCPFlow | UDPFlow) -> None:
        """Count what goes over a connection that is let through, and keep none of it."""
        message = flow.messages[-1]
        message.content = bytes(message.content)  # a bytearray if it came with the CONNECT
        counted = self._passed.get(flow.client_conn.id)
        if counted is None:
            return
        if counted.trial != self.trial:
            self._next_session(counted)
        counted.add(message.content, sent=message.from_client)
        del flow.messages[:-1]

    tcp_message = udp_message = _message

    @_loud
    def session_changed(self) -> None:
        """Write down what connections that outlast a session did in it: a kill loses the next one at most."""
        self._tell_unused()
        for counted in self._passed.values():
            if counted.trial != self.trial:
                self._next_session(counted)

    def _let_through(self, flow: Flow) -> Counted | None:
        """A new count for a connection that is let through, None for any other."""
        chosen = self.passing.chosen.pop(flow.client_conn.id, None)
        return None if chosen is None else Counted(*chosen, self.trial, self._sender(flow))

    def _next_session(self, counted: Counted) -> None:
        self._write_down(counted)
        counted.restart(self.trial)

    def _write_down(self, counted: Counted) -> None:
        if counted.is_empty or self._ending:
            return
        self._add(
            ConnectionFact(
                counted.kind.value,
                counted.host,
                counted.port,
                counted.started_ns,
                counted.reason,
                counted.trial,
                sent_bytes=counted.sent_bytes,
                received_bytes=counted.received_bytes,
                bursts=counted.bursts,
                app=counted.sender.app if counted.sender else None,
                app_source=counted.sender.source if counted.sender else None,
            )
        )

    def _sender(self, flow: Flow) -> Sender | None:
        known = self._connections.get(flow.client_conn.id)
        return known.sender if known else self._app

    def _start(self, flow: Flow) -> _Connection | None:
        if self.trial is not None:
            flow.metadata[TRIAL] = self.trial
        if sender := self._sender(flow):
            flow.metadata[APP], flow.metadata[APP_SOURCE] = sender.app, sender.source
        self._under_way[flow.id] = flow
        if not self._may_keep(flow):
            self._closed[flow.id] = self._reason(flow)
        return self._understood(flow)

    def _may_keep(self, flow: Flow) -> bool:
        """Decided once, when it begins: what began before consent is not looked into after it."""
        is_declared = self.passing.phase is RecordingPhase.DECLARED
        if isinstance(flow, DNSFlow):
            return is_declared
        if isinstance(flow, HTTPFlow):
            host = host_of(flow)
        else:
            address = (flow.server_conn.address or ("", 0))[0]
            host = flow.client_conn.sni or self.resolver.name_of(address) or address
        if not self.passing.may_open(host):
            self.passing.left_closed(host)
            return False
        return is_declared

    def _reason(self, flow: Flow) -> str:
        """Why nothing of a flow is kept."""
        if self.passing.phase is not RecordingPhase.PREFLIGHT:
            return self.passing.reason
        return READABLE if isinstance(flow, (HTTPFlow, DNSFlow)) else NOT_READABLE

    def _understood(self, flow: Flow) -> _Connection | None:
        known = self._connections.get(flow.client_conn.id)
        if known is not None:
            known.pending, known.spoke, known.asked = False, True, False
        return known

    def _connection(self, context: Context) -> _Connection:
        """What is known of a client's connection, with its newest destination."""
        known = self._connections.setdefault(context.client.id, _Connection(None, None, self.trial))
        if context.server.address and not known.tls:
            host, known.port = context.server.address[:2]
            known.host = self.resolver.name_of(host) or host
        return known

    def _write(self, flow: Flow) -> None:
        if flow.id not in self._under_way:
            return
        try:
            self._write_or_count(flow)
        finally:  # only now: whoever sees from another thread that nothing is under way has been told of all
            del self._under_way[flow.id]

    def _write_or_count(self, flow: Flow) -> None:
        if isinstance(flow, HTTPFlow) and flow.error is not None and flow.request.data.content is None:
            flow.request.data.content = self._came_of(flow)
        if isinstance(flow, HTTPFlow) and flow.websocket is not None and (rest := self._unfinished(flow)):
            flow.websocket.messages.append(WebSocketMessage(Opcode.BINARY, True, rest))
            at = _Connection(host_of(flow), flow.request.port, flow.metadata.get(TRIAL))
            self._note(GapKind.NOT_RECORDED, at, HALF_A_MESSAGE)
        if (reason := self._closed.pop(flow.id, None)) is not None:
            self._count_only(flow, reason)
            return
        self._flows.add(flow)
        item = item_of(flow, str(self._flows.path), self.n_exchanges)
        if isinstance(item, Gap):
            self.gaps.append(item)
            if self._on_gap is not None:
                self._on_gap(item)
            return
        if self._on_exchange is not None:
            self._on_exchange(item)
        self.n_exchanges += 1

    def _came_of(self, flow: HTTPFlow) -> bytes | None:
        """What had come of a request's body that was broken off, which mitmproxy keeps to itself."""
        stream = self._stream_of(flow)
        return (bytes(stream.request_body_buf) or None) if stream else None

    def _unfinished(self, flow: HTTPFlow) -> bytes:
        """What came of a client's message over a WebSocket that was never whole, likewise."""
        stream = self._stream_of(flow)
        if stream is None or not isinstance(stream.child_layer, WebsocketLayer):
            return b""
        talk = stream.child_layer.client_ws
        unread = talk._proto._frame_decoder.buffer if talk._proto else None
        return b"".join(talk.frame_buf) + (bytes(unread.buffer[unread.bytes_used :]) if unread else b"")

    def _stream_of(self, flow: HTTPFlow) -> HttpStream | None:
        known = self._connections.get(flow.client_conn.id)
        streams = known.http.streams.values() if known and known.http else ()
        return next((each for each in streams if each.flow is flow), None)

    def _count_only(self, flow: Flow, reason: str) -> None:
        """Of a host that nobody asked to look into, note the bytes and forget what they were."""
        item, sender = item_of(flow, "", 0), sent_by(flow)
        if reason == READABLE and isinstance(item, Exchange) and _carries_cipher(item):
            reason = ENCIPHERED
        if isinstance(item, Gap):  # nothing came from the client
            port, at_ns, (sent, received) = None, time.time_ns(), (0, item.received_bytes or 0)
        else:
            port, at_ns, (sent, received) = item.port, item.started_ns or time.time_ns(), _sizes(item)
        self._add(
            ConnectionFact(
                GapKind.NOT_LOOKED_INTO.value,
                item.host,
                port,
                at_ns,
                reason,
                item.trial,
                sent_bytes=sent,
                received_bytes=received,
                app=sender.app if sender else None,
                app_source=sender.source if sender else None,
            )
        )

    def _unused(self, at: _Connection, reason: str) -> None:
        """Note a connection that the client closed unused, unless its host is read in the same session.

        It is written down at once, so that a kill loses nothing; if the host is read later, that is written
        too, and takes the note back.
        """
        if self._ending or (at.trial, at.host) in self._hosts_heard:
            return
        fact = ConnectionFact(GapKind.UNUSED.value, at.host, at.port, time.time_ns(), reason, at.trial)
        self._log.add(fact)
        gap = fact.as_gap(self._log.path.name)
        self.gaps.append(gap)
        self._waiting.setdefault((at.trial, at.host), []).append(gap)

    def _heard(self, host: str) -> None:
        """A request to *host* was read."""
        self.passing.heard(host)
        self._hosts_heard.add((self.trial, host))
        if (unused := self._waiting.pop((self.trial, host), None)) is None:
            return
        self.gaps = [gap for gap in self.gaps if not any(gap is each for each in unused)]
        reason = "the host was read after all"
        self._log.add(ConnectionFact(READ_AFTER_ALL, host, None, time.time_ns(), reason, self.trial))

    def _tell_unused(self) -> None:
        """The session is over: what was not used in it will not be."""
        for gaps in self._waiting.values():
            for gap in gaps:
                if self._on_gap is not None:
                    self._on_gap(gap)
        self._waiting.clear()

    def _note(self, kind: GapKind, at: _Connection, reason: str) -> None:
        if self._ending:
            return
        self._add(ConnectionFact(kind.value, at.host, at.port, time.time_ns(), reason, at.trial))

    def _add(self, fact: ConnectionFact) -> None:
        self._log.add(fact)
        self.gaps.append(fact.as_gap(self._log.path.name))
        if self._on_gap is not None:
            self._on_gap(self.gaps[-1])


def _asks_the_proxy(flow: HTTPFlow) -> bool:
    """True for a request to the proxy's own address, by a device that is not connected to it yet."""
    host, port = flow.client_conn.sockname[:2]
    is_asked = flow.request.port == port and host_of(flow) == host
    return is_asked and flow.client_conn.proxy_mode.type_name == "regular"


def _carries_cipher(item: Exchange) -> bool:
    """True if what the client sent is enciphered inside what could be opened."""
    kind = (item.request_header("content-type") or b"").decode("latin-1")
    return any(looks_enciphered(body, kind) for body in (item.request_body, *_sent(item)) if body)


def _sent(item: Exchange) -> Iterator[bytes]:
    return (message.data for message in item.messages if message.sent)


def _sizes(item: Exchange) -> tuple[int, int]:
    """Bytes of content that the client sent, and that it got."""
    request = (item.request_body or b"", item.target, *chain.from_iterable(item.request_headers))
    answer = (item.response_body or b"", *chain.from_iterable(item.response_headers))
    sent = (*request, *(one.data for one in item.messages if one.sent))
    received = (*answer, *(one.data for one in item.messages if not one.sent))
    return sum(map(len, sent)), sum(map(len, received))
