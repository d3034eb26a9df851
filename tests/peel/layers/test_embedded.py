"""Compressed streams behind a header nobody knows."""

import gzip
import os
import zlib
from collections.abc import Callable

import pytest
import zstandard

from hometruth.model import GapKind
from hometruth.peel import Budget, peel_value
from hometruth.peel.layers import Context
from hometruth.peel.layers.embedded import unembedded

TEXT = b'{"url": "https://secret.test/health?q=lump"}'
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("pack", PACK.values(), ids=PACK)
def test_streams_are_cut_out_whole(pack: Callable[[bytes], bytes]) -> None:
    one, two = pack(TEXT), pack(TEXT[::-1])
    opened = unembedded(b"\x01\x02HEAD" + one + b"\xff\x00\x10" + two + b"\x00tail", Context())

    assert opened is not None
    assert [piece.data for piece in opened.pieces] == [one, two]


@pytest.mark.parametrize("pack", PACK.values(), ids=PACK)
def test_what_is_inside_is_peeled(pack: Callable[[bytes], bytes]) -> None:
    peeled = peel_value(b"\xfe\xed\x00\x07\x01" + pack(TEXT) + b"\x9c\x01")

    assert any(value.data == b"https://secret.test/health?q=lump" for value in peeled.values)


def test_beginnings_without_a_stream_are_nothing() -> None:
    assert unembedded(b"\x00" + b"\x1f\x8b\x08\x00" * 10, Context()) is None
    assert unembedded(b"\x00" + gzip.compress(TEXT, mtime=0)[:-4], Context()) is None
    assert unembedded(b"\x00\x28\xb5\x2f\xfd" + bytes(40), Context()) is None


def test_random_bytes_hold_none_and_reach_no_limit() -> None:
    for _ in range(20):
        assert unembedded(os.urandom(1 << 16), Context()) is None


def test_a_stream_at_the_very_beginning_is_no_business_of_this_layer() -> None:
    assert unembedded(gzip.compress(TEXT, mtime=0), Context()) is None


def test_bombs_behind_a_header_end_within_the_budget() -> None:
    bomb = b"\x00head" + gzip.compress(bytes(100 << 20), mtime=0)
    peeled = peel_value(bomb, budget=Budget(output_bytes=4 << 20))

    assert sum(len(value.data) for value in peeled.values[1:]) <= 4 << 20
    assert GapKind.BUDGET in {gap.kind for gap in peeled.gaps}


def test_many_beginnings_are_a_limit_that_is_told() -> None:
    opened = unembedded(b"\x00" + b"\x78\x9c" * 50_000, Context())

    assert opened is not None
    assert opened.stopped
