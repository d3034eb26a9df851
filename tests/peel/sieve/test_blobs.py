"""No layer may open what the first conditions of all formats reject."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hometruth.peel.layers import LAYERS, Context
from hometruth.peel.sieve.blobs import layers_of, may_open
from hometruth.peel.sieve.flat import flat_of
from hometruth.peel.text_check import is_text
from tests.peel.wraps import WRAPS

CUT_OUT = frozenset(
    {"json", "form", "url", "percent", "hex", "base64", "jwt"} | {"data-url", "socketio", "multipart"}
)
"""Layers that take what stands in the bytes as text: that is looked for apart."""
BINARY = [layer for layer in LAYERS if not layer.text_only and layer.name not in CUT_OUT]


def opened_though_rejected(blobs: list[bytes]) -> list[tuple[str, bytes]]:
    blobs = [blob for blob in blobs if len(blob) >= 4 and not is_text(blob)]
    if not blobs:
        return []
    told = may_open(flat_of(blobs)).tolist()
    return [
        (layer.name, blob)
        for blob, may in zip(blobs, told, strict=True)
        for layer in BINARY
        if layer not in layers_of(may, blob[0])
        and (not layer.starts or blob[0] in layer.starts)
        and layer.open(blob, Context(room_bytes=1 << 12))
    ]


@given(st.lists(st.binary(min_size=4, max_size=48), max_size=8))
def test_any_bytes(blobs: list[bytes]) -> None:
    assert opened_though_rejected(blobs) == []


def test_many_identifiers() -> None:
    rng = Random(1)
    blobs = [rng.randbytes(size) for size in (8, 12, 16, 20, 24, 32) for _ in range(700)]

    assert opened_though_rejected(blobs) == []


def test_most_identifiers_are_rejected() -> None:
    rng = Random(2)
    told = may_open(flat_of([rng.randbytes(16) for _ in range(2000)]))

    assert (told != 0).sum() < 250


@given(st.binary(min_size=1, max_size=40), st.sampled_from([*WRAPS]), st.integers(0, 255))
def test_packed_bytes_and_nearly_packed_bytes(data: bytes, name: str, changed: int) -> None:
    packed = WRAPS[name](data)
    if packed:
        at = changed % len(packed)
        damaged = packed[:at] + bytes([changed]) + packed[at + 1 :]

        assert opened_though_rejected([packed, damaged]) == []
