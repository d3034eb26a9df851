"""Lists of numbers of several bytes: what they spell is found, slow and fast; others spell nothing."""

import json
import struct
from collections.abc import Callable
from random import Random

import pytest

from hometruth.audit.examine import examine
from hometruth.canaries import compile_search
from hometruth.model import Canary, CanaryKind
from hometruth.peel import roots_of
from hometruth.peel.layers.word_lists import unwords
from tests.peel.exchanges import exchange
from tests.peel.sieve.both import KINDS, sieve_of

TEXT = "https://secret.example.test/health?q=lump&page=2"
TEXTS = {
    "Latin": "lähmung und übelkeit nachts łódź",
    "Greek": "ασθένεια διαζύγιο",
    "Cyrillic": "болезнь печени, развод",
    "Hebrew": "עורך דין בית חולים",
    "Thai": "โรงพยาบาลโรคตับ",
    "Chinese": "肝病离婚律师医院预约",
    "Korean": "병원 예약 불면증 이혼",
}


def words(data: bytes, form: str) -> list[int]:
    size = struct.calcsize(form)
    return [number for (number,) in struct.iter_unpack(form, data + bytes(-len(data) % size))]


FORMS = ("<I", ">I", "<i", ">i", "<H", ">H")
WRITTEN: dict[str, Callable[[list[int]], str]] = {
    "a document": json.dumps,
    "words of CryptoJS": lambda numbers: json.dumps({"iv": {"words": numbers, "sigBytes": 48}}),
    "a document in a string": lambda numbers: json.dumps(
        {"n": 1, "d": json.dumps(numbers, separators=(",", ":"))}
    ),
    "between commas": lambda numbers: ",".join(map(str, numbers)),
}


@pytest.mark.parametrize("form", FORMS)
def test_words_of_either_order_spell_text(form: str) -> None:
    assert TEXT.encode() in unwords(words(TEXT.encode(), form))


@pytest.mark.parametrize("script", TEXTS)
def test_code_units_of_one_script_spell_text(script: str) -> None:
    is_spelt = TEXTS[script].encode() in unwords([*map(ord, TEXTS[script])])

    assert is_spelt == (script != "Latin")  # most of it is bytes


@pytest.mark.parametrize("way", WRITTEN)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fast", [False, *KINDS], ids=["slow", *KINDS])
def test_words_are_found_however_they_are_written(way: str, form: str, fast: bool | str) -> None:
    body = WRITTEN[way](words(TEXT.encode(), form)).encode()

    assert is_found(body, TEXT, fast)


@pytest.mark.parametrize("way", WRITTEN)
@pytest.mark.parametrize("script", [name for name in TEXTS if name != "Latin"])
@pytest.mark.parametrize("fast", [False, *KINDS], ids=["slow", *KINDS])
def test_code_units_are_found_however_they_are_written(way: str, script: str, fast: bool | str) -> None:
    body = WRITTEN[way]([*map(ord, TEXTS[script])]).encode()

    assert is_found(body, TEXTS[script], fast)


def is_found(body: bytes, value: str, fast: bool | str) -> bool:
    search = compile_search([Canary("c", CanaryKind.PAGE, value, 84.0)])
    sent = exchange(body=body)
    if not fast:
        return bool(examine(sent, search).sightings)
    sieve = sieve_of(KINDS[0] if fast is True else fast, search)
    return bool(
        examine(sent, search, worth=sieve.worth_peeling(tuple(roots_of(sent))), sifted=sieve.sifted).sightings
    )


@pytest.mark.parametrize(
    "numbers",
    [
        [1764550000 + 217 * n for n in range(40)],
        [300, 512, 1080, 2340, 4096, 640],
        [86400, 3600, 60, 1],
        [1, 2, 3, 4, 5],
        [],
        [-5, 70000, 12, 90000],
        [4294967296, 1, 2, 3],
    ],
    ids=["times", "sizes", "seconds", "bytes", "none", "offsets", "more than words"],
)
def test_other_numbers_spell_nothing(numbers: list[int]) -> None:
    assert not unwords(numbers)


@pytest.mark.parametrize(("most", "by_chance"), [(1 << 16, 10), (1 << 20, 0), (1 << 32, 0)])
def test_drawn_numbers_hardly_ever_spell_anything(most: int, by_chance: int) -> None:
    rng = Random(most)
    told = [bool(unwords([rng.randrange(most) for _ in range(8)])) for _ in range(20_000)]

    assert sum(told) <= by_chance  # a third of all characters are Chinese
