"""TCP connections from segments (RFC 9293): in order, each byte once, and what is missing said."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple

from hometruth.capture.pcap.packets import Address, Packet

FIN, SYN, RST, ACK = 1, 2, 4, 16
MAX_WAITING_BYTES = 4 << 20
"""Bytes of one direction that wait for a missing segment; then it is taken for lost."""
MAX_WAITING_SEGMENTS = 2048
MAX_ALL_WAITING_BYTES = 64 << 20
"""The same for all connections together."""
MAX_CONNECTIONS = 50_000
"""Connections open at a time; the one that was silent longest is closed for a new one."""
MAX_BROKEN = 1024
"""Connections that were broken off, and wait for whether they go on all the same."""
_HALF = 1 << 31
_WRAP = (1 << 32) - 1


class Data(NamedTuple):
    """Bytes of one direction, in order."""

    from_client: bool
    data: bytes
    time_ns: int


class Lost(NamedTuple):
    """Bytes of one direction that the capture does not hold."""

    from_client: bool
    n_bytes: int


@dataclass(slots=True)
class Waiting:
    """Bytes of all connections that wait for missing segments, together."""

    n_bytes: int = 0


@dataclass(slots=True)
class _Direction:
    """One side's bytes by offset, which unlike sequence numbers never wrap."""

    opened_at: int | None = None
    """Sequence number of the SYN."""
    next_seq: int | None = None
    next: int = 0
    waiting: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    offsets: list[int] = field(default_factory=list)
    """Heap of the offsets that wait."""
    waiting_bytes: int = 0
    end: int | None = None
    """Offset of the end that this side has announced."""
    arrived: int = 0
    """Offset up to which the other side says that it has everything."""

    @property
    def ended(self) -> bool:
        """True once everything up to the announced end is there."""
        return self.end is not None and self.next >= self.end

    def add(self, seq: int, payload: bytes, time_ns: int) -> None:
        """Keep a segment, cut to what is new."""
        assert self.next_seq is not None
        offset = self.next + _distance(self.next_seq, seq)
        if offset < self.next:
            payload, offset = payload[self.next - offset :], self.next
        before = len(self.waiting.get(offset, (b"", 0))[0])
        if len(payload) <= before:
            return
        if not before:
            heappush(self.offsets, offset)
        self.waiting[offset] = payload, time_ns
        self.waiting_bytes += len(payload) - before

    def ready(self) -> Iterator[tuple[bytes, int]]:
        """What can be handed on."""
        while self.offsets and self.offsets[0] <= self.next:
            offset = heappop(self.offsets)
            payload, time_ns = self.waiting.pop(offset)
            self.waiting_bytes -= len(payload)
            if new := payload[self.next - offset :]:
                assert self.next_seq is not None
                self.next += len(new)
                self.next_seq = (self.next_seq + len(new)) & _WRAP
                yield new, time_ns

    def skip(self) -> int:
        """Go on after the missing bytes; how many these are."""
        assert self.next_seq is not None
        missing = self.offsets[0] - self.next
        is_keep_alive = missing == 1 and not self.next and self.opened_at is None
        self.next += missing
        self.next_seq = (self.next_seq + missing) & _WRAP
        return 0 if is_keep_alive else missing

    @property
    def is_full(self) -> bool:
        return self.waiting_bytes > MAX_WAITING_BYTES or len(self.waiting) > MAX_WAITING_SEGMENTS


