"""uuencode (POSIX.1): lines of a character that counts and groups of four, with or without the outer ones."""

import binascii
import re
from typing import TYPE_CHECKING

from hometruth.peel.layers.base_n import recognised
from hometruth.peel.layers.layer import Opened, Piece
from hometruth.peel.many.kinds import LINE

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Mask

SHORTEST = 9
"""Characters of a line that holds six bytes."""
_BEGIN = re.compile(rb"begin(?:-[a-z0-9]+)? [0-7]{3,4} [^\r\n]{1,255}\r?\n")
_LINES = re.compile(rb"[!-`][ -`]*+(?:\r?\n[ -`]*+)*+(?:\r?\n)?")


def unuuencode(data: bytes) -> Opened | None:
    """Decode the lines; None unless each is as long as it says, but for spaces at its end."""
    begin = _BEGIN.match(data)
    start = begin.end() if begin else 0
    stop = data.rfind(b"\nend") if begin else len(data)
    stop = stop if stop > start else len(data)
    if stop - start < SHORTEST or not _LINES.fullmatch(data, start, stop):
        return None
    out = bytearray()
    for line in data[start:stop].splitlines():
        size = line[0] - 32 & 63 if line else 0
        width = 1 + (size + 2) // 3 * 4
        # What no mark announces shows by its first line, which is whole.
        padded = line if not (begin or out) else line.ljust(min(width, 61))
        if not width - 2 <= len(padded) <= width + 1:
            return None
        try:
            out += binascii.a2b_uu(line[:width])
        except binascii.Error:
            return None
    if begin:
        return Opened([Piece("", bytes(out), start, stop)]) if out else None
    return recognised(data, bytes(out), digests=False)


def may_be_uuencoded(batch: "Batch") -> "Mask":
    """Its first line, or a first character that says how long the value is, if it is one line."""
    count = (batch.head[0] - 32) & 63
    width = 1 + (count + 2) // 3 * 4
    one_line = (batch.lengths >= width - 2) & (batch.lengths <= width + 3) & (batch.lengths >= SHORTEST)
    full = (batch.first == 0x4D) & (batch.lengths > 61)
    likely = one_line | (full & batch.with_any(LINE))
    return batch.fully_matching(_LINES, likely) | batch.beginning(b"begin ", b"begin-")
