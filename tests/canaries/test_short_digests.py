"""Digests of 32 bits are found as programs write them, of a value and of the address it stands in."""

import json

import pytest

from hometruth.audit.examine import examine
from hometruth.audit.scanner import Scanner
from hometruth.canaries import mint
from hometruth.forms.short_digests import SHORT_DIGESTS
from tests.peel.exchanges import exchange

CANARY = mint("page")
ADDRESS = f"https://{CANARY.value}.sites.example/story/{CANARY.value}"
SEARCH = Scanner((CANARY,), n_phantoms=0).search()


def signed(number: int) -> int:
    return number - (1 << 32) if number >> 31 else number


def found(x: object) -> list[tuple[str, bool]]:
    sent = exchange(body=json.dumps({"event": "pv", "x": x}).encode())
    return [(item.form.name, item.form.is_short) for item in examine(sent, SEARCH).sightings]


@pytest.mark.parametrize("name", SHORT_DIGESTS)
def test_of_value_address_host_and_path(name: str) -> None:
    for text in (CANARY.value, ADDRESS, ADDRESS[8:].partition("/")[0], f"/story/{CANARY.value}"):
        number = SHORT_DIGESTS[name](text.encode())
        for written in (
            number,
            signed(number),
            str(number),
            f"{number:08x}",
            f"0x{number:08X}",
            f"{number:x}",
        ):
            if len(str(written).lstrip("-")) >= 7:
                assert [short for _, short in found(written)] == [True], (text, written)


def test_the_sign_may_be_left_out() -> None:
    number = next(
        number for digest in SHORT_DIGESTS.values() if (number := digest(CANARY.value.encode())) >> 31
    )

    assert found((1 << 32) - number) != []


def test_other_numbers_are_nothing() -> None:
    assert found(1595851200) == found(4224773375) == found("5d41402a") == []
