"""Peel, search and replay together: what is reported of one exchange."""

import base64
import gzip
import hashlib
import json
from dataclasses import replace
from random import Random
from urllib.parse import quote, urlsplit

import pytest

from hometruth.audit.examine import Examined, examine
from hometruth.canaries import compile_search, mint, mint_address
from hometruth.model import Canary, CanaryKind, Exchange, GapKind
from hometruth.peel import LAYERS, Layer
from hometruth.peel.layers import whole
from tests.peel.exchanges import URL, exchange


def look(sent: Exchange, value: str = URL) -> Examined:
    return examine(sent, compile_search([Canary("c-1", CanaryKind.PAGE, value, 60.0)]))


def seen(sent: Exchange, value: str = URL) -> list[tuple[str, str, tuple[str, ...], str]]:
    return [
        (str(item.value.part), item.value.path, item.value.chain, item.form.name)
        for item in look(sent, value).sightings
    ]


def test_the_deepest_explanation_is_the_one_reported() -> None:
    data = quote(
        base64.b64encode(gzip.compress(json.dumps([{"properties": {"url": URL}}]).encode(), mtime=0)), safe=""
    )
    body = b"crc=1&gzip=1&data_list=" + data.encode()

    assert seen(exchange(body=body)) == [
        ("body", "data_list[0].properties.url", ("percent", "base64", "gzip", "json"), "plain")
    ]


def test_a_url_with_a_query_string_sent_as_it_is() -> None:
    assert seen(exchange(f"/collect?u={URL.partition('&')[0]}"), URL.partition("&")[0]) == [
        ("query", "u", (), "plain")
    ]


def test_a_url_that_spans_two_parameters() -> None:
    assert seen(exchange(f"/collect?u={URL}")) == [("query", "", (), "plain")]


def test_a_url_that_spans_path_and_query() -> None:
    assert seen(exchange(f"/go/{URL}")) == [("path", "", (), "plain")]


def test_a_half_escaped_url_that_spans_two_parameters() -> None:
    assert seen(exchange("/collect?u=" + quote(URL, safe="/?&="))) == [("query", "", ("percent",), "plain")]


def test_a_word_inside_a_url_is_reported_at_the_url() -> None:
    assert seen(exchange("/c?u=" + quote("https://moginezosafe.test/a?b=c", safe="")), "moginezosafe") == [
        ("query", "u", ("percent",), "plain")
    ]


def test_what_is_wrapped_inside_a_url_is_followed() -> None:
    inner = base64.urlsafe_b64encode(b"the moginezosafe inside").decode()

    assert seen(
        exchange(body=json.dumps({"ref": f"https://x.test/?d={inner}"}).encode()), "moginezosafe"
    ) == [("body", "ref", ("json", "base64"), "plain")]


def test_plain_and_wrapped_in_one_value_are_two_sightings() -> None:
    body = b"visited moginezosafe; " + base64.b64encode(b"visited moginezosafe")

    assert seen(exchange(body=body), "moginezosafe") == [
        ("body", "", (), "plain"),
        ("body", "", ("base64",), "plain"),
    ]


def test_the_same_canary_in_two_fields_is_two_sightings() -> None:
    assert [path for _, path, _, _ in seen(exchange("/p?a=moginezosafe&b=moginezosafe"), "moginezosafe")] == [
        "a",
        "b",
    ]


def test_the_same_canary_twice_in_a_value_is_one_sighting() -> None:
    assert len(seen(exchange("/p?a=moginezosafe,moginezosafe"), "moginezosafe")) == 1


def test_a_canary_that_is_valid_base64_is_found() -> None:
    for value in ("aGVsbG8gd29ybGQh", "moginezosafe", "deadbeefdeadbeef"):
        assert seen(exchange(body=json.dumps({"q": value}).encode()), value) == [
            ("body", "q", ("json",), "plain")
        ]


def test_three_layers_of_base64() -> None:
    data = URL.encode()
    for _ in range(3):
        data = base64.b64encode(data)

    assert seen(exchange(f"/p?d={data.decode()}")) == [("query", "d", ("base64",) * 3, "plain")]
    assert seen(exchange("/p?d=" + data.decode().replace("=", "%3D"))) == [
        ("query", "d", ("percent", *("base64",) * 3), "plain")
    ]


def test_the_1006th_item_of_an_array() -> None:
    body = json.dumps([f"item {number}" for number in range(1005)] + [URL]).encode()

    assert seen(exchange(body=body)) == [("body", "[1005]", ("json",), "plain")]


