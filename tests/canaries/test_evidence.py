"""Evidence: bits of value and form, less what chance had to try; how often 32 bits are met by chance."""

import random
from math import log2

import pytest

from hometruth.canaries import chance_of_short, mint, weigh
from hometruth.canaries.evidence import bits_of
from hometruth.forms import numbers_of
from hometruth.model import DECIDING_BITS, Canary, CanaryKind, Form, Part, Sighting, Value
from tests.peel.exchanges import exchange

CANARY = Canary("c", CanaryKind.KNOWN, "jane@example.org", 40.0)


def sighting(bits: float) -> Sighting:
    form = Form("plain", b"needle", bits)
    return Sighting(mint("page"), form, Value(Part.BODY, "", b"needle"), exchange(), 0, 0.0)


def test_places_searched_are_taken_off() -> None:
    (weighed,) = weigh([sighting(84.0)], 1 << 30)

    assert weighed.evidence_bits == 54.0 > DECIDING_BITS


def test_nothing_searched_takes_nothing_off() -> None:
    assert [item.evidence_bits for item in weigh([sighting(20.0)], 0)] == [20.0]


def test_nothing_searched_is_no_chance_and_much_is_nearly_one() -> None:
    assert chance_of_short(CANARY, 0) == 0
    assert chance_of_short(CANARY, 1 << 20) < 0.01
    assert chance_of_short(CANARY, 1 << 36) > 0.99


def test_it_agrees_with_dice() -> None:
    """With digests cut to 12 bits and as many fewer values, the same share of captures holds one."""
    rng = random.Random(1)
    digests = {number >> 20 for number in numbers_of(CANARY.value)}
    values = 300
    hits = sum(any(rng.randrange(1 << 12) in digests for _ in range(values)) for _ in range(2000))

    assert abs(hits / 2000 - chance_of_short(CANARY, 4 * values * 2**20)) < 0.05


def of_short(canaries: int, sessions: int, searched_bytes: int) -> list[float]:
    """Evidence of each where so many canaries of so many sessions have their crc32 at one host."""
    form = Form("crc32", b"3610a686", 32.0, is_short=True)
    seen = [
        Sighting(mint("page", cell=f"t{n}"), form, Value(Part.BODY, "", b"3610a686"), exchange(), 0, 32.0)
        for n in range(canaries)
    ]
    return [item.evidence_bits for item in weigh(seen, searched_bytes, n_canaries=sessions)]


def test_one_digest_of_32_bits_never_decides() -> None:
    assert of_short(1, 1, 1)[0] < 32 < DECIDING_BITS


def test_over_sessions_they_add_up_to_the_whole_coincidence() -> None:
    """By dice: of 30 values, each searched in 2^14 numbers, how many have a digest there by chance?"""
    thirty = of_short(30, 30, 1 << 16)

    assert sum(thirty) == pytest.approx(30 * (32 - 14) - 11)
    assert sum(thirty) > DECIDING_BITS


def test_a_few_hits_among_many_sessions_are_chance() -> None:
    assert sum(of_short(2, 10_000, 1 << 24)) < 0
    assert sum(of_short(10, 10_000, 1 << 24)) < DECIDING_BITS
    assert sum(of_short(10, 10, 1 << 24)) > DECIDING_BITS


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("test", 1, 8),
        ("aaaaaaaaaaaa", 1, 12),
        ("肝病离婚", 8, 16),
        ("肝病离婚律师医院预约专科", 40, 48),
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
