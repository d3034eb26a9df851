"""Digests of 32 bits, against answers that others publish."""

import pytest

from hometruth.forms import MOST_NUMBERS, numbers_of, short_digests_of
from hometruth.forms.short_digests import SHORT_DIGESTS, SHORTEST_DIGESTED

ANSWERS = {
    "crc32": 0x3610A686,
    "adler32": 0x062C0215,
    "murmur3-32": 0x248BFA47,
    "xxh32": 0xFB0077F9,
    "java-hash": 99162322,
    "fnv1-32": 0xB6FA7167,
    "fnv1a-32": 0x4F9F2CAB,
    "djb2": 261238937,
    "djb2a": 0x0A9CEDE7,
    "sdbm": 684824882,
    "one-at-a-time": 0xC8FD181B,
    "md5[:8]": 0x5D41402A,
    "sha1[:8]": 0xAAF4C61D,
    "sha256[:8]": 0x2CF24DBA,
}


@pytest.mark.parametrize("name", SHORT_DIGESTS)
def test_of_hello(name: str) -> None:
    assert SHORT_DIGESTS[name](b"hello") == ANSWERS[name]


def test_java_hashes_units_of_utf_16() -> None:
    assert SHORT_DIGESTS["java-hash"]("h\u00e9".encode()) == 31 * ord("h") + 0xE9
    assert SHORT_DIGESTS["java-hash"]("\U0001f600".encode()) == 31 * 0xD83D + 0xDE00


@pytest.mark.parametrize(
    "value",
    [
        "https://www.example.com/path/of/a/page.html?q=words&page=2#part",
        "+49 170 1234567",
        "jane.lump+test@gmail.com",
        "7f4e2a91-0c3d-4b6e-9a58-d1c2b3a49e5f",
        "Zwoelf Boxkaempfer jagen",
        "52.520008, 13.404954",
    ],
)
def test_three_texts_have_no_more_numbers_than_is_said(value: str) -> None:
    assert 3 * len(numbers_of(value)) <= MOST_NUMBERS
    assert numbers_of(value) == [number for _, number in short_digests_of(value)]


def test_of_the_shortest_texts_there_are_none() -> None:
    assert numbers_of("a" * (SHORTEST_DIGESTED - 1)) == []
