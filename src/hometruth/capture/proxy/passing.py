"""Connections that are let through unopened: which, and what can be told of them without opening them.

A client that accepts only certificates it knows (pinning) refuses ours. Passed on as it is, its connection
shows no content, but how many bytes went either way, when, and in which records.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address

from mitmproxy.addons.next_layer import NextLayer
from mitmproxy.connection import Server
from mitmproxy.net.tls import starts_like_tls_record
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layer import NextLayer as Undecided
from mitmproxy.proxy.layers import TCPLayer, UDPLayer
from mitmproxy.proxy.layers.quic import quic_parse_client_hello_from_datagrams
from mitmproxy.proxy.layers.tls import parse_client_hello

from hometruth.capture.proxy.greeting import Greeting
from hometruth.capture.proxy.other_resolvers import HangUp, is_other_resolver
from hometruth.capture.proxy.own_pages import HOST
from hometruth.capture.proxy.tls_records import APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, RecordSizes
from hometruth.model import GapKind, HostPattern, Sender, is_within

SILENT_REFUSALS = 2
"""Connections closed without a word that count as a refusal: browsers open one ahead and leave it unused."""
PASSED = "let through unopened, because the client refuses the recorder's certificate"
READABLE = "preflight: it could be read, and nothing of it was kept"
ENCIPHERED = "preflight: it was opened, and what is inside is enciphered; nothing of it was kept"
NOT_READABLE = "preflight: not HTTP, and nothing of it was kept"
NOT_LOOKED_INTO = "passed on unopened: nobody asked to look into this host"
NOT_AGREED = "not kept: nobody had agreed yet that it be looked into"
CONNECTIVITY = frozenset(
    {
        *("connectivitycheck.gstatic.com", "connectivitycheck.android.com"),  # Android's NetworkMonitor
        "captive.apple.com",  # support.apple.com/101555, hosts that Apple devices need
    }
)
"""By which a device learns whether its network works, trusting the system only: opened, it would leave."""
NS_PER_MS = 1_000_000

Address = tuple[str, int]


class RecordingPhase(StrEnum):
    """How far the tester may look at all."""

    BEFORE_CONSENT = "before consent"
    """Nothing is opened: of every host bytes are counted."""
    PREFLIGHT = "preflight"
    """What can be opened is opened, and nothing of it is kept but host, bytes and that it could be read."""
    DECLARED = "what is declared"
    """The content of hosts asked for is kept."""


class Passing:
    """Which hosts are let through unopened: those that are pinned, and those that nobody asked to look into.

    A host of which a request was read stays open whatever another client refuses: reading is better.

    Args:
        hosts: Let through from the first connection on: known to be pinned.
        learn: Let a host through once a client has refused the recorder's certificate for it.
        closed: Never looked into, whoever asks: of these, bytes are counted.
        moves_to: Begin before consent, and go on as far as this phase: to preflight once the owner of the
            device has agreed on the recorder's page, and from there once that shows the certificate trusted.
            Without it, it is for others to say which phase it is.
        app: Product whose hosts somebody may add to those that are opened, once they have been seen.
        removes: It is over: the recorder's page on the device says how the certificate is removed.
    """

    def __init__(
        self,
        hosts: frozenset[str] = frozenset(),
        *,
        learn: bool = False,
        closed: frozenset[str] = frozenset(),
        moves_to: RecordingPhase | None = None,
        app: str | None = None,
        removes: bool = False,
    ) -> None:
        self._never_opened = closed
        self.removes = removes
        self.app = app
        self._left: dict[str, None] = {}
        """Hosts that were left closed since it was last asked, in their order."""
        self.opened: tuple[HostPattern, ...] | None = None
        """Hosts that may be opened at all; None for any. Of all others nothing is kept but their bytes."""
        self._moves_to = moves_to
        self.phase = RecordingPhase.BEFORE_CONSENT if moves_to else RecordingPhase.DECLARED
        self.is_declined = False
        """True once the owner of the device has said no, or has stopped it, until they agree."""
        self._named = frozenset(host.lower() for host in hosts)
        self._learn = learn
        self._refused: set[str] = set()
        self._silent: dict[str, int] = {}
        self._heard: set[str] = set()
        self.inside: Mapping[str, Address] | None = None
        """In a sinkhole, the loopback servers that speak TLS, by host; None lets through to anywhere."""
        self.chosen: dict[str, tuple[str, int, GapKind, str]] = {}
        """Host and port asked for of connections about to be let through, and why, by the client's id."""

    @property
    def asks(self) -> bool:
        """True while the owner of the device is yet to agree."""
        return self.may_go_on and self.phase is RecordingPhase.BEFORE_CONSENT

    @property
    def is_asked(self) -> bool:
        """True if it is for the owner of the device to say whether anything is kept."""
        return self._moves_to is not None

    @property
    def may_go_on(self) -> bool:
        """True if there is a phase yet to come."""
        return self._moves_to not in (None, self.phase)

    def go_on(self) -> None:
        """To the next phase, if there is one."""
        if self.may_go_on:
            phases = list(RecordingPhase)
            self.phase = phases[phases.index(self.phase) + 1]

    def agreed(self) -> None:
        """The owner of the device agrees."""
        self.is_declined = False
        if self.phase is RecordingPhase.BEFORE_CONSENT:
            self.go_on()

    def declined(self) -> None:
        """The owner of the device says no, or stops what they had agreed to: from now on nothing is kept."""
        if self.is_asked:
            self.is_declined = True
            self.phase = RecordingPhase.BEFORE_CONSENT

    def trusted(self) -> None:
        """A browser has shown that it trusts the recorder's certificate."""
        if self.phase is RecordingPhase.PREFLIGHT:
            self.go_on()

    @property
    def reason(self) -> str:
        """Why a host that is not opened now is not."""
        return NOT_AGREED if self.phase is RecordingPhase.BEFORE_CONSENT else NOT_LOOKED_INTO

    def may_open(self, host: str) -> bool:
        """True unless it is a host that nobody asked to look into; the recorder's own can always be seen."""
        if is_within(host.lower(), HOST):
            return True
        if host.lower() in self._never_opened or self.phase is RecordingPhase.BEFORE_CONSENT:
            return False
        return self.opened is None or any(pattern.fits(host.lower()) for pattern in self.opened)

    def open_also(self, host: str) -> None:
        """Look into this host too, in what begins from now on."""
        if self.opened is not None:
            self.opened = (*self.opened, HostPattern(host.lower()))

    def left_closed(self, host: str) -> None:
        """Somebody came for a host that may not be opened."""
        if self.phase is not RecordingPhase.BEFORE_CONSENT and host.lower() not in self._never_opened:
            self._left[host.lower()] = None

    def take_left_closed(self) -> tuple[str, ...]:
        """Hosts that were left closed since it was last asked, because nobody had asked to look into them."""
        left, self._left = self._left, {}
        return tuple(left)

    def refused(self, host: str | None, *, says_so: bool) -> None:
        """A client did not go on with a connection; *says_so*: because of the certificate, by an alert."""
        if not self._learn or not host:
            return
        name = host.lower()
        self._silent[name] = self._silent.get(name, 0) + 1
        if says_so or self._silent[name] >= SILENT_REFUSALS:
            self._refused.add(name)

    def heard(self, host: str) -> None:
        """A request to *host* was read."""
        self._heard.add(host)

    def address_for(self, sni: str | None, asked: Address) -> Address | None:
        """Where a connection is passed on to, unopened; None opens it.

        One that names another server than it asks for is opened: the name would say nothing of where it goes.
        """
        host = (sni or asked[0]).lower()
        if host != asked[0].lower() and not _is_number(asked[0]):
            return None
        if host not in self._named and (host not in self._refused or host in self._heard):
            return None
        return asked if self.inside is None else self.inside.get(host)


