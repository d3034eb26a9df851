"""Bytes made to cost: quadratic texts, millions of pieces, everything at once."""

import pytest

from hometruth.peel import peel_value
from hometruth.peel.layers import LAYERS, SPLITS, Context
from hometruth.peel.layers.layer import MAX_PIECES

SIZE = 1_000_000
HOSTILE = {
    "tokens begun and never ended": b"eyJ" * (SIZE // 3),
    "boundaries": b"--x\r\n" * (SIZE // 5),
    "empty lines": b"--x\r\n" + b"\r\n" * (SIZE // 2),
    "spaces": b" " * SIZE,
    "fields": b"a=&" * (SIZE // 3),
    "bare fields": b"a=b" + b"&a" * (SIZE // 2),
    "segments": b"/a" * (SIZE // 2),
    "URL of segments": b"https://h" + b"/a" * (SIZE // 2),
    "percent signs": b"%" * SIZE,
    "escapes": b"%25" * (SIZE // 3),
    "backslashes": b'["' + b"\\" * SIZE + b'"]',
    "quotes": b'["' * (SIZE // 2),
    "open brackets": b"[" * SIZE,
    "documents": b"[]" * (SIZE // 2),
    "commas": b"[" + b"," * SIZE,
    "digits": b"[" + b"1" * SIZE,
    "base64": b"A" * SIZE,
    "short lines of base64": b"AAAA\n" * (SIZE // 5),
    "hex": b"a1" * (SIZE // 2),
    "runs": (b"A" * 20 + b" ") * (SIZE // 21),
    "hyphens in runs": b"A+-/_" * (SIZE // 5),
    "zeros": bytes(SIZE),
    "equals signs": b"=" * SIZE,
    "data URL": b"data:" * (SIZE // 5),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_layer_is_quadratic(name: str) -> None:
    """A quadratic one takes hours on a megabyte; there is no need to look at the clock."""
    for layer in (*LAYERS, *SPLITS.values()):
        opened = layer.open(HOSTILE[name], Context(room_bytes=2 * SIZE, room_pieces=1000))

        assert opened is None or len(opened.pieces) <= MAX_PIECES


@pytest.mark.parametrize("name", HOSTILE)
def test_peeling_it_ends(name: str) -> None:
    peeled = peel_value(HOSTILE[name])

    assert peeled.values[0].data == HOSTILE[name]
