"""What words are decoded to, against the standard library."""

import base64
from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hometruth.peel.layers import LAYERS
from hometruth.peel.many.flat import flat_of
from hometruth.peel.many.words import Words
from hometruth.peel.sieve.tokens import tokens_of


def read(text: bytes, least_bytes: int = 6) -> set[bytes]:
    strings = flat_of([text])
    _, tokens = tokens_of(strings, np.zeros(1, bool))
    return {
        data.one(place)
        for layer in LAYERS
        if layer.words
        for rows, data in layer.words(Words(tokens.words, tokens.flags), least_bytes)
        if data
        for place in range(len(rows))
    }


@given(st.lists(st.binary(min_size=12, max_size=40), min_size=1, max_size=6))
def test_what_was_encoded_comes_back(datas: list[bytes]) -> None:
    spellings: dict[str, Callable[[bytes], bytes]] = {
        "hex": lambda data: data.hex().encode(),
        "HEX": lambda data: data.hex().upper().encode(),
        "base64": lambda data: base64.b64encode(data).rstrip(b"="),
        "base64url": lambda data: base64.urlsafe_b64encode(data).rstrip(b"="),
        "base32": lambda data: base64.b32encode(data).rstrip(b"="),
        "base32hex": lambda data: base64.b32hexencode(data).rstrip(b"="),
    }
    for name, spell in spellings.items():
        words = [spell(data) for data in datas]
        told = read(b" ".join(words))

        for data, word in zip(datas, words, strict=True):
            plain = word.isdigit() or (name.startswith("base64") and word.isalpha() and word.islower())
            assert plain or data in told, (name, word)
