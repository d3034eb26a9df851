"""HTTP/2 frames (RFC 9113), with `hpack` for headers."""

from dataclasses import dataclass, field

import hpack

from hometruth.capture.pcap.talk import PRIORITY_VALUE, Done, Strays, Talk

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITIES, RESET, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
PRIORITY_UPDATE = 0x10
"""RFC 9218, 7.1."""
END_STREAM, END_HEADERS, PADDED, PRIORITY = 1, 4, 8, 0x20
ACK = 1
MAX_HEADERS_BYTES = 1 << 20
SETTING_BYTES = 6
KNOWN_SETTINGS = {*range(1, 7), 8, 9, 0x10}
"""IANA's registry; values of others are searched."""
MAX_COUNTER = 1 << 16
"""A number in a PING up to which it counts them, up or down, as browsers and gRPC do, and names nobody."""


@dataclass(slots=True)
class _Http2Side:
    buffer: bytearray = field(default_factory=bytearray)
    decoder: hpack.Decoder = field(default_factory=hpack.Decoder)
    block: bytearray = field(default_factory=bytearray)
    """Headers that go on in the next frame."""
    flags: int = 0
    stream: int = 0
    pushed: bool = False
    lost: bool = False


class Http2:
    """Requests of one connection, by stream."""

    def __init__(self, scheme: str, done: Done, *, answers: bool) -> None:
        self._scheme, self._done, self._answers = scheme, done, answers
        self._sides = {True: _Http2Side(), False: _Http2Side()}
        for side in self._sides.values():
            side.decoder.max_header_list_size = MAX_HEADERS_BYTES
            side.decoder.max_allowed_table_size = 1 << 16
        self._talks: dict[int, Talk] = {}
        self.problem = ""
        self.strays = Strays()
        """What the client sent in frames that are of no request, and as padding."""

    def adopt(self, talk: Talk) -> None:
        """A request of HTTP/1 that asked for the change (RFC 7540, 3.2) is stream 1."""
        talk.is_complete = True
        self._talks[1] = talk

    def add(self, from_client: bool, data: bytes, time_ns: int) -> None:
        """See `Protocol1`."""
        side = self._sides[from_client]
        if side.lost:
            return
        side.buffer += data
        if from_client and side.buffer.startswith(PREFACE[: len(side.buffer)]):
            if len(side.buffer) < len(PREFACE):
                return
            del side.buffer[: len(PREFACE)]
        while len(side.buffer) >= 9:
            size = int.from_bytes(side.buffer[:3])
            if len(side.buffer) < 9 + size:
                return
            kind, flags = side.buffer[3], side.buffer[4]
            stream = int.from_bytes(side.buffer[5:9]) & 0x7FFFFFFF
            payload = bytes(side.buffer[9 : 9 + size])
            del side.buffer[: 9 + size]
            self._frame(from_client, side, kind, flags, stream, payload, time_ns)

    def lose(self, from_client: bool, n_bytes: int) -> None:
        """See `Protocol1`: headers refer to earlier ones, so what follows cannot be read."""
        self._sides[from_client].lost = True
        self.problem = f"{n_bytes} bytes are missing, and what follows them cannot be read"

    def end(self) -> None:
        """See `Protocol1`."""
        client = self._sides[True]
        if (client.buffer or client.block) and not client.lost:
            self.problem = f"the client's last frame is cut after {len(client.buffer or client.block)} bytes"
            if client.buffer[3:4] not in (bytes([HEADERS]), bytes([CONTINUATION])):  # those are packed
                self.strays.add(bytes(client.buffer[9:]), 0)
        for talk in self._talks.values():
            if not talk.is_complete:
                talk.body.drop()
            self._done(talk)
        self._talks.clear()

    def _frame(
        self,
        from_client: bool,
        side: _Http2Side,
        kind: int,
        flags: int,
        stream: int,
        payload: bytes,
        time_ns: int,
    ) -> None:
        if kind in (DATA, HEADERS, PUSH) and flags & PADDED and payload:
            end = max(1, len(payload) - payload[0])
            if from_client and payload[end:].strip(b"\0"):
                self.strays.add(payload[end:], time_ns)
            payload = payload[1:end]
        if kind == HEADERS:
            side.block = bytearray(payload[5:] if flags & PRIORITY else payload)
            side.flags, side.stream, side.pushed = flags, stream, False
        elif kind == PUSH:
            side.block = bytearray(payload[4:])
            side.flags, side.stream, side.pushed = flags, stream, True
        elif kind == CONTINUATION:
            side.block += payload
        elif kind == DATA:
            self._data(from_client, stream, flags, payload, time_ns)
        elif kind == RESET and stream in self._talks:
            talk = self._talks.pop(stream)
            if not talk.is_complete:
                talk.body.drop()
                talk.error = "its stream was reset before it was whole"
            self._done(talk)
        elif from_client and kind not in (RESET, PRIORITIES, WINDOW):
            self._beside(kind, flags, payload, time_ns)
        if kind in (HEADERS, PUSH, CONTINUATION) and (
            flags & END_HEADERS or len(side.block) > MAX_HEADERS_BYTES
        ):
            self._headers(from_client, side, time_ns)

    def _data(self, from_client: bool, stream: int, flags: int, payload: bytes, time_ns: int) -> None:
        talk = self._talks.get(stream)
        if talk:
            (talk.body if from_client else talk.answer).add(payload)
            if flags & END_STREAM:
                self._end_stream(from_client, stream)
        elif from_client:
            self.strays.add(payload, time_ns)

    def _beside(self, kind: int, flags: int, payload: bytes, time_ns: int) -> None:
        """A frame of a client that is of no request: what in it can tell something is kept."""
        if kind == PING:
            # An acknowledgement says what the server said.
            if not flags & ACK and abs(int.from_bytes(payload, signed=True)) >= MAX_COUNTER:
                self.strays.add(payload, time_ns)
        elif kind == GOAWAY:
            self.strays.add(payload[8:], time_ns)
        elif kind == SETTINGS:
            for at in range(0, len(payload), SETTING_BYTES):
                number = int.from_bytes(payload[at : at + 2])
                if number in KNOWN_SETTINGS:
                    continue
                if number & 0x0F0F == 0x0A0A:
                    self.strays.reserved_bytes += SETTING_BYTES - 2
                else:
                    self.strays.add(payload[at : at + SETTING_BYTES], time_ns)
        elif kind % 0x1F == 0x0B:
            self.strays.reserved_bytes += len(payload)
        elif kind != PRIORITY_UPDATE or not PRIORITY_VALUE.fullmatch(payload[4:]):
            self.strays.add(payload, time_ns)

    def _headers(self, from_client: bool, side: _Http2Side, time_ns: int) -> None:
        block, side.block = bytes(side.block), bytearray()
        try:
            fields = [(bytes(name), bytes(value)) for name, value in side.decoder.decode(block, raw=True)]
        except hpack.HPACKError as err:
            side.lost = True
            self.problem = f"headers cannot be decoded: {err}"
            return
        if side.pushed:
            return  # a request that the server imagined
        talk = self._talks.get(side.stream)
        if from_client:
            if talk is None and not any(name == b":method" for name, _ in fields):
                # Trailers of a request whose answer has ended already.
                self.strays.add(b"".join(b"%s: %s\r\n" % each for each in fields), time_ns)
            elif talk is None:
                talk = self._talks[side.stream] = request_of(fields, self._scheme, "HTTP/2", time_ns)
                talk.answer.kept = self._answers
            else:
                talk.headers += fields  # trailers
        elif talk:
            take_answer(talk, fields)
        if side.flags & END_STREAM and talk:
            self._end_stream(from_client, side.stream)

    def _end_stream(self, from_client: bool, stream: int) -> None:
        talk = self._talks[stream]
        if from_client:
            talk.is_complete = True
        else:
            if not talk.is_complete:
                talk.body.drop()
            self._done(self._talks.pop(stream))


def request_of(fields: list[tuple[bytes, bytes]], scheme: str, version: str, time_ns: int) -> Talk:
    """A request of HTTP/2 or 3: what begins with a colon is no header."""
    pseudo = {name: value for name, value in fields if name[:1] == b":"}
    plain = [(name, value) for name, value in fields if name[:1] != b":"]
    authority = pseudo.get(b":authority", b"")
    return Talk(
        method=pseudo.get(b":method", b""),
        scheme=pseudo.get(b":scheme", scheme.encode()).decode("ascii", "replace"),
        authority=authority or next((value for name, value in plain if name == b"host"), b""),
        target=pseudo.get(b":path", b""),
        http_version=version,
        started_ns=time_ns,
        headers=plain,
    )


def take_answer(talk: Talk, fields: list[tuple[bytes, bytes]]) -> None:
    """The head of an answer, or its trailers."""
    status = next((value for name, value in fields if name == b":status"), b"")
    if status[:1] == b"1" and status != b"101":
        return
    if status.isdigit():
        talk.status = int(status)
    talk.answer_headers += [(name, value) for name, value in fields if name[:1] != b":"]
