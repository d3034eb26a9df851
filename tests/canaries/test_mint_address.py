"""Addresses of random length for the test of opaque flows."""

from math import log2
from random import Random
from urllib.parse import urlsplit

import pytest

from hometruth.canaries import SITE, is_minted, mint_address
from hometruth.opaque.barcode import LONGEST, SHORTEST


def test_an_address_is_as_long_as_it_says_and_holds_a_minted_value() -> None:
    rng = Random(1)
    for _ in range(300):
        canary = mint_address(cell="t0001", rng=rng)
        parts = urlsplit(canary.address)
        own = parts.netloc.removesuffix(f".{SITE}")

        assert own != parts.netloc
        assert 50 <= len(own) <= 150
        assert all(0 < len(label) <= 50 for label in own.split("."))
        assert is_minted(own.split(".")[-1])
        assert own.endswith(canary.value)
        assert len(parts.path) - 1 == canary.path_length
        assert SHORTEST <= canary.path_length <= LONGEST
        assert canary.address_bits > log2(62) * canary.path_length + canary.bits


def test_every_length_from_end_to_end_is_drawn() -> None:
    rng = Random(2)
    lengths = [mint_address(cell="t0001", rng=rng).path_length for _ in range(2000)]

    assert min(lengths) < 40
    assert max(lengths) > 2970
    assert sum(lengths) / len(lengths) == pytest.approx(1508, rel=0.05)


def test_longer_addresses_vary_as_much() -> None:
    rng = Random(4)
    lengths = [mint_address(cell="t0001", shortest_path=3000, rng=rng).path_length for _ in range(2000)]

    assert 3000 <= min(lengths) < 3030
    assert 5950 < max(lengths) <= 5984


def test_a_repeated_path_has_the_length_given_and_next_to_no_entropy() -> None:
    canary = mint_address(cell="t0001", path_length=700, repeated=True, rng=Random(3))
    path = urlsplit(canary.address).path[1:]

    assert len(path) == canary.path_length == 700
    assert len(set(path)) == 1
    assert canary.address_bits < 800
