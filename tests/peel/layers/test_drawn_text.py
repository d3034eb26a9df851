"""Text that looks as if its characters were drawn."""

from itertools import groupby
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.peel.layers import drawn_text
from hometruth.peel.layers.drawn_text import looks_drawn


def kind(byte: int) -> str:
    letter = chr(byte) if byte < 128 else ""
    return next((name for name in ("islower", "isupper", "isdigit") if getattr(letter, name)()), "sign")


@given(st.binary(min_size=1) | st.text("aZ0/\x00", min_size=1).map(str.encode))
def test_runs_are_those_of_characters_of_one_kind(data: bytes) -> None:
    assert drawn_text._runs(data) == len([*groupby(data, kind)])


@pytest.mark.parametrize("alphabet", [drawn_text.ALPHABET_91, drawn_text.ALPHABET_Z85])
def test_drawn_characters_do_and_documents_and_addresses_do_not(alphabet: bytes) -> None:
    rng = Random(1)
    drawn = [bytes(rng.choices(alphabet, k=40)) for _ in range(200)]
    written = (b'{"Id": 1, "B2c": [3, "X4!"]}', b"https://www.tarimo.example/p?q=(1)#x", b"a=B&c=D&e=F1")

    assert sum(map(looks_drawn, drawn)) > 190
    assert not any(map(looks_drawn, written))
