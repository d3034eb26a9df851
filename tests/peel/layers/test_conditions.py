"""No layer may open what its own condition rejects: each is asked of any bytes, and of nearly packed ones."""

from collections.abc import Sequence
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hometruth.peel.layers import LAYERS, Context, Layer, On
from hometruth.peel.many.batch import Batch, flags_of
from hometruth.peel.many.flat import any_of, flat_of
from hometruth.peel.text_check import is_text
from tests.peel.wraps import WRAPS

ALPHABETS = frozenset(layer.name for layer in LAYERS if layer.words)
"""Their words are looked for apart."""
BESIDE = frozenset({"jwt", "percent"})
"""In bytes that are no text: tokens in them are words too, a plus there is a plus."""


def batch(values: Sequence[bytes], *, text: bool) -> Batch:
    strings = flat_of(values)
    return Batch(strings, any_of(flags_of(strings), strings.starts, strings.ends), is_text=text)


def told(layer: Layer, values: Batch) -> np.ndarray:
    asked = np.array([layer.may_start(byte) for byte in values.first.tolist()], bool)
    if layer.magic:
        asked &= values.beginning(*layer.magic)
    return asked & layer.may_open(values) if layer.may_open else asked


def opened_though_rejected(values: Sequence[bytes]) -> list[tuple[str, bytes]]:
    found = []
    for text in (False, True):
        of_kind = [value for value in values if len(value) >= 4 and is_text(value) is text]
        if not of_kind:
            continue
        asked = batch(of_kind, text=text)
        for layer in LAYERS:
            if layer.on is (On.PACKED if text else On.TEXT) or layer.name in ALPHABETS:
                continue
            if not text and layer.name in BESIDE:
                continue
            for value, may in zip(of_kind, told(layer, asked).tolist(), strict=True):
                if not may and layer.may_start(value[0]) and layer.open(value, Context(room_bytes=1 << 12)):
                    found.append((layer.name, value))
    return found


@given(st.lists(st.binary(min_size=4, max_size=48), max_size=8))
def test_any_bytes(values: list[bytes]) -> None:
    assert opened_though_rejected(values) == []


@given(st.lists(st.text(min_size=4, max_size=48), max_size=8))
def test_any_text(values: list[str]) -> None:
    assert opened_though_rejected([value.encode() for value in values]) == []


def test_many_identifiers() -> None:
    rng = Random(1)

    assert (
        opened_though_rejected([rng.randbytes(n) for n in (8, 12, 16, 20, 24, 32) for _ in range(500)]) == []
    )


def test_most_identifiers_are_rejected() -> None:
    rng = Random(2)
    asked = batch([rng.randbytes(16) for _ in range(2000)], text=False)
    accepted = np.any([told(layer, asked) for layer in LAYERS if layer.on is not On.TEXT], axis=0)

    assert accepted.sum() < 500


@given(st.binary(min_size=1, max_size=40), st.sampled_from([*WRAPS]), st.integers(0, 255))
def test_packed_bytes_and_nearly_packed_bytes(data: bytes, name: str, changed: int) -> None:
    packed = WRAPS[name](data)
    if packed:
        at = changed % len(packed)
        damaged = packed[:at] + bytes([changed]) + packed[at + 1 :]

        assert opened_though_rejected([packed, damaged]) == []
