"""Values told letter by letter are found, in every format that lists characters; other rows are not."""

import json
from dataclasses import replace
from urllib.parse import quote, urlencode

import pytest

from hometruth.audit.examine import Examined, examine
from hometruth.canaries import compile_search, mint
from hometruth.peel import roots_of
from tests.peel.exchanges import exchange
from tests.peel.sieve.both import KINDS, sieve_of

CANARY = mint("page")
LETTERS = list(CANARY.value)
ESCAPED = f"https://{CANARY.value}.sites.example/a path"
ADDRESS = f"https://{CANARY.value}.sites.example/"
SEARCH = compile_search([CANARY, *(mint("page", phantom=True) for _ in range(100))])
LISTS: dict[str, bytes] = {
    "a list": json.dumps({"v": LETTERS}).encode(),
    "a list of a whole address": json.dumps({"v": list(ADDRESS)}).encode(),
    "an object": json.dumps({str(n): letter for n, letter in enumerate(LETTERS)}).encode(),
    "events": json.dumps([{"t": 1000 + n, "c": letter} for n, letter in enumerate(LETTERS)]).encode(),
    "keys down and up": json.dumps(
        [{"type": f"key{way}", "key": letter} for letter in LETTERS for way in ("down", "up")]
    ).encode(),
    "mutations": json.dumps(
        [[1000 + n, "text", letter, n % 10] for n, letter in enumerate(LETTERS)]
    ).encode(),
    "a field again and again": urlencode([("c", letter) for letter in LETTERS]).encode(),
    "numbered fields": urlencode([(f"c{n}", letter) for n, letter in enumerate(LETTERS)]).encode(),
    "fields with escapes": urlencode([(f"c[{n}]", letter) for n, letter in enumerate(ESCAPED)]).encode(),
    "blanks as %20": "&".join(f"c={quote(letter, safe='')}" for letter in ESCAPED).encode(),
    "elements": "".join(["<v>", *(f"<c>{letter}</c>" for letter in LETTERS), "</v>"]).encode(),
    "MessagePack": b"\xdc" + len(LETTERS).to_bytes(2) + b"".join(b"\xa1" + each.encode() for each in LETTERS),
    **{f"{sign!r} between": f"log: {sign.join(LETTERS)}.".encode() for sign in (" ", ",", ", ", "-", "\n")},
}


def seen(body: bytes, *, fast: bool | str) -> Examined:
    sent = exchange(body=body)
    if not fast:
        return examine(sent, SEARCH)
    sieve = sieve_of(KINDS[0] if fast is True else fast, SEARCH)
    worth = sieve.worth_peeling(tuple(roots_of(sent)))
    return examine(sent, SEARCH, worth=worth, sifted=sieve.sifted)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("fast", [False, *KINDS], ids=["slow", *KINDS])
def test_found_once_as_much_evidence_as_the_value_itself(name: str, fast: bool | str) -> None:
    (sighting,) = seen(LISTS[name], fast=fast).sightings

    assert sighting.canary == CANARY
    assert sighting.form.name in {"letters", "split"}
    assert sighting.form.bits == CANARY.bits


@pytest.mark.parametrize(
    "value", [f"größe {CANARY.value}", "肝病症狀失眠解僱律師費用"], ids=["some escaped", "all escaped"]
)
@pytest.mark.parametrize("kind", KINDS)
def test_an_escaped_character_that_other_requests_have_is_still_one_of_a_row(kind: str, value: str) -> None:
    search = compile_search([replace(CANARY, value=value)])
    row = "&".join(f"c={quote(letter, safe='')}" for letter in value).encode()
    sieve = sieve_of(kind, search)
    asked = [(exchange(body=body), False) for body in (b"a=%C3%B6&b=%C3%9F&c=%20",) * 3]
    asked.append((exchange(body=row), True))

    for sent, is_found in asked:
        worth = sieve.worth_peeling(tuple(roots_of(sent)))
        assert bool(examine(sent, search, worth=worth, sifted=sieve.sifted).sightings) == is_found


@pytest.mark.parametrize("size", [2, 3, 4, 5])
@pytest.mark.parametrize("fast", [False, *KINDS], ids=["slow", *KINDS])
def test_a_list_of_chunks_is_found(size: int, fast: bool | str) -> None:
    chunks = [CANARY.value[at : at + size] for at in range(0, len(CANARY.value), size)]
    (sighting,) = seen(json.dumps({"t": "x", "v": chunks}).encode(), fast=fast).sightings

    assert (sighting.canary, sighting.form.name, sighting.form.bits) == (CANARY, "plain", CANARY.bits)


@pytest.mark.parametrize("name", ["a list", "an object", "events", "elements"])
def test_each_character_says_where_it_stood(name: str) -> None:
    (sighting,) = seen(LISTS[name], fast=False).sightings

    assert b"".join(piece.value.data for piece in sighting.fragments).decode() == CANARY.value


@pytest.mark.parametrize(
    "letters", [LETTERS[:-1], LETTERS[::-1], LETTERS[1:], list("abcdefghijklmnopqrstu"), list("101101110")]
)
def test_rows_that_are_no_value_are_nothing(letters: list[str]) -> None:
    body = json.dumps({"v": letters, "t": ",".join(letters)}).encode()

    assert seen(body, fast=False).sightings == seen(body, fast=True).sightings == ()
