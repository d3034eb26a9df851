"""A canary is found at every place that an exchange has."""

import base64
import dataclasses
import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from mitmproxy.http import Headers as FlowHeaders
from mitmproxy.test import tflow

from hometruth.audit.examine import examine, with_answer
from hometruth.canaries import compile_search, mint
from hometruth.capture import read_capture
from hometruth.capture.flows import exchange_of
from hometruth.model import Exchange, Extra, Message, Part, Source, Tls

CANARY = mint("page")
RAW = CANARY.value.encode()
WRAPPED = base64.b64encode(gzip.compress(json.dumps({"u": CANARY.value}).encode(), mtime=0))
PLAIN = Exchange(
    "e",
    Source("x", 0),
    "POST",
    "https",
    "t.example",
    443,
    b"/p",
    ((b"Accept", b"*/*"),),
    b"{}",
    response_body=b"{}",
)

Changes = Mapping[str, Any]
PLANTED: dict[str, Callable[[bytes], Changes]] = {
    "method": lambda raw: {"method": raw.decode()},
    "host": lambda raw: {"host": f"{raw.decode()}.example"},
    "authority": lambda raw: {"authority": b"me:" + raw},
    "sni": lambda raw: {"tls": Tls(sni=f"{raw.decode()}.example")},
    "path": lambda raw: {"target": b"/a/" + raw},
    "query": lambda raw: {"target": b"/a?b=" + raw},
    "query name": lambda raw: {"target": b"/a?" + raw},
    "header": lambda raw: {"request_headers": ((b"X-Other", raw),)},
    "header name": lambda raw: {"request_headers": ((b"X-" + raw, b"1"),)},
    "cookie": lambda raw: {"request_headers": ((b"Cookie", b"a=b; c=" + raw),)},
    "cookie name": lambda raw: {"request_headers": ((b"Cookie", raw + b"=1"),)},
    "host header": lambda raw: {"request_headers": ((b"Host", raw + b".example"),)},
    "body": lambda raw: {"request_body": b'{"a": "%b"}' % raw},
    "body key": lambda raw: {"request_body": b'{"%b": 1}' % raw},
    "message": lambda raw: {"messages": (Message(True, raw, True),)},
    "message in pieces": lambda raw: {
        "messages": (Message(True, b'{"a": "' + raw[:9], True), Message(True, raw[9:] + b'"}', True))
    },
    "extra": lambda raw: {"extras": (Extra(Part.BODY, "before editing", raw),)},
    "answer header": lambda raw: {"response_headers": ((b"X-Other", raw),)},
    "answer header name": lambda raw: {"response_headers": ((b"X-" + raw, b"1"),)},
    "answer cookie": lambda raw: {"response_headers": ((b"Set-Cookie", b"a=" + raw + b"; Path=/"),)},
    "answer redirect": lambda raw: {"response_headers": ((b"Location", b"https://a.example/?u=" + raw),)},
    "answer body": lambda raw: {"response_body": b'{"a": "%b"}' % raw},
    "answer message": lambda raw: {"messages": (Message(False, raw, True),)},
}
NO_BASE64 = {
    *("host", "host header", "sni", "header name", "answer header name"),  # know no upper case
    "message in pieces",
}
CARRIES = {
    **{name: name for name in ("method", "host", "authority", "target", "request_headers", "request_body")},
    **{name: name for name in ("messages", "tls", "extras", "response_headers", "response_body")},
}
CARRIES_NOTHING = {
    "id": "ours",
    "source": "ours",
    "scheme": "one of four words",
    "port": "too small",
    "started_ns": "the recorder's",
    "http_version": "the protocol's",
    "status": "three digits",
    "server_address": "the network's",
    "error": "the recorder's",
    "delivered": "ours",
    "trial": "ours",
    "sent_by": "the recorder's",
}


def found(exchange: Exchange) -> set[Part]:
    search = compile_search([CANARY])
    examined = with_answer(examine(exchange, search), search)
    return {sighting.value.part for sighting in (*examined.sightings, *examined.answers)}


def test_every_field_of_an_exchange_is_a_place_or_said_to_carry_nothing() -> None:
    assert {field.name for field in dataclasses.fields(Exchange)} == {*CARRIES, *CARRIES_NOTHING}
    planted = {name for plant in PLANTED.values() for name in plant(RAW)}
    assert planted == set(CARRIES)


def test_an_exchange_without_the_canary_holds_none() -> None:
    assert found(PLAIN) == set()


@pytest.mark.parametrize("place", PLANTED)
def test_a_canary_is_found_wherever_it_stands(place: str) -> None:
    parts = found(dataclasses.replace(PLAIN, **PLANTED[place](RAW)))

    assert parts
    assert (parts == {Part.ANSWER}) is place.startswith("answer")


@pytest.mark.parametrize("place", sorted(set(PLANTED) - NO_BASE64))
def test_a_canary_is_found_wherever_it_stands_in_base64_and_gzip(place: str) -> None:
    assert found(dataclasses.replace(PLAIN, **PLANTED[place](WRAPPED)))


def test_a_har_keeps_every_place() -> None:
    value, url = CANARY.value, "https://a.example/"
    requests: dict[str, dict[str, Any]] = {
        "method": {"method": value, "url": url},
        "user": {"method": "GET", "url": f"https://me:{value}@a.example/"},
        "header name": {
            "method": "GET",
            "url": "https://a.example/",
            "headers": [{"name": value, "value": "1"}],
        },
        "listed cookie": {
            "method": "GET",
            "url": "https://a.example/",
            "cookies": [{"name": "a", "value": value}],
        },
    }
    for place, request in requests.items():
        document = json.dumps({"log": {"entries": [{"request": request}]}}).encode()
        (exchange,) = read_capture(document)
        assert isinstance(exchange, Exchange)
        assert found(exchange), place
    answers: dict[str, dict[str, Any]] = {
        "header": {"headers": [{"name": "a", "value": value}]},
        "body": {"content": {"mimeType": "text/plain", "text": value}},
    }
    for place, answer in answers.items():
        entry = {
            "request": {"url": url, "method": "GET"},
            "response": {"status": 200, **answer},
        }
        (exchange,) = read_capture(json.dumps({"log": {"entries": [entry]}}).encode())
        assert isinstance(exchange, Exchange)
        assert found(exchange) == {Part.ANSWER}, place


def test_a_flow_keeps_authority_server_name_and_trailers() -> None:
    flow = tflow.tflow(resp=True)
    assert found(exchange_of(flow, "x", 0)) == set()

    flow.request.authority = f"{CANARY.value}.example:443"
    assert found(exchange_of(flow, "x", 0)) == {Part.AUTHORITY}
    flow.request.authority = f"{flow.request.host}:{flow.request.port}"
    assert exchange_of(flow, "x", 0).authority == b""

    flow.request.trailers = FlowHeaders([(b"X-Sum", RAW)])
    assert flow.response is not None
    flow.response.trailers = FlowHeaders([(b"X-Sum", RAW)])
    assert found(exchange_of(flow, "x", 0)) == {Part.HEADER, Part.ANSWER}

    flow = tflow.tflow()
    flow.client_conn.timestamp_tls_setup = 1.0
    flow.client_conn.sni = f"{CANARY.value}.example"
    assert found(exchange_of(flow, "x", 0)) == {Part.SNI}
