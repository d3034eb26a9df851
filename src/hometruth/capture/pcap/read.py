"""Reads a packet capture: connections, TLS opened with keys, and the requests inside."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from hometruth.capture.pcap.http1 import REQUEST, Http1
from hometruth.capture.pcap.http2 import PREFACE, Http2
from hometruth.capture.pcap.http3 import Http3
from hometruth.capture.pcap.keys import KeyLog
from hometruth.capture.pcap.packets import Address, Application, NotRead, Packet, Secrets, read_packets
from hometruth.capture.pcap.quic import QuicConnection, is_quic
from hometruth.capture.pcap.streams import MAX_BROKEN, MAX_CONNECTIONS, Data, Lost, Stream, Waiting, stream_of
from hometruth.capture.pcap.talk import MAX_RAW_BYTES, Protocol1, Strays, Talk, header
from hometruth.capture.pcap.tls import TlsConnection
from hometruth.capture.pcap.websocket import WebSocket
from hometruth.capture.reader import Maker
from hometruth.model import Delivery, Exchange, Gap, GapKind, Message, Sender, Source, Tls

MAX_ALL_RAW_BYTES = 64 << 20
"""The same for all such conversations together."""
DNS_PORTS = (53, 5353)
LEAST_RESERVED_BYTES = 8
"""In frames that stand for nothing, which browsers send to every server: fewer name nobody."""


def read_pcap(
    open_stream: Callable[[], BinaryIO],
    file: str,
    keys: KeyLog | None = None,
    *,
    responses: bool = True,
    maker: Maker | None = None,
) -> Iterator[Exchange | Gap]:
    """Requests of a packet capture, each when its answer is there, and a gap for whatever stays closed.

    Args:
        open_stream: Opens the file at its beginning; it is read twice, since keys may stand behind packets.
        file: What to call it in sources and gaps.
        keys: Secrets besides those in the file.
        responses: False leaves the bodies of answers out.
        maker: Is told which program wrote the file.
    """
    log = keys or KeyLog()
    with closing(open_stream()) as stream:
        for item in read_packets(stream):
            if isinstance(item, Secrets):
                log.add(item.lines)
            elif isinstance(item, Application) and maker:
                maker.recorder = maker.recorder or item.name
    reader = _Capture(file, log, answers=responses)
    with closing(open_stream()) as stream:
        for item in read_packets(stream):
            if isinstance(item, Packet):
                reader.add(item)
            elif isinstance(item, NotRead):
                reader.note(item)
            yield from reader.take()
    reader.end()
    yield from reader.take()


@dataclass(slots=True)
class _TcpConnection:
    """One TCP connection, from the first bytes on read as what they look like."""

    stream: Stream
    tls: TlsConnection | None = None
    protocol: Protocol1 | None = None
    head: bytearray = field(default_factory=bytearray)
    """Bytes before it was clear what they are."""
    raw: "_Raw | None" = None
    early_answers: list[tuple[bytes, int]] = field(default_factory=list)
    early_bytes: int = 0
    missing_bytes: int = 0
    """Bytes of the client that the capture does not hold, where nothing that was said is HTTP."""
    closed: bool = False


STREAMS = ("tcp", "tls")
"""Schemes in which it is chance where one packet ends and the next begins."""


@dataclass(slots=True)
class _Raw:
    """A conversation that is no HTTP."""

    client: Address
    server: Address
    started_ns: int
    scheme: str
    app: str = ""
    turns: list[tuple[bool, int, bytearray]] = field(default_factory=list)
    """From the client or not, when, and what was said: of a stream, until the other side speaks."""
    kept_bytes: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0

    def add(self, from_client: bool, data: bytes, time_ns: int, *, keep: bool) -> None:
        if from_client:
            self.sent_bytes += len(data)
        else:
            self.received_bytes += len(data)
        if keep and self.kept_bytes + len(data) <= MAX_RAW_BYTES:
            self.kept_bytes += len(data)
            if self.scheme in STREAMS and self.turns and self.turns[-1][0] is from_client:
                self.turns[-1][2].extend(data)
            else:
                self.turns.append((from_client, time_ns, bytearray(data)))

    @property
    def messages(self) -> Iterator[Message]:
        """What was said, turn by turn."""
        for from_client, time_ns, data in self.turns:
            yield Message(from_client, bytes(data), is_text=False, time_ns=time_ns)


@dataclass(slots=True)
class _Quic:
    quic: QuicConnection
    http: Http3
    raw: "_Raw"
    """What its streams carry, until that proves to be HTTP/3."""
    client: Address
    server: Address


class _Capture:
    def __init__(self, file: str, keys: KeyLog, *, answers: bool) -> None:
        self._file, self._keys, self._answers = file, keys, answers
        self._tcp: dict[tuple[Address, Address], _TcpConnection] = {}
        self._broken: dict[tuple[Address, Address], _TcpConnection] = {}
        """Those that somebody has broken off, and that may go on all the same."""
        self._udp: dict[tuple[Address, Address], _Quic | _Raw] = {}
        self._ready: list[Exchange | Gap] = []
        self._waiting = Waiting()
        self._raw_bytes = 0
        self._n = 0
        self._hosts: set[str] = set()
        """Those of which something was read, or told that it was not."""
        self._reserved: Counter[str] = Counter()
        """By host, bytes in frames that stand for nothing."""
        self._unused: dict[str, Gap] = {}
        """By host, the first connection over which the client said nothing."""

    def take(self) -> Iterator[Exchange | Gap]:
        """What is complete."""
        ready, self._ready = self._ready, []
        yield from ready

    def note(self, note: NotRead) -> None:
        """What the file itself withholds."""
        count = f"{note.packets} " if note.packets > 1 else ""
        self._ready.append(Gap(GapKind.UNREADABLE, self._file, f"{count}{note.detail}"))

    def add(self, packet: Packet) -> None:
        """One packet."""
        if packet.is_tcp:
            self._segment(packet)
        elif packet.payload:
            self._datagram(packet)

    def end(self) -> None:
        """The capture is over."""
        for connection in self._tcp.values():
            self._close(connection)
        self._tcp.clear()
        for conversation in self._udp.values():
            self._conversation_done(conversation)
        self._udp.clear()
        self._ready += (gap for host, gap in self._unused.items() if host not in self._hosts)
        self._unused.clear()
        for host, n_bytes in self._reserved.items():
            if n_bytes >= LEAST_RESERVED_BYTES:
                detail = f"{n_bytes:,} bytes in frames that stand for nothing (GREASE) are not searched"
                self._ready.append(Gap(GapKind.OPAQUE, self._file, detail, n_bytes, host=host))
        self._reserved.clear()

    def _segment(self, packet: Packet) -> None:
        key = min(packet.source, packet.target), max(packet.source, packet.target)
        connection = self._tcp.get(key)
        if connection and connection.stream.is_restart(packet):
            self._close(self._tcp.pop(key))
            self._broken.pop(key, None)
            connection = None
        if connection and connection.closed:
            if connection.stream.holds(packet):
                return  # sent once more, after the end
            connection = None
        if connection is None:
            if len(self._tcp) >= MAX_CONNECTIONS:
                self._close(self._tcp.pop(next(iter(self._tcp))))
            connection = self._tcp[key] = _TcpConnection(stream_of(packet))
        for item in connection.stream.add(packet, self._waiting):
            self._deliver(connection, item)
        if connection.stream.is_broken:
            self._broken[key] = connection
            if len(self._broken) > MAX_BROKEN:
                self._close(self._broken.pop(next(iter(self._broken))))
        elif connection.stream.is_over and not connection.stream.waits:
            self._close(connection)

    def _deliver(self, connection: _TcpConnection, item: Data | Lost) -> None:
        if isinstance(item, Data):
            self._bytes(connection, item.from_client, item.data, item.time_ns)
        else:
            self._lose(connection, item.from_client, item.n_bytes)

    def _lose(self, connection: _TcpConnection, from_client: bool, n_bytes: int) -> None:
        if connection.tls:
            connection.tls.lose(from_client)
        elif connection.protocol:
            connection.protocol.lose(from_client, n_bytes)
        elif from_client:
            connection.missing_bytes += n_bytes

    def _bytes(self, connection: _TcpConnection, from_client: bool, data: bytes, time_ns: int) -> None:
        if connection.raw:
            self._keep(connection.raw, from_client, data, time_ns)
        elif connection.tls:
            self._tls(connection, from_client, data, time_ns)
        elif connection.protocol:
            connection.protocol.add(from_client, data, time_ns)
        else:
            self._sniff(connection, from_client, data, time_ns)

    def _sniff(self, connection: _TcpConnection, from_client: bool, data: bytes, time_ns: int) -> None:
        """Tell by a client's first bytes what a connection speaks."""
        stream = connection.stream
        if (
            not connection.head
            and not stream.sure
            and (REQUEST.match(data) or _is_hello(data))
            and not from_client
        ):
            stream.turn()  # the ports had it the wrong way round
            from_client = True
        if not from_client:
            connection.early_answers.append((data, time_ns))
            connection.early_bytes += len(data)
            if connection.early_bytes > MAX_RAW_BYTES:
                self._become_raw(connection, b"", time_ns)
            return
        connection.head += data
        head = bytes(connection.head)
        if _is_hello(head):
            connection.tls = TlsConnection(self._keys)
        elif head.startswith(PREFACE[: len(head)]) and len(head) >= 3:
            if len(head) < len(PREFACE):
                return
            connection.protocol = self._protocol(connection, "http", head)
        elif REQUEST.match(head) or (b"\n" not in head and _may_be_request(head)):
            if not REQUEST.match(head):
                return
            connection.protocol = self._protocol(connection, "http", head)
        elif len(head) < 3:
            return
        else:
            self._become_raw(connection, head, time_ns)
            return
        early, connection.early_answers = connection.early_answers, []
        connection.head.clear()
        self._bytes(connection, True, head, time_ns)
        for answer, at in early:
            self._bytes(connection, False, answer, at)

    def _become_raw(self, connection: _TcpConnection, head: bytes, time_ns: int) -> None:
        stream = connection.stream
        connection.raw = _Raw(stream.client, stream.server, stream.started_ns, "tcp", stream.app)
        for answer, at in connection.early_answers:
            self._keep(connection.raw, False, answer, at)
        connection.early_answers = []
        if head:  # last, since what follows goes on in it
            self._keep(connection.raw, True, head, time_ns)

    def _tls(self, connection: _TcpConnection, from_client: bool, data: bytes, time_ns: int) -> None:
        assert connection.tls
        for plain in connection.tls.add(from_client, data, time_ns):
            if connection.protocol is None:
                if not plain.from_client:
                    connection.early_answers.append((plain.data, plain.time_ns))
                    continue
                connection.protocol = self._protocol(connection, "https", plain.data)
            connection.protocol.add(plain.from_client, plain.data, plain.time_ns)
            for answer, at in connection.early_answers:
                connection.protocol.add(False, answer, at)
            connection.early_answers = []

    def _protocol(self, connection: _TcpConnection, scheme: str, head: bytes) -> Protocol1:
        """The reader for application data that begins so."""

        def done(talk: Talk) -> None:
            self._talked(talk, connection)

        if head.startswith(PREFACE[:3]) and PREFACE.startswith(head[: len(PREFACE)]):
            return Http2(scheme, done, answers=self._answers)
        if REQUEST.match(head) or _may_be_request(head):
            return Http1(
                scheme, done, lambda talk: self._upgraded(connection, talk, scheme), answers=self._answers
            )
        stream = connection.stream
        raw = _Raw(stream.client, stream.server, stream.started_ns, "tls", stream.app)
        return _RawProtocol(self, raw, connection.tls.sni if connection.tls else None)

    def _upgraded(self, connection: _TcpConnection, talk: Talk, scheme: str) -> Protocol1 | None:
        def done(talk: Talk) -> None:
            self._talked(talk, connection)

        if talk.method == b"CONNECT":
            return _Tunnel(self, connection.stream, talk)
        wanted = header(talk.answer_headers, b"upgrade").lower()
        if wanted == b"websocket":
            return WebSocket(talk, done, answers=self._answers)
        if wanted == b"h2c":
            http2 = Http2(scheme, done, answers=self._answers)
            http2.adopt(talk)
            return http2
        return None

    def _close(self, connection: _TcpConnection) -> None:
        if connection.closed:
            return
        connection.closed = True
        self._waiting.n_bytes -= connection.stream.waits
        for item in connection.stream.end():
            self._deliver(connection, item)
        self._finish(connection)

    def _finish(self, connection: _TcpConnection) -> None:
        if connection.raw:
            self._raw_done(connection.raw)
        elif connection.head or connection.early_answers:
            self._become_raw(connection, bytes(connection.head), connection.stream.started_ns)
            assert connection.raw
            self._raw_done(connection.raw)
        missing_bytes = connection.missing_bytes
        if connection.protocol:
            connection.protocol.end()
            problem = getattr(connection.protocol, "problem", "")
            if problem:
                self._gap(GapKind.UNREADABLE, connection.stream, f"HTTP/2: {problem}", connection.tls)
            self._between(connection, getattr(connection.protocol, "strays", Strays()))
            missing_bytes += getattr(connection.protocol, "missing_bytes", 0)
        if missing_bytes:
            detail = f"{missing_bytes:,} bytes that the client sent are not in the capture"
            self._gap(GapKind.UNREADABLE, connection.stream, detail, connection.tls)
        tls = connection.tls
        if tls is None:
            return
        version = tls.negotiated or "TLS"
        if why := tls.why_closed():
            self._hosts.add(tls.sni or connection.stream.server[0])
            self._ready.append(
                Gap(
                    GapKind.OPAQUE,
                    self._where(connection.stream.client, connection.stream.server),
                    f"a {version} connection stayed closed: {why}",
                    size_bytes=tls.sent_bytes,
                    received_bytes=tls.received_bytes,
                    host=tls.sni or connection.stream.server[0],
                    sender=_sender(connection.stream.app),
                )
            )
        elif not connection.protocol and not connection.raw:
            self._nothing_sent(
                connection.stream.client, connection.stream.server, version, tls.sni, connection.stream.app
            )

    def _between(self, connection: _TcpConnection, strays: Strays) -> None:
        """What is part of no request is searched like a conversation that is no HTTP."""
        stream, tls = connection.stream, connection.tls
        raw = _Raw(stream.client, stream.server, stream.started_ns, "tls" if tls else "tcp", stream.app)
        self._strays(raw, strays, tls.sni if tls else None)

    def _strays(self, raw: _Raw, strays: Strays, sni: str | None) -> None:
        self._reserved[sni or raw.server[0]] += strays.reserved_bytes
        for data, time_ns in strays.pieces:
            self._keep(raw, True, data, time_ns or raw.started_ns)
        raw.sent_bytes = strays.n_bytes
        if strays.n_bytes:
            self._raw_done(raw, sni)

    def _nothing_sent(
        self, client: Address, server: Address, version: str, sni: str | None, app: str = ""
    ) -> None:
        """A client shook hands, and said nothing that is in the capture: whom it met is told all the same."""
        host = sni or server[0]
        detail = f"of a {version} connection, the handshake alone is in the capture"
        gap = Gap(GapKind.UNUSED, self._where(client, server), detail, host=host, sender=_sender(app))
        self._unused.setdefault(host, gap)

    def _datagram(self, packet: Packet) -> None:
        key = min(packet.source, packet.target), max(packet.source, packet.target)
        conversation = self._udp.get(key)
        if conversation is None:
            if len(self._udp) >= MAX_CONNECTIONS:
                oldest = self._udp.pop(next(iter(self._udp)))
                self._conversation_done(oldest)
            conversation = self._udp[key] = self._new_conversation(packet)
        from_client = packet.source == conversation.client
        if isinstance(conversation, _Raw):
            self._keep(conversation, from_client, packet.payload, packet.time_ns)
        else:
            conversation.quic.add(from_client, packet.payload, packet.time_ns)

    def _new_conversation(self, packet: Packet) -> "_Quic | _Raw":
        client, server = packet.source, packet.target
        if client[1] < 1024 <= server[1]:
            client, server = server, client
        if is_quic(packet.payload):
            conversation: _Quic

            def done(talk: Talk) -> None:
                self._talked_quic(talk, conversation)

            def on_stream(from_client: bool, stream: int, data: bytes, ended: bool, time_ns: int) -> None:
                http.add(from_client, stream, data, ended, time_ns)
                if not http.requests:
                    self._keep(raw, from_client, data, time_ns)

            http = Http3(done, answers=self._answers)
            raw = _Raw(client, server, packet.time_ns, "quic", packet.app)
            conversation = _Quic(QuicConnection(self._keys, on_stream), http, raw, client, server)
            return conversation
        scheme = "dns" if server[1] in DNS_PORTS else "udp"
        return _Raw(client, server, packet.time_ns, scheme, packet.app)

    def _conversation_done(self, conversation: _Quic | _Raw) -> None:
        if isinstance(conversation, _Raw):
            self._raw_done(conversation)
            return
        quic = conversation.quic
        quic.end()
        conversation.http.end()
        why = quic.why_closed()
        if not why and conversation.http.requests:
            why = conversation.http.problem
        if not conversation.http.requests and conversation.raw.sent_bytes:
            self._raw_done(conversation.raw, quic.sni)
        beside = (quic.strays, conversation.http.strays) if conversation.http.requests else (quic.strays,)
        for strays in beside:
            raw = conversation.raw
            self._strays(_Raw(raw.client, raw.server, raw.started_ns, "quic", raw.app), strays, quic.sni)
        if quic.unknown_bytes:
            detail = (
                f"{quic.unknown_bytes:,} bytes of a QUIC connection stand behind frames of an unknown kind"
            )
            where = self._where(conversation.client, conversation.server)
            self._ready.append(Gap(GapKind.OPAQUE, where, detail, quic.unknown_bytes, host=quic.sni))
        if not why and not conversation.http.requests and not conversation.raw.sent_bytes:
            self._nothing_sent(
                conversation.client, conversation.server, "QUIC", quic.sni, conversation.raw.app
            )
        if why:
            self._hosts.add(quic.sni or conversation.server[0])
            where = self._where(conversation.client, conversation.server)
            self._ready.append(
                Gap(
                    GapKind.OPAQUE,
                    where,
                    f"a QUIC connection stayed closed: {why}",
                    size_bytes=quic.closed_bytes[True] + quic.opened_bytes[True],
                    received_bytes=quic.closed_bytes[False] + quic.opened_bytes[False],
                    host=quic.sni or conversation.server[0],
                )
            )

    def _talked(self, talk: Talk, connection: _TcpConnection) -> None:
        tls = connection.tls.facts if connection.tls else None
        self._exchange(talk, connection.stream.server, tls, connection.stream.app)

    def _talked_quic(self, talk: Talk, conversation: _Quic) -> None:
        self._exchange(talk, conversation.server, Tls("QUIC", (), conversation.quic.sni), "")

    def _exchange(self, talk: Talk, server: Address, tls: Tls | None, app: str) -> None:
        scheme, host, port, target = _asked(talk, server, tls)
        self._hosts.add(host)
        fields = talk.headers
        if talk.http_version in ("HTTP/2", "HTTP/3") and talk.authority:
            fields = [(b":authority", talk.authority), *fields]
        self._ready.append(
            Exchange(
                id=f"{self._n}",
                source=Source(self._file, self._n),
                method=talk.method.decode("ascii", "backslashreplace"),
                scheme=scheme,
                host=host,
                port=port,
                target=target,
                request_headers=tuple(fields),
                request_body=talk.body.recorded,
                started_ns=talk.started_ns,
                http_version=talk.http_version,
                status=talk.status,
                response_headers=tuple(talk.answer_headers),
                response_body=talk.answer.recorded if talk.status is not None else None,
                messages=tuple(talk.messages),
                tls=tls,
                server_address=server,
                error=talk.error or None,
                delivered=Delivery.YES if talk.status is not None else Delivery.NO_ANSWER,
                sent_by=_sender(app),
            )
        )
        self._n += 1
        if talk.error and (talk.body.recorded is None or talk.messages):
            where = f"{self._file}, request {self._n - 1}"
            self._ready.append(
                Gap(GapKind.UNREADABLE, where, talk.error, exchange=f"{self._n - 1}", host=host)
            )

    def _keep(self, raw: _Raw, from_client: bool, data: bytes, time_ns: int) -> None:
        """Add to a conversation that is no HTTP, as far as there is room."""
        before = raw.kept_bytes
        raw.add(from_client, data, time_ns, keep=self._raw_bytes + len(data) <= MAX_ALL_RAW_BYTES)
        self._raw_bytes += raw.kept_bytes - before

    def _raw_done(self, raw: _Raw, sni: str | None = None) -> None:
        """A conversation that is no HTTP is searched as it is, as the messages of one exchange."""
        self._raw_bytes -= raw.kept_bytes
        host = sni or raw.server[0]
        self._hosts.add(host)
        if not raw.sent_bytes:
            detail = f"of a {raw.scheme.upper()} conversation only what the server sent is in the capture"
            gap = Gap(GapKind.NOT_HTTP, self._where(raw.client, raw.server), detail, host=host)
            self._ready.append(replace(gap, size_bytes=0, received_bytes=raw.received_bytes))
            return
        self._ready.append(
            Exchange(
                id=f"{self._n}",
                source=Source(self._file, self._n),
                method=raw.scheme.upper(),
                scheme=raw.scheme,
                host=host,
                port=raw.server[1],
                target=b"",
                request_headers=(),
                request_body=b"",
                started_ns=raw.started_ns,
                messages=tuple(
                    message
                    for message in raw.messages
                    if message.sent or self._answers or raw.scheme == "dns"  # tells who is behind a name
                ),
                server_address=raw.server,
                delivered=Delivery.YES if raw.received_bytes else Delivery.NOT_RECORDED,
                sent_by=_sender(raw.app),
            )
        )
        self._n += 1
        left = raw.sent_bytes + raw.received_bytes - raw.kept_bytes
        if left > 0:
            detail = f"{left:,} bytes of a {raw.scheme.upper()} conversation are more than is kept of one"
            where = self._where(raw.client, raw.server)
            self._ready.append(Gap(GapKind.BUDGET, where, detail, size_bytes=raw.sent_bytes, host=host))

    def _gap(self, kind: GapKind, stream: Stream, detail: str, tls: TlsConnection | None) -> None:
        host = (tls.sni if tls else None) or stream.server[0]
        self._ready.append(Gap(kind, self._where(stream.client, stream.server), detail, host=host))

    def _where(self, client: Address, server: Address) -> str:
        return f"{self._file}, connection from port {client[1]} to {server[0]}:{server[1]}"


