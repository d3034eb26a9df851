"""What finding a known value by chance would cost: never more than dice would give."""

from math import log2

import pytest

from hometruth.canaries import mint
from hometruth.canaries.bits import bits_of


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("test", 1, 8),
        ("aaaaaaaaaaaa", 1, 12),
        ("moginezosafe", 15, 24),
        ("a1b2c3d4e5f60718", 40, 64),
        ("11111111-2222-4333-8444-555555555555", 8, 100),
        ("356938035643809", 25, 50),
        ("https://www.example.com/", 5, 20),
    ],
)
def test_estimates(value: str, least: float, most: float) -> None:
    assert least <= bits_of(value) <= most


def test_longer_values_have_more_bits() -> None:
    assert bits_of("jane.doe@example.org") > bits_of("jane@example.org") > bits_of("jane")


def test_a_minted_value_is_worth_what_was_drawn() -> None:
    canary = mint("page")

    assert bits_of(canary.value) == canary.bits


def test_never_more_than_dice() -> None:
    for value in ("0123456789", "abcdefghijkl", "0123456789abcdef"):
        assert bits_of(value) <= len(value) * log2(36)


def test_a_code_that_changes_between_letters_and_digits_was_drawn() -> None:
    assert bits_of("jeth9682qg9b25a6vrgyb") > 70
    assert bits_of("iphone12pro2024") < 40
    assert bits_of("order20260115item42") < 45
