"""What the compiled core can say of a value, so that it need not be opened, or not by every layer."""

from collections.abc import Sequence
from typing import Protocol

from hometruth.peel.layers import Layer
from hometruth.peel.opaque_runs import SMALLEST_OPAQUE
from hometruth.peel.sieve.documents import is_document, number_lists
from hometruth.peel.sieve.sifted import FEW_SIGNS, LONG_STRINGS, LONG_WORD, LONGEST_ESCAPED

SHORTEST_TOLD, LONGEST_TOLD = 4, 3 << 20
"""Bytes of a value of which the core says by which layers it may be opened; saying it takes memory, too."""


class Teller(Protocol):
    """The core, asked for single values."""

    def holds(self, data: bytes) -> bool:
        """False for a value in which nothing is."""

    def reads(self, word: bytes) -> bool:
        """False for a stretch of letters and digits that says nothing in any of the alphabets."""

    def fitting(self, data: bytes, *, text: bool) -> int:
        """Mask of the layers that may open a value, words left out."""


class _Fitting:
    """Which layers may open a value."""

    def __init__(self, core: Teller, layers: Sequence[Layer]) -> None:
        self._core = core
        self._bits = {layer: 1 << number for number, layer in enumerate(layers)}
        self._chosen: dict[tuple[int, bool, int], tuple[Layer, ...]] = {}

    def fitting(self, data: bytes, layers: Sequence[Layer], *, text: bool) -> Sequence[Layer]:
        """Those of the layers that may open it."""
        if not SHORTEST_TOLD <= len(data) <= LONGEST_TOLD:
            return layers
        mask = self._core.fitting(data, text=text)
        key = mask, text, data[0]
        chosen = self._chosen.get(key)
        if chosen is None:
            chosen = tuple(
                layer
                for layer in layers
                if layer.words or layer not in self._bits or mask & self._bits[layer]
            )
            self._chosen[key] = chosen
        return chosen


class Fitting(_Fitting):
    """For parts that are opened in full."""

    only_counts = False

    def is_barren(self, data: bytes) -> bool:  # noqa: ARG002
        """False: every value is opened."""
        return False


class Barren(_Fitting):
    """For parts that are searched: values in which nothing can be."""

    only_counts = False

    def is_barren(self, data: bytes) -> bool:
        """True if neither a canary nor anything opaque is in it.

        An escaped character is nothing by itself, and one of a row with those around it.
        """
        return not (data[:1] == b"%" and len(data) <= LONGEST_ESCAPED) and not self._core.holds(data)


class Read(_Fitting):
    """For parts that are peeled only to tell how much of them nobody can read."""

    only_counts = True

    def is_barren(self, data: bytes) -> bool:
        """True if nothing opaque is in it."""
        return len(data) < SMALLEST_OPAQUE or not self._core.holds(data)

    def fitting(self, data: bytes, layers: Sequence[Layer], *, text: bool) -> Sequence[Layer]:
        """Those of the layers that may open it; slow alphabets only where a word says something in one."""
        chosen = super().fitting(data, layers, text=text)
        if not text:
            return chosen
        if not any(map(self._core.reads, LONG_WORD.findall(data))):
            chosen = [layer for layer in chosen if layer.name not in FEW_SIGNS]
        if (
            any(layer.name == LONG_STRINGS.name for layer in chosen)
            and is_document(data)
            and not number_lists(data)
        ):
            return [LONG_STRINGS if layer.name == LONG_STRINGS.name else layer for layer in chosen]
        return chosen