class LetThrough(NextLayer):
    """mitmproxy's own choice of layers, but for connections that are let through.

    Setting ``ignore_connection`` later would let them through too, and count nothing.
    """

    def __init__(
        self,
        passing: Passing,
        greeting: Greeting,
        hung_up: Callable[[Context, str], None],
        asks_elsewhere: Callable[[Context, str], None],
        is_answered_here: Callable[[str], bool],
    ) -> None:
        super().__init__()
        self._passing = passing
        self._hung_up = hung_up
        self._asks_elsewhere = asks_elsewhere
        self._greeting = greeting
        self._is_answered_here = is_answered_here

    def next_layer(self, nextlayer: Undecided) -> None:
        """Pass on what is to be let through; wait until it has said to whom it wants to talk."""
        if nextlayer.layer is None:
            if self._greeting.chooses(nextlayer):
                return
            if self._refuse_resolver(nextlayer):
                return
            is_tcp = nextlayer.context.client.transport_protocol == "tcp"
            if (self._let_tcp if is_tcp else self._let_udp)(nextlayer):
                return
        super().next_layer(nextlayer)
        self._out_of_tls(nextlayer)

    def _out_of_tls(self, nextlayer: Undecided) -> None:
        """What is no HTTP inside TLS, and for a host of ours, gets a server that does not ask for TLS.

        Nobody is there who would answer a handshake, and what the client says would wait for one.
        """
        context = nextlayer.context
        address = context.server.address
        if not isinstance(nextlayer.layer, TCPLayer) or not context.client.tls_established or not address:
            return
        if self._is_answered_here(address[0]):
            context.server = Server(address=address)
            nextlayer.layer = TCPLayer(context)

    def _refuse_resolver(self, nextlayer: Undecided) -> bool:
        """In the tunnel, hang up on other resolvers: what is asked there, its own would not hear of.

        Where no resolver of ours is in reach, hanging up would help nobody; it is noted.
        """
        context, data = nextlayer.context, nextlayer.data_client()  # type: ignore[no-untyped-call]
        if not context.server.address or not data:
            return False
        host, port = context.server.address[:2]
        name = _server_name(data, context.client.transport_protocol)
        if not is_other_resolver(host, port, name):
            return False
        if context.client.proxy_mode.type_name != "wireguard":
            if self._passing.inside is None:
                self._asks_elsewhere(context, name or host)
            return False
        self._hung_up(context, name or host)
        nextlayer.layer = HangUp(context)
        return True

    def _let_tcp(self, nextlayer: Undecided) -> bool:
        """True if it was decided here, or has to wait."""
        context, data = nextlayer.context, nextlayer.data_client()  # type: ignore[no-untyped-call]
        asked = context.server.address
        if not asked or not starts_like_tls_record(data):
            return False
        try:
            hello = parse_client_hello(data)
        except ValueError:
            return False  # left to mitmproxy, which says what is wrong with it
        if hello is None:
            return True
        address, why = self._passing.address_for(hello.sni, asked[:2]), (GapKind.PASSED, PASSED)
        host = (hello.sni or asked[0]).lower()
        if address is None and not self._passing.may_open(host) and self._passing.inside is None:
            address, why = asked[:2], (GapKind.NOT_LOOKED_INTO, self._passing.reason)
            self._passing.left_closed(host)
        if address is None:
            return False
        self._passing.chosen[context.client.id] = host, asked[1], *why
        if address != asked[:2]:
            context.server.address = address
        nextlayer.layer = TCPLayer(context)
        return True

    def _let_udp(self, nextlayer: Undecided) -> bool:
        """QUIC to hosts that nobody asked to look into."""
        context, asked = nextlayer.context, nextlayer.context.server.address
        if self._passing.inside is not None or not asked:
            return False
        try:
            hello = quic_parse_client_hello_from_datagrams([nextlayer.data_client()])  # type: ignore[no-untyped-call]
        except ValueError:
            return False
        host = (hello.sni if hello and hello.sni else asked[0]).lower()
        if self._passing.may_open(host):
            return False
        self._passing.left_closed(host)
        self._passing.chosen[context.client.id] = (
            host,
            asked[1],
            GapKind.NOT_LOOKED_INTO,
            self._passing.reason,
        )
        nextlayer.layer = UDPLayer(context)
        return True


