"""HTTP/3 on the streams of a QUIC connection (RFC 9114), with `pylsqpack` for headers."""

from dataclasses import dataclass, field

import pylsqpack

from hometruth.capture.pcap.http2 import request_of, take_answer
from hometruth.capture.pcap.quic import varint
from hometruth.capture.pcap.talk import PRIORITY_VALUE, Done, Strays, Talk

DATA, HEADERS = 0x00, 0x01
SETTINGS = 0x04
PRIORITY_UPDATES = (0xF0700, 0xF0701)
"""RFC 9218, 7.2."""
CONTROL, PUSH, QPACK_ENCODER, QPACK_DECODER = range(4)
WEBTRANSPORT = 0x41
"""In place of a frame: all that follows it in its stream is an application's own."""
RESERVED_FIRST, RESERVED_STEP = 0x21, 0x1F
"""Streams, frames and settings that stand for nothing (RFC 9114, 7.2.8)."""
NUMBERS = (0x03, 0x07, 0x0D)
"""Frames that are a number and nothing else."""
KNOWN_SETTINGS = {0x01, 0x06, 0x07, 0x08, 0x33, 0x2B603742, 0x2B603743, 0xFFD277, 0x14E9CD29, 0xC671706A}
"""IANA's registry, with those of WebTransport; values of others are searched."""
TABLE_BYTES, BLOCKED = 1 << 16, 1 << 10
MAX_FRAME_BYTES = 1 << 20
"""Of headers and other frames that are read as a whole."""
_BIDIRECTIONAL = 0
"""Last two bits of the number of a stream that the client opened for a request."""


@dataclass(slots=True)
class _Http3Side:
    buffer: bytearray = field(default_factory=bytearray)
    kind: int = DATA
    """Of the frame that is being read piece by piece."""
    left_bytes: int = 0
    blocked: bool = False
    ended: bool = False


