"""QUIC connections (RFC 9000, 9001, 9369) opened with the secrets of a key log."""

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES, ChaCha20

from hometruth.capture.pcap.ciphers import SUITES, Suite, aead_of, expand, opened
from hometruth.capture.pcap.keys import KeyLog
from hometruth.capture.pcap.talk import Strays
from hometruth.capture.pcap.tls import client_hello

_SALT_1 = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
_SALT_2 = bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9")
_SALT_29 = bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899")
_SALT_23 = bytes.fromhex("c3eef712c72ebb5a11a7d2432bb46365bef9f502")
_SALT_21 = bytes.fromhex("7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a")
SALTS = {
    0x00000001: _SALT_1,
    0x6B3343CF: _SALT_2,
    **dict.fromkeys((0xFF000000 + draft for draft in (29, 30, 31, 32)), _SALT_29),
    **dict.fromkeys((0xFF000000 + draft for draft in range(23, 29)), _SALT_23),
    **dict.fromkeys((0xFF000000 + draft for draft in (21, 22)), _SALT_21),
    0xFF000021: _SALT_1,
    0xFF000022: _SALT_1,
}
"""Salt of the first packets by version (RFC 9001, 5.2; RFC 9369, 3.3.1; the drafts' own)."""
VERSION_2 = 0x6B3343CF
_TYPES = {1: ("initial", "0rtt", "handshake", "retry"), 2: ("retry", "initial", "0rtt", "handshake")}
"""Long header types by version (RFC 9369, 3.2, numbers them differently)."""
_LABELS = {
    ("0rtt", True): "CLIENT_EARLY_TRAFFIC_SECRET",
    ("handshake", True): "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    ("handshake", False): "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    ("1rtt", True): "CLIENT_TRAFFIC_SECRET_0",
    ("1rtt", False): "SERVER_TRAFFIC_SECRET_0",
}
_NUMBERS = {
    **{0x04: 3, 0x05: 2, 0x10: 1, 0x11: 2, 0x12: 1, 0x13: 1, 0x14: 1, 0x15: 2, 0x16: 1, 0x17: 1, 0x19: 1},
    **{0xAC: 0, 0xAF: 4, 0x2F5: 1},  # drafts: acknowledgement frequency, time stamps
}
"""Frames that are so many numbers and nothing else."""
MAX_WAITING_BYTES = 1 << 20
"""Of packets that came before what opens them."""
MAX_OFFSET = 1 << 27
"""Bytes of one stream that are put in order; the rest is lost."""

StreamData = Callable[[bool, int, bytes, bool, int], None]
"""From client, stream, next bytes in order, whether it ended, time."""


@dataclass(slots=True)
class _Ordered:
    """Bytes of a stream by offset."""

    next: int = 0
    waiting: dict[int, bytes] = field(default_factory=dict)
    end: int | None = None

    def add(self, offset: int, data: bytes, *, final: bool) -> tuple[bytes, bool]:
        if final:
            self.end = offset + len(data)
        if offset < self.next + MAX_OFFSET and len(data) > len(self.waiting.get(offset, b"")):
            self.waiting[offset] = data
        out = b""
        while found := [start for start in self.waiting if start <= self.next]:
            for start in found:
                piece = self.waiting.pop(start)[self.next - start :]
                out += piece
                self.next += len(piece)
        return out, self.end is not None and self.next >= self.end


