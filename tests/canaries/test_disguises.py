"""Disguises with a key: found under any key, never where the value is not."""

import codecs
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.canaries import compile_search, mint
from hometruth.canaries.disguises import letter_steps, xor_steps
from hometruth.forms import LETTER_MAPS
from hometruth.model import Canary, CanaryKind
from hometruth.peel import peel_value

VALUE = "https://Secret.example.test/health?q=lump"
SEARCH = compile_search([Canary("c-1", CanaryKind.PAGE, VALUE, 60.0)])


def found(data: bytes) -> set[tuple[str, str]]:
    return {(item.layer, item.key) for item in SEARCH.disguises(peel_value(data, layers=()))}


@given(st.integers(1, 255), st.binary(max_size=20), st.binary(max_size=20))
def test_xor_with_any_byte(key: int, before: bytes, after: bytes) -> None:
    data = bytes(byte ^ key for byte in before + VALUE.encode() + after)

    assert ("xor", f"0x{key:02x}") in found(data)


@given(st.integers(1, 25), st.text("abcXYZ .%", max_size=20))
def test_letters_moved_by_any_number(by: int, around: str) -> None:
    upper, lower = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
    moved = str.maketrans(upper + lower, upper[by:] + upper[:by] + lower[by:] + lower[:by])

    assert ("rot", str(by)) in found((around + VALUE + around).translate(moved).encode())


def test_rot13_of_either_case() -> None:
    assert found(codecs.encode(VALUE, "rot13").upper().encode()) == {("rot", "13")}


@pytest.mark.parametrize("by", [1, 13, 25])
def test_letters_with_digits_between_them_are_moved_too(by: int) -> None:
    value = "xr71j3j304753g1qj5x83"
    search = compile_search([Canary("c-1", CanaryKind.PAGE, value, 84.0)])
    moved = "".join(chr((ord(c) - 97 + by) % 26 + 97) if c.isalpha() else c for c in value)

    assert search.disguises(peel_value(moved.encode(), layers=()))[0][1:] == ("rot", str(by))


def test_under_a_mask_a_quotation_mark_may_be_none() -> None:
    value = "xr71j3j304753g1qj5x83"  # its x becomes one
    search = compile_search([Canary("c-1", CanaryKind.PAGE, value, 84.0)])
    masked = bytes(byte ^ 0x5A for byte in value.encode())

    assert ("xor", "0x5a") in {each[1:] for each in search.disguises(peel_value(masked))}


def test_reversed_and_through_a_letter_map() -> None:
    assert found(b"say " + VALUE[::-1].encode()) == {("reverse", "")}
    for name, letters in LETTER_MAPS.items():
        assert found(letters.write(VALUE.encode())) == {("letter-map", name)}
        assert letters.read(letters.write(VALUE.encode())) == VALUE.encode()


def test_the_published_map_sends_k_as_0_and_is_looked_for_both_ways() -> None:
    assert LETTER_MAPS["leaky-forms"].write(b"kib") == b"012"
    assert LETTER_MAPS["leaky-forms-inverse"].write(b"012") == b"kib"


@pytest.mark.parametrize("value", ["0" * 15, "aaaaaaaa-aaaa", "1234567", "490154203237518"])
def test_what_chance_would_find_under_some_key_is_left_alone(value: str) -> None:
    search = compile_search([Canary("c-1", CanaryKind.KNOWN, value, 30.0)])
    rng = random.Random(6)
    noise = rng.randbytes(20_000) + bytes(5_000) + b"7" * 5_000 + str(rng.getrandbits(9_999)).encode()

    assert search.disguises(peel_value(noise, layers=())) == []


def test_an_undisguised_value_is_none() -> None:
    assert found(VALUE.encode()) == set()
    assert found(VALUE.upper().encode()) == set()


def test_a_thousand_phantoms_are_not_found_in_noise() -> None:
    search = compile_search([mint("page", phantom=True) for _ in range(1000)])

    assert search.disguises(peel_value(random.Random(6).randbytes(200_000), layers=())) == []


@given(st.binary(min_size=1, max_size=50))
def test_steps_of_the_first_byte_and_the_length_are_kept(data: bytes) -> None:
    assert len(xor_steps(data)) == len(letter_steps(data)) == len(data)