def test_an_advertising_id_in_base64() -> None:
    advertising_id = "ec4f2f4e-0b2b-4d0e-9d1f-8d0b2a7c6f11"
    body = json.dumps({"ids": base64.b64encode(advertising_id.encode()).decode()}).encode()

    assert seen(exchange(body=body), advertising_id) == [("body", "ids", ("json", "base64"), "plain")]


@pytest.mark.parametrize("upper", [False, True])
def test_a_digest_in_hex_has_no_chain(upper: bool) -> None:
    digest = hashlib.sha256(URL.encode()).hexdigest()

    assert seen(exchange(f"/p?h={digest.upper() if upper else digest}")) == [("query", "h", (), "sha256")]


def test_a_digest_in_base64_is_raw_bytes_once_peeled() -> None:
    digest = base64.b64encode(hashlib.md5(URL.encode()).digest()).decode()

    assert seen(exchange(body=json.dumps({"h": digest}).encode())) == [
        ("body", "h", ("json", "base64"), "md5")
    ]


def test_canaries_in_host_cookie_and_header() -> None:
    sent = exchange(
        host="moginezosafe.test",
        headers=((b"Cookie", b"v=moginezosafe"), (b"Referer", b"https://moginezosafe.test/")),
    )

    assert [place[:2] for place in seen(sent, "moginezosafe")] == [
        ("host", ""),
        ("cookie", "v"),
        ("header", "Referer"),
    ]


def test_the_response_is_not_searched() -> None:
    sent = exchange()
    answered = Exchange(
        **{name: getattr(sent, name) for name in sent.__slots__} | {"response_body": URL.encode()}
    )

    assert seen(answered) == []


def test_an_image_that_no_layer_explains_is_a_gap() -> None:
    (gap,) = look(exchange(body=b"zz" + b"moginezosafe".hex().encode() + b"zz"), "moginezosafe").gaps

    assert gap.kind is GapKind.UNEXPLAINED
    assert "c-1" in gap.detail
    assert "body" in gap.where


def test_a_layer_that_does_not_replay_is_a_gap_and_no_sighting() -> None:
    answers = iter([b"first moginezosafe", b"then nothing"])
    fickle = Layer("fickle", lambda data: whole(data, next(answers)) if data == b"<fickle>" else None)
    found = examine(
        exchange(body=b"<fickle>"),
        compile_search([Canary("c-1", CanaryKind.PAGE, "moginezosafe", 60.0)]),
        layers=(*LAYERS, fickle),
    )

    assert found.sightings == ()
    assert [gap.kind for gap in found.gaps] == [GapKind.UNEXPLAINED]


def test_phantoms_are_not_sighted_in_what_carries_canaries() -> None:
    canaries = [mint("page") for _ in range(20)]
    phantoms = [mint("page", phantom=True) for _ in range(1000)]
    body = json.dumps([canary.value for canary in canaries]).encode()
    found = examine(exchange(body=gzip.compress(body, mtime=0)), compile_search([*canaries, *phantoms]))

    assert {item.canary.id for item in found.sightings} == {canary.id for canary in canaries}


def test_padding_is_no_name() -> None:
    padded = base64.b64encode(b"the moginezosafe inside it").decode()

    assert padded.endswith("=")
    assert seen(exchange(f"/p?{padded}"), "moginezosafe") == [("query", "", ("base64",), "plain")]
    assert seen(exchange(body=padded.encode()), "moginezosafe") == [("body", "", ("base64",), "plain")]


@pytest.mark.parametrize("seed", range(8))
def test_a_long_random_address_that_was_planted_is_not_told_as_unread(seed: int) -> None:
    rng = Random(seed)
    canary = mint_address(cell="t1", rng=rng)
    url = urlsplit(canary.address)
    search = compile_search([canary])
    visit = replace(exchange(), host=url.netloc, target=url.path.encode())
    other = rng.randbytes(200)

    assert examine(visit, compile_search([])).opaque_bytes > 64
    alone = examine(visit, search)
    assert (alone.opaque_bytes, [gap for gap in alone.gaps if gap.kind is GapKind.OPAQUE]) == (0, [])
    beside = examine(replace(visit, request_body=other), search)
    assert 190 <= beside.opaque_bytes <= 210
    assert [gap.kind for gap in beside.gaps] == [GapKind.OPAQUE]
    assert alone.sightings
