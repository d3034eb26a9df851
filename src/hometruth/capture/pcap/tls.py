"""A TLS connection, read from both sides' bytes with the secrets of a key log.

What can be told without keys is told: server name, versions offered and agreed, and why it stays closed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from hometruth.capture.pcap.ciphers import SUITES, Opener, Opener13, openers_12
from hometruth.capture.pcap.keys import KeyLog
from hometruth.model import Tls

CHANGE, ALERT, HANDSHAKE, APPLICATION = 20, 21, 22, 23
MAX_HANDSHAKE_BYTES = 1 << 20
"""Of one side's handshake; certificates take a few kB."""
MAX_EARLY_BYTES = 4 << 20
"""Of a client's records that wait for the server's choice of cipher."""
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""Random of a ServerHello that asks for another ClientHello (RFC 8446, 4.1.3)."""
_VERSIONS = {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}
LABELS = (
    ("CLIENT_EARLY_TRAFFIC_SECRET", "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0"),
    ("SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"),
)
"""Secrets of client and server in the order in which they are used (TLS 1.3)."""


class Plain(NamedTuple):
    """Application data of one direction."""

    from_client: bool
    data: bytes
    time_ns: int


@dataclass(slots=True)
class _TlsSide:
    buffer: bytearray = field(default_factory=bytearray)
    handshake: bytearray = field(default_factory=bytearray)
    opener: Opener | None = None
    next_openers: list[Opener] = field(default_factory=list)
    is_encrypted: bool = False
    closed_bytes: int = 0
    opened_bytes: int = 0
    lost: bool = False


@dataclass(slots=True)
class TlsConnection:
    """Both sides of a connection; feed it bytes in order."""

    keys: KeyLog
    sni: str | None = None
    offered: tuple[str, ...] = ()
    negotiated: str | None = None
    suite_number: int | None = None
    alert: int | None = None
    """Fatal alert sent in the clear, if there was one."""
    _client_random: bytes = b""
    _server_random: bytes = b""
    _version: int = 0
    _encrypt_then_mac: bool = False
    _client: _TlsSide = field(default_factory=_TlsSide)
    _server: _TlsSide = field(default_factory=_TlsSide)
    _early: list[tuple[int, bytes, bytes, int]] = field(default_factory=list)
    _early_bytes: int = 0

    @property
    def facts(self) -> Tls:
        """What is known of the client's side."""
        return Tls(self.negotiated, self.offered, self.sni)

    @property
    def sent_bytes(self) -> int:
        """Bytes of the client's encrypted records."""
        return self._client.closed_bytes + self._client.opened_bytes

    @property
    def received_bytes(self) -> int:
        """Bytes of the server's encrypted records."""
        return self._server.closed_bytes + self._server.opened_bytes

    def add(self, from_client: bool, data: bytes, time_ns: int) -> Iterator[Plain]:
        """Application data that these bytes complete."""
        side = self._client if from_client else self._server
        if side.lost:
            side.closed_bytes += len(data)
            return
        side.buffer += data
        while len(side.buffer) >= 5:
            size = int.from_bytes(side.buffer[3:5])
            if len(side.buffer) < 5 + size:
                return
            kind, version = side.buffer[0], bytes(side.buffer[1:3])
            fragment = bytes(side.buffer[5 : 5 + size])
            del side.buffer[: 5 + size]
            yield from self._record(from_client, kind, version, fragment, time_ns)

    def lose(self, from_client: bool) -> None:
        """Bytes are missing: records are numbered, so nothing after them can be opened."""
        side = self._client if from_client else self._server
        side.lost = True
        side.closed_bytes += len(side.buffer)
        side.buffer.clear()

    def why_closed(self) -> str:
        """Why application data of the client stayed closed; empty if none did."""
        self._client.closed_bytes += sum(len(fragment) for _, _, fragment, _ in self._early)
        self._early.clear()
        is_cut = False
        for side in (self._client, self._server):
            if side.buffer[:1] == bytes([APPLICATION]):
                is_cut = True
                side.closed_bytes += len(side.buffer)
                side.buffer.clear()
        if self._client.lost or self._server.lost:
            return "packets of it are missing, and what follows them cannot be opened"
        if not self._client.closed_bytes and not (
            self._server.closed_bytes and not self._client.opened_bytes
        ):
            return ""
        if not self._client_random:
            return "its beginning is not in the capture"
        if not self._server_random:
            return "the server's side of the handshake is not in the capture"
        if self.suite_number not in SUITES:
            return f"its cipher suite {self.suite_number:04x} is not read"
        if not len(self.keys):
            return "there are no keys"
        if not self.keys.of(self._client_random):
            return "no key of the log is this connection's"
        if is_cut and (self._client.opened_bytes or self._server.opened_bytes):
            return "the capture ends inside one of its records"
        return "the keys of the log do not open it"

    def _record(
        self, from_client: bool, kind: int, version: bytes, fragment: bytes, time_ns: int
    ) -> Iterator[Plain]:
        side = self._client if from_client else self._server
        if kind == CHANGE:
            if self._version <= 0x0303:
                side.is_encrypted = True
            return
        if from_client and not self._server_random and kind == APPLICATION:  # 0-RTT waits for the cipher
            self._early_bytes += len(fragment)
            if self._early_bytes <= MAX_EARLY_BYTES:
                self._early.append((kind, version, fragment, time_ns))
            else:
                side.closed_bytes += len(fragment)
            return
        if side.is_encrypted or kind == APPLICATION:
            opened = self._open(side, kind, version, fragment)
            if opened is None:
                side.closed_bytes += len(fragment) if kind == APPLICATION else 0
                return
            side.opened_bytes += len(fragment)
            kind, fragment = opened
            if kind == HANDSHAKE:
                self._inner_handshake(side, fragment)
        elif kind == HANDSHAKE:
            yield from self._outer_handshake(from_client, fragment)
            return
        elif kind == ALERT and len(fragment) == 2 and fragment[0] == 2:
            self.alert = fragment[1]
        if kind == APPLICATION and fragment:
            yield Plain(from_client, fragment, time_ns)

    def _open(self, side: _TlsSide, kind: int, version: bytes, fragment: bytes) -> tuple[int, bytes] | None:
        if side.opener and (opened := side.opener.open(kind, version, fragment)):
            return opened
        for number, opener in enumerate(side.next_openers):
            if opened := opener.open(kind, version, fragment):
                side.opener = opener
                del side.next_openers[: number + 1]
                return opened
        return None

    def _inner_handshake(self, side: _TlsSide, fragment: bytes) -> None:
        """Follow changes of keys inside a connection of TLS 1.3; other keys are tried when one fails."""
        if fragment[:1] == b"\x18" and isinstance(side.opener, Opener13):
            side.next_openers.insert(0, side.opener.updated())

    def _outer_handshake(self, from_client: bool, fragment: bytes) -> Iterator[Plain]:
        side = self._client if from_client else self._server
        side.handshake += fragment
        while len(side.handshake) >= 4:
            size = int.from_bytes(side.handshake[1:4])
            if size > MAX_HANDSHAKE_BYTES:
                side.handshake.clear()
                return
            if len(side.handshake) < 4 + size:
                return
            kind, body = side.handshake[0], bytes(side.handshake[4 : 4 + size])
            del side.handshake[: 4 + size]
            if kind == 1 and from_client:
                hello = client_hello(body)
                if hello:
                    self._client_random, self.sni, self.offered = hello
            elif kind == 2 and not from_client and self._server_hello(body):
                waiting, self._early = self._early, []
                for item in waiting:
                    yield from self._record(True, *item)

    def _server_hello(self, body: bytes) -> bool:
        """Take the server's choice; True if keys are set."""
        if len(body) < 38 or body[2:34] == _RETRY:
            return False
        session = 35 + body[34]
        self.suite_number = int.from_bytes(body[session : session + 2])
        extensions = extensions_of(body[session + 3 :])
        version = int.from_bytes(extensions.get(43, body[:2])[:2])
        self._version = version
        self.negotiated = _VERSIONS.get(version)
        self._server_random = body[2:34]
        self._encrypt_then_mac = 22 in extensions
        suite = SUITES.get(self.suite_number)
        secrets = self.keys.of(self._client_random)
        if suite is None:
            return True
        if version >= 0x0304:
            for side, labels in zip((self._client, self._server), LABELS, strict=True):
                side.next_openers = [Opener13(suite, secrets[label]) for label in labels if label in secrets]
        elif master := secrets.get("CLIENT_RANDOM"):
            client, server = openers_12(
                suite,
                version,
                master,
                (self._client_random, self._server_random),
                encrypt_then_mac=self._encrypt_then_mac,
            )
            self._client.next_openers, self._server.next_openers = [client], [server]
        return True


def client_hello(body: bytes) -> tuple[bytes, str | None, tuple[str, ...]] | None:
    """Random, server name and versions offered of a ClientHello; None if it is none."""
    try:
        random = body[2:34]
        at = 35 + body[34]
        at += 2 + int.from_bytes(body[at : at + 2])
        at += 1 + body[at]
    except IndexError:
        return None
    if len(random) < 32:
        return None
    extensions = extensions_of(body[at:])
    listed = extensions.get(43, b"\0" + body[:2])[1:]
    numbers = [int.from_bytes(listed[start : start + 2]) for start in range(0, len(listed) - 1, 2)]
    name = extensions.get(0, b"")[5:].decode("ascii", "replace").lower() or None
    return random, name, tuple(_VERSIONS[number] for number in numbers if number in _VERSIONS)


def extensions_of(data: bytes) -> dict[int, bytes]:
    """Extensions of a hello, from the length of their list on."""
    found = {}
    rest = data[2 : 2 + int.from_bytes(data[:2])]
    while len(rest) >= 4:
        size = int.from_bytes(rest[2:4])
        found[int.from_bytes(rest[:2])] = rest[4 : 4 + size]
        rest = rest[4 + size :]
    return found
