"""Names in DNS messages (RFC 1035), as they travel over HTTPS (RFC 8484): questions and records.

A name is written as labels, each after its length, so that a domain never stands in the bytes with its dots.
"""

from typing import TYPE_CHECKING

from hometruth.peel.layers.layer import Opened, Piece

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Mask

HEADER = 12
"""Bytes before the first question."""
SHORTEST = HEADER + 5
"""Bytes with the question for the root."""
MOST_QUESTIONS = 4
MOST_RECORDS = 64
LONGEST_LABEL = 63
LONGEST_NAME = 255
_CLASSES = frozenset({1, 3, 4, 254, 255})
"""IN, CH, HS, NONE and ANY."""
_FIXED_RECORD = 10
"""Bytes of type, class, time to live and length."""
_NAMED = frozenset({2, 5, 12})
"""Types whose data is a name: NS, CNAME, PTR."""
_POINTER = 0xC0


class _NoDns(ValueError):
    """The bytes are something else."""


def undns(data: bytes) -> Opened | None:
    """Names of a DNS message; None unless it is one to its last byte."""
    if len(data) < SHORTEST or data[4] or not 0 < data[5] <= MOST_QUESTIONS:
        return None
    counts = [int.from_bytes(data[at : at + 2]) for at in (4, 6, 8, 10)]
    if sum(counts[1:]) > MOST_RECORDS:
        return None
    pieces: list[Piece] = []
    try:
        at = HEADER
        for _ in range(counts[0]):
            at = _named(data, at, pieces)
            if int.from_bytes(data[at + 2 : at + 4]) & 0x7FFF not in _CLASSES:
                return None
            at += 4
        for _ in range(sum(counts[1:])):
            at = _record(data, at, pieces)
    except (_NoDns, IndexError):
        return None
    return Opened(pieces) if at == len(data) and pieces else None


def may_be_dns(batch: "Batch") -> "Mask":
    """One question or a few, after a header of twelve bytes."""
    if batch.is_text:
        return batch.none()
    import numpy as np  # noqa: PLC0415

    buffer, starts = batch.numbers, batch.strings.starts
    high, low, answers = (buffer[starts + np.minimum(place, batch.lengths)] for place in (4, 5, 6))
    few = (high == 0) & (low > 0) & (low <= MOST_QUESTIONS) & (answers == 0)
    result: Mask = few & (batch.lengths >= SHORTEST)
    return result


def _record(data: bytes, at: int, pieces: list[Piece]) -> int:
    """Hand on the names of the record at *at*; return where it ends."""
    at = _named(data, at, pieces)
    size = int.from_bytes(data[at + 8 : at + 10])
    start = at + _FIXED_RECORD
    if start + size > len(data):
        raise _NoDns
    if int.from_bytes(data[at : at + 2]) in _NAMED:
        _named(data, start, pieces)
    elif size:
        pieces.append(Piece(f"[{len(pieces)}]", data[start : start + size], start, start + size))
    return start + size


def _named(data: bytes, at: int, pieces: list[Piece]) -> int:
    """Hand on the name at *at*, unless it is the root's; return where it ends."""
    name, end = _name(data, at)
    if name:
        pieces.append(Piece(f"[{len(pieces)}]", name, at, end))
    return end


def _name(data: bytes, at: int) -> tuple[bytes, int]:
    """A name with its dots, and where it ends; compressed ones are followed, backwards only."""
    labels: list[bytes] = []
    end = -1
    while length := data[at]:
        if length >= _POINTER:
            target = int.from_bytes(data[at : at + 2]) & 0x3FFF
            if not HEADER <= target < at:
                raise _NoDns
            end = at + 2 if end < 0 else end
            at = target
            continue
        label = data[at + 1 : at + 1 + length]
        if length > LONGEST_LABEL or len(label) < length:
            raise _NoDns
        labels.append(label)
        at += 1 + length
        if sum(map(len, labels)) + len(labels) > LONGEST_NAME:
            raise _NoDns
    return b".".join(labels), at + 1 if end < 0 else end
