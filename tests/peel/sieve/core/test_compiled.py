"""The compiled core: never says less than peeling in earnest, and leaves to others what it does not know."""

import base64
import zlib
from dataclasses import replace
from random import Random

import brotli
import pytest
from benchmarks.sieves import VALUE, made, missed, search

from hometruth.audit.examine import examine
from hometruth.canaries import compile_search, mint
from hometruth.model import Canary, CanaryKind, Part
from hometruth.peel import LAYERS
from hometruth.peel.layers import Layer, Opened
from hometruth.peel.layers.base64_variants import ALPHABETS, STANDARD
from hometruth.peel.layers.compression import SHORTEST_GUESS
from hometruth.peel.sieve.core import load_core, understands
from hometruth.peel.sieve.core.compiled import CONDITIONS, WORDS, Core
from hometruth.peel.walk import Root
from tests.peel.exchanges import exchange
from tests.peel.sieve.both import built_core, compiled, may_hold

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
    together = may_hold(compiled(SEARCH), roots)
    sieve = compiled(SEARCH)

    assert [each for root in reversed(roots) for each in may_hold(sieve, [root])][::-1] == together
    assert may_hold(sieve, roots) == together  # with all that it remembers by now


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

    assert may_hold(sieve, [Root(Part.BODY, "", wrapped), Root(Part.BODY, "", wrapped[1:])]) == [True, False]


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

    assert may_hold(compiled(SEARCH), [Root(Part.BODY, "", word)]) == [True]


def test_a_word_of_a_canary_is_something_where_a_value_may_be_a_piece_of_it() -> None:
    value = "maria.region42@privacy-lab.example.org"
    sieve = compiled(compile_search((Canary("c", CanaryKind.KNOWN, value, 60.0),)))
    bodies = (b'{"a":{"b":"maria.regio"},"c":1}', b'{"a":{"b":"the maria.regional"},"c":1}')

    assert may_hold(sieve, [Root(Part.BODY, "", body) for body in bodies]) == [True, False]


def test_what_is_remembered_makes_no_difference() -> None:
    sieve = compiled(SEARCH)
    root = Root(Part.BODY, "", b'{"id":"6f9619ff-8b86-d011-b42d-00cf4fc964ff","n":[1,2,3]}')

    assert [may_hold(sieve, [root, root]) for _ in range(3)] == [[False, False]] * 3


def test_no_mask_under_which_a_value_shows_is_held_back() -> None:
    """Whatever the constant: added to a text, it moves some of its bytes across the highest bit."""
    plain = b'{"v":"%s","n":4}' % VALUE.encode()
    places = range(len(plain))
    masks = [
        mask
        for by in range(0, 256, 5)
        for mask in ([at ^ by for at in places], [at + by for at in places], [by - at for at in places])
    ]
    masked = [bytes(byte ^ key & 255 for byte, key in zip(plain, mask, strict=True)) for mask in masks[::3]]
    masked += [bytes(byte + key & 255 for byte, key in zip(plain, mask, strict=True)) for mask in masks]
    told = compiled(SEARCH).worth_peeling([Root(Part.BODY, "", data) for data in masked])
    hidden = [data for data in masked if examine(exchange(body=data), SEARCH).sightings]

    assert len(hidden) > 100
    assert [data for data, worth in zip(masked, told, strict=True) if data in hidden and not worth] == []


def test_a_value_alone_is_told_as_it_is_in_a_part(core: Core) -> None:
    rng = Random(11)
    datas = [made(rng) for _ in range(400)]
    flags = core.sift(datas, bytes(len(datas)))

    assert [core.holds(data) for data in datas] == [bool(each) for each in flags]


def test_a_word_is_read_where_an_alphabet_makes_sense_of_it(core: Core) -> None:
    drawn = base64.b64encode(Random(12).randbytes(90)).rstrip(b"=")
    written = base64.b64encode(b"a long sentence that somebody wrote " * 3).rstrip(b"=")

    assert (core.reads(drawn), core.reads(written)) == (False, True)
