"""Lists of strings that are one value."""

import base64
import gzip
import json
from collections.abc import Callable
from random import Random

import pytest

from hometruth.peel.layers.string_lists import spelled, spelled_in

TEXT = b'{"page": "https://secret.example.test/health?q=lump", "n": 3}'
PACKED = gzip.compress(TEXT * 3, mtime=0)


def cut(size: int) -> Callable[[bytes], list[str]]:
    return lambda data: [data.decode()[at : at + size] for at in range(0, len(data), size)]


WAYS: dict[str, Callable[[bytes], list[str]]] = {
    "letters of base64": lambda data: cut(1)(base64.b64encode(data)),
    "groups of base64": lambda data: cut(4)(base64.b64encode(data)),
    "lines of base64": lambda data: cut(76)(base64.b64encode(data * 3)),
    "unpadded, url-safe": lambda data: cut(8)(base64.urlsafe_b64encode(data).rstrip(b"=")),
    "digits": lambda data: cut(1)(data.hex().encode()),
    "pairs": lambda data: cut(2)(data.hex().upper().encode()),
    "numbers": lambda data: [str(byte) for byte in data],
    "signed numbers": lambda data: [str(byte - 256 if byte > 127 else byte) for byte in data],
    "hexadecimal numbers": lambda data: [f"0x{byte:02x}" for byte in data],
    "bits": lambda data: [f"{byte:08b}" for byte in data],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("data", [TEXT, PACKED], ids=["text", "packed"])
def test_what_they_make_up_is_found_in_a_list_and_in_a_document(way: str, data: bytes) -> None:
    strings = WAYS[way](data)
    text = spelled([each.encode() for each in strings])
    wrapped = json.dumps({"n": ["a", "b"], "v": strings}, indent=1).encode()

    assert text is not None
    assert spelled_in(wrapped) == [text]
    assert spelled_in(json.dumps([strings], separators=(",", ":")).encode()) == [text]


@pytest.mark.parametrize(
    "strings",
    [
        ["home", "page", "view", "open", "shut", "done"],
        ["en", "de", "fr", "it"],
        ["12", "15", "103", "104", "200"],
        ["1", "2", "3", "4"],
        ["k", "q", "7", "m", "x", "w", "e", "r", "t", "z", "u", "i", "o", "p", "a", "s", "d"],
        ["a1", "b2", "c3", "d4"],
        ["Y2FuYXJ5", "Y2FuYXJ5aXM=", "Y2FuYXJ5", "Y2Fu"],
        ["10010110", "11111111", "00000001", "10000000"],
    ],
)
def test_lists_of_words_and_numbers_stay_lists(strings: list[str]) -> None:
    assert spelled([each.encode() for each in strings]) is None
    assert spelled_in(json.dumps({"v": strings}).encode()) == []


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_a_code_cut_into_chunks_is_one_value(size: int) -> None:
    strings = cut(size)(b"k7q2m9x4tz8w3n5r6b1cd")

    assert spelled([each.encode() for each in strings]) == b"k7q2m9x4tz8w3n5r6b1cd"
    assert spelled_in(json.dumps({"v": strings}).encode()) == [b"k7q2m9x4tz8w3n5r6b1cd"]


def test_lists_of_random_identifiers_stay_lists() -> None:
    rng = Random(5)
    for size in (6, 8, 16, 32):
        for _ in range(200):
            ids = [rng.randbytes(size) for _ in range(8)]
            assert spelled([each.hex().encode() for each in ids]) is None
            assert spelled([base64.b64encode(each)[: 4 * size // 3] for each in ids]) is None


def test_lines_of_base64_are_one_value_whatever_they_hold() -> None:
    data = Random(1).randbytes(300)
    lines = WAYS["lines of base64"](data)
    text = "".join(lines)

    assert spelled_in(json.dumps({"v": lines}).encode()) == [text.encode()]


def test_hashes_are_no_lines() -> None:
    hashes = [base64.b64encode(Random(n).randbytes(48)) for n in range(8)]

    assert {len(each) for each in hashes} == {64}
    assert spelled(hashes) is None
