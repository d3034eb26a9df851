"""What a sieve can say of values, so that they need not be opened, or not by every layer."""

import re
from collections.abc import Collection, Container, Sequence
from typing import TYPE_CHECKING

from hometruth.peel.layers import Gives, Layer, Opened, Piece
from hometruth.peel.layers.json_text import unescape
from hometruth.peel.opaque_runs import SMALLEST_OPAQUE
from hometruth.peel.text_check import is_text

if TYPE_CHECKING:
    from hometruth.peel.sieve.nodes import Nodes

_SHORTEST = SMALLEST_OPAQUE * 4 // 3
"""Characters of base64 that hold so many bytes."""
LONGEST_ESCAPED = 12
"""Bytes of one character in percent escapes: four of its own."""
LONG_WORD = re.compile(rb"[A-Za-z0-9+/_\-]{%d,}" % _SHORTEST)
FEW_SIGNS = frozenset({"base58", "base62", "crockford", "z-base-32", "base36", "base10", "netbios"})
"""Alphabets that are believed only if something opens; they are slow."""


def _long_strings(data: bytes) -> Opened:
    """The strings of a JSON document that are long enough to hold something opaque; of them, no path."""
    pieces = (
        Piece(".", unescape(match[1]), *match.span(1))
        for match in _STRING.finditer(data)
        if match.end() - match.start() > SMALLEST_OPAQUE
    )
    return Opened([*pieces])


_STRING = re.compile(rb'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
LONG_STRINGS = Layer("json", _long_strings, gives=Gives.CERTAIN)
"""Stands for JSON where only what is opaque counts: the rest of a large document is of no use then."""


class Dull:
    """For parts that are searched: values in which nothing can be."""

    only_counts = False

    def __init__(self, empty: Container[bytes]) -> None:
        self._empty = empty

    def is_barren(self, data: bytes) -> bool:
        """True if neither a canary nor anything opaque is in it.

        An escaped character is nothing by itself, and one of a row with those around it.
        """
        return data in self._empty and not (data[:1] == b"%" and len(data) <= LONGEST_ESCAPED)

    def fitting(self, data: bytes, layers: Sequence[Layer], *, text: bool) -> Sequence[Layer]:  # noqa: ARG002
        """Those of the layers that may open it: whatever peeling in earnest says."""
        return layers


class UnreadParts:
    """For parts that are peeled only to tell how much of them nobody can read."""

    only_counts = True

    def __init__(self) -> None:
        self.sealed: set[bytes] = set()
        """Bytes that no layer opens."""
        self.read: set[int] = set()
        """Numbers of strings and words of which some reading is text, or was opened."""
        self.asked: dict[bytes, Collection[Layer]] = {}
        """Texts, and the layers that may open them besides those that look into words."""
        self.documents: set[bytes] = set()
        """JSON documents in which only strings can hold anything."""
        self._opaque: set[bytes] = set()
        self._read_words: set[bytes] = set()

    def settle(self, nodes: "Nodes") -> None:
        """Note which strings of a batch hold something opaque."""
        self._opaque = nodes.opaque_strings()
        self._read_words = nodes.long_words(self.read, _SHORTEST)

    def is_barren(self, data: bytes) -> bool:
        """True if nothing opaque is in it."""
        if len(data) < SMALLEST_OPAQUE:
            return True
        if data in self.sealed:
            return False
        return data not in self._opaque and is_text(data) and not LONG_WORD.search(data)

    def fitting(self, data: bytes, layers: Sequence[Layer], *, text: bool) -> Sequence[Layer]:
        """Those of the layers that may open it."""
        if not text:
            return () if data in self.sealed else layers
        asked = self.asked.get(data, ())
        all_alphabets = any(word in self._read_words for word in LONG_WORD.findall(data))
        is_document = data in self.documents
        return [
            LONG_STRINGS if is_document and layer.name == LONG_STRINGS.name else layer
            for layer in layers
            if layer in asked or (layer.words and (all_alphabets or layer.name not in FEW_SIGNS))
        ]
