"""MessagePack (github.com/msgpack/msgpack/blob/master/spec.md): strings, binaries, numbers, keys."""

from functools import cache
from typing import TYPE_CHECKING

from hometruth.peel.layers.layer import MAX_PIECES, Opened
from hometruth.peel.layers.tree import TooDeep, Tree

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.cursor import Grammar
    from hometruth.peel.many.flat import Mask

_FIXED = {0xCA: 4, 0xCB: 8, 0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17}
"""Bytes that follow: floats, and extensions with their type."""
_INTEGERS = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}
_STRINGS = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
_EXTENSIONS = {0xC7: 1, 0xC8: 2, 0xC9: 4}
_CONTAINERS = {0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}


def unmsgpack(data: bytes) -> Opened | None:
    """Leaves and keys of MessagePack; None unless *data* is maps and arrays to its last byte."""
    tree = Tree()
    pos = 0
    try:
        while pos < len(data):
            if not tree.is_open and not _is_container(data[pos]):
                return None
            pos = _item(data, pos, tree)
            if len(tree.pieces) > MAX_PIECES:
                return Opened(tree.pieces, stopped=f"only the first {MAX_PIECES} pieces are looked into")
    except IndexError:
        return None
    except TooDeep:
        return Opened(tree.pieces, stopped="MessagePack is nested too deeply") if tree.pieces else None
    return Opened(tree.pieces) if tree.pieces and not tree.is_open else None


def may_be_msgpack(batch: "Batch") -> "Mask":
    """MessagePack maps and lists, or what may be."""
    from hometruth.peel.many.cursor import are_items  # noqa: PLC0415

    return are_items(batch.numbers, batch.strings.starts, batch.strings.ends, _grammar())


def _is_container(byte: int) -> bool:
    return 0x80 <= byte <= 0x9F or byte in _CONTAINERS


def _item(data: bytes, pos: int, tree: Tree) -> int:
    """Hand the item at *pos* to the tree; return where the next one begins."""
    byte = data[pos]
    start, pos = pos, pos + 1
    if byte <= 0x7F or byte >= 0xE0:
        tree.number(byte if byte <= 0x7F else byte - 256, start, pos)
    elif byte <= 0x8F:
        tree.open(is_map=True, items=2 * (byte & 0x0F))
    elif byte <= 0x9F:
        tree.open(is_map=False, items=byte & 0x0F)
    elif byte <= 0xBF:
        return _bytes(data, pos, byte & 0x1F, tree)
    elif width := _STRINGS.get(byte):
        return _bytes(data, pos + width, _number(data, pos, width), tree)
    elif width := _CONTAINERS.get(byte):
        is_map = byte >= 0xDE
        tree.open(is_map=is_map, items=_number(data, pos, width) * (2 if is_map else 1))
        pos += width
    elif width := _INTEGERS.get(byte):
        number = _number(data, pos, width)
        signed = byte >= 0xD0 and number >> (8 * width - 1)
        tree.number(number - (1 << 8 * width) if signed else number, start, pos + width)
        pos += width
    elif width := _EXTENSIONS.get(byte):
        return _bytes(data, pos + width + 1, _number(data, pos, width), tree)
    elif byte == 0xC1:
        raise IndexError  # never used: this is something else
    else:
        pos += _FIXED.get(byte, 0)
        tree.leaf(None, start, pos)
    if pos > len(data):
        raise IndexError
    return pos


def _bytes(data: bytes, start: int, length: int, tree: Tree) -> int:
    end = start + length
    if end > len(data):
        raise IndexError
    tree.leaf(data[start:end], start, end)
    return end


def _number(data: bytes, pos: int, width: int) -> int:
    if pos + width > len(data):
        raise IndexError
    return int.from_bytes(data[pos : pos + width])


@cache
def _grammar() -> "Grammar":
    import numpy as np  # noqa: PLC0415

    from hometruth.peel.many.cursor import Grammar  # noqa: PLC0415

    one = Grammar()
    one.skip[:0x80] = one.skip[0xE0:] = 0
    one.skip[0x80:0xC1] = one.skip[0xC2:0xE0] = 0
    one.items[0x80:0x90] = 2 * np.arange(16)
    one.items[0x90:0xA0] = np.arange(16)
    one.skip[0xA0:0xC0] = np.arange(32)
    for byte, width in {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}.items():
        one.skip[byte] = width
    for byte, width in {0xCA: 4, 0xCB: 8, 0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17}.items():
        one.skip[byte] = width
    for byte, width in {
        0xC4: 1,
        0xC5: 2,
        0xC6: 4,
        0xD9: 1,
        0xDA: 2,
        0xDB: 4,
        0xC7: 1,
        0xC8: 2,
        0xC9: 4,
    }.items():
        one.length_width[byte] = width
    one.skip[0xC7:0xCA] = 1  # the type of an extension
    for byte, width in {0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}.items():
        one.count_width[byte] = width
    one.per_count[0xDE:0xE0] = 2
    one.begins[0x80:0xA0] = one.begins[0xDC:0xE0] = True
    return one
