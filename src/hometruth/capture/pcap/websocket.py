"""WebSocket frames (RFC 6455), with the compression of RFC 7692."""

import zlib
from dataclasses import dataclass, field
from typing import NamedTuple

from hometruth.capture.pcap.talk import MAX_BODY_BYTES, Done, Talk, header
from hometruth.model import Message

CONTINUATION, TEXT, BINARY, CLOSE = 0, 1, 2, 8
CODE_BYTES = 2
"""Why it is closed, as a number, before the reason in words."""
MAX_MESSAGES = 100_000
"""Messages kept of one connection; what follows is said to be missing."""


@dataclass(slots=True)
class _WebSocketSide:
    buffer: bytearray = field(default_factory=bytearray)
    message: bytearray = field(default_factory=bytearray)
    kind: int = 0
    packed: bool = False
    inflater: "zlib._Decompress | None" = None


class _WebSocketFrame(NamedTuple):
    final: bool
    packed: bool
    """Compressed."""
    kind: int
    """Its opcode."""
    payload: bytes


class WebSocket:
    """Messages of one connection, added to the request that opened it."""

    def __init__(self, talk: Talk, done: Done, *, answers: bool) -> None:
        self._talk, self._done, self._answers = talk, done, answers
        extensions = header(talk.answer_headers, b"sec-websocket-extensions").lower()
        self._deflate = b"permessage-deflate" in extensions
        self._forgets = {
            True: b"client_no_context_takeover" in extensions,
            False: b"server_no_context_takeover" in extensions,
        }
        self._sides = {True: _WebSocketSide(), False: _WebSocketSide()}
        talk.is_complete = True

    def add(self, from_client: bool, data: bytes, time_ns: int) -> None:
        """See `Protocol1`."""
        side = self._sides[from_client]
        side.buffer += data
        while frame := _frame(side.buffer):
            self._take(side, from_client, frame, time_ns)

    def _take(self, side: _WebSocketSide, from_client: bool, frame: _WebSocketFrame, time_ns: int) -> None:
        if frame.kind in (TEXT, BINARY):
            side.kind, side.packed = frame.kind, frame.packed
        if frame.kind in (CONTINUATION, TEXT, BINARY):
            side.message += frame.payload
            if frame.final:
                self._message(side, from_client, time_ns)
        else:  # pings carry bytes too, and what closes it a reason behind its code
            is_close = frame.kind == CLOSE
            self._control(frame.payload[CODE_BYTES:] if is_close else frame.payload, from_client, time_ns)

    def lose(self, from_client: bool, n_bytes: int) -> None:
        """See `Protocol1`."""
        self._cut(from_client)
        self._talk.error = f"{n_bytes} bytes of its WebSocket are not in the capture"

    def end(self) -> None:
        """See `Protocol1`."""
        for from_client in (True, False):
            if self._cut(from_client):
                self._talk.error = self._talk.error or "the capture ends inside a message of its WebSocket"
        self._done(self._talk)

    def _cut(self, from_client: bool) -> bool:
        """Keep what came of a message that does not come to its end; False if there is none."""
        side = self._sides[from_client]
        if len(side.buffer) > 1 and (frame := _frame(side.buffer, is_cut=True)):
            self._take(side, from_client, frame, 0)
        is_cut = bool(side.message)
        if is_cut:
            self._message(side, from_client, 0)
        side.buffer.clear()
        return is_cut

    def _control(self, payload: bytes, from_client: bool, time_ns: int) -> None:
        if payload:
            self._keep(Message(from_client, payload, is_text=False, time_ns=time_ns or None))

    def _message(self, side: _WebSocketSide, from_client: bool, time_ns: int) -> None:
        data = bytes(side.message)
        side.message.clear()
        if side.packed and self._deflate:
            if side.inflater is None or self._forgets[from_client]:
                side.inflater = zlib.decompressobj(-15)
            try:
                data = side.inflater.decompress(data + b"\0\0\xff\xff", MAX_BODY_BYTES)
            except zlib.error:
                self._talk.error = "a compressed message of its WebSocket is damaged"
        self._keep(Message(from_client, data, side.kind == TEXT, time_ns or None))

    def _keep(self, message: Message) -> None:
        if not message.sent and not self._answers:
            return
        if len(self._talk.messages) < MAX_MESSAGES:
            self._talk.messages.append(message)
        else:
            self._talk.error = f"its WebSocket has more than {MAX_MESSAGES} messages"


def _frame(buffer: bytearray, *, is_cut: bool = False) -> _WebSocketFrame | None:
    """Take out the next frame; None if it is not whole.

    Args:
        is_cut: Nothing more comes: what there is of it is taken.
    """
    if len(buffer) < 2:
        return None
    size, start = buffer[1] & 0x7F, 2
    if size >= 126:
        width = 2 if size == 126 else 8
        if len(buffer) < 2 + width:
            return None
        size, start = int.from_bytes(buffer[2 : 2 + width]), 2 + width
    masked = buffer[1] & 0x80
    mask = bytes(buffer[start : start + 4]) if masked else b""
    start += 4 if masked else 0
    if is_cut:
        size = min(size, max(0, len(buffer) - start))
    if len(buffer) < start + size:
        return None
    payload = bytes(buffer[start : start + size])
    final, packed, kind = bool(buffer[0] & 0x80) and not is_cut, bool(buffer[0] & 0x40), buffer[0] & 0x0F
    del buffer[: start + size]
    if mask:
        key = int.from_bytes((mask * (size // 4 + 1))[:size])
        payload = (int.from_bytes(payload) ^ key).to_bytes(size)
    return _WebSocketFrame(final, packed, kind, payload)
