"""The sieve in numpy and the compiled one, for tests that hold for both."""

from collections.abc import Mapping, Sequence

import pytest

from hometruth.canaries import Search
from hometruth.peel import LAYERS, Layer
from hometruth.peel.sieve.core import CompiledSieve, load_core, understands
from hometruth.peel.sieve.sieve import Sieve
from hometruth.peel.walk import Root, Sifted, Worth

KINDS = ("numpy", "core")


def built_core() -> None:
    """Skip what needs the compiled core where it is not built."""
    if load_core() is None:
        pytest.skip("the compiled core is not built: ./test builds it where a C compiler is on PATH")


def compiled(search: Search, layers: Sequence[Layer] = LAYERS) -> CompiledSieve:
    """The compiled one; skips if it is not built, or leaves these layers to the other."""
    built_core()
    library, sought = load_core(), search.sought()
    assert library
    if not understands(sought, layers):
        pytest.skip("the compiled core leaves a layer that it does not know to the sieve in numpy")
    return CompiledSieve(library, sought, layers)


class CoreFirst:
    """The sieve in numpy, asked only of what the compiled one does not hold back."""

    def __init__(self, search: Search, layers: Sequence[Layer]) -> None:
        self._first, self._second = compiled(search, layers), Sieve(search.prefilter(), layers)

    def worth_peeling(self, roots: Sequence[Root]) -> list[Worth]:
        may_hold = self._first.may_hold(roots)
        asked = [root for root, may in zip(roots, may_hold, strict=True) if may]
        worth = iter(self._second.worth_peeling(asked))
        return [next(worth) if may else Worth.NOTHING for may in may_hold]

    @property
    def sifted(self) -> Mapping[Worth, Sifted]:
        return self._second.sifted


def sieve_of(kind: str, search: Search, layers: Sequence[Layer] = LAYERS) -> Sieve | CoreFirst:
    """The sieve in numpy alone, or behind the compiled one."""
    return Sieve(search.prefilter(), layers) if kind == "numpy" else CoreFirst(search, layers)
