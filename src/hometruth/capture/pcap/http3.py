"""HTTP/3 on the streams of a QUIC connection (RFC 9114), with `pylsqpack` for headers."""

from dataclasses import dataclass, field

import pylsqpack

from hometruth.capture.pcap.http2 import request_of, take_answer
from hometruth.capture.pcap.quic import varint
from hometruth.capture.pcap.talk import Done, Talk

DATA, HEADERS = 0x00, 0x01
QPACK_ENCODER = 0x02
TABLE_BYTES, BLOCKED = 1 << 16, 1 << 10
_BIDIRECTIONAL = 0
"""Last two bits of the number of a stream that the client opened for a request."""


@dataclass(slots=True)
class _Http3Side:
    buffer: bytearray = field(default_factory=bytearray)
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
        if self._kinds[key] == QPACK_ENCODER:
            self._encoder(from_client, bytes(side.buffer), time_ns)
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
            data = bytes(side.buffer[:16])
            kind, at = varint(data, 0)
            size, at = varint(data, at)
            if at > len(side.buffer) or len(side.buffer) < at + size:
                return
            payload = bytes(side.buffer[at : at + size])
            del side.buffer[: at + size]
            if kind == HEADERS:
                self._header_block(from_client, stream, side, payload, time_ns)
            elif kind == DATA and (talk := self._talks.get(stream)):
                (talk.body if from_client else talk.answer).add(payload)
        if side.ended and not side.buffer and not side.blocked and stream in self._talks:
            if from_client:
                self._talks[stream].is_complete = True
            else:
                self._done(self._talks.pop(stream))

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
