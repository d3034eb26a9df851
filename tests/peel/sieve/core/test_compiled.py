"""The compiled core: never says less than peeling in earnest, and leaves to others what it does not know."""

import base64
import zlib
from dataclasses import replace
from random import Random

import brotli
import pytest
from benchmarks.sieves import VALUE, made, missed, search

from hometruth.canaries import compile_search, mint
from hometruth.model import Canary, CanaryKind, Part
from hometruth.peel import LAYERS
from hometruth.peel.layers import Layer, Opened
from hometruth.peel.layers.base64_variants import ALPHABETS, STANDARD
from hometruth.peel.layers.compression import SHORTEST_GUESS
from hometruth.peel.sieve.core import load_core, understands
from hometruth.peel.sieve.core.compiled import CONDITIONS, WORDS, Core
from hometruth.peel.walk import Root
from tests.peel.sieve.both import built_core, compiled

SEARCH = search()
BITS = {layer.name: 1 << number for number, layer in enumerate(LAYERS)}


@pytest.fixture(scope="module")
def core() -> Core:
    built_core()
    library = load_core()
    assert library
    return Core(library, SEARCH.sought(), LAYERS)


def test_of_made_up_values_it_misses_nothing_that_peeling_finds() -> None:
    rng = Random(7)
    sieve = compiled(SEARCH)
    told = [what for _, what in missed([made(rng) for _ in range(150)], sieve, SEARCH)]

    assert [what for what in told if what.startswith("missed")] == []
    assert {"nothing", "look"} == set(told)


def test_batches_make_no_difference() -> None:
    rng = Random(8)
    roots = [Root(Part.BODY, "", made(rng)) for _ in range(60)]
    together = compiled(SEARCH).may_hold(roots)
    sieve = compiled(SEARCH)

    assert [each for root in reversed(roots) for each in sieve.may_hold([root])][::-1] == together
    assert sieve.may_hold(roots) == together  # with all that it remembers by now


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_every_layer_is_known_or_told_by_its_beginning(layer: Layer) -> None:
    """With one that is neither, the sieve in numpy does all the work: say here if that is meant."""
    assert layer.peel in CONDITIONS or layer.peel in WORDS or layer.magic


def test_a_layer_of_ones_own_is_left_to_the_other_sieve() -> None:
    own = Layer("own", lambda data: Opened([]) if data == b"own" else None)

    assert understands(SEARCH.sought(), LAYERS)
    assert not understands(SEARCH.sought(), (*LAYERS, own))
    assert understands(SEARCH.sought(), (*LAYERS, replace(own, magic=(b"own",))))
    assert not understands(SEARCH.sought(), (*LAYERS, replace(own, words=LAYERS[-1].words)))


def test_a_layer_of_ones_own_that_is_told_by_its_beginning_is_tried() -> None:
    canary = mint("page", rng=Random(1))
    own = Layer("own", unxored, magic=(b"X7:",))
    sieve = compiled(compile_search((canary,)), (*LAYERS, own))
    wrapped = b"X7:" + bytes(byte ^ 7 ^ place % 5 for place, byte in enumerate(canary.value.encode()))

    assert sieve.may_hold([Root(Part.BODY, "", wrapped), Root(Part.BODY, "", wrapped[1:])]) == [True, False]


def unxored(data: bytes) -> Opened | None:
    from hometruth.peel.layers import whole  # noqa: PLC0415

    return whole(data, bytes(byte ^ 7 ^ place % 5 for place, byte in enumerate(data[3:])))


def test_streams_that_only_their_end_tells_are_never_held_back(core: Core) -> None:
    rng = Random(9)
    words = (b"alpha", b'{"x":', b"https://", b"12345", b"\0\1\2", b"\xff\xfe", b" ")
    for number in range(300):
        data = b"".join(rng.choice(words) for _ in range(rng.choice([2, 4, 30, 300])))
        packed = brotli.compress(data, quality=number % 12, lgwin=10 + number % 15)
        assert core.fitting(packed, text=False) & BITS["brotli"]
        deflating = zlib.compressobj(number % 10, zlib.DEFLATED, -15, 8, number % 5)
        packed = deflating.compress(data) + deflating.flush()
        assert len(packed) < SHORTEST_GUESS or core.fitting(packed, text=False) & BITS["deflate"]


def test_chance_hardly_looks_like_such_a_stream(core: Core) -> None:
    rng = Random(10)
    both = BITS["brotli"] | BITS["deflate"] | BITS["lz4"] | BITS["snappy"]
    passed = sum(bool(core.fitting(rng.randbytes(40), text=False) & both) for _ in range(3000))

    assert passed < 300


@pytest.mark.parametrize("order", ALPHABETS)
def test_it_reads_base64_in_every_order(order: str) -> None:
    word = (
        base64.b64encode(VALUE.encode()).rstrip(b"=").translate(bytes.maketrans(STANDARD, ALPHABETS[order]))
    )

    assert compiled(SEARCH).may_hold([Root(Part.BODY, "", word)]) == [True]


def test_a_word_of_a_canary_is_something_where_a_value_may_be_a_piece_of_it() -> None:
    value = "maria.region42@privacy-lab.example.org"
    sieve = compiled(compile_search((Canary("c", CanaryKind.KNOWN, value, 60.0),)))
    bodies = (b'{"a":{"b":"maria.regio"},"c":1}', b'{"a":{"b":"the maria.regional"},"c":1}')

    assert sieve.may_hold([Root(Part.BODY, "", body) for body in bodies]) == [True, False]


def test_what_is_remembered_makes_no_difference() -> None:
    sieve = compiled(SEARCH)
    root = Root(Part.BODY, "", b'{"id":"6f9619ff-8b86-d011-b42d-00cf4fc964ff","n":[1,2,3]}')

    assert [sieve.may_hold([root, root]) for _ in range(3)] == [[False, False]] * 3
