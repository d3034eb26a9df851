"""What the core says of single values: never that a layer opens nothing which it opens."""

from collections.abc import Iterator, Sequence
from random import Random

import pytest
from benchmarks.sieves import VALUE, made, search

from hometruth.peel import LAYERS
from hometruth.peel.layers import Context, Layer, On
from hometruth.peel.sieve.core import load_core
from hometruth.peel.sieve.core.compiled import Core
from hometruth.peel.sieve.core.known import LONGEST_TOLD, Barren, Read
from hometruth.peel.text_check import is_text
from tests.peel.sieve.both import built_core
from tests.peel.wraps import WRAPS

SEARCH = search()
ROOM = Context("query", room_bytes=8 << 20, room_pieces=50_000)


@pytest.fixture(scope="module")
def core() -> Core:
    built_core()
    library = load_core()
    assert library
    return Core(library, SEARCH.sought(), LAYERS)


def tried(data: bytes, *, text: bool) -> Sequence[Layer]:
    """The layers that peeling tries on a value."""
    return [
        each for each in LAYERS if each.may_start(data[0]) and each.on is not (On.PACKED if text else On.TEXT)
    ]


def values() -> Iterator[bytes]:
    """What each layer opens, that in each of them again, and much else, some of it damaged."""
    wrapped = [data for wrap in WRAPS.values() if (data := wrap(VALUE.encode()))]
    yield from wrapped
    rng = Random(13)
    yield from (data for _ in range(400) if (data := WRAPS[rng.choice([*WRAPS])](rng.choice(wrapped))))
    yield from (made(rng) for _ in range(600))


def test_every_layer_that_opens_a_value_is_among_those_that_may(core: Core) -> None:
    barren = Barren(core, LAYERS)
    left_out = []
    n_tried = n_chosen = 0
    for data in values():
        text = is_text(data)
        layers = tried(data, text=text)
        chosen = barren.fitting(data, layers, text=text)
        n_tried, n_chosen = n_tried + len(layers), n_chosen + len(chosen)
        left_out += [(layer.name, data) for layer in layers if layer not in chosen and layer.open(data, ROOM)]

    assert left_out == []
    assert n_chosen < n_tried / 2


def test_of_what_is_too_short_or_too_long_to_tell_all_are_tried(core: Core) -> None:
    for data in (b"%40", bytes(range(256)) * (LONGEST_TOLD // 256 + 1)):
        layers = tried(data, text=False)

        assert Barren(core, LAYERS).fitting(data, layers, text=False) is layers


def test_an_escaped_character_is_never_barren(core: Core) -> None:
    """It may be one of a row."""
    assert not Barren(core, LAYERS).is_barren(b"%C3%A4")
    assert Barren(core, LAYERS).is_barren(b"tarimo nekalusi")


def test_for_what_is_opaque_only_alphabets_that_say_something_are_tried(core: Core) -> None:
    drawn, written = Random(14).randbytes(90), b"somebody wrote this, and nobody else did " * 3
    chosen = {
        data: [each.name for each in Read(core, LAYERS).fitting(word, tried(word, text=True), text=True)]
        for data in (drawn, written)
        for word in [WRAPS["base58"](data) or b""]
    }

    assert "base58" not in chosen[drawn]
    assert "base58" in chosen[written]
