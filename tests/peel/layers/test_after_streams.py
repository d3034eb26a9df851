"""What follows a compressed stream is opened, or counted as opaque, or a gap: never nothing."""

from random import Random

import pytest

from hometruth.peel import peel_value
from tests.peel.wraps import WRAPS

STREAMS = ("gzip", "zlib", "bzip2", "xz", "zstd", "compress", "zip", "lz4 frame", "snappy frame")
FIRST, SECOND = b"the first that was sent, " * 9, b"gk4w8-quarry-cinder-162, " * 9
JUNK = Random(7).randbytes(200)


@pytest.mark.parametrize("name", STREAMS)
def test_a_second_stream_is_opened_or_told(name: str) -> None:
    one, two = WRAPS[name](FIRST), WRAPS[name](SECOND)
    assert one and two
    peeled = peel_value(one + two)

    assert any(SECOND in value.data for value in peeled.values) or peeled.gaps


@pytest.mark.parametrize("name", STREAMS)
def test_junk_behind_a_stream_is_opaque_or_told(name: str) -> None:
    one = WRAPS[name](FIRST)
    assert one

    assert peel_value(one + JUNK).gaps


@pytest.mark.parametrize("name", ["gzip", "zlib", "bzip2", "xz"])
def test_text_behind_a_stream_is_a_value_with_its_place(name: str) -> None:
    one = WRAPS[name](FIRST)
    assert one
    found = [value for value in peel_value(one + SECOND).values if value.data == SECOND]

    assert [value.path for value in found] == [f"[@{len(one)}]"]


@pytest.mark.parametrize("name", ["gzip", "zlib", "bzip2", "xz"])
def test_zeros_behind_a_stream_are_padding(name: str) -> None:
    one = WRAPS[name](FIRST)
    assert one
    peeled = peel_value(one + bytes(90))

    assert (peeled.gaps, len(peeled.values)) == ((), 2)
