"""`.Z`: what the real program wrote, and what breaks it."""

import random

import pytest

from hometruth.peel.layers import Context
from hometruth.peel.layers.lzw import uncompress
from tests.peel.lzw import compress

WRITTEN = bytes.fromhex(
    "1f9d9068e8d0813347c78b1773ca8c9153868e8b3278c2b481c3a68c0b3a65e6d07981a64c183674d0fc88d3834d9d8926489a44a9f2241c"
)
"""Output of ncompress 4.2.4.6."""
ROOM = Context("", 1 << 24, 1000)


def opened(data: bytes, context: Context = ROOM) -> tuple[bytes, str, str] | None:
    found = uncompress(data, context)
    return found and (found.pieces[0].data if found.pieces else b"", found.damage, found.stopped)


def test_what_the_program_wrote() -> None:
    assert opened(WRITTEN) == (b"https://secret.example.test/health?q=lump&q=lump&q=lump", "", "")


@pytest.mark.parametrize(
    "data", [b"a", b"a" * 5000, bytes(range(256)) * 40, random.Random(1).randbytes(90_000)]
)
def test_every_width_of_code(data: bytes) -> None:
    assert opened(compress(data)) == (data, "", "")


def test_an_emptied_table_begins_a_group_of_the_narrowest_codes() -> None:
    codes = (ord("a") | 256 << 9).to_bytes(9, "little") + ord("b").to_bytes(2, "little")
    assert opened(b"\x1f\x9d\x90" + codes) == (b"ab", "", "")


def test_what_grows_beyond_the_room_is_left_and_said() -> None:
    found = opened(compress(bytes(100_000)), Context("", 1000, 1000))
    assert found
    assert found[0] == b""
    assert found[2]


def test_a_code_that_stands_for_nothing_is_damage() -> None:
    found = opened(b"\x1f\x9d\x90" + b"a\xfe\xff\xff")
    assert found
    assert (found[0], bool(found[1])) == (b"a", True)


@pytest.mark.parametrize(
    "data", [b"\x1f\x9d\x90", b"\x1f\x9d\x89\x00\x00", b"\x1f\x9d\xf0ab", b"\x1f\x8b\x90ab"]
)
def test_other_bytes_are_not_it(data: bytes) -> None:
    assert uncompress(data, ROOM) is None
