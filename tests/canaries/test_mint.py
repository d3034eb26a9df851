"""Minted values: random, checked, legal everywhere."""

import json
import re
from html import escape
from random import Random
from urllib.parse import quote

import pytest

from hometruth.canaries import is_minted, mint
from hometruth.canaries.mint import ALPHABET, RANDOM_BITS
from hometruth.model import CanaryKind


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