@dataclass(slots=True)
class Stream:
    """One TCP connection."""

    client: Address
    server: Address
    started_ns: int
    app: str = ""
    sure: bool = False
    """Whether who called whom was seen, not guessed from the ports."""
    _up: _Direction = field(default_factory=_Direction)
    _down: _Direction = field(default_factory=_Direction)
    _broken: bool = False

    def add(self, packet: Packet, all_waiting: Waiting) -> Iterator[Data | Lost]:
        """What a segment completes."""
        from_client = packet.source == self.client
        side = self._up if from_client else self._down
        self.app = self.app or packet.app
        seq = packet.seq
        if packet.flags & SYN:
            side.opened_at = seq if side.opened_at is None else side.opened_at
            if side.next_seq is None or not (side.next or side.waiting):
                side.next_seq = (seq + 1) & _WRAP
            seq = (seq + 1) & _WRAP
        elif side.next_seq is None:
            # One byte is a keep-alive: it stands before what is really sent (RFC 9293, 3.8.4).
            side.next_seq = (seq + 1) & _WRAP if len(packet.payload) == 1 else seq
        if packet.payload:
            before = side.waiting_bytes
            side.add(seq, packet.payload, packet.time_ns)
            yield from self._deliver(from_client, side)
            while side.offsets and (side.is_full or all_waiting.n_bytes > MAX_ALL_WAITING_BYTES):
                yield from self._skip(from_client, side)
            all_waiting.n_bytes += side.waiting_bytes - before
        if packet.flags & FIN and side.end is None:
            side.end = side.next + _distance(side.next_seq, (seq + len(packet.payload)) & _WRAP)
        if packet.flags & RST:
            self._broken = True
        elif packet.ack:
            other = self._down if from_client else self._up
            if other.next_seq is not None:
                ahead = _distance(other.next_seq, packet.ack)
                if ahead <= MAX_WAITING_BYTES:  # else it speaks of another connection
                    other.arrived = max(other.arrived, other.next + ahead)

    def end(self) -> Iterator[Data | Lost]:
        """What still waits, with what is missing before it."""
        for from_client, side in ((True, self._up), (False, self._down)):
            while side.offsets:
                yield from self._skip(from_client, side)
            # One more than there are bytes is the end itself, which is counted like a byte (RFC 9293, 3.4).
            if (missing := side.arrived - side.next) > 1:
                side.next = side.arrived
                yield Lost(from_client, missing)

    def is_restart(self, packet: Packet) -> bool:
        """True for the first segment of another connection between the same ports."""
        if packet.flags & (SYN | ACK) != SYN:
            return False
        side = self._up if packet.source == self.client else self._down
        if side.next_seq is None or packet.seq == side.opened_at:
            return False
        return self.is_over or abs(_distance(side.next_seq, packet.seq)) > MAX_WAITING_BYTES

    @property
    def is_over(self) -> bool:
        """True once both sides have said that they are done, or one has broken off."""
        return (self._up.ended and self._down.ended) or self._broken

    @property
    def is_broken(self) -> bool:
        """True once somebody has broken it off; not always one of the two, and then they go on."""
        return self._broken

    def holds(self, packet: Packet) -> bool:
        """True for a segment of which every byte has come already."""
        side = self._up if packet.source == self.client else self._down
        if not packet.payload or side.next_seq is None:
            return not packet.payload
        return _distance(side.next_seq, (packet.seq + len(packet.payload)) & _WRAP) <= 0

    @property
    def waits(self) -> int:
        """Bytes that wait for missing ones."""
        return self._up.waiting_bytes + self._down.waiting_bytes

    def turn(self) -> None:
        """Who was taken for the client is the server."""
        self.client, self.server = self.server, self.client
        self._up, self._down = self._down, self._up

    def _skip(self, from_client: bool, side: _Direction) -> Iterator[Data | Lost]:
        if missing := side.skip():
            yield Lost(from_client, missing)
        yield from self._deliver(from_client, side)

    def _deliver(self, from_client: bool, side: _Direction) -> Iterator[Data]:
        for data, time_ns in side.ready():
            yield Data(from_client, data, time_ns)


def stream_of(packet: Packet) -> Stream:
    """The connection that a segment opens, seen for the first time."""
    source, target = packet.source, packet.target
    if packet.flags & SYN:
        client, server = (target, source) if packet.flags & ACK else (source, target)
        return Stream(client, server, packet.time_ns, packet.app, sure=True)
    server_first = source[1] < target[1]
    client, server = (target, source) if server_first else (source, target)
    return Stream(client, server, packet.time_ns, packet.app)


def _distance(start: int, end: int) -> int:
    """How far *end* is after *start*, negative if before, with numbers that wrap at 2^32."""
    return ((end - start + _HALF) & _WRAP) - _HALF
