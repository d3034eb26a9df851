"""Tells which parts of requests are worth peeling: those in which a canary may be, in whatever wrapping.

Parts are laid out in one array and searched together; what may be encoded in them is decoded together,
searched and sifted again, until nothing is left that a layer might open. Only the few values that pass go to
the real layers one by one. It errs on one side: a part that it lets through is peeled in earnest, with every
budget and gap; of a part that it holds back, peeling would have found nothing.
"""

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from hometruth.peel.layers import LAYERS, Context, Layer, Opened
from hometruth.peel.layers.base_n import LONGEST
from hometruth.peel.layers.json_text import unescape
from hometruth.peel.layers.lz_string import FIRST, unlz_string
from hometruth.peel.layers.text import unpercent
from hometruth.peel.sieve import leaves
from hometruth.peel.sieve.blobs import ANY, layers_of, may_open
from hometruth.peel.sieve.blobs import LONGEST as LONGEST_BLOB
from hometruth.peel.sieve.flat import Flat, Index, Mask, any_of, flat_of, joined
from hometruth.peel.sieve.lz_ends import bits_of, lz_string_ends
from hometruth.peel.sieve.nodes import Nodes
from hometruth.peel.sieve.tokens import Tokens, decoded, tokens_of
from hometruth.peel.sieve.wide import is_utf8
from hometruth.peel.text_check import is_text
from hometruth.peel.walk import Root

MAX_ROUNDS = 24
"""Rounds of decoding; parts that are not done by then are peeled."""
MAX_NESTED = 4
"""Documents inside documents that are sifted string by string."""
ROUND_BYTES = 3 << 20
"""Bytes of strings that are sifted together; a longer one is peeled."""
MAX_BYTES = 96 << 20
"""Bytes that the strings sifted for one batch may take; beyond, what is not done is peeled."""
MOST_DULL_DIGITS = 50_000
"""Words remembered that are no digests."""
ROOM = Context("query", room_bytes=8 << 20, room_pieces=50_000)
"""What a layer may produce here; where it wants more, the part is peeled with its own budget."""
_SPACE = b" \t\r\n"


class Seeker(Protocol):
    """What is looked for."""

    @property
    def least_bytes(self) -> int:
        """Bytes of the shortest thing in which something may be."""

    def find(self, strings: Flat) -> NDArray[np.int64]:
        """Strings that may hold it."""

    def find_raw_digests(self, strings: Flat) -> NDArray[np.int64]:
        """Strings, none of them text, that may hold a digest of it."""

    def is_short_digest(self, data: bytes) -> bool:
        """True for four bytes that are a digest of it."""

    def suspect_words(self, words: Sequence[bytes]) -> set[int]:
        """Words that may be a digest of it."""


class _Owned(NamedTuple):
    """Strings, each with the number of the node that is suspect if it is."""

    numbers: Index
    strings: Flat

    def only(self, rows: Index) -> "_Owned":
        return _Owned(self.numbers[rows], self.strings.only(rows))

    def parts(self) -> Iterator["_Owned"]:
        """All of them, so many at a time as are sifted together, which takes many times their bytes."""
        sizes = np.cumsum(self.strings.lengths)
        if sizes[-1] <= ROUND_BYTES:
            yield self
            return
        start = 0
        while start < len(sizes):
            before = int(sizes[start - 1]) if start else 0
            end = max(start + 1, int(np.searchsorted(sizes, before + ROUND_BYTES, "right")))
            yield _Owned(self.numbers[start:end], flat_of(self.strings.some(slice(start, end))))
            start = end


