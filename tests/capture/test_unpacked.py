import bz2
import gzip
import io
import lzma
from collections.abc import Callable
from random import Random

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from hometruth.capture.byte_stream import take
from hometruth.capture.unpacked import WRAPPINGS, damage_of, unpacked

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "zstd": lambda data: zstandard.ZstdCompressor(write_checksum=True).compress(data),
    "xz": lzma.compress,
    "bzip2": lambda data: bz2.compress(data, 1),
}
TEXT = b"".join(b"%d: %s\n" % (n, Random(n).randbytes(20).hex().encode()) for n in range(20_000))
"""About 1 MB, of many blocks of every format."""


def is_not_wrapped(data: bytes) -> bool:
    """False for what is unwrapped once more; which constants are tried depends on what else was imported."""
    return not any(data.startswith(wrapping.signatures) for wrapping in WRAPPINGS)


def test_every_compression_is_tried_here() -> None:
    assert {wrapping.name for wrapping in WRAPPINGS} == {*PACK, "UTF-16", "UTF-32"}


@pytest.mark.parametrize("name", PACK)
@given(data=st.binary(max_size=500).filter(is_not_wrapped), joined=st.booleans())
def test_what_was_packed_comes_back(name: str, data: bytes, joined: bool) -> None:
    packed = PACK[name](data) * (2 if joined else 1)
    stream = unpacked(io.BytesIO(packed))

    assert take(stream, 1 << 20) == data * (2 if joined else 1)
    assert damage_of(stream) is None


@pytest.mark.parametrize("name", PACK)
def test_packed_twice_is_unpacked_twice(name: str) -> None:
    assert take(unpacked(io.BytesIO(PACK[name](PACK["gzip"](b"x" * 1000)))), 2000) == b"x" * 1000


@pytest.mark.parametrize("name", PACK)
@pytest.mark.parametrize("part", [0.5, 0.9, 0.999])
def test_of_a_cut_file_everything_before_the_cut_is_given(name: str, part: float) -> None:
    packed = PACK[name](TEXT)
    stream = unpacked(io.BytesIO(packed[: int(len(packed) * part)]))

    got = take(stream, 1 << 30)

    assert TEXT.startswith(got)
    assert len(got) > len(TEXT) * (part - (0.02 if name == "gzip" else 0.5))
    assert "cut short" in (damage_of(stream) or "")


@pytest.mark.parametrize("name", PACK)
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_of_a_damaged_file_no_less_is_given_than_of_one_that_is_cut_there(name: str, part: float) -> None:
    packed = PACK[name](TEXT)
    at = int(len(packed) * part)
    stream = unpacked(io.BytesIO(packed[:at] + bytes([packed[at] ^ 0x40]) + packed[at + 1 :]))

    got = take(stream, 1 << 30)

    before = take(unpacked(io.BytesIO(packed[:at])), 1 << 30)
    assert before
    assert got.startswith(before)
    assert damage_of(stream)


def test_utf_16_is_read_as_utf_8_and_lone_surrogates_stay() -> None:
    for codec in ("utf-16-le", "utf-16-be"):
        packed = "\ufeff{ä\ud83d}".encode(codec, "surrogatepass")
        assert take(unpacked(io.BytesIO(packed)), 100) == "{ä\ud83d}".encode("utf-8", "surrogatepass")


def test_a_bomb_costs_no_memory() -> None:
    stream = unpacked(io.BytesIO(gzip.compress(gzip.compress(b"\0" * (256 << 20), mtime=0), mtime=0)))

    assert len(stream.read(1 << 30)) <= 2 << 20


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_is_read_with_a_byte_order_mark_and_without(encoding: str) -> None:
    assert take(unpacked(io.BytesIO('{"a": "ü"}'.encode(encoding))), 100) == '{"a": "ü"}'.encode()


def test_frames_of_zstd_that_hold_something_else_and_padding_are_passed_over() -> None:
    other = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"else"
    stream = unpacked(
        io.BytesIO(other + zstandard.compress(b"one ") + other + zstandard.compress(b"two") + bytes(9))
    )

    assert take(stream, 100) == b"one two"
    assert damage_of(stream) is None
