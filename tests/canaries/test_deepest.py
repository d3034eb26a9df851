"""One physical sighting is reported once, whatever wrapped it."""

import base64
import gzip
import hashlib
import json
import zlib
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.canaries import compile_search, deepest
from hometruth.model import Canary, CanaryKind, Headers
from hometruth.peel import peel_exchange
from tests.peel.exchanges import exchange
from tests.peel.wraps import WRAPS

VALUE = "https://gk4w8zt5.example.test/a?b=c d&e=f"
SEARCH = compile_search([Canary("c-1", CanaryKind.PAGE, VALUE, 80.0)])


def chains(body: bytes) -> list[tuple[str, ...]]:
    peeled = peel_exchange(exchange(body=body))
    return [peeled.values[hit.index].chain for hit in deepest(SEARCH.find(peeled), peeled)]


@pytest.mark.parametrize("outer", WRAPS)
def test_two_wrappings_are_one_sighting(outer: str) -> None:
    seen = {}
    for inner, wrap in WRAPS.items():
        once = wrap(VALUE.encode())
        twice = None if once is None else WRAPS[outer](once)
        if twice is not None:
            seen[inner] = len(chains(twice))

    assert {inner: count for inner, count in seen.items() if count != 1} == {}


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


def test_packed_text_is_unpacked_though_its_bytes_stand_there_as_they_were() -> None:
    inner = WRAPS["base64"](VALUE.encode()) or b""
    packer = zlib.compressobj(0, wbits=-15)
    body = packer.compress(inner) + packer.flush()

    assert inner in body
    assert chains(body) == [("deflate", "base64")]


def test_of_two_readings_of_a_plus_the_one_that_can_be_peeled_is_taken() -> None:
    document = json.dumps({"a": {"b": "gk4w8zt5"}})
    peeled = peel_exchange(exchange(body=b"a=1&v=" + quote_plus(document).encode()))
    search = compile_search([Canary("c-1", CanaryKind.PAGE, "gk4w8zt5", 80.0)])
    (hit,) = deepest(search.find(peeled), peeled)

    assert "+" in quote_plus(document)
    assert peeled.values[hit.index].path == "v.a.b"


def test_a_field_is_decoded_by_itself_and_not_with_the_whole_around_it() -> None:
    peeled = peel_exchange(exchange(body=json.dumps([1, "a", quote(VALUE, safe="")]).encode()))
    (hit,) = deepest(SEARCH.find(peeled), peeled)

    assert peeled.values[hit.index].chain == ("json", "percent")
    assert peeled.values[hit.index].path == "[2]"


def reported(
    target: str = "/", headers: Headers = (), body: bytes = b""
) -> list[tuple[str, tuple[str, ...]]]:
    peeled = peel_exchange(exchange(target, headers=headers, body=body))
    hits = deepest(SEARCH.find(peeled), peeled)
    return [(peeled.values[hit.index].path, peeled.values[hit.index].chain) for hit in hits]


def test_a_segment_is_explained_and_not_the_path_around_it() -> None:
    packer = zlib.compressobj(0, wbits=-15)
    packed = quote(packer.compress(VALUE.encode()) + packer.flush(), safe="")
    for query in ("", "?a=1"):
        assert reported(f"/p/{packed}/end{query}") == [("[1]", ("percent", "deflate"))]


def test_a_url_that_holds_a_value_keeps_its_place() -> None:
    link = "https://t.test/?b=" + quote(VALUE, safe="")

    assert reported(headers=((b"Referer", link.encode()),)) == [("Referer", ("percent",))]
    assert reported("/?to=" + quote(link, safe="")) == [("to", ("percent", "percent"))]


def test_a_plus_is_a_space_in_the_query_of_a_url_inside_a_header() -> None:
    link = "https://t.test/?b=" + quote_plus(VALUE)

    assert "+" in link
    assert reported(headers=((b"Referer", link.encode()),)) == [("Referer?b", ("percent",))]


def test_base64_with_a_plus_left_unescaped_is_base64() -> None:
    text = next(
        text
        for number in range(100)
        if b"+"
        in (text := base64.b64encode(gzip.compress(b'["%s", %d]' % (VALUE.encode(), number), mtime=0)))
    )

    assert reported(body=b"data_list=" + text + b"&gzip=1") == [("data_list[0]", ("base64", "gzip", "json"))]


def test_a_number_and_its_digits_are_one_sighting() -> None:
    search = compile_search([Canary("c-1", CanaryKind.KNOWN, "+49 171 2345678", 80.0)])
    for body, forms in ((b'["+49 171 2345678"]', ["plain"]), (b'["+49 171 2345678", "491712345678"]', None)):
        peeled = peel_exchange(exchange(body=body))
        hits = deepest(search.find(peeled), peeled)

        assert [hit.form.name for hit in hits] == (forms or ["plain", "digits"])


def test_half_a_digest_is_no_sighting_beside_the_whole() -> None:
    digest = base64.encodebytes(base64.b64encode(hashlib.sha512(VALUE.encode()).digest()))

    assert b"\n" in digest[:-1]
    assert reported("/p/" + quote(json.dumps(digest.decode()), safe="")) == [
        ("[1]", ("percent", "json", "base64", "base64"))
    ]


@given(st.integers(1, 6), st.integers(0, 5))
def test_each_of_several_is_a_sighting(in_fields: int, wrapped: int) -> None:
    inner = json.dumps({"again": VALUE})
    document = [VALUE] * in_fields + [inner] * wrapped

    assert (
        sorted(chains(json.dumps(document).encode()))
        == [("json",)] * in_fields + [("json", "json")] * wrapped
    )
