"""JSON (RFC 8259) and newline-delimited JSON, read as a stream of tokens.

Not `json.loads`: duplicate keys count, nesting must not use Python's stack, damaged text is read up to the
damage, and every piece must know where it stood. Nested containers are no pieces of their own: their text
stands in the document, which is searched as a whole; pieces are the leaves and the keys, and lists of small
numbers, which may spell bytes, and what lists of short strings make up.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from hometruth.peel.layers.layer import Context, Opened, Piece
from hometruth.peel.layers.string_lists import spelled
from hometruth.peel.layers.substitute import substitute
from hometruth.peel.layers.word_lists import LONGEST_NUMBER, spells
from hometruth.peel.many.kinds import BRACKET, QUOTE
from hometruth.peel.text_check import is_text

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Mask

MAX_NESTING = 512
"""Containers inside each other; more than any real message, and the labels of 100,000 would fill memory."""

SHORTEST_BYTE_LIST = 4
"""Numbers of a list that may spell the shortest canary."""
LONGEST_BYTE = len("-128")

SURELY_BEGUN = 16
"""Bytes of a document, from which on bytes that are no text are one that was damaged."""

DAMAGED = "not JSON from here"

_OPENING = re.compile(rb'\s*+[{["]')
_CONTAINER = re.compile(rb"\s*+[{[]")
_BEGUN = re.compile(rb'(?:\xef\xbb\xbf)?\s*+[{["]')
_TOKEN = re.compile(
    rb'[ \t\r\n,:]*+(?:"((?:[^"\\]++|\\.)*+)"|([{}\[\]])'
    rb"|(-?[0-9][0-9.eE+\-]*+|true|false|null|NaN|-?Infinity))",
    re.DOTALL,
)
_IDENTIFIER = re.compile(r"[^\W\d][\w$]*|\$[\w$]*")
_ESCAPE = re.compile(
    rb"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,5})\}|([0-3][0-7]{2})|(.))", re.DOTALL
)
"""With those that JavaScript has and JSON has not: what cannot stand there costs nothing."""
_SURROGATES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_SHORT = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"f": b"\f"}
_BOM = b"\xef\xbb\xbf"
_QUOTE = ord('"')


@dataclass(slots=True)
class _Open:
    """A container that has not ended yet."""

    is_object: bool
    prefix: str
    start: int = 0
    count: int = 0
    key: str | None = None
    numbers: int = 0
    """Values among its own that may be bytes."""
    words: int = 0
    """Those that may be words of several bytes."""

    def spelled(self, data: bytes, end: int, pieces: Sequence[Piece]) -> list[Piece]:
        """A list of numbers that may spell bytes is a piece of its own; so is one written as an object.

        And so is what strings make up that an encoder's text was cut into.
        """
        if self.count < SHORTEST_BYTE_LIST:
            return []
        if self.count == self.numbers or (self.count == self.words and spells(data[self.start : end])):
            return [Piece(self.prefix, data[self.start : end], self.start, end)]
        own = pieces[-self.count :]
        if self.is_object or self.numbers or not self._are_strings(own, data):
            return []
        text = spelled([piece.data for piece in own])
        return [Piece(self.prefix, text, self.start, end)] if text else []

    def _are_strings(self, own: Sequence[Piece], data: bytes) -> bool:
        """True if these are the items of the list, each a string."""
        first, last = f"{self.prefix}[0]", f"{self.prefix}[{self.count - 1}]"
        if (own[0].label, own[-1].label) != (first, last):
            return False
        return all(data[piece.start - 1] == _QUOTE for piece in own)

    def next_label(self) -> str:
        """Label of the value that follows."""
        if self.is_object:
            label = self.prefix + (self.key or "")
            if self.key == f'["{self.count}"]':
                self.count += 1
            elif self.key == ".length":
                self.numbers = self.count  # as old arrays of bytes have it last
            else:
                self.count = -1  # no array any more
            self.key = None
            return label
        self.count += 1
        return f"{self.prefix}[{self.count - 1}]"


def unjson(data: bytes, context: Context) -> Opened | None:
    """Leaves and keys of every JSON document in *data*; None if it does not begin like JSON."""
    end = len(_BOM) if data.startswith(_BOM) else 0
    if not _OPENING.match(data, end):
        return None
    pieces: list[Piece] = []
    n_documents = 0
    while n_documents == 0 or _CONTAINER.match(data, end):
        room = context.room_pieces - len(pieces)
        prefix = f"[{n_documents}]" if n_documents else ""
        found, stopped_at, problem = _read_document(data, end, prefix, room)
        if problem == DAMAGED and not found:
            break  # text that only looks like a document; kept as the rest
        if n_documents == 1:  # the first is numbered only where it is not the only one
            pieces = [piece._replace(label=f"[0]{piece.label}") for piece in pieces]
        pieces += found
        n_documents += 1
        end = stopped_at
        if problem == DAMAGED and end < SURELY_BEGUN and not is_text(data):
            return None  # a bracket and a quotation mark begin one identifier in ten thousand
        if problem:
            return _result(data, pieces, end, problem)
    return _result(data, pieces, end, "") if n_documents else None


def may_be_json(batch: "Batch") -> "Mask":
    """A document, or a string; where text does not begin with it, behind white space or a mark."""
    return batch.matching(_BEGUN, batch.with_any(QUOTE | BRACKET))


def _result(data: bytes, pieces: list[Piece], end: int, problem: str) -> Opened:
    """Pieces, what follows the last document, and what was wrong."""
    # Two quotation marks happen to stand in any bytes; a container in them is no accident.
    perhaps = not _CONTAINER.match(data.removeprefix(_BOM)) and not is_text(data)
    rest = data[end:]
    if rest.strip() and not problem:
        pieces.append(Piece("", rest, end, len(data)))
    if problem == DAMAGED:
        return Opened(pieces, damage=f"JSON is damaged at byte {end}", perhaps=perhaps)
    return Opened(pieces, stopped=problem, perhaps=perhaps)


def _read_document(data: bytes, start: int, prefix: str, room: int) -> tuple[list[Piece], int, str]:
    """Pieces of the document at *start*, where it ends, and why it could not be read to its end."""
    pieces: list[Piece] = []
    stack: list[_Open] = []
    pos = start
    while match := _TOKEN.match(data, pos):
        pos = match.end()
        kind = match.lastindex
        if kind == 2:
            bracket = match[2]
            if bracket in b"}]":
                if not stack or stack[-1].is_object != (bracket == b"}"):
                    return pieces, match.start(), DAMAGED
                pieces += stack.pop().spelled(data, pos, pieces)
            elif len(stack) >= MAX_NESTING:
                return pieces, match.start(), f"JSON is nested deeper than {MAX_NESTING}"
            else:
                label = stack[-1].next_label() if stack else prefix
                stack.append(_Open(bracket == b"{", label, match.start(2)))
        else:
            if len(pieces) >= room:
                return pieces, match.start(), "JSON has more values than the room left"
            raw = match[kind or 0]
            text = unescape(raw) if kind == 1 else raw
            top = stack[-1] if stack else None
            if top and top.is_object and top.key is None:
                if kind != 1:
                    return pieces, match.start(), DAMAGED
                top.key = segment(text)
                pieces.append(Piece(f"{top.prefix}{top.key}~", text, *match.span(kind or 0)))
                continue
            if top and kind == 3 and len(raw) <= LONGEST_NUMBER:
                top.numbers += len(raw) <= LONGEST_BYTE
                top.words += 1
            pieces.append(Piece(top.next_label() if top else prefix, text, *match.span(kind or 0)))
        if not stack:
            return pieces, pos, ""
    return pieces, pos, DAMAGED


@lru_cache(maxsize=4096)
def segment(key: bytes) -> str:
    """Path segment of a key: ``.name`` if it is an identifier, else ``["a b"]``."""
    text = key.decode("utf-8", "backslashreplace")
    return f".{text}" if _IDENTIFIER.fullmatch(text) else f"[{json.dumps(text, ensure_ascii=False)}]"


def unescape(raw: bytes) -> bytes:
    """Undo the escapes of a JSON string; lone surrogates and unknown escapes are kept as they are."""
    if b"\\" not in raw:
        return raw
    out = substitute(_ESCAPE, _unescape_one, raw)
    return substitute(_SURROGATES, _join_surrogates, out) if b"\xed" in out else out


def _unescape_one(match: re.Match[bytes]) -> bytes:
    number = match[1] or match[2] or match[3]
    if number:
        return chr(int(number, 16)).encode("utf-8", "surrogatepass")
    if match[4]:
        return bytes([int(match[4], 8)])
    return _SHORT.get(match[5], match[5])


def _join_surrogates(match: re.Match[bytes]) -> bytes:
    return (
        match[0].decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16").encode()
    )
