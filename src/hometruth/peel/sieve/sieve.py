"""Tells which parts of requests are worth peeling: those in which a canary may be, in whatever wrapping.

Parts are laid out in one array and searched together; what may be encoded in them is decoded together,
searched and sifted again, until nothing is left that a layer might open. Only the few values that pass go to
the real layers one by one. It errs on one side: a part that it lets through is peeled in earnest, with every
budget and gap; of a part that it holds back, peeling would have found nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from hometruth.peel.layers import LAYERS, Context, Gives, Layer, On, Opened
from hometruth.peel.layers.json_text import unescape, unjson
from hometruth.peel.many.batch import Batch, flags_of
from hometruth.peel.many.flat import Flat, Index, Mask, any_of, flat_of, joined
from hometruth.peel.many.kinds import BACKSLASH, CONTROL, HIGH, STRANGE
from hometruth.peel.many.words import LONGEST, Words
from hometruth.peel.opaque_runs import SMALLEST_OPAQUE, may_hold_opaque
from hometruth.peel.sieve import documents
from hometruth.peel.sieve.nodes import Nodes
from hometruth.peel.sieve.sifted import Dull, UnreadParts
from hometruth.peel.sieve.tokens import Tokens, tokens_of
from hometruth.peel.text_check import is_text
from hometruth.peel.walk import SHORTEST_DAMAGED, Root, Sifted, Worth

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
LEAST_IN_A_ROW = 8
"""Single characters of a list from which on it may say something."""
LEAST_DISTINCT = 5
"""Different ones among them: flags come in rows, too."""
LONGEST_CHARACTER, ESCAPED_CHARACTER = 4, len("\\u00fc")
"""Bytes of one character, in UTF-8 and as JSON escapes it."""
SHORTEST_MASKED = 24
"""Bytes under a mask from which on a key can be told."""
_LONG_ENOUGH = re.compile(rb"[A-Za-z0-9+/_\-]{%d}" % SHORTEST_DAMAGED)
"""A word in which damage is a gap."""
ROOM = Context("query", room_bytes=8 << 20, room_pieces=50_000)
"""What a layer may produce here; where it wants more, the part is peeled with its own budget."""
LONGEST_ASKED = 1024
"""Bytes of values that are no text, of which layers are asked: longer ones are few."""


class Seeker(Protocol):
    """What is looked for."""

    @property
    def least_bytes(self) -> int:
        """Bytes of the shortest thing in which something may be."""

    @property
    def common(self) -> frozenset[bytes]:
        """Words that stand in so many parts that these are not worth a closer look."""

    def find(self, strings: Flat) -> tuple[NDArray[np.int64], list[tuple[int, bytes]]]:
        """Strings that may hold it; and those with words that are something only beside others."""

    def find_raw_digests(self, strings: Flat) -> NDArray[np.int64]:
        """Strings, none of them text, that may hold a digest of it."""

    def is_masked(self, data: bytes) -> bool:
        """True for bytes that nothing opens, and that hold it under a mask."""

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


class _Asked(NamedTuple):
    """A layer, and with which bytes a value of it may begin."""

    layer: Layer
    firsts: Mask


class Sieve:
    """Sifts the parts of many requests at a time, and remembers what was empty."""

    def __init__(self, seeker: Seeker, layers: Sequence[Layer] = LAYERS) -> None:
        self._seeker = seeker
        self.words: list[frozenset[bytes]] = []
        """Words in each part of the last batch."""
        self._on_text = [_Asked(layer, _firsts(layer)) for layer in layers if layer.on is not On.PACKED]
        self._on_bytes = [_Asked(layer, _firsts(layer)) for layer in layers if layer.on is not On.TEXT]
        self._beside = [layer for layer in layers if layer.gives is Gives.BESIDE]
        self._alphabets = [layer.words for layer in layers if layer.words]
        self._by_strings = any(layer.peel is unjson for layer in layers) and all(
            layer.may_open or layer.magic for layer, _ in self._on_text
        )
        """Whether documents are read string by string: not if a layer says nothing of which ones it opens."""
        self._nodes = Nodes()
        self._documents_seen: list[tuple[int, bytes]] = []
        self._decoded: list[_Owned] = []
        """What words were decoded to, not sifted yet."""
        self._opened: set[int] = set()
        """Parts that have been opened by what they are, whatever they look like."""
        self._unread = UnreadParts()
        self._dull_digits: set[bytes] = set()
        """Digits and hexadecimal words that are no digest of anything looked for."""

    @property
    def sifted(self) -> Mapping[Worth, Sifted]:
        """Which values of the last batch need not be opened, by what a part is worth."""
        return {Worth.SEARCH: Dull(self._nodes.empty), Worth.OPAQUE: self._unread}

    def worth_peeling(self, roots: Sequence[Root]) -> list[Worth]:
        """For each part, whether a canary may be in it, or else something opaque."""
        self._documents_seen = []
        self._unread = UnreadParts()
        owners = self._sift([root.data for root in roots], roots)
        told = [*map(self._worth, owners)]
        self.words = [*map(self._nodes.words_held, owners)]
        self._unread.settle(self._nodes)
        for _ in range(MAX_NESTED):
            # Of documents in which something may be, it is worth the while to know in which of their strings.
            inside = self._inside_suspect_documents()
            if not inside:
                break
            self._sift(inside)
        return told

    def _sift(self, strings: Sequence[bytes], roots: Sequence[Root] = ()) -> list[int]:
        """Sift some strings with all that is in them; give the number of each."""
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
        return owners

    def _worth(self, owner: int) -> Worth:
        if owner < 0:
            return Worth.NOTHING
        if self._nodes.is_suspect(owner):
            return Worth.SEARCH
        return Worth.OPAQUE if self._nodes.is_opaque(owner) else Worth.NOTHING

    def _inside_suspect_documents(self) -> list[bytes]:
        suspect = [
            data
            for number, data in self._documents_seen
            if self._nodes.is_suspect(number)
            or not self._nodes.words_held(number).issubset(self._seeker.common)
        ]
        self._documents_seen = []
        return [*{text for data in suspect for text in documents.leaves_in(data)}]

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
            opened = root.split.open(root.data, ROOM)
            self._take(owner, root.data, opened)
            if root.split.is_certain and opened and any(piece.data != root.data for piece in opened.pieces):
                self._opened.add(owner)
                for layer in self._beside:
                    whole = layer.open(root.data, Context())
                    for piece in whole.pieces if whole else ():
                        self._nodes.closed_child(owner, piece.data)
        if root.declared and is_text(root.data):
            self._nodes.suspect(owner)  # the layers try more on it then

    def _round(self, owned: _Owned) -> None:
        numbers, strings = owned
        suspect = self._nodes.suspect
        rows, words = self._seeker.find(strings)
        for row in set(rows.tolist()):
            suspect(int(numbers[row]))
        for row, word in words:
            self._nodes.word(int(numbers[row]), word)
        kinds = any_of(flags_of(strings), strings.starts, strings.ends)
        binary = (kinds & CONTROL) != 0
        high = np.flatnonzero(~binary & ((kinds & HIGH) != 0))
        if len(high):
            binary[high] = ~Batch(strings.only(high).packed(), kinds[high], is_text=False).utf8
        for row in high[~binary[high]].tolist():
            binary[row] = not is_text(strings.one(row))
        texts = np.flatnonzero(~binary)
        self._unread.read.update(numbers[texts].tolist())
        for row in _long_and_strange(strings, kinds, texts):
            if may_hold_opaque(strings.one(row)):
                self._nodes.opaque(int(numbers[row]))
        escaped = np.zeros(len(numbers), bool)
        escaped[texts[self._texts(owned.only(texts), kinds[texts])]] = True
        blobs = np.flatnonzero(binary)
        self._blobs(owned.only(blobs), kinds[blobs])
        self._tokens(owned, escaped)

    def _search_closed(self) -> None:
        closed = self._nodes.closed()
        if closed:
            strings = flat_of([data for _, data in closed])
            rows, words = self._seeker.find(strings)
            found = set(rows.tolist())
            for row, word in words:
                self._nodes.word(closed[row][0], word)
            if not strings.data.isascii():
                found.update(self._seeker.find_raw_digests(strings).tolist())
            for row in found:
                self._nodes.suspect(closed[row][0])

    def _texts(self, texts: _Owned, kinds: NDArray[np.uint32]) -> list[int]:
        """Open what is worth it; return which of the texts are JSON documents."""
        read: dict[int, tuple[int, bytes]] = {}
        for row, layers in self._chosen(Batch(texts.strings, kinds, is_text=True), self._on_text):
            number, data = int(texts.numbers[row]), texts.strings.one(row)
            if len(data) >= SMALLEST_OPAQUE:
                self._unread.asked[data] = layers
            if self._by_strings and _first_certain(layers) is unjson and documents.is_document(data):
                read[row] = (number, data)
                if before := [*takewhile(lambda layer: layer.peel is not unjson, layers)]:
                    self._look(number, data, before)  # escapes of the document as a whole
            elif number not in self._opened:
                self._look(number, data, layers)
        if read:
            self._documents(list(read.values()))
        return list(read)

    def _documents(self, read: Sequence[tuple[int, bytes]]) -> None:
        """What may be opened among the strings of JSON documents."""
        self._documents_seen += read
        strings = documents.strings_in([data for _, data in read])
        kinds = any_of(flags_of(strings), strings.starts, strings.ends)
        chosen = (kinds & BACKSLASH) != 0
        for row in _long_and_strange(strings, kinds, np.arange(len(kinds))):
            chosen[row] |= may_hold_opaque(strings.one(row))
        for rows in self._told(Batch(strings, kinds, is_text=True), self._on_text):
            chosen[rows] = True
        rows = np.flatnonzero(chosen)
        owners = flat_of([data for _, data in read]).holders(strings.starts[rows]).tolist()
        seen: set[tuple[int, bytes]] = set()
        for row, owner in zip(rows.tolist(), owners, strict=True):
            seen.add((owner, strings.data[strings.starts[row] : strings.ends[row]]))
        for owner, text in seen:
            self._nodes.child(read[owner][0], unescape(text))
        lengths = strings.lengths
        written = ((kinds & BACKSLASH) != 0) & (lengths == ESCAPED_CHARACTER)
        single = np.flatnonzero(
            (lengths == 1) | (((kinds & HIGH) != 0) & (lengths <= LONGEST_CHARACTER)) | written
        )
        holders = flat_of([data for _, data in read]).holders(strings.starts[single])
        for owner in np.flatnonzero(np.bincount(holders) >= LEAST_IN_A_ROW).tolist():
            self._suspect_row(read[owner][0], strings.only(single[holders == owner]).some(slice(None)))
        for number, data in read:
            lists = documents.number_lists(data)
            for numbers in lists:
                self._nodes.child(number, numbers)
            if not lists:
                self._unread.documents.add(data)

    def _blobs(self, blobs: _Owned, kinds: NDArray[np.uint32]) -> None:
        numbers, strings = blobs.numbers, blobs.strings.packed()
        if not len(numbers):
            return
        suspect = self._nodes.suspect
        for row in self._seeker.find_raw_digests(strings).tolist():
            suspect(int(numbers[row]))
        long = strings.lengths > LONGEST_ASKED
        for row in np.flatnonzero(long).tolist():
            data = strings.one(row)
            fitting = [layer for layer, firsts in self._on_bytes if firsts[data[0]]]
            self._look_for_opaque(int(numbers[row]), data, fitting)
        short = np.flatnonzero(~long)
        if len(short):
            few = strings.only(short).packed()
            chosen = dict(self._chosen(Batch(few, kinds[short], is_text=False), self._on_bytes))
            for at in np.flatnonzero(few.lengths >= SMALLEST_OPAQUE).tolist():
                self._look_for_opaque(int(numbers[short[at]]), few.one(at), chosen.pop(at, []))
            small = few.lengths < SMALLEST_OPAQUE
            for at in np.flatnonzero(small & (few.lengths >= SHORTEST_MASKED)).tolist():
                data, number = few.one(at), int(numbers[short[at]])
                if not self._look(number, data, chosen.pop(at, [])) and self._seeker.is_masked(data):
                    suspect(number)
            for at, layers in chosen.items():
                self._look(int(numbers[short[at]]), few.one(at), layers)
        for row in np.flatnonzero(strings.lengths == 4).tolist():
            if self._seeker.is_short_digest(strings.one(row)):
                suspect(int(numbers[row]))

    def _chosen(self, batch: Batch, layers: Sequence[_Asked]) -> Iterator[tuple[int, list[Layer]]]:
        """Values that some layers may open, and which."""
        chosen: dict[int, list[Layer]] = {}
        for (layer, _), rows in zip(layers, self._told(batch, layers), strict=True):
            for row in rows.tolist():
                chosen.setdefault(row, []).append(layer)
        yield from chosen.items()

    def _told(self, batch: Batch, layers: Sequence[_Asked]) -> Iterator[Index]:
        """For each layer, the values that it may open."""
        for layer, firsts in layers:
            rows = np.arange(len(batch))
            if layer.starts or layer.magic:
                rows = np.flatnonzero(firsts[batch.first])
            if len(rows) and layer.magic:
                rows = rows[batch.only(rows).beginning(*layer.magic)]
            if len(rows) and layer.may_open:
                asked = batch.only(rows) if len(rows) < len(batch) else batch
                rows = rows[layer.may_open(asked)]
            yield rows

    def _tokens(self, owned: _Owned, escaped: Mask) -> None:
        numbers, strings = owned
        nodes = self._nodes
        digits, encoded = tokens_of(strings, escaped)
        self._digests(numbers, digits)
        new, listed, owners = nodes.words(numbers[encoded.holders], encoded.words, encoded.parts)
        words = Words(listed, encoded.flags[new])
        for decoded in self._alphabets if listed else ():
            for rows, data in decoded(words, self._seeker.least_bytes):
                if data is None:
                    nodes.suspect_all(owners[rows].tolist())
                elif len(rows):
                    self._decoded.append(_Owned(owners[rows], data))
        for row in np.flatnonzero(words.lengths > LONGEST).tolist():
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

    def _look_for_opaque(self, number: int, data: bytes, layers: Sequence[Layer]) -> None:
        """Try the real layers on bytes that are opaque where none of them takes something out."""
        opened = self._look(number, data, layers)
        if may_hold_opaque(data) and all(
            each.perhaps or may_hold_opaque(data, ((piece.start, piece.end) for piece in each.pieces))
            for each in opened
        ):
            self._nodes.opaque(number)
            if not opened:
                self._unread.sealed.add(data)
        if not opened and self._seeker.is_masked(data):  # what a mask leaves may be readable, and no words
            self._nodes.suspect(number)

    def _look(self, number: int, data: bytes, layers: Sequence[Layer]) -> list[Opened]:
        """Try the real layers; what those gave that found something in it."""
        certain = False
        found: list[Opened] = []
        for layer in layers:
            if certain and layer.gives is not Gives.BESIDE:
                continue
            opened = layer.open(data, ROOM)
            if opened is None:
                continue
            if certain:  # beside it, to be searched for what reaches across two fields
                for piece in opened.pieces:
                    self._nodes.closed_child(number, piece.data)
                continue
            found.append(opened)
            self._take(number, data, opened, plus=layer.gives is Gives.BESIDE and b"+" in data)
            certain = certain or (
                layer.is_certain and any(piece.data != data for piece in opened.pieces) and not opened.perhaps
            )
        if found:
            self._unread.read.add(number)
        return found

    def _take(self, number: int, data: bytes, opened: Opened | None, *, plus: bool = False) -> None:
        """Sift what a layer gave; with *plus*, its last piece has spaces for the plus signs of another.

        That other reading tells what is damaged only in how it begins, up to the first of them.
        """
        if opened is None:
            return
        if opened.stopped or opened.sealed:
            self._nodes.suspect(number)
        if opened.damage:
            self._nodes.damaged(number)
        for piece in opened.pieces:
            if piece.data != data:
                beside = plus and piece is opened.pieces[-1]
                self._nodes.child(number, piece.data, guess=beside)
                if beside and _LONG_ENOUGH.search(rest := piece.data.partition(b" ")[2]):
                    self._nodes.child(number, rest)
        if len(opened.pieces) >= LEAST_IN_A_ROW:
            self._suspect_row(number, [piece.data for piece in opened.pieces if _is_character(piece.data)])

    def _suspect_row(self, number: int, characters: Sequence[bytes]) -> None:
        """A list of single characters may say something that none of them says."""
        if len(characters) >= LEAST_IN_A_ROW and len(set(characters)) >= LEAST_DISTINCT:
            self._nodes.suspect(number)


def _is_character(data: bytes) -> bool:
    """True for what may be one character, escaped or not."""
    size = len(data)
    is_escaped = data[:1] == b"%" and size % 3 == 0 and size <= 3 * LONGEST_CHARACTER
    return size == 1 or (1 < size <= LONGEST_CHARACTER and data[0] > 0x7F) or is_escaped


def _long_and_strange(strings: Flat, kinds: NDArray[np.uint32], rows: Index) -> list[int]:
    """Those in which may be bytes in an alphabet that nobody knows."""
    likely = ((kinds[rows] & STRANGE) != 0) & (strings.lengths[rows] >= SMALLEST_OPAQUE)
    found: list[int] = rows[likely].tolist()
    return found


def _firsts(layer: Layer) -> Mask:
    """For each byte, whether a value of this layer may begin with it."""
    return np.fromiter(map(layer.may_start, range(256)), bool, 256)


def _first_certain(layers: Sequence[Layer]) -> object:
    """The function of the first layer after which none is tried."""
    return next((layer.peel for layer in layers if layer.is_certain), None)