@dataclass(slots=True)
class _Keys:
    """One side's packets of one kind (RFC 9001, 5)."""

    suite: Suite
    secret: bytes
    version: int
    phase: int = 0
    _mask_key: bytes = b""

    def __post_init__(self) -> None:
        # What hides the header stays the same when the keys are renewed.
        self._mask_key = self._mask_key or self._derived("hp", self.suite.key_bytes)

    def open(self, packet: bytes, at: int, expected: int) -> tuple[bytes, int] | None:
        """Payload and number of a packet whose number begins at *at*; None if these keys do not open it."""
        sample = packet[at + 4 : at + 20]
        if len(sample) < 16:
            return None
        mask = self._mask(sample)
        first = packet[0] ^ (mask[0] & (0x0F if packet[0] & 0x80 else 0x1F))
        width = (first & 3) + 1
        hidden = int.from_bytes(packet[at : at + width]) ^ int.from_bytes(mask[1 : 1 + width])
        header = bytes([first]) + packet[1:at] + hidden.to_bytes(width)
        number = _whole_number(hidden, 8 * width, expected)
        keys = self
        if not first & 0x80 and first >> 2 & 1 != self.phase:
            keys = self._renewed()
        nonce = (int.from_bytes(keys._derived("iv", 12)) ^ number).to_bytes(12)
        aead = aead_of(self.suite, keys._derived("key", self.suite.key_bytes))
        payload = opened(aead, nonce, packet[at + width :], header)
        if payload is None:
            return None
        self.secret, self.phase = keys.secret, keys.phase
        return payload, number

    def _renewed(self) -> "_Keys":
        secret = self._derived("ku", len(self.secret))
        return _Keys(self.suite, secret, self.version, self.phase ^ 1, self._mask_key)

    def _derived(self, name: str, size: int) -> bytes:
        prefix = "quicv2 " if self.version == VERSION_2 else "quic "
        return expand(self.suite.prf, self.secret, (prefix + name).encode(), size)

    def _mask(self, sample: bytes) -> bytes:
        if self.suite.cipher == "chacha":
            encryptor = Cipher(ChaCha20(self._mask_key, sample), mode=None).encryptor()
            return encryptor.update(bytes(5))
        return Cipher(AES(self._mask_key), modes.ECB()).encryptor().update(sample)  # noqa: S305 - RFC 9001, 5.4.3


def _whole_number(truncated: int, bits: int, expected: int) -> int:
    """The packet number nearest to the one expected that ends so (RFC 9000, A.3)."""
    window = 1 << bits
    candidate = expected & ~(window - 1) | truncated
    if candidate <= expected - window // 2 and candidate < (1 << 62) - window:
        return candidate + window
    if candidate > expected + window // 2 and candidate >= window:
        return candidate - window
    return candidate


def _has_ids(packet: bytes) -> bool:
    """Whether a long header was not cut before the end of its connection ids."""
    at = 6 + packet[5] if len(packet) > 5 else len(packet)
    return at < len(packet) and at + packet[at] < len(packet)


