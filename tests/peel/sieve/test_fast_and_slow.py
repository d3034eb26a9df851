"""The fast path finds what the slow one finds: every layer alone and in every other, in any batch."""

import base64
import bz2
import gzip
import zlib
from collections.abc import Sequence
from functools import cache

import pytest
import zstandard

from hometruth.audit.examine import examine
from hometruth.canaries import compile_search
from hometruth.model import Canary, CanaryKind, Part
from hometruth.peel import LAYERS, Layer, peel_exchange, peel_value, roots_of
from hometruth.peel.layers import On, Opened, whole
from hometruth.peel.sieve.core import load_core
from hometruth.peel.walk import Root, Worth
from tests.peel.exchanges import exchange
from tests.peel.sieve.both import KINDS, compiled, may_hold, sieve_of
from tests.peel.wraps import WRAPS, Wrap

VALUE = "gk4w8-quarry-cinder-162.example/gravel/50857"
SEARCH = compile_search((Canary("c", CanaryKind.PAGE, VALUE, 84.0),))
FILLER = [
    b'{"event":"view","page":"https://shop.example/%d?x=%d","n":[%d,2,3]}' % (n, n, n) for n in range(100)
]
SHIFT, LETTERS = 11, b"ghijklmnopqrstuv"


def unshifted(data: bytes) -> Opened | None:
    """A layer as nobody has: each byte moved on by its place and more, behind a mark, as letters."""
    if not data.startswith(b"~1~") or len(data) % 2 == 0:
        return None
    letters = data[3:]
    if letters.translate(None, LETTERS):
        return None
    raw = bytes(letters[n] - 0x67 << 4 | letters[n + 1] - 0x67 for n in range(0, len(letters), 2))
    return whole(data, bytes((byte - SHIFT - place) % 256 for place, byte in enumerate(raw)))


def shift(data: bytes) -> bytes:
    moved = bytes((byte + SHIFT + place) % 256 for place, byte in enumerate(data))
    return b"~1~" + b"".join(bytes((0x67 + (byte >> 4), 0x67 + (byte & 15))) for byte in moved)


def unturned(data: bytes) -> Opened | None:
    """The same for bytes that are no text."""
    if data[:2] != b"\x07\xe0":
        return None
    return whole(data, bytes((byte - SHIFT - place) % 256 for place, byte in enumerate(data[2:])))


def turn(data: bytes) -> bytes:
    return b"\x07\xe0" + bytes((byte + SHIFT + place) % 256 for place, byte in enumerate(data))


NEWCOMERS = {
    "shift": (Layer("shift", unshifted, on=On.TEXT), shift),
    "turn": (Layer("turn", unturned, on=On.PACKED), turn),
}
"""Layers as the recipe has them: no condition, nothing but the function."""


@cache
def one_of_each() -> dict[str, Wrap]:
    """For each layer, an encoder of which it is the outermost."""
    found: dict[str, Wrap] = {}
    for wrap in WRAPS.values():
        wrapped = wrap(VALUE.encode())
        for value in peel_value(wrapped or b"").values:
            if len(value.steps) == 1:
                found.setdefault(value.steps[0].layer, wrap)
    return found


def slow(data: bytes, layers: Sequence[Layer] = LAYERS) -> bool:
    examined = examine(exchange(body=data), SEARCH, layers=layers)
    return bool(examined.sightings or examined.gaps)


def missed(
    kind: str, datas: Sequence[bytes], layers: Sequence[Layer] = LAYERS, *, together: bool
) -> list[bytes]:
    """Bodies in which the sieve and what it leaves to peel find nothing."""
    found = []
    sieve = sieve_of(kind, SEARCH, layers)
    batches = [[*datas, *FILLER]] if together else [[data] for data in datas]
    for batch in batches:
        exchanges = [exchange(body=data) for data in batch]
        roots = [tuple(roots_of(each)) for each in exchanges]
        told = iter(sieve.worth_peeling([root for of_one in roots for root in of_one]))
        for each, of_one in zip(exchanges, roots, strict=True):
            worth = [next(told) for _ in of_one]
            examined = examine(each, SEARCH, layers=layers, worth=worth, sifted=sieve.sifted)
            found.append(bool(examined.sightings or examined.gaps))
    return [data for data, seen in zip(datas, found, strict=False) if not seen]


