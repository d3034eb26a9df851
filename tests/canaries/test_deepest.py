"""One physical sighting is reported once, whatever wrapped it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.canaries import compile_search, deepest
from hometruth.model import Canary, CanaryKind
from hometruth.peel import peel_exchange
from tests.peel.exchanges import exchange
from tests.peel.wraps import WRAPS

VALUE = "https://gk4w8zt5.example.test/a?b=c d&e=f"
SEARCH = compile_search([Canary("c-1", CanaryKind.PAGE, VALUE, 80.0)])


def chains(body: bytes) -> list[tuple[str, ...]]:
    peeled = peel_exchange(exchange(body=body))
    return [peeled.values[hit.index].chain for hit in deepest(SEARCH.find(peeled), peeled)]


@pytest.mark.parametrize("outer", WRAPS)
@pytest.mark.parametrize("inner", WRAPS)
def test_two_wrappings_are_one_sighting(inner: str, outer: str) -> None:
    once = WRAPS[inner](VALUE.encode())
    twice = None if once is None else WRAPS[outer](once)

    assert twice is None or len(chains(twice)) == 1


@given(st.lists(st.sampled_from(sorted(WRAPS)), min_size=3, max_size=6))
def test_many_wrappings_are_one_sighting(names: list[str]) -> None:
    body = VALUE.encode()
    for name in names:
        body = WRAPS[name](body) or body

    assert len(chains(body)) == 1


@given(st.lists(st.sampled_from(["json", "base64", "gzip", "hex", "zlib"]), min_size=1, max_size=5))
def test_unambiguous_wrappings_are_reported_in_their_order(names: list[str]) -> None:
    body = VALUE.encode()
    applied: list[str] = []
    for name in names:
        wrapped = WRAPS[name](body)
        if wrapped is not None:
            body = wrapped
            applied.insert(0, name)

    assert chains(body) == [tuple(applied)]


@given(st.integers(1, 6), st.integers(0, 5))
def test_each_of_several_is_a_sighting(in_fields: int, wrapped: int) -> None:
    inner = json.dumps({"again": VALUE})
    document = [VALUE] * in_fields + [inner] * wrapped

    assert (
        sorted(chains(json.dumps(document).encode()))
        == [("json",)] * in_fields + [("json", "json")] * wrapped
    )
