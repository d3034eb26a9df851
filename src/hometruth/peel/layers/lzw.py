"""Compress of Unix (``.Z``): LZW with codes of 9 bits and more, as the program ncompress writes it
(github.com/vapier/ncompress, compress.c).

Codes stand in groups of eight; where their width changes, the rest of a group is left empty.
"""

from hometruth.peel.layers.compression import STOPPED
from hometruth.peel.layers.layer import Context, Opened, whole

COMPRESS_MAGIC = b"\x1f\x9d"
_WIDEST, _RESERVED, _BLOCK_MODE = 0x1F, 0x60, 0x80
_NARROWEST_BITS, _WIDEST_BITS = 9, 16
_CLEAR = 256
"""In block mode, the code that empties the table."""

Entry = tuple[int, int]
"""Start and length in the output: each string of the table stands there, since it was just written."""


def uncompress(data: bytes, context: Context) -> Opened | None:
    """Decompress ``.Z``; None if *data* is not that."""
    if len(data) < 5 or data[:2] != COMPRESS_MAGIC or data[2] & _RESERVED:
        return None
    widest = data[2] & _WIDEST
    # What the program writes with a limit of 9 bits does not decode like this: better opaque than wrong.
    if not _NARROWEST_BITS < widest <= _WIDEST_BITS:
        return None
    block_mode = bool(data[2] & _BLOCK_MODE)
    codes = _Codes(data, 3, widest)
    first_free = 257 if block_mode else 256
    out = bytearray()
    table: list[Entry] = []
    previous: Entry | None = None
    while (code := codes.take(first_free + len(table))) is not None:
        if block_mode and code == _CLEAR:
            codes.narrow()
            table, previous = [], None
            continue
        here = len(out)
        if previous and first_free + len(table) < 1 << widest:
            table.append((previous[0], previous[1] + 1))
        if code < 256:
            out.append(code)
        elif previous and code - first_free < len(table):
            start, length = table[code - first_free]
            out += out[start : start + length]
            if start + length > here:  # the string that ends with the first byte of itself
                out.append(out[start])
        else:
            return whole(data, bytes(out), damage="compress: a code that nothing stands for") if out else None
        if len(out) > context.room_bytes:
            return Opened([], stopped=STOPPED)
        previous = (here, len(out) - here)
    return whole(data, bytes(out)) if out else None


class _Codes:
    """The codes, least significant bit first."""

    def __init__(self, data: bytes, start: int, widest: int) -> None:
        self._data, self._widest = data, widest
        self._group = start
        """Byte at which codes of this width began."""
        self._width = _NARROWEST_BITS
        self._bit = 0

    def take(self, next_free: int) -> int | None:
        """The next code, wider where the table has outgrown the width; None at the end."""
        if next_free > (1 << self._width) - 1 and self._width < self._widest:
            self._leave_group()
            self._width += 1
        first, shift = self._group + (self._bit >> 3), self._bit & 7
        if first * 8 + shift + self._width > len(self._data) * 8:
            return None
        self._bit += self._width
        window = int.from_bytes(self._data[first : first + 3], "little")
        return window >> shift & (1 << self._width) - 1

    def narrow(self) -> None:
        """Begin again with the narrowest codes."""
        self._leave_group()
        self._width = _NARROWEST_BITS

    def _leave_group(self) -> None:
        group_bits = 8 * self._width
        self._group += -(-self._bit // group_bits) * self._width
        self._bit = 0
