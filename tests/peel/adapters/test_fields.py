"""Fields of known endpoints are found in requests as the SDKs send them, whatever they are wrapped in."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hometruth.model import Part
from hometruth.peel import peel_exchange
from hometruth.peel.adapters import Adapter, Endpoint, Endpoints, Field, ValueTest, explain, fields_of
from tests.peel.adapters.requests import ID, SENT, Sent, as_form, as_json
from tests.peel.exchanges import exchange


def adapter(*fields: Field) -> Adapter:
    return Adapter("acme/collect", "Acme", "Acme Ltd", (Endpoint("https://t.acme.test/v2"),), fields, "here")


def found(declared: Adapter, target: str = "/v2", body: bytes = b"") -> list[tuple[str, str]]:
    sent = exchange(target, host="t.acme.test", body=body)
    return [(known.path, known.text) for known in fields_of(declared, peel_exchange(sent).values)]


@pytest.mark.parametrize("sent", SENT, ids=lambda sent: sent.adapter)
def test_what_an_endpoint_was_sent_is_known(sent: Sent) -> None:
    explained = explain(sent.exchange, peel_exchange(sent.exchange).values)

    assert explained is not None
    assert explained[0].slug == sent.adapter
    assert {(known.field.kind, known.text) for known in explained[1]} == sent.known


def test_of_several_messages_to_one_url_the_one_that_fits_is_taken() -> None:
    pixel = exchange("/tx.io?mi=" + as_json({"client": {"country": "DE"}}).hex(), host="de.ioam.de")
    explained = explain(pixel, peel_exchange(pixel).values)

    assert explained is not None
    assert explained[0].slug == "infonline/ioam-tx-query"


def test_no_adapter_knows_an_unknown_endpoint() -> None:
    sent = exchange("/v2", host="unknown.test")

    assert explain(sent, peel_exchange(sent).values) is None


def test_a_container_is_known_by_its_leaves_and_what_they_decode_to_is_not_told_again() -> None:
    declared = adapter(Field("userAgent", Part.BODY, "device.sua", "obvious"))
    body = as_json({"device": {"sua": {"url": "https://a.test/b?c=d", "brands": [{"brand": "Chromium"}]}}})

    assert found(declared, body=body) == [
        ("device.sua.url", "https://a.test/b?c=d"),
        ("device.sua.brands[0].brand", "Chromium"),
    ]


def test_a_field_is_told_once_and_without_its_escapes() -> None:
    declared = adapter(Field("viewedPage", Part.QUERY, "dl", "obvious"))

    assert found(declared, "/v2?dl=https%3A%2F%2Fa.test%2Fx%3Fq%3Done+two") == [
        ("dl", "https://a.test/x?q=one two")
    ]


def test_what_an_identifier_happens_to_decode_to_is_not_the_identifier() -> None:
    declared = adapter(Field("deviceId", Part.BODY, "id", "obvious"))

    assert found(declared, body=as_json({"id": "c2VjcmV0LXZhbHVl"})) == [("id", "c2VjcmV0LXZhbHVl")]


def test_a_field_sent_twice_is_known_twice() -> None:
    declared = adapter(Field("tag", Part.BODY, "tag", "obvious"))

    assert found(declared, body=as_form(tag="one") + b"&" + as_form(tag="two")) == [
        ("tag", "one"),
        ("tag", "two"),
    ]


@pytest.mark.parametrize("value", ["0", None])
def test_placeholders_and_null_are_no_data(value: object) -> None:
    declared = adapter(
        Field("userId", Part.BODY, "uid", "obvious", condition=ValueTest(never=frozenset({"0"})))
    )

    assert found(declared, body=as_json({"uid": value})) == []
    assert found(declared, body=as_json({"uid": "1"})) == [("uid", "1")]


def test_an_identifier_with_a_zero_in_it_is_no_placeholder() -> None:
    sent = exchange("/collect?uid=user-1002", host="www.google-analytics.com")
    explained = explain(sent, peel_exchange(sent).values)

    assert explained is not None
    assert ("userId", "user-1002") in {(known.field.kind, known.text) for known in explained[1]}


def test_a_nested_name_in_a_query_is_a_member() -> None:
    declared = adapter(Field("advertisingId", Part.QUERY, "data.gaid", "obvious"))

    assert found(declared, f"/v2?data[gaid]={ID}") == [("data[gaid]", ID)]


def test_keys_are_not_taken_for_values() -> None:
    declared = adapter(Field("any", Part.QUERY, "[/^eid_/]", "obvious"))

    assert found(declared, "/v2?eid_one=v&other=w") == [("eid_one", "v")]


@given(st.binary(max_size=200), st.binary(max_size=60), st.sampled_from(SENT))
@settings(max_examples=60, deadline=None)
def test_whatever_an_endpoint_is_sent_nothing_breaks(body: bytes, query: bytes, sent: Sent) -> None:
    target = sent.target.encode().partition(b"?")[0] + b"?" + query
    hostile = replace(sent.exchange, target=target, request_body=body + sent.body)
    explained = explain(hostile, peel_exchange(hostile).values)

    assert explained is not None
    assert all(known.value.data for known in explained[1])


def test_own_adapters_may_be_used() -> None:
    declared = adapter(Field("deviceId", Part.QUERY, "d", "obvious"))
    sent = exchange("/v2?d=abc", host="t.acme.test")
    explained = explain(sent, peel_exchange(sent).values, Endpoints([declared]))

    assert explained is not None
    assert [known.text for known in explained[1]] == ["abc"]
