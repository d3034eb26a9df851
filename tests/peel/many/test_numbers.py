import tracemalloc
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.peel.layers.base_n import (
    ALPHABET58,
    ALPHABETS62,
    LONGEST_NUMBER,
    decode_number,
)
from hometruth.peel.many.numbers import decode_numbers
from tests.peel.bases import in_alphabet


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=5))
def test_bytes_come_back_from_every_alphabet(datas: list[bytes]) -> None:
    for alphabet in (ALPHABET58, *ALPHABETS62):
        words = [in_alphabet(data, alphabet.decode()) for data in datas]
        decoded = [
            (number, strings.one(place))
            for numbers, strings in decode_numbers(words, range(len(words)), alphabet, LONGEST_NUMBER, 0)
            for place, number in enumerate(numbers.tolist())
        ]

        for number, data in enumerate(datas):
            assert (number, data) in decoded


@pytest.mark.parametrize("n_bytes", [700, 800, 2900])
def test_long_numbers_come_back_beside_short_ones(n_bytes: int) -> None:
    """700 bytes have fewer than `LONGEST_ROW` digits, 800 more."""
    datas = [b"\0" + Random(n_bytes).randbytes(n_bytes), b"short", bytes(n_bytes)]
    words = [in_alphabet(data, ALPHABET58.decode()) for data in datas]
    decoded = {
        number: strings.one(place)
        for numbers, strings in decode_numbers(words, range(len(words)), ALPHABET58, LONGEST_NUMBER, 0)
        for place, number in enumerate(numbers.tolist())
    }

    assert [decoded[number] for number in range(len(datas))] == datas


@pytest.mark.parametrize("n_bytes", [1, 150, 185, 186, 187, 188, 189, 190, 191, 192, 193, 400, 3000])
def test_a_long_number_is_decoded_as_a_short_one(n_bytes: int) -> None:
    """Some of these have just fewer, and some just more, than `MANY_DIGITS`."""
    rng = Random(n_bytes)
    for alphabet in (ALPHABET58, *ALPHABETS62):
        data = bytes(rng.randrange(3)) + rng.randbytes(n_bytes)
        text = in_alphabet(data, alphabet.decode())

        assert decode_number(text, alphabet) == data


def test_short_results_are_left_out() -> None:
    assert list(decode_numbers([b"aB3"], [0], ALPHABET58, LONGEST_NUMBER, 8)) == []


def test_what_is_kept_for_numbers_does_not_grow_with_how_many_lengths_they_have() -> None:
    words = {size: b"z" * size for size in range(16, LONGEST_NUMBER + 1, 64)}
    tracemalloc.start()
    for _ in decode_numbers(words, list(words), ALPHABET58, LONGEST_NUMBER, 1):
        pass
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(words) == 64
    assert kept < 10_000_000