class QuicConnection:
    """Datagrams of one connection; what its streams carry goes to a callback."""

    def __init__(self, keys: KeyLog, on_stream: StreamData) -> None:
        self._keys, self._on_stream = keys, on_stream
        self.sni: str | None = None
        self.alpn: str | None = None
        self.version = 0
        self.client_random = b""
        self._suite: Suite | None = None
        self._has_initial = False
        self._crypto: dict[tuple[str, bool], _Keys] = {}
        self._numbers: dict[tuple[str, bool], int] = {}
        self._hello: dict[tuple[str, bool], _Ordered] = {}
        self._hello_bytes: dict[tuple[str, bool], bytearray] = {}
        self._streams: dict[tuple[bool, int], _Ordered] = {}
        self._waiting: list[tuple[bool, bytes, int]] = []
        self._waiting_bytes = 0
        self._cid_bytes: dict[bool, int] = {}
        """Length of the connection ids that packets of each side carry, which short headers do not say."""
        self.closed_bytes = {True: 0, False: 0}
        self.opened_bytes = {True: 0, False: 0}
        self.strays = Strays()
        """What the client sent beside its streams: datagrams (RFC 9221), and why it closed the connection."""
        self.unknown_bytes = 0
        """Behind frames of a kind that we do not know, which says nothing of its length."""

    def add(self, from_client: bool, datagram: bytes, time_ns: int) -> None:
        """Open the packets of a datagram."""
        for packet in self._packets(datagram):
            if not self._packet(from_client, packet, time_ns):
                if self._waiting_bytes + len(packet) <= MAX_WAITING_BYTES:
                    self._waiting.append((from_client, packet, time_ns))
                    self._waiting_bytes += len(packet)
                else:
                    self.closed_bytes[from_client] += len(packet)

    def end(self) -> None:
        """Try once more what waited."""
        self._retry()
        for from_client, packet, _ in self._waiting:
            self.closed_bytes[from_client] += len(packet)
        self._waiting.clear()

    def why_closed(self) -> str:
        """Why packets of the client stayed closed; empty if none did."""
        if self.opened_bytes[True] or not self.closed_bytes[True]:
            return ""
        if self.version and self.version not in SALTS:
            return f"QUIC version {self.version:08x} is not read"
        if not self.client_random:
            return "its beginning is not in the capture"
        if not len(self._keys):
            return "there are no keys"
        if not self._keys.of(self.client_random):
            return "no key of the log is this connection's"
        return "the keys of the log do not open it"

    def _retry(self) -> None:
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        for item in waiting:
            if not self._packet(*item):
                self._waiting.append(item)
                self._waiting_bytes += len(item[1])

    def _packets(self, datagram: bytes) -> Iterator[bytes]:
        """The packets that share a datagram; the last may have a short header."""
        while datagram:
            if not datagram[0] & 0x80 or len(datagram) < 7:
                yield datagram
                return
            version = int.from_bytes(datagram[1:5])
            at = self._after_ids(datagram)
            kind = self._kind(version, datagram[0])
            if kind == "initial":
                size, at = varint(datagram, at)
                at += size
            if kind == "retry" or at >= len(datagram) or version not in SALTS:
                yield datagram
                return
            size, at = varint(datagram, at)
            yield datagram[: at + size]
            datagram = datagram[at + size :]

    def _kind(self, version: int, first: int) -> str:
        return _TYPES[2 if version == VERSION_2 else 1][first >> 4 & 3]

    def _after_ids(self, packet: bytes) -> int:
        at = 6 + packet[5]
        return at + 1 + packet[at] if at < len(packet) else at

    def _packet(self, from_client: bool, packet: bytes, time_ns: int) -> bool:
        """Open one packet; False if it may be opened later."""
        if not packet:
            return True
        if packet[0] & 0x80:
            version = int.from_bytes(packet[1:5])
            if not version:
                return True
            if not _has_ids(packet):
                self.closed_bytes[from_client] += len(packet)
                return True
            self.version = version
            if version not in SALTS:
                return False
            kind = self._kind(version, packet[0])
            if kind == "retry":
                self._has_initial = False
                self._crypto.clear()
                return True
            self._learn_ids(from_client, packet, kind)
            at = self._after_ids(packet)
            if kind == "initial":
                size, at = varint(packet, at)
                at += size
            _, at = varint(packet, at)
        else:
            if from_client not in self._cid_bytes:
                return False
            kind, at = "1rtt", 1 + self._cid_bytes[from_client]
        crypto = self._context(kind, from_client)
        if crypto is None:
            return False
        space = ("1rtt" if kind == "0rtt" else kind), from_client
        found = crypto.open(packet, at, self._numbers.get(space, 0))
        if found is None:
            return False
        payload, number = found
        self._numbers[space] = max(self._numbers.get(space, 0), number + 1)
        if kind in ("0rtt", "1rtt"):
            self.opened_bytes[from_client] += len(packet)
        self._frames(kind, from_client, payload, time_ns)
        return True

    def _learn_ids(self, from_client: bool, packet: bytes, kind: str) -> None:
        """A side names the connection id that the other's packets carry to it."""
        source = packet[6 + packet[5]]
        self._cid_bytes[not from_client] = source
        if kind == "initial" and from_client and not self._has_initial:
            secret = hmac.digest(SALTS[self.version], packet[6 : 6 + packet[5]], "sha256")
            for side, label in ((True, b"client in"), (False, b"server in")):
                self._crypto["initial", side] = _Keys(
                    SUITES[0x1301], expand("sha256", secret, label, 32), self.version
                )
            self._has_initial = True

    def _context(self, kind: str, from_client: bool) -> _Keys | None:
        known = self._crypto.get((kind, from_client))
        if known or kind == "initial":
            return known
        secret = self._keys.of(self.client_random).get(_LABELS.get((kind, from_client), ""))
        if secret is None or self._suite is None:
            return None
        context = self._crypto[kind, from_client] = _Keys(self._suite, secret, self.version)
        return context

    def _frames(self, kind: str, from_client: bool, data: bytes, time_ns: int) -> None:
        at = 0
        while at < len(data):
            frame, at = varint(data, at)
            if frame in (0x00, 0x01, 0x1E):
                continue
            if frame == 0x06:
                offset, at = varint(data, at)
                size, at = varint(data, at)
                self._hello_part(kind, from_client, offset, data[at : at + size])
                at += size
            elif 0x08 <= frame <= 0x0F:
                stream, at = varint(data, at)
                offset = 0
                if frame & 4:
                    offset, at = varint(data, at)
                size = len(data) - at
                if frame & 2:
                    size, at = varint(data, at)
                self._stream(from_client, stream, offset, data[at : at + size], bool(frame & 1), time_ns)
                at += size
            elif frame in (0x1C, 0x1D, 0x30, 0x31):
                start, at = _words(frame, data, at)
                if from_client:
                    self.strays.add(data[start:at], time_ns)
            else:
                known, at = _after_frame(frame, data, at)
                self.unknown_bytes += 0 if known else len(data) - at
                at = at if known else len(data)

    def _stream(
        self, from_client: bool, stream: int, offset: int, data: bytes, final: bool, time_ns: int
    ) -> None:
        ordered = self._streams.setdefault((from_client, stream), _Ordered())
        new, ended = ordered.add(offset, data, final=final)
        if new or ended:
            self._on_stream(from_client, stream, new, ended, time_ns)

    def _hello_part(self, kind: str, from_client: bool, offset: int, data: bytes) -> None:
        key = kind, from_client
        new, _ = self._hello.setdefault(key, _Ordered()).add(offset, data, final=False)
        buffer = self._hello_bytes.setdefault(key, bytearray())
        buffer += new
        while len(buffer) >= 4:
            size = int.from_bytes(buffer[1:4])
            if len(buffer) < 4 + size:
                return
            message, body = buffer[0], bytes(buffer[4 : 4 + size])
            del buffer[: 4 + size]
            if message == 1 and from_client and (hello := client_hello(body)):
                self.client_random, self.sni, _ = hello
                self._suite = self._suite or SUITES[0x1301]  # of early data, until the server says
                self._retry()
            elif message == 2 and not from_client and len(body) > 38:
                chosen = int.from_bytes(body[35 + body[34] : 37 + body[34]])
                self._suite = SUITES.get(chosen)
                self._crypto.pop(("0rtt", True), None)
                self._retry()