def held_back(datas: Sequence[bytes]) -> list[bytes]:
    """Bodies of which the compiled core says that nothing is in them."""
    told = may_hold(compiled(SEARCH), [Root(Part.BODY, "", data) for data in datas])
    return [data for data, may in zip(datas, told, strict=True) if not may]


def wrapped(*wraps: Wrap) -> bytes | None:
    data: bytes | None = VALUE.encode()
    for wrap in wraps:
        data = None if data is None else wrap(data)
    return data


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_each_layer_has_an_encoder_that_was_written_apart(layer: Layer) -> None:
    assert layer.name in one_of_each()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("together", [False, True], ids=["alone", "among others"])
def test_each_layer_alone(kind: str, together: bool) -> None:
    datas = [data for wrap in WRAPS.values() if (data := wrapped(wrap)) and slow(data)]

    assert missed(kind, datas, together=together) == []
    assert len(datas) > len(LAYERS)


@pytest.mark.parametrize("outer", sorted(layer.name for layer in LAYERS))
def test_each_layer_in_each_other(outer: str) -> None:
    """What the core does not hold back goes to the sieve in numpy, which is tried here, too."""
    wraps = one_of_each()
    datas = [data for inner in wraps.values() if (data := wrapped(inner, wraps[outer]))]
    not_found = {*missed("numpy", datas, together=True), *missed("numpy", datas[::7], together=False)}
    if load_core():  # where it is not built, tests beside this one are skipped, and say so
        not_found |= {*held_back(datas)}

    assert [data for data in not_found if slow(data)] == []
    assert len(not_found) < len(datas) // 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("together", [False, True], ids=["alone", "among others"])
@pytest.mark.parametrize("newcomer", NEWCOMERS)
def test_a_layer_without_a_condition_is_tried_on_everything(kind: str, newcomer: str, together: bool) -> None:
    layer, wrap = NEWCOMERS[newcomer]
    layers = (*LAYERS, layer)
    inside = [wrapped(wrap, other) for other in one_of_each().values()]
    around = [wrapped(other, wrap) for other in one_of_each().values()]
    datas = [data for data in (wrapped(wrap), *inside, *around) if data and slow(data, layers)]

    assert missed(kind, datas, layers, together=together) == []
    assert len(datas) > len(LAYERS)


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_callers_layers_are_tried(kind: str) -> None:
    layer, wrap = NEWCOMERS["shift"]
    data = wrapped(wrap, WRAPS["base64"])
    assert data

    assert missed(kind, [data], (layer,), together=True) == [data]


@pytest.mark.parametrize("kind", KINDS)
def test_plus_signs_are_spaces_in_forms_of_other_charsets_too(kind: str) -> None:
    search = compile_search((Canary("c", CanaryKind.KNOWN, "Jürgen Größer aus Köln", 60.0),))
    bodies = [
        b"a=1&q=" + "Jürgen+Größer+aus+Köln".encode(charset) for charset in ("latin-1", "cp850", "mac-roman")
    ]
    told = sieve_of(kind, search).worth_peeling([Root(Part.BODY, "", body) for body in bodies])

    assert [examine(exchange(body=body), search).sightings != () for body in bodies] == [True] * 3
    assert told == [Worth.SEARCH] * 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("before", [b"", b"foo+", b"some+words+"])
@pytest.mark.parametrize("after", [b"", b"+foo"])
def test_a_cut_stream_beside_plus_signs_is_the_gap_that_peeling_says(
    kind: str, before: bytes, after: bytes
) -> None:
    """In a form a plus may be a space, or a character of base64: one reading may be damaged, another not."""
    text = b"tarimo nekalusi and others, of which somebody wrote some words"
    streams = [
        zlib.compress(text),
        gzip.compress(text, mtime=0),
        zstandard.compress(text),
        bz2.compress(text),
    ]
    told, meant = [], []
    for stream in streams:
        for end in (40, 44, len(stream)):
            coded = base64.b64encode(stream[:end])
            for word in (coded, coded.replace(b"+", b"%2B")):
                sent = exchange(body=b"a=1&data=" + before + word + after)
                sieve = sieve_of(kind, SEARCH)
                worth = sieve.worth_peeling(tuple(roots_of(sent)))
                fast = peel_exchange(sent, worth=worth, sifted=sieve.sifted) if any(worth) else None
                told.append({gap.detail for gap in fast.gaps} if fast else set())
                meant.append({gap.detail for gap in peel_exchange(sent).gaps})

    assert [(slow, fast) for slow, fast in zip(meant, told, strict=True) if not slow <= fast] == []
    assert any(meant)
