"""Minted values: random, checked, legal everywhere; and addresses of random length for opaque flows."""

import json
import re
from html import escape
from math import log2
from random import Random
from urllib.parse import quote, urlsplit

import pytest

from hometruth.canaries import is_minted, mint, mint_address
from hometruth.canaries.mint import ALPHABET, RANDOM_BITS
from hometruth.model import SITE, CanaryKind
from hometruth.opaque.barcode import LONGEST, SHORTEST


def test_a_minted_value_is_recognised_in_any_case() -> None:
    for _ in range(200):
        value = mint(CanaryKind.SEARCH).value

        assert is_minted(value)
        assert is_minted(value.upper())


def test_a_changed_character_breaks_the_checksum() -> None:
    value = mint("page", rng=Random(1)).value
    changed = [
        value[:place] + other + value[place + 1 :]
        for place in range(len(value))
        for other in ALPHABET
        if other != value[place]
    ]

    assert sum(map(is_minted, changed)) <= 1


@pytest.mark.parametrize(
    "text", ["", "short", "g" * 21, "nt54w485et3ccqxtkb4d", "a" + "0" * 20, "not a canary, no way!"]
)
def test_other_text_is_not_minted(text: str) -> None:
    assert not is_minted(text)


def test_no_escaping_changes_a_value() -> None:
    value = mint("song").value

    assert re.fullmatch(r"[g-z][0-9a-z]{20}", value)
    assert quote(value, safe="") == escape(value) == json.dumps(value)[1:-1] == value == value.lower()
    assert len(value) <= 63  # a DNS label
    assert value.encode("idna") == value.encode()


def test_a_value_holds_at_least_80_random_bits_and_no_two_are_alike() -> None:
    minted = [mint("page") for _ in range(500)]

    assert RANDOM_BITS >= 80
    assert len({canary.value for canary in minted}) == len({canary.id for canary in minted}) == 500
    assert all(canary.bits == RANDOM_BITS and not canary.personal for canary in minted)


def test_randomness_can_be_injected() -> None:
    assert mint("page", cell="t-1", rng=Random(7)) == mint("page", cell="t-1", rng=Random(7))
    assert mint("page", rng=Random(7)) != mint("page", rng=Random(8))


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
