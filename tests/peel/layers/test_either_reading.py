"""Values that two readings fit are read both ways."""

import pytest

from hometruth.peel import peel_value
from hometruth.peel.layers.escapes import unbyte_list

DIGITS = b"001010123456784"


def read(data: bytes) -> set[bytes]:
    return {value.data for value in peel_value(data).values}


@pytest.mark.parametrize("sign", ["-", " ", ", ", ","])
def test_pairs_of_digits_are_decimal_and_hexadecimal(sign: str) -> None:
    told = (
        {DIGITS} & read(sign.join(map(str, DIGITS)).encode()),
        {DIGITS} & read(DIGITS.hex(sign[0]).encode()),
    )

    assert told == ({DIGITS}, {DIGITS})


def test_numbers_of_three_digits_are_no_pairs() -> None:
    opened = unbyte_list(b"104-116-116-112")

    assert opened
    assert [piece.data for piece in opened.pieces] == [b"http"]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_greek_that_is_korean_in_the_other_order_is_read(codec: str) -> None:
    text = "δικηγόρος διαζύγιο χρέη"

    assert text.encode() in read(text.encode(codec))
