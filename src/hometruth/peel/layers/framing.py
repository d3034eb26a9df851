"""What frames messages on one connection: Socket.IO and Engine.IO (socket.io/docs/v4/socket-io-protocol),
SignalR (the hub protocol of ASP.NET Core), STOMP 1.2 (stomp.github.io).
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hometruth.peel.layers.layer import Opened, Piece, collect
from hometruth.peel.many.kinds import BRACKET, COLON, LINE
from hometruth.peel.many.kinds import RECORD as KIND_RECORD
from hometruth.peel.text_check import is_text

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Mask

RECORD = b"\x1e"
"""Ends a record in SignalR, parts packets in Engine.IO 4."""

_PACKET = re.compile(rb"[0-6]{1,2}(?:[0-9]{1,6}-)?(?:/[^,\[{]{0,256},)?[0-9]{0,10}(?=[\[{])")
_LONG_POLL = re.compile(rb"([0-9]{1,10}):(?=[0-6])")
_STOMP = re.compile(
    rb"\s*+(CONNECT|STOMP|SEND|MESSAGE|SUBSCRIBE|UNSUBSCRIBE|ACK|NACK|BEGIN|COMMIT|ABORT|DISCONNECT)\r?\n"
    rb"((?:[^:\r\n]++:[^\r\n]*+\r?\n)*+)\r?\n"
)
_STOMP_HEADER = re.compile(rb"([^:\r\n]++):([^\r\n]*+)")
_STOMP_ESCAPES = {b"\\n": b"\n", b"\\r": b"\r", b"\\c": b":", b"\\\\": b"\\"}
_STOMP_ESCAPE = re.compile(rb"\\[nrc\\]")


def unrecords(data: bytes) -> Opened | None:
    """Records ended or parted by a record separator (SignalR, Engine.IO 4)."""
    if RECORD not in data or not is_text(data.replace(RECORD, b"")):
        return None
    return collect(_records(data))


def may_be_records(batch: "Batch") -> "Mask":
    """A separator among text."""
    return batch.with_any(KIND_RECORD) & batch.utf8


def unsocketio(data: bytes) -> Opened | None:
    """The JSON of a Socket.IO packet, or packets with their lengths as Engine.IO 3 polls for them."""
    if not data[:1].isdigit():
        return None
    packet = _PACKET.match(data)
    if packet:
        return Opened([Piece("", data[packet.end() :], packet.end(), len(data))])
    return collect(_polled(data)) if _LONG_POLL.match(data) else None


def may_be_socketio(batch: "Batch") -> "Mask":
    """Numbers before a document, or a length."""
    signed = batch.with_any(BRACKET | COLON)
    return batch.matching(_PACKET, signed) | batch.matching(_LONG_POLL, signed)


def unstomp(data: bytes) -> Opened | None:
    """Headers and body of a STOMP frame."""
    frame = _STOMP.match(data)
    return collect(_stomp_pieces(data, frame)) if frame else None


def may_be_stomp(batch: "Batch") -> "Mask":
    """A command and headers."""
    return batch.matching(_STOMP, batch.with_any(LINE))


def _records(data: bytes) -> Iterator[Piece]:
    start = 0
    for number, record in enumerate(data.split(RECORD)):
        if record:
            yield Piece(f"[{number}]", record, start, start + len(record))
        start += len(record) + 1


def _polled(data: bytes) -> Iterator[Piece]:
    start = number = 0
    while match := _LONG_POLL.match(data, start):
        begin = match.end()
        length = int(match[1])  # in characters
        text = data[begin : begin + 4 * length].decode("utf-8", "surrogateescape")[:length]
        start = begin + len(text.encode("utf-8", "surrogateescape"))
        yield Piece(f"[{number}]", data[begin:start], begin, start)
        number += 1


def _stomp_pieces(data: bytes, frame: re.Match[bytes]) -> Iterator[Piece]:
    for header in _STOMP_HEADER.finditer(data, *frame.span(2)):
        value = _STOMP_ESCAPE.sub(lambda match: _STOMP_ESCAPES[match[0]], header[2])
        yield Piece("." + header[1].decode("utf-8", "backslashreplace"), value, *header.span(2))
    body = data[frame.end() :].rstrip(b"\r\n").removesuffix(b"\0")
    if body:
        yield Piece("", body, frame.end(), frame.end() + len(body))