class Sieve:
    """Sifts the parts of many requests at a time, and remembers what was empty."""

    def __init__(self, seeker: Seeker) -> None:
        self._seeker = seeker
        self._nodes = Nodes()
        self._documents_seen: list[tuple[int, bytes]] = []
        self._decoded: list[_Owned] = []
        """What words were decoded to, not sifted yet."""
        self._opened: set[int] = set()
        """Parts that have been opened by what they are, whatever they look like."""
        self._dull_digits: set[bytes] = set()
        """Digits and hexadecimal words that are no digest of anything looked for."""

    @property
    def dull(self) -> Container[bytes]:
        """Values of the last batch, and of some before, in which nothing can be."""
        return self._nodes.empty

    def worth_peeling(self, roots: Sequence[Root]) -> list[bool]:
        """For each part, whether a canary may be in it."""
        self._documents_seen = []
        told = self._sift([root.data for root in roots], roots)
        for _ in range(MAX_NESTED):
            # Of documents in which something may be, it is worth the while to know in which of their strings.
            inside = self._inside_suspect_documents()
            if not inside:
                break
            self._sift(inside)
        return told

    def _sift(self, strings: Sequence[bytes], roots: Sequence[Root] = ()) -> list[bool]:
        nodes = self._nodes
        nodes.begin()
        self._opened = set()
        owners = [nodes.add(data) for data in strings]
        for root, owner in zip(roots, owners, strict=False):
            if owner >= 0:
                self._open_root(root, owner)
        size = 0
        self._decoded = []
        for _ in range(MAX_ROUNDS):
            todo = self._next_round()
            if todo is None:
                break
            size += int(todo.strings.lengths.sum())
            if size > MAX_BYTES:
                break
            for part in todo.parts():
                self._round(part)
            self._search_closed()
            todo = None
        else:
            todo = self._next_round()
        if todo:
            nodes.suspect_all(todo.numbers.tolist())
        nodes.settle()
        return [owner >= 0 and nodes.is_suspect(owner) for owner in owners]

    def _inside_suspect_documents(self) -> list[bytes]:
        suspect = [data for number, data in self._documents_seen if self._nodes.is_suspect(number)]
        self._documents_seen = []
        return [*{text for data in suspect for text in leaves.leaves_in(data)}]

    def _next_round(self) -> _Owned | None:
        """Strings not sifted yet, if there are any."""
        todo, self._decoded = self._decoded, []
        waiting = []
        for number, data in self._nodes.next_round():
            if len(data) > ROUND_BYTES:
                self._nodes.suspect(number)
            else:
                waiting.append((number, data))
        if waiting:
            numbers = np.fromiter((number for number, _ in waiting), np.int64, len(waiting))
            todo.append(_Owned(numbers, flat_of([data for _, data in waiting])))
        if not todo:
            return None
        numbers = np.concatenate([each.numbers for each in todo])
        return _Owned(numbers, joined([each.strings for each in todo]))

    def _open_root(self, root: Root, owner: int) -> None:
        if root.split:
            self._take(owner, root.data, root.split.open(root.data, ROOM))
            if root.split.certain:
                self._opened.add(owner)
                whole = unpercent(root.data, Context())
                for piece in whole.pieces if whole else ():
                    self._nodes.closed_child(owner, piece.data)
        if root.declared and is_text(root.data):
            self._nodes.suspect(owner)  # the layers try more on it then

    def _round(self, owned: _Owned) -> None:
        numbers, strings = owned
        suspect = self._nodes.suspect
        for row in set(self._seeker.find(strings).tolist()):
            suspect(int(numbers[row]))
        flags = leaves.flags_of(strings)
        kinds = any_of(flags, strings.starts, strings.ends)
        binary = (kinds & leaves.CONTROL) != 0
        high = np.flatnonzero(~binary & ((kinds & leaves.HIGH) != 0))
        if len(high):
            binary[high] = ~is_utf8(strings.only(high).packed())
        for row in high[~binary[high]].tolist():
            binary[row] = not is_text(strings.one(row))
        named = np.zeros(len(numbers), bool)
        named[strings.holding(leaves.named(strings))] = True
        texts = np.flatnonzero(~binary)
        escaped = np.zeros(len(numbers), bool)
        escaped[texts[self._texts(owned.only(texts), kinds[texts], named[texts])]] = True
        self._blobs(owned.only(np.flatnonzero(binary)))
        self._tokens(owned, escaped)

    def _search_closed(self) -> None:
        closed = self._nodes.closed()
        if closed:
            strings = flat_of([data for _, data in closed])
            found = set(self._seeker.find(strings).tolist())
            if not strings.data.isascii():
                found.update(self._seeker.find_raw_digests(strings).tolist())
            for row in found:
                self._nodes.suspect(closed[row][0])

    def _texts(self, texts: _Owned, kinds: NDArray[np.uint32], named: Mask) -> list[int]:
        """Open what is worth it; return which of the texts are JSON documents."""
        documents: list[int] = []
        read: list[tuple[int, bytes]] = []
        lengths = texts.strings.lengths
        look = leaves.promising(kinds, lengths) | named
        maybe = leaves.maybe(kinds, lengths)
        plus = (kinds & leaves.PLUS) != 0
        opening = b'{["'
        for row in np.flatnonzero(look | maybe | plus | (lengths >= LONGEST_BLOB)).tolist():
            number, data = int(texts.numbers[row]), texts.strings.one(row)
            if data.lstrip(_SPACE)[:1] in opening and _is_json(data):
                documents.append(row)
                read.append((number, data))
            elif number in self._opened:
                pass
            elif look[row] or leaves.is_promising(data):
                self._look(number, data, _ON_TEXT[data[0]])
            elif plus[row]:
                self._nodes.child(number, data.replace(b"+", b" "), guess=True)
        if read:
            self._documents(read)
        return documents

    def _documents(self, documents: Sequence[tuple[int, bytes]]) -> None:
        """What may be opened among the strings of JSON documents."""
        self._documents_seen += documents
        strings, kinds = leaves.strings_in([data for _, data in documents])
        starts = flat_of([data for _, data in documents])
        lengths = strings.lengths
        chosen = (
            leaves.promising(kinds, lengths) | leaves.maybe(kinds, lengths) | ((kinds & leaves.PLUS) != 0)
        )
        chosen |= np.isin(strings.buffer[strings.starts], list(b"{["))
        chosen[strings.holders(leaves.named(strings))] = True
        rows = np.flatnonzero(chosen)
        owners = starts.holders(strings.starts[rows]).tolist()
        seen: set[tuple[int, bytes]] = set()
        for row, owner in zip(rows.tolist(), owners, strict=True):
            seen.add((owner, strings.data[strings.starts[row] : strings.ends[row]]))
        for owner, text in seen:
            self._nodes.child(documents[owner][0], unescape(text))
        for number, data in documents:
            for numbers in leaves.number_lists(data):
                self._look(number, numbers, _ON_TEXT[numbers[0]])

    def _blobs(self, blobs: _Owned) -> None:
        numbers, strings = blobs.numbers, blobs.strings.packed()
        if not len(numbers):
            return
        suspect = self._nodes.suspect
        for row in self._seeker.find_raw_digests(strings).tolist():
            suspect(int(numbers[row]))
        layers = np.where(strings.lengths > LONGEST_BLOB, ANY, 0)
        short = np.flatnonzero(layers == 0)
        if len(short):
            layers[short] = may_open(strings.only(short).packed())
        layers[strings.holding(leaves.escapes(strings))] = ANY
        for row in np.flatnonzero(layers).tolist():
            data = strings.one(row)
            self._look(int(numbers[row]), data, layers_of(int(layers[row]), data[0]))
        for row in np.flatnonzero(strings.lengths == 4).tolist():
            if self._seeker.is_short_digest(strings.one(row)):
                suspect(int(numbers[row]))

    def _tokens(self, owned: _Owned, escaped: Mask) -> None:
        numbers, strings = owned
        nodes = self._nodes
        digits, encoded = tokens_of(strings, escaped)
        self._digests(numbers, digits)
        new, words, owners = nodes.words(numbers[encoded.holders], encoded.words, encoded.parts)
        for rows, data in decoded(words, encoded.flags[new], self._seeker.least_bytes):
            if len(rows):
                self._decoded.append(_Owned(owners[rows], data))
        for row, text in self._lz_strings(words):
            nodes.child(int(owners[row]), text)
        for row, word in enumerate(words):
            if len(word) > LONGEST:
                nodes.suspect(int(owners[row]))

    def _digests(self, numbers: Index, digits: Tokens) -> None:
        new = set(digits.words) - self._dull_digits
        words = list(new)
        suspect = {words[row] for row in self._seeker.suspect_words(words)}
        if len(self._dull_digits) > MOST_DULL_DIGITS:
            self._dull_digits = set()
        self._dull_digits |= new - suspect
        if suspect:
            for word, holder in zip(digits.words, digits.holders.tolist(), strict=True):
                if word in suspect:
                    self._nodes.suspect(int(numbers[holder]))

    def _lz_strings(self, words: Sequence[bytes]) -> Iterator[tuple[int, bytes]]:
        likely = [row for row, word in enumerate(words) if word[0] in FIRST]
        if not likely:
            return
        strings = flat_of([words[row] for row in likely])
        bits = bits_of(strings.buffer, 6)
        ended = lz_string_ends(bits, strings.starts * 6, strings.ends * 6, 6)
        for row in (likely[at] for at in np.flatnonzero(ended).tolist()):
            opened = unlz_string(words[row], ROOM)
            if opened:
                yield from ((row, piece.data) for piece in opened.pieces)

    def _look(self, number: int, data: bytes, layers: Sequence[Layer]) -> None:
        """Try the real layers."""
        certain = False
        for layer in layers:
            if certain and not layer.beside:
                continue
            opened = layer.open(data, ROOM)
            if opened is None:
                continue
            if certain:  # beside it, to be searched for what reaches across two fields
                for piece in opened.pieces:
                    self._nodes.closed_child(number, piece.data)
                continue
            self._take(number, data, opened, plus=layer.name == "percent" and b"+" in data)
            certain = certain or (
                layer.certain and any(piece.data != data for piece in opened.pieces) and not opened.perhaps
            )

    def _take(self, number: int, data: bytes, opened: Opened | None, *, plus: bool = False) -> None:
        """Sift what a layer gave; with *plus*, its last piece has spaces for the plus signs of another."""
        if opened is None:
            return
        if opened.stopped or opened.sealed:
            self._nodes.suspect(number)
        if opened.damage:
            self._nodes.damaged(number)
        for piece in opened.pieces:
            if piece.data != data:
                self._nodes.child(number, piece.data, guess=plus and piece is opened.pieces[-1])


def _is_json(data: bytes) -> bool:
    """True for one clean document."""
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


_ON_TEXT = tuple(
    tuple(layer for layer in LAYERS if not layer.guess and (not layer.starts or byte in layer.starts))
    for byte in range(256)
)
"""Which layers text with this first byte may be."""
