"""Masks over bytes: the key is found where a value shows through, and nothing where none does."""

import json
from collections.abc import Callable
from random import Random

import pytest

from hometruth.audit.examine import examine
from hometruth.canaries import compile_search, weigh
from hometruth.model import Canary, CanaryKind, Sighting
from tests.peel.exchanges import exchange

VALUE = "gk4w8-quarry-cinder-162.example/gravel/50857"
BITS = 84.0
BODY = json.dumps({"e": "view", "p": {"n": 1, "u": f"https://{VALUE}", "t": "a page of that name", "w": 412}})
SEARCH = compile_search([Canary("c-1", CanaryKind.PAGE, VALUE, BITS)])


def sighted(body: bytes) -> tuple[Sighting, ...]:
    return examine(exchange(body=body), SEARCH).sightings


def masked(text: str, key: bytes) -> bytes:
    return bytes(byte ^ key[place % len(key)] for place, byte in enumerate(text.encode()))


@pytest.mark.parametrize("length", [2, 3, 4, 7, 8, 16])
def test_a_repeating_key_is_found_and_named_as_it_stands_at_the_first_byte(length: int) -> None:
    key = Random(length).randbytes(length)
    (sighting,) = sighted(masked(BODY, key))

    assert sighting.value.chain == (f"xor(0x{key.hex()})", "json")


def test_a_longer_key_costs_more_unless_all_that_comes_out_is_text() -> None:
    key = Random(1).randbytes(8)
    (read,) = weigh(sighted(masked(BODY, key)), searched_bytes=1)
    (unread,) = weigh(sighted(masked(f"\x01\x02{VALUE}\x03", key)), searched_bytes=1)

    assert unread.evidence_bits < 40 < read.evidence_bits < BITS


@pytest.mark.parametrize(
    ("name", "mask"),
    [
        ("rolling(xor+0x00)", lambda byte, place: byte ^ place & 255),
        ("rolling(xor+0x5a)", lambda byte, place: byte ^ place & 255 ^ 0x5A),
        ("rolling(add+7)", lambda byte, place: byte + place + 7 & 255),
        ("rolling(sub+0)", lambda byte, place: byte - place & 255),
        ("rolling(sub+7)", lambda byte, place: byte - place + 7 & 255),
        ("add(100)", lambda byte, place: byte + 100 & 255),  # noqa: ARG005
        ("add(3)", lambda byte, place: byte + 3 & 255),  # noqa: ARG005
    ],
)
def test_bytes_changed_by_a_number_or_by_their_place(name: str, mask: Callable[[int, int], int]) -> None:
    body = bytes(mask(byte, place) for place, byte in enumerate(BODY.encode()))
    (sighting,) = sighted(body)

    assert sighting.value.chain == (name, "json")


@pytest.mark.parametrize("sign", [1, -1])
def test_whatever_is_added_besides_the_place(sign: int) -> None:
    told = [
        bool(sighted(bytes((byte + sign * place + key) % 256 for place, byte in enumerate(BODY.encode()))))
        for key in range(1, 256, 2)
    ]

    assert sum(told) >= 0.95 * len(told)


def test_nothing_is_found_in_random_bytes_or_under_a_mask_over_another_value() -> None:
    rng = Random(3)
    other = BODY.replace("cinder", "cindex")

    assert not any(sighted(rng.randbytes(3000)) for _ in range(20))
    assert sighted(masked(other, b"\x91\x02\xb3\x44")) == ()
