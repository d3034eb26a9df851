"""Binary property lists (Apple's CFBinaryPList.c): every string, byte string and number in them.

The table of objects is read as it is, not followed: references that run in circles cannot catch us. Property
lists in XML are XML.
"""

from hometruth.peel.layers.layer import MAX_PIECES, Opened, Piece
from hometruth.peel.layers.tree import SMALLEST_NUMBER

PLIST_MAGIC = b"bplist00"
_TRAILER_BYTES = 32
_INTEGER, _DATA, _ASCII, _UTF16, _UTF8 = 1, 4, 5, 6, 7


def unplist(data: bytes) -> Opened | None:
    """Objects that hold text, bytes or large numbers, by their number in the table; None if it is no list."""
    if not data.startswith(PLIST_MAGIC) or len(data) < len(PLIST_MAGIC) + _TRAILER_BYTES:
        return None
    width = data[-26]
    count = int.from_bytes(data[-24:-16])
    table = int.from_bytes(data[-8:])
    if not 1 <= width <= 8 or table + count * width > len(data) - _TRAILER_BYTES:
        return None
    pieces = []
    for number in range(min(count, MAX_PIECES)):
        start = table + number * width
        piece = _object(data, int.from_bytes(data[start : start + width]), f"[{number}]")
        if piece:
            pieces.append(piece)
    stopped = f"only the first {MAX_PIECES} pieces are looked into" if count > MAX_PIECES else ""
    return Opened(pieces, stopped=stopped) if pieces else None


def _object(data: bytes, pos: int, label: str) -> Piece | None:
    if pos >= len(data):
        return None
    kind, size = data[pos] >> 4, data[pos] & 0x0F
    pos += 1
    if kind == _INTEGER:
        end = pos + (1 << size)
        value = int.from_bytes(data[pos:end]) if size <= 4 else 0
        return Piece(label, b"%d" % value, pos, min(end, len(data))) if value >= SMALLEST_NUMBER else None
    if kind not in {_DATA, _ASCII, _UTF16, _UTF8}:
        return None
    if size == 0x0F and pos < len(data):  # the length follows, as an integer
        width = 1 << (data[pos] & 0x0F)
        size = int.from_bytes(data[pos + 1 : pos + 1 + width]) if width <= 8 else 0
        pos += 1 + width
    end = pos + size * (2 if kind == _UTF16 else 1)
    if size == 0 or end > len(data):
        return None
    raw = data[pos:end]
    text = raw.decode("utf-16-be", "replace").encode() if kind == _UTF16 else raw
    return Piece(label, text, pos, end)
