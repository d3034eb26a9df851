"""CBOR (RFC 8949): strings, byte strings, numbers, with their keys; tags are looked through."""

from functools import cache
from typing import TYPE_CHECKING

from hometruth.peel.layers.layer import MAX_PIECES, Opened
from hometruth.peel.layers.tree import TooDeep, Tree

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.cursor import Grammar
    from hometruth.peel.many.flat import Mask

_BREAK = 0xFF
_SIMPLE = 7
_TAG = 6


def uncbor(data: bytes) -> Opened | None:
    """Leaves and keys of CBOR; None unless *data* is maps, arrays and tagged items to its last byte."""
    tree = Tree()
    pos = 0
    try:
        while pos < len(data):
            if not tree.is_open and not 0x80 <= data[pos] <= 0xDB:
                return None
            pos = _item(data, pos, tree)
            if len(tree.pieces) > MAX_PIECES:
                return Opened(tree.pieces, stopped=f"only the first {MAX_PIECES} pieces are looked into")
    except IndexError:
        return None
    except TooDeep:
        return Opened(tree.pieces, stopped="CBOR is nested too deeply") if tree.pieces else None
    return Opened(tree.pieces) if tree.pieces and not tree.is_open else None


def may_be_cbor(batch: "Batch") -> "Mask":
    """CBOR maps, lists and tagged items, or what may be."""
    from hometruth.peel.many.cursor import are_items  # noqa: PLC0415

    return are_items(batch.numbers, batch.strings.starts, batch.strings.ends, _grammar())


def _item(data: bytes, pos: int, tree: Tree) -> int:
    """Hand the item at *pos* to the tree; return where the next one begins."""
    start = pos
    if data[pos] == _BREAK:
        if not tree.ends_by_mark():
            raise IndexError
        tree.close()
        return pos + 1
    major, argument, pos = _head(data, pos)
    while major == _TAG:
        major, argument, pos = _head(data, pos)
    match major:
        case 0 | 1:
            tree.number(_known(argument) if major == 0 else -1 - _known(argument), start, pos)
        case 2 | 3 if argument is None:
            text, end = _chunks(data, pos, major)
            tree.leaf(text, pos, end)
            return end
        case 2 | 3:
            end = pos + _known(argument)
            if end > len(data):
                raise IndexError
            tree.leaf(data[pos:end], pos, end)
            return end
        case 4:
            tree.open(is_map=False, items=argument)
        case 5:
            tree.open(is_map=True, items=None if argument is None else 2 * argument)
        case _:
            tree.leaf(None, start, pos)
    return pos


def _head(data: bytes, pos: int) -> tuple[int, int | None, int]:
    """Major type, argument (None: until a break) and where the head ends."""
    major, low = data[pos] >> 5, data[pos] & 0x1F
    if low < 24:
        return major, low, pos + 1
    if low < 28:
        end = pos + 1 + (1 << (low - 24))
        if end > len(data):
            raise IndexError
        return major, int.from_bytes(data[pos + 1 : end]), end
    if low == 31 and major not in {0, 1, _TAG, _SIMPLE}:
        return major, None, pos + 1
    raise IndexError


def _known(argument: int | None) -> int:
    if argument is None:
        raise IndexError
    return argument


def _chunks(data: bytes, pos: int, major: int) -> tuple[bytes, int]:
    """A string sent in chunks, and where it ends."""
    out = bytearray()
    while data[pos] != _BREAK:
        kind, length, pos = _head(data, pos)
        if kind != major or pos + _known(length) > len(data):
            raise IndexError
        out += data[pos : pos + _known(length)]
        pos += _known(length)
    return bytes(out), pos + 1


@cache
def _grammar() -> "Grammar":
    from hometruth.peel.many.cursor import Grammar  # noqa: PLC0415

    one = Grammar()
    for major in range(8):
        base = major << 5
        for low in range(24):
            byte = base | low
            one.skip[byte] = low if major in {2, 3} else 0
            one.items[byte] = {4: low, 5: 2 * low, 6: 1}.get(major, 0)
        for low in range(24, 28):
            byte, width = base | low, 1 << low - 24
            if major in {2, 3, 4, 5} and width == 8:
                continue  # a length of eight bytes is longer than what is looked at here
            one.skip[byte] = 0
            if major in {2, 3}:
                one.length_width[byte] = width
            elif major in {4, 5}:
                one.count_width[byte] = width
            else:
                one.skip[byte] = width
                one.items[byte] = int(major == 6)
        one.per_count[base : base + 32] = 2 if major == 5 else 1
        if major not in {0, 1, 6}:
            one.free[base | 31] = True
            one.skip[base | 31] = 0
    one.begins[0x80:0xDC] = True
    one.skip[0xFF] = -1
    one.free[0xFF] = False
    return one
