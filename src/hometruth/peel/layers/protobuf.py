"""Protocol Buffers without a schema (protobuf.dev/programming-guides/encoding), and what frames them:
gRPC messages (github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md) and length-prefixed streams.

A message inside a message is bytes like any other: it is opened when its turn comes, however deep.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hometruth.peel.layers.layer import MAX_PIECES, Opened, Piece
from hometruth.peel.layers.msgpack import unmsgpack
from hometruth.peel.layers.tree import SMALLEST_NUMBER
from hometruth.peel.many.kinds import HIGH, LINE
from hometruth.peel.text_check import is_text

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Mask

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


def may_be_protobuf(batch: "Batch") -> "Mask":
    """Fields up to the end; of text, only what begins with the first field."""
    import numpy as np  # noqa: PLC0415

    from hometruth.peel.many.cursor import Cursor, varints  # noqa: PLC0415

    buffer = batch.numbers
    cursor = Cursor(batch.strings.starts, batch.strings.ends)
    cursor.keep((batch.lengths >= SHORTEST_MESSAGE) & ((batch.first == _NEWLINE) | (not batch.is_text)))
    while cursor.walks():
        at = cursor.at[cursor.rows]
        tag, width = varints(buffer, at)
        wire = tag & 7
        good = (tag >> 3 > 0) & (tag >> 3 <= 1 << 16) & (wire < 6) & (width > 0)
        cursor.keep(good)
        at, wire = (at + width)[good], wire[good]
        number, width = varints(buffer, np.minimum(at, len(buffer) - 8))
        step = np.select([wire == 2, wire == 0, wire == 1, wire == 5], [width + number, width, 8, 4], 0)
        valid = (width > 0) | ((wire != 0) & (wire != 2))
        cursor.at[cursor.rows] = at + step
        cursor.keep(valid)
        cursor.finish()
    return cursor.read


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


def may_be_grpc(batch: "Batch") -> "Mask":
    """A length below 65,536: longer values are tried without asking."""
    result: Mask = (batch.head[1] == 0) & (batch.head[2] == 0)
    return result


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


def may_be_delimited(batch: "Batch") -> "Mask":
    """Several messages, each after its length; in text only with a line feed or beyond ASCII."""
    from hometruth.peel.many.cursor import Cursor, varints  # noqa: PLC0415

    buffer = batch.numbers
    cursor = Cursor(batch.strings.starts, batch.strings.ends)
    if batch.is_text:
        cursor.keep(batch.with_any(LINE | HIGH))
    while cursor.walks():
        at = cursor.at[cursor.rows]
        length, width = varints(buffer, at)
        cursor.at[cursor.rows] = at + width + length
        cursor.keep((length > 0) & (width > 0))
        cursor.finish()
    return cursor.read


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
