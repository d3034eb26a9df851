"""The pieces of a binary document (MessagePack, CBOR), with the path of each. No recursion: depth is free."""

from dataclasses import dataclass

from hometruth.peel.layers.json_text import segment
from hometruth.peel.layers.layer import Piece

MAX_NESTING = 512
"""Containers inside each other, as for JSON."""
SMALLEST_NUMBER = 1000
"""Numbers below are in every message and no canary: the shortest has four characters."""


class TooDeep(ValueError):
    """More containers inside each other than `MAX_NESTING`."""


@dataclass(slots=True)
class _OpenItem:
    """A container that has not ended yet."""

    is_map: bool
    left: int | None
    """Items still to come, keys counted; None if a mark ends it."""
    prefix: str
    count: int = 0
    key: str | None = None


class Tree:
    """Collects pieces while a parser walks a document."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self._stack: list[_OpenItem] = []

    @property
    def is_open(self) -> bool:
        """True while a container waits for items."""
        return bool(self._stack)

    def leaf(self, data: bytes | None, start: int, end: int) -> None:
        """A value that is no container; None for one that is no text and no number of interest."""
        top = self._stack[-1] if self._stack else None
        if top and top.is_map and top.key is None:
            top.key = segment(data or b"")
            if data:
                self.pieces.append(Piece(f"{top.prefix}{top.key}~", data, start, end))
        else:
            label = self._label()
            if data:
                self.pieces.append(Piece(label, data, start, end))
        self._item_done()

    def number(self, value: int, start: int, end: int) -> None:
        """A whole number, as decimal digits."""
        top = self._stack[-1] if self._stack else None
        is_key = top is not None and top.is_map and top.key is None
        interesting = is_key or abs(value) >= SMALLEST_NUMBER
        self.leaf(b"%d" % value if interesting else None, start, end)

    def open(self, *, is_map: bool, items: int | None) -> None:
        """A container begins; *items* with keys and values counted apart."""
        if len(self._stack) >= MAX_NESTING:
            raise TooDeep
        top = self._stack[-1] if self._stack else None
        if top and top.is_map and top.key is None:
            top.key = "[?]"  # a container as a key
            label = top.prefix + "[?]~"
        else:
            label = self._label()
        self._stack.append(_OpenItem(is_map, items, label))
        if items == 0:
            self.close()

    def close(self) -> None:
        """The innermost container ends."""
        self._stack.pop()
        self._item_done()

    def ends_by_mark(self) -> bool:
        """True if the innermost container has no length."""
        return bool(self._stack) and self._stack[-1].left is None

    def _label(self) -> str:
        if not self._stack:
            return ""
        top = self._stack[-1]
        if top.is_map:
            label = top.prefix + (top.key or "")
            top.key = None
            return label
        top.count += 1
        return f"{top.prefix}[{top.count - 1}]"

    def _item_done(self) -> None:
        while self._stack:
            top = self._stack[-1]
            if top.left is None:
                return
            top.left -= 1
            if top.left > 0:
                return
            self._stack.pop()