class _RawProtocol:
    """Application data that is no HTTP."""

    def __init__(self, capture: _Capture, raw: _Raw, sni: str | None) -> None:
        self._capture, self._raw, self._sni = capture, raw, sni

    def add(self, from_client: bool, data: bytes, time_ns: int) -> None:
        """See `Protocol1`."""
        self._capture._keep(self._raw, from_client, data, time_ns)

    def lose(self, from_client: bool, n_bytes: int) -> None:
        """See `Protocol1`."""

    def end(self) -> None:
        """See `Protocol1`."""
        self._capture._raw_done(self._raw, self._sni)


class _Tunnel:
    """What goes on after CONNECT: a connection inside the connection."""

    def __init__(self, capture: _Capture, outer: Stream, talk: Talk) -> None:
        host, _, port = talk.target.decode("ascii", "replace").rpartition(":")
        server = (host.strip("[]") or outer.server[0], int(port) if port.isdigit() else outer.server[1])
        stream = Stream(outer.client, server, talk.started_ns, outer.app, sure=True)
        self._capture, self._connection = capture, _TcpConnection(stream)

    def add(self, from_client: bool, data: bytes, time_ns: int) -> None:
        """See `Protocol1`."""
        if data:
            self._capture._bytes(self._connection, from_client, data, time_ns)

    def lose(self, from_client: bool, n_bytes: int) -> None:
        """See `Protocol1`."""
        self._capture._lose(self._connection, from_client, n_bytes)

    def end(self) -> None:
        """See `Protocol1`."""
        self._capture._finish(self._connection)


