"""No field of a HAR entry is dropped without a value or a gap: a canary at every leaf, in every type."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, get_args

import msgspec
import pytest

from hometruth.capture import read_capture
from hometruth.capture.har.buffer import READ_BYTES
from hometruth.capture.har.entry import Content, NameValue, NotSent, Outgoing, Request, WebSocketMessage
from hometruth.model import Exchange, Gap
from hometruth.peel.parts import roots_of

CANARY = "q7m2x9k4t8w3z6"
NUMBER = 90482716350918
PAIR = {"name": "n", "value": "v"}
ENTRY: dict[str, Any] = {
    "startedDateTime": "2026-03-01T10:00:00.000Z",
    "request": {
        "method": "POST",
        "url": "https://u:p@a.example/x?n=v",
        "httpVersion": "HTTP/1.1",
        "headers": [PAIR, {"name": "Cookie", "value": "n=v"}],
        "cookies": [PAIR],
        "queryString": [PAIR],
        "_trailers": [PAIR],
        "postData": {
            "mimeType": "application/x-www-form-urlencoded",
            "text": "n=v",
            "encoding": "",
            "params": [{**PAIR, "fileName": "f", "contentType": "text/plain"}],
        },
        "_content": {"text": "bj12", "encoding": "base64"},
        "_requestBodyStatus": "discarded:not-representable",
        "bodySize": 3,
    },
    "_webSocketMessages": [{"type": "send", "time": 1.5, "opcode": 1, "data": "hi"}],
    "_somethingNew": "x",
}
Place = tuple[str | int, ...]
FACTS = {
    *("startedDateTime", "request.bodySize", "request._requestBodyStatus", "request._content.size"),
    *("request.postData.size", "_webSocketMessages[].time", "_webSocketMessages[].opcode"),
    *("request.postData.comment", "request._content.comment"),
    *("request.postData._file", "request.postData._sha1", "request._content._file", "request._content._sha1"),
    *("serverIPAddress", "_fromCache", "_wasFulfilled", "_resourceType"),
}
"""The recorder's own words: when, how many, where it keeps a body. None of them was sent."""


def leaves(value: object, place: Place = ()) -> Iterator[Place]:
    """Places of every scalar in it, and of every object and list as a whole."""
    yield place
    if isinstance(value, dict):
        for name in value:
            yield from leaves(value[name], (*place, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*place, index))


def planted(place: Place, value: object) -> dict[str, Any]:
    entry = deepcopy(ENTRY)
    at: Any = entry
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    return entry


def name_of(place: Place) -> str:
    return ".".join("[]" if isinstance(step, int) else step for step in place).replace(".[]", "[]")


def read(entry: object) -> list[Exchange | Gap]:
    return list(read_capture(json.dumps({"log": {"entries": [entry]}}).encode(), name="x.har"))


PLACES = [place for place in leaves(ENTRY) if place]
VALUES: dict[str, object] = {
    "text": CANARY,
    "number": NUMBER,
    "list": [CANARY],
    "list of lists": [[CANARY, "x"]],
    "object": {CANARY: "x"},
    "object with it inside": {"x": {"y": [CANARY]}},
    "object like a pair": {"name": CANARY, "value": CANARY},
}


@pytest.mark.parametrize("kind", VALUES)
def test_a_canary_at_any_leaf_and_of_any_type_is_a_value_or_a_gap_that_names_it(kind: str) -> None:
    wanted = str(NUMBER) if kind == "number" else CANARY
    silent = []
    for place in PLACES:
        if name_of(place) in FACTS:
            continue
        items = read(planted(place, VALUES[kind]))
        gaps = [item for item in items if isinstance(item, Gap)]
        roots = [root for item in items if isinstance(item, Exchange) for root in roots_of(item)]
        told = any(name_of(place[:1]) in f"{gap.detail}" or "entry" in gap.detail for gap in gaps)
        if not told and not any(wanted.encode() in root.data or wanted in root.name for root in roots):
            method = any(isinstance(item, Exchange) and wanted in item.method for item in items)
            if not method:
                silent.append(name_of(place))
    assert silent == []


@pytest.mark.parametrize("place", PLACES, ids=name_of)
def test_null_at_any_leaf_costs_no_more_than_that_leaf(place: Place) -> None:
    items = read(planted(place, None))

    if place in {("request",), ("request", "url")}:
        assert [type(item) for item in items] == [Gap]
    else:
        assert sum(isinstance(item, Exchange) for item in items) == 1


def test_every_known_field_is_planted_here_or_said_not_to_be_sent() -> None:
    named = {name_of(place) for place in PLACES} | FACTS
    for kind, prefixes in (
        (Outgoing, [""]),
        (Request, ["request."]),
        (Content, ["request.postData.", "request._content."]),
        (NameValue, ["request.postData.params[]."]),
        (WebSocketMessage, ["_webSocketMessages[]."]),
    ):
        for field in msgspec.structs.fields(kind):
            if field.type is NotSent or field.encode_name in ("response",):
                continue
            places = [prefix + field.encode_name for prefix in prefixes]
            assert any(place in named for place in places), places
    assert get_args(int | str)  # the table above is read by name


def test_an_unknown_field_is_named_once_for_all_entries() -> None:
    document = {"log": {"entries": [planted(("request", "_new"), n) for n in range(3)]}}

    *exchanges, gap = read_capture(json.dumps(document).encode(), name="x.har")

    assert len(exchanges) == 3
    assert isinstance(gap, Gap)
    assert gap.where == "x.har, entry 0"
    assert gap.detail.endswith("not looked into: _somethingNew (3x), request._new (3x)")


@pytest.mark.parametrize("size", [0, READ_BYTES], ids=["whole", "piece by piece"])
@pytest.mark.parametrize("inside", [True, False])
def test_what_stands_beside_the_entries_is_named(inside: bool, size: int) -> None:
    log: dict[str, object] = {"version": "1.2", "comment": "x" * size, "entries": [ENTRY]}
    document: dict[str, object] = {"log": log}
    (log if inside else document)["_webSockets"] = [{"data": CANARY}]

    items = list(read_capture(json.dumps(document).encode(), name="x.har"))

    named = "writes, not looked into: log._webSockets" if inside else "writes, not looked into: _webSockets"
    assert any(isinstance(item, Gap) and item.detail.endswith(named) for item in items)