def _after_frame(frame: int, data: bytes, at: int) -> tuple[bool, int]:
    """Whether a frame that carries nothing of interest is known, and where the next begins."""
    if frame in _NUMBERS:
        for _ in range(_NUMBERS[frame]):
            _, at = varint(data, at)
        return True, at
    if frame in (0x02, 0x03):
        _, at = varint(data, at)
        _, at = varint(data, at)
        ranges, at = varint(data, at)
        for _ in range(min(2 * ranges + 1, len(data))):
            _, at = varint(data, at)
        if frame == 0x03:
            for _ in range(3):
                _, at = varint(data, at)
        return True, at
    if frame == 0x07:
        size, at = varint(data, at)
        return True, at + size
    if frame == 0x18:
        _, at = varint(data, at)
        _, at = varint(data, at)
        return True, at + 1 + (data[at] if at < len(data) else 0) + 16
    if frame in (0x1A, 0x1B):
        return True, at + 8
    return False, at


def _words(frame: int, data: bytes, at: int) -> tuple[int, int]:
    """Where the content of a datagram, or the reason for the end, begins and ends."""
    if frame == 0x30:
        return at, len(data)
    for _ in range({0x1C: 2, 0x1D: 1, 0x31: 0}[frame]):
        _, at = varint(data, at)
    size, at = varint(data, at)
    return at, at + size


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length (RFC 9000, 16), and where it ends; beyond the data it is 0."""
    if at >= len(data):
        return 0, at + 1
    width = 1 << (data[at] >> 6)
    return int.from_bytes(data[at : at + width]) & ((1 << (8 * width - 2)) - 1), at + width


def is_quic(datagram: bytes) -> bool:
    """True for a first datagram of a version we know, a draft, or Google's own."""
    if len(datagram) < 7 or datagram[0] & 0xC0 != 0xC0:
        return False
    version = datagram[1:5]
    return int.from_bytes(version) in SALTS or version[:3] == b"\xff\0\0" or version[:2] in (b"Q0", b"T0")
