"""The sieve in numpy and the compiled one, for tests that hold for both."""

from collections.abc import Sequence

import pytest

from hometruth.canaries import Search
from hometruth.peel import LAYERS, Layer
from hometruth.peel.sieve.core import CompiledSieve, load_core, understands
from hometruth.peel.sieve.sieve import Sieve
from hometruth.peel.walk import Root, Worth

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


def may_hold(sieve: CompiledSieve, roots: Sequence[Root]) -> list[bool]:
    """For each part, whether anything may be in it, be it a word that is something only beside others."""
    told = sieve.worth_peeling(roots)
    return [each is not Worth.NOTHING or bool(words) for each, words in zip(told, sieve.words, strict=True)]


def sieve_of(kind: str, search: Search, layers: Sequence[Layer] = LAYERS) -> Sieve | CompiledSieve:
    """One of the two."""
    return Sieve(search.prefilter(), layers) if kind == "numpy" else compiled(search, layers)