def _asked(talk: Talk, server: Address, tls: Tls | None) -> tuple[str, str, int, bytes]:
    """Scheme, host, port and target of a request; a proxy is asked for a whole address."""
    scheme, target = talk.scheme, talk.target
    authority = talk.authority.decode("utf-8", "backslashreplace")
    before, found, rest = target.partition(b"://")
    if found and before.lower() in (b"http", b"https", b"ws", b"wss"):
        scheme = before.decode().lower()
        raw, slash, path = rest.partition(b"/")
        authority, target = raw.decode("utf-8", "backslashreplace"), slash + path or b"/"
    elif talk.method == b"CONNECT":
        scheme, authority, target = "https", target.decode("utf-8", "backslashreplace"), b""
    host, port = authority.rpartition("@")[2], {"http": 80, "https": 443}.get(scheme, server[1])
    name, _, number = host.rpartition(":")
    if number.isdigit() and (":" not in name or name.endswith("]")):
        host, port = name, int(number)
    else:
        port = server[1] if not found and talk.method != b"CONNECT" else port
    host = host.strip("[]").lower() or (tls.sni if tls and tls.sni else server[0])
    return scheme, host, port, target


def _sender(app: str) -> Sender | None:
    return Sender(app, "PCAPdroid") if app else None


def _is_hello(head: bytes) -> bool:
    return len(head) >= 3 and head[0] == 22 and head[1] == 3 and head[2] <= 4


def _may_be_request(head: bytes) -> bool:
    """True for the beginning of a request line whose end has not come yet."""
    method = head.split(b" ", 1)[0]
    return (
        2 <= len(method) <= 32
        and method.isupper()
        and method.replace(b"-", b"").isalnum()
        and b"\0" not in head
    )
