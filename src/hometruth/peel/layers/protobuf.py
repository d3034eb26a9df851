"""Protocol Buffers without a schema (protobuf.dev/programming-guides/encoding), and what frames them:
gRPC messages (github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md) and length-prefixed streams.

A message inside a message is bytes like any other: it is opened when its turn comes, however deep.
"""

from collections.abc import Iterator

from hometruth.peel.layers.layer import MAX_PIECES, Opened, Piece
from hometruth.peel.layers.msgpack import unmsgpack
from hometruth.peel.layers.tree import SMALLEST_NUMBER
from hometruth.peel.text_check import is_text

MAX_FIELD = 1 << 16
"""Field numbers accepted: the standard has 2^29, schemas stay far below, and chance does not."""
SHORTEST_MESSAGE = 4
_LENGTH, _FIXED32, _FIXED64, _VARINT, _BEGIN, _END = 2, 5, 1, 0, 3, 4
_NEWLINE = 0x0A
"""Also the tag of field 1 with bytes: such a message may be text altogether."""


def unprotobuf(data: bytes) -> Opened | None:
    """Strings, bytes and large numbers of a message; None unless it is one to its last byte."""
    if len(data) < SHORTEST_MESSAGE or not _plausible(data) or (data[0] != _NEWLINE and is_text(data)):
        return None
    pieces: list[Piece] = []
    try:
        for piece in _fields(data):
            pieces.append(piece)
            if len(pieces) >= MAX_PIECES:
                return Opened(pieces, stopped=f"only the first {MAX_PIECES} pieces are looked into")
    except IndexError:
        return None
    return Opened(pieces) if pieces else None


def ungrpc(data: bytes) -> Opened | None:
    """Messages in gRPC or Connect framing: a flag, four bytes of length; None unless they fill *data*."""
    if len(data) < 5 or data[0] not in {0, 1, 2, 0x80}:
        return None
    pieces: list[Piece] = []
    pos = 0
    while pos < len(data) and len(pieces) < MAX_PIECES:
        end = pos + 5 + int.from_bytes(data[pos + 1 : pos + 5])
        if data[pos] not in {0, 1, 2, 0x80} or pos + 5 > len(data) or end > len(data):
            return None
        pieces.append(Piece(f"[{len(pieces)}]", data[pos + 5 : end], pos + 5, end))
        pos = end
    return Opened(pieces) if any(piece.data for piece in pieces) else None


def undelimited(data: bytes) -> Opened | None:
    """Messages (Protocol Buffers or MessagePack), each after its length; None unless they fill *data*."""
    pieces: list[Piece] = []
    pos = 0
    try:
        while pos < len(data) and len(pieces) < MAX_PIECES:
            length, pos = _varint(data, pos)
            end = pos + length
            if length == 0 or end > len(data):
                return None
            message = data[pos:end]
            if unprotobuf(message) is None and unmsgpack(message) is None:
                return None
            pieces.append(Piece(f"[{len(pieces)}]", message, pos, end))
            pos = end
    except IndexError:
        return None
    return Opened(pieces) if pieces else None


def _plausible(data: bytes) -> bool:
    """True if the first field may be one; all that is looked at in most values."""
    wire = data[0] & 7
    if data[0] >> 3 == 0 or wire > _FIXED32 or wire == _END:
        return False
    return wire != _LENGTH or data[0] >= 0x80 or data[1] >= 0x80 or data[1] + 2 <= len(data)


def _fields(data: bytes) -> Iterator[Piece]:
    pos = 0
    groups: list[int] = []
    while pos < len(data):
        start = pos
        tag, pos = _varint(data, pos)
        field, wire = tag >> 3, tag & 7
        if not 0 < field <= MAX_FIELD:
            raise IndexError
        label = f"[{field}]"
        if wire == _LENGTH:
            length, pos = _varint(data, pos)
            if pos + length > len(data):
                raise IndexError
            yield Piece(label, data[pos : pos + length], pos, pos + length)
            pos += length
        elif wire == _BEGIN:
            groups.append(field)
        elif wire == _END:
            if not groups or groups.pop() != field:
                raise IndexError
        else:
            number, pos = _number(data, pos, wire)
            if number >= SMALLEST_NUMBER:
                yield Piece(label, b"%d" % number, start, pos)
    if groups:
        raise IndexError


def _number(data: bytes, pos: int, wire: int) -> tuple[int, int]:
    if wire == _VARINT:
        return _varint(data, pos)
    width = {_FIXED64: 8, _FIXED32: 4}.get(wire, len(data) + 1)
    if pos + width > len(data):
        raise IndexError
    return int.from_bytes(data[pos : pos + width], "little"), pos + width


def _varint(data: bytes, pos: int) -> tuple[int, int]:
    """The number at *pos* and where it ends."""
    number = shift = 0
    while True:
        byte = data[pos]
        pos += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, pos
        shift += 7
        if shift > 63:
            raise IndexError
