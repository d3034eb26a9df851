"""Bytes in the labels of a host name, 63 characters each (RFC 1035 2.3.4): what goes on, joined again."""

import re
from typing import TYPE_CHECKING

from hometruth.peel.layers.layer import Opened, Piece
from hometruth.peel.many.kinds import DOT, NO_NAME

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Mask

LONGEST = 253
"""Of a name, RFC 1035."""
SHORTEST = 12
"""Characters of a label that holds anything; a digit is among the first of them, as in hardly any word."""
MOST_LABELS = 16
"""Of those that are put together: what holds more is longer than a name may be, or a label is a character."""
_HEX = re.compile(rb"[0-9A-Fa-f]+")
_NAME = re.compile(
    rb"(?:[A-Za-z0-9_\-]{1,11}\.)?+(?=[A-Za-z_\-]{0,11}[0-9])[A-Za-z0-9_\-]{12,63}\."
    rb"(?:[A-Za-z0-9_\-]{1,63}\.)++[A-Za-z0-9\-]{2,63}\.?"
)


def unlabels(data: bytes) -> Opened | None:
    """The first label that is so long, this and the next, and so on to the last two, which are the domain."""
    if len(data) > LONGEST or not _NAME.fullmatch(data):
        return None
    labels = data.rstrip(b".").split(b".")
    first = 0 if len(labels[0]) >= SHORTEST else 1
    start = len(labels[0]) + 1 if first else 0
    pieces = []
    for last in range(first + 1, min(len(labels) - 1, first + MOST_LABELS + 1)):
        if last == first + 1 and _HEX.fullmatch(labels[first]):
            continue  # hexadecimal digits are read in any text
        end = len(b".".join(labels[:last]))
        pieces.append(Piece(f"[{first}-{last - 1}]", b"".join(labels[first:last]), start, end))
    return Opened(pieces, perhaps=True) if pieces else None


def may_be_labels(batch: "Batch") -> "Mask":
    """Labels, dots between them, and nothing else."""
    dotted = (batch.lengths > SHORTEST) & (batch.lengths <= LONGEST) & batch.with_any(DOT)
    return batch.fully_matching(_NAME, dotted & batch.without(NO_NAME))