class Http3:
    """Requests by stream."""

    def __init__(self, done: Done, *, answers: bool) -> None:
        self._done, self._answers = done, answers
        self._decoders = {True: _decoder(), False: _decoder()}
        self._sides: dict[tuple[bool, int], _Http3Side] = {}
        self._kinds: dict[tuple[bool, int], int] = {}
        self._talks: dict[int, Talk] = {}
        self.problem = ""
        self.requests = 0
        self.strays = Strays()
        """What the client sent in streams and frames that are of no request."""

    def add(self, from_client: bool, stream: int, data: bytes, ended: bool, time_ns: int) -> None:
        """The next bytes of a stream."""
        key = from_client, stream
        side = self._sides.setdefault(key, _Http3Side())
        side.buffer += data
        side.ended = side.ended or ended
        if stream & 3 == _BIDIRECTIONAL:
            self._frames(from_client, stream, side, time_ns)
            return
        if key not in self._kinds:
            if not side.buffer or len(side.buffer) < 1 << (side.buffer[0] >> 6):
                return
            self._kinds[key], used = varint(bytes(side.buffer), 0)
            del side.buffer[:used]
        kind = self._kinds[key]
        if kind == CONTROL:
            self._frames(from_client, stream, side, time_ns)
            return
        if kind == QPACK_ENCODER:
            self._encoder(from_client, bytes(side.buffer), time_ns)
        elif kind not in (PUSH, QPACK_DECODER) and from_client:
            self._beside(kind, bytes(side.buffer), time_ns)
        side.buffer.clear()

    def end(self) -> None:
        """Nothing more comes."""
        for talk in self._talks.values():
            if not talk.is_complete:
                talk.body.drop()
            self._done(talk)
        self._talks.clear()

    def _encoder(self, from_client: bool, data: bytes, time_ns: int) -> None:
        try:
            unblocked = self._decoders[from_client].feed_encoder(data)
        except pylsqpack.EncoderStreamError:
            self.problem = "the table of header names cannot be followed"
            return
        for stream in unblocked:
            _, fields = self._decoders[from_client].resume_header(stream)
            self._headers(from_client, stream, fields, time_ns)
            side = self._sides[from_client, stream]
            side.blocked = False
            self._frames(from_client, stream, side, time_ns)

    def _frames(self, from_client: bool, stream: int, side: _Http3Side, time_ns: int) -> None:
        while side.buffer and not side.blocked:
            if not side.left_bytes:
                data = bytes(side.buffer[:16])
                kind, at = varint(data, 0)
                size, at = varint(data, at)
                if at > len(side.buffer):
                    return
                is_whole = len(side.buffer) >= at + size
                if not is_whole and kind not in (DATA, WEBTRANSPORT) and size <= MAX_FRAME_BYTES:
                    return
                del side.buffer[:at]
                side.kind, side.left_bytes = kind, size
                if kind == WEBTRANSPORT:
                    side.left_bytes = 1 << 62
            piece = bytes(side.buffer[: side.left_bytes])
            del side.buffer[: side.left_bytes]
            side.left_bytes -= len(piece)
            self._piece(from_client, stream, side, piece, time_ns)
        is_read = not (side.buffer or side.left_bytes or side.blocked)
        if side.ended and is_read and stream in self._talks:
            if from_client:
                self._talks[stream].is_complete = True
            else:
                self._done(self._talks.pop(stream))

    def _piece(self, from_client: bool, stream: int, side: _Http3Side, payload: bytes, time_ns: int) -> None:
        """A frame, or a piece of one that is too large to be held."""
        is_request = stream & 3 == _BIDIRECTIONAL
        talk = self._talks.get(stream)
        if side.kind == HEADERS and is_request and not side.left_bytes:
            self._header_block(from_client, stream, side, payload, time_ns)
        elif side.kind == DATA and is_request and talk:
            (talk.body if from_client else talk.answer).add(payload)
        elif side.kind == SETTINGS and from_client:
            self._settings(payload, time_ns)
        elif side.kind in PRIORITY_UPDATES and PRIORITY_VALUE.fullmatch(payload[varint(payload, 0)[1] :]):
            return
        elif side.kind not in NUMBERS and from_client:
            self._beside(side.kind, payload, time_ns)

    def _settings(self, payload: bytes, time_ns: int) -> None:
        at = 0
        while at < len(payload):
            start = at
            number, at = varint(payload, at)
            _, at = varint(payload, at)
            if number not in KNOWN_SETTINGS:
                self._beside(number, payload[start:at], time_ns)

    def _beside(self, kind: int, payload: bytes, time_ns: int) -> None:
        """What a client sends in a stream, frame or setting that is of no request."""
        if kind >= RESERVED_FIRST and (kind - RESERVED_FIRST) % RESERVED_STEP == 0:
            self.strays.reserved_bytes += len(payload)
        else:
            self.strays.add(payload, time_ns)

    def _header_block(
        self, from_client: bool, stream: int, side: _Http3Side, payload: bytes, time_ns: int
    ) -> None:
        try:
            _, fields = self._decoders[from_client].feed_header(stream, payload)
        except pylsqpack.StreamBlocked:
            side.blocked = True
            return
        except pylsqpack.DecompressionFailed:
            self.problem = "headers cannot be decoded: the capture lacks what came before them"
            return
        self._headers(from_client, stream, fields, time_ns)

    def _headers(
        self, from_client: bool, stream: int, fields: list[tuple[bytes, bytes]], time_ns: int
    ) -> None:
        talk = self._talks.get(stream)
        if not from_client:
            if talk:
                take_answer(talk, fields)
        elif talk is None:
            talk = self._talks[stream] = request_of(fields, "https", "HTTP/3", time_ns)
            talk.answer.kept = self._answers
            self.requests += 1
        else:
            talk.headers += fields


def _decoder() -> pylsqpack.Decoder:
    return pylsqpack.Decoder(TABLE_BYTES, BLOCKED)