def looked_into(
    opened: Sequence[str] = (),
    *,
    package: str | None = None,
    only_app: str | None = None,
    app: str | None = None,
    all_traffic: bool = False,
) -> str:
    """What of a device's traffic is opened once its owner has agreed, in words; empty if nothing was said.

    Args:
        opened: Hosts that are; empty for any.
        package: The only app that the tunnel takes.
        only_app: The only app whose traffic is led here, as the tester states it.
        app: Product whose hosts may be added.
        all_traffic: Everything is, on purpose.
    """
    if opened:
        chosen = f", and hosts of {app} that somebody chose, each noted with the time and the reason"
        return f"these hosts only: {' '.join(opened)}{chosen if app else ''}"
    if package:
        return f"the traffic of {package} only, which is all that the tunnel takes"
    if only_app:
        return f"the traffic of {only_app} only, as stated by the tester"
    return "all traffic, of whatever app, on purpose" if all_traffic else ""


@dataclass(slots=True)
class Counted:
    """What went over one connection that is let through, since it was last written down."""

    host: str
    port: int
    kind: GapKind
    """Why it is let through: pinned, or not to be looked into."""
    reason: str
    trial: str | None
    sender: Sender | None = None
    started_ns: int = field(default_factory=time.time_ns)
    sent_bytes: int = 0
    """Everything from the client, handshake and headers of records included: a leak has no more room."""
    received_bytes: int = 0
    bursts: list[list[int]] = field(default_factory=list)
    """Milliseconds since the start, bytes, and records, of application data that the client sent without any
    from the server in between. What ends the handshake of TLS 1.3 looks alike and is a burst of its own."""
    _up: RecordSizes = field(default_factory=RecordSizes)
    _down: RecordSizes = field(default_factory=RecordSizes)
    _continues: bool = False
    _ciphered: bool = False
    _finished: bool = False

    @property
    def is_empty(self) -> bool:
        """True if nothing went either way."""
        return not self.sent_bytes and not self.received_bytes

    def add(self, data: bytes, *, sent: bool) -> None:
        """Count what went one way."""
        if not sent:
            self.received_bytes += len(data)
            if any(kind == APPLICATION_DATA for kind, _ in self._down.feed(data)):
                self._continues = False
            return
        self.sent_bytes += len(data)
        for kind, size in self._up.feed(data):
            if kind == CHANGE_CIPHER_SPEC:
                self._ciphered = True
            elif kind == HANDSHAKE and self._ciphered:
                self._finished = True  # TLS 1.2 says openly what it is
            elif kind == APPLICATION_DATA:
                self._add_record(size)

    def restart(self, trial: str | None) -> None:
        """Begin anew in another session, on the same connection."""
        self.trial, self.started_ns = trial, time.time_ns()
        self.sent_bytes = self.received_bytes = 0
        self.bursts, self._continues = [], False

    def _add_record(self, size: int) -> None:
        if self._continues:
            self.bursts[-1][1] += size
            self.bursts[-1][2] += 1
            return
        self.bursts.append([(time.time_ns() - self.started_ns) // NS_PER_MS, size, 1])
        self._continues = self._finished
        self._finished = True


def _server_name(data: bytes, transport: str) -> str | None:
    """The name in a ClientHello, over TCP or QUIC; empty if it has none, None if it is not all there."""
    try:
        if transport == "udp":
            hello = quic_parse_client_hello_from_datagrams([data])
        else:
            hello = parse_client_hello(data) if starts_like_tls_record(data) else None
    except ValueError:
        return None
    return (hello.sni or "") if hello else None


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
