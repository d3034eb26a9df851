"""Text in a known alphabet whose bytes nobody can read: a gap, slow and fast; what is not hidden is found."""

import base64
import json
from collections.abc import Callable
from random import Random

import pytest
from benchmarks.corpus.encoders import bases

from hometruth.audit.examine import Examined, examine
from hometruth.canaries import compile_search
from hometruth.model import Canary, CanaryKind, GapKind
from hometruth.peel import roots_of
from tests.peel.exchanges import exchange
from tests.peel.sieve.both import KINDS, sieve_of

VALUE = "https://secret.example.test/health?q=lump&page=2"
SEARCH = compile_search([Canary("c", CanaryKind.PAGE, VALUE, 84.0)])
FAST = pytest.mark.parametrize("fast", [False, *KINDS], ids=["slow", *KINDS])
PLACES: dict[str, Callable[[bytes], bytes]] = {
    "alone": lambda text: text,
    "in a document": lambda text: json.dumps({"n": 1, "d": text.decode()}).encode(),
}
ALPHABETS: dict[str, Callable[[bytes], bytes]] = {
    "base45": bases.base45,
    "base85": base64.b85encode,
    "ascii85": base64.a85encode,
    "z85": bases.z85,
    "uuencode": bases.uuencoded,
}


def seen(body: bytes, fast: bool | str) -> Examined:
    sent = exchange(body=body)
    if not fast:
        return examine(sent, SEARCH)
    sieve = sieve_of(str(fast), SEARCH)
    return examine(sent, SEARCH, worth=sieve.worth_peeling(tuple(roots_of(sent))), sifted=sieve.sifted)


def is_gap(examined: Examined) -> bool:
    return any(gap.kind is GapKind.OPAQUE for gap in examined.gaps)


@FAST
@pytest.mark.parametrize("place", PLACES)
def test_base45_of_what_nobody_can_read_is_a_gap(place: str, fast: bool | str) -> None:
    told = [is_gap(seen(PLACES[place](bases.base45(Random(n).randbytes(150))), fast)) for n in range(40)]

    assert sum(told) >= 38  # it may lack its two strange signs


@FAST
@pytest.mark.parametrize(
    "text",
    [
        b"TOTAL 45.00 EUR / VAT 19% 7.19 + TIP $5.00 - CARD *1234 REF: 0071-AX-2291 DATE 12.10.26 14:35 TILL",
        b"SKU 12/A4-77 $5.00 SKU 13/B2-10 $7.20 SKU 44/C9-31 $12.50 SKU 71/D3-55 $3.99 SKU 90/E1-02 $8.49 N*",
        b"THE QUICK BROWN FOX JUMPS OVER 13 LAZY DOGS AND 5 BOXES: $20 EACH * WHILE STOCKS LAST - ASK.",
    ],
)
def test_other_capitals_and_digits_are_read(text: bytes, fast: bool | str) -> None:
    assert not is_gap(seen(text, fast))


@FAST
@pytest.mark.parametrize("alphabet", ALPHABETS)
@pytest.mark.parametrize("place", PLACES)
def test_text_in_a_format_of_nobodys_is_found_under_an_alphabet(
    place: str, alphabet: str, fast: bool | str
) -> None:
    unknown = b"\x91\x07ENV\xff" + bytes(40) + VALUE.encode() + bytes(range(1, 60, 2)) * 2

    assert seen(PLACES[place](ALPHABETS[alphabet](unknown)), fast).sightings


@FAST
@pytest.mark.parametrize("key", [0x80, 0x9A, 0xFF])
@pytest.mark.parametrize("place", PLACES)
def test_a_mask_over_characters_is_found_though_none_is_ascii(place: str, key: int, fast: bool | str) -> None:
    masked = "".join(chr(byte ^ key) for byte in VALUE.encode())
    body = masked.encode() if place == "alone" else json.dumps({"d": masked}, ensure_ascii=False).encode()

    assert seen(body, fast).sightings


@FAST
def test_letters_with_marks_are_text(fast: bool | str) -> None:
    text = "ÀÉÎÕÜ àéîõü ÆØÅ æøå ßþð ÇÑŸ çñÿ ".replace("Ÿ", "Y").encode() * 3

    assert not is_gap(seen(text, fast))
