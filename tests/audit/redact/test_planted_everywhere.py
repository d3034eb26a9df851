"""A personal value in any one text of a recording, whatever field that is, is not in its twin."""

import copy
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.flow import Flow
from mitmproxy.io import tnetstring
from mitmproxy.test import tflow

from hometruth.audit.redact.flows import beside_flows, flow_twin
from hometruth.audit.redact.har import beside_entries, har_twin
from hometruth.audit.redact.left_out import LeftOut
from hometruth.audit.redact.recording import OPAQUE_BODIES, RESPONSES, Redaction, redact_recording
from hometruth.model import Canary, CanaryKind
from tests.audit.redact.independent import found_in
from tests.audit.redact.recordings import CANARY, har, write_har

NAMED = Canary("own", CanaryKind.KNOWN, "Ottilie Brandvold", 60.0, personal=True)
MAIL = "ottilie@brandvold.example"
PLANTED = f"said {MAIL} by {NAMED.value}"
Place = tuple[str | int, ...]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Where texts and bytes stand."""
    if isinstance(value, str | bytes):
        yield at
    listed = value if isinstance(value, list | tuple) else ()
    inner = value.items() if isinstance(value, dict) else enumerate(listed)
    for key, each in inner:
        yield from places(each, (*at, key))


def planted(value: Any, at: Place) -> Any:
    """A copy with the personal value at that place."""
    if not at:
        return PLANTED.encode() if isinstance(value, bytes) else PLANTED
    if isinstance(value, dict):
        return {**value, at[0]: planted(value[at[0]], at[1:])}
    changed = list(value)
    changed[int(at[0])] = planted(value[int(at[0])], at[1:])
    return type(value)(changed)


def rich() -> dict[str, Any]:
    """A HAR with every field that recorders add, and some that nobody does."""
    document: Any = har()
    entry = document["log"]["entries"][0]
    entry |= {
        "comment": "a note",
        "connection": "443",
        "pageref": "page_1",
        "serverIPAddress": "192.0.2.7",
        "_initiator": {"type": "script", "stack": {"callFrames": [{"url": "https://shop.example/a.js"}]}},
        "_resourceType": "fetch",
        "_unheardOf": [["deep", {"deeper": "text"}]],
        "_webSocketMessages": [{"type": "send", "opcode": 1, "time": 1.5, "data": "hello"}],
    }
    entry["request"] |= {"_content": {"mimeType": "text/plain", "encoding": "base64", "text": "aGVsbG8="}}
    entry["request"]["headers"][0] |= {"comment": "a note", "path": "/"}
    entry["request"]["postData"] |= {"params": [{"name": "a", "value": "b"}], "comment": "note"}
    entry["response"] |= {"statusText": "OK", "httpVersion": "HTTP/2", "redirectURL": "", "_error": "none"}
    document["log"] |= {"pages": [{"id": "page_1", "title": "a shop"}], "comment": "note", "_more": "x"}
    return {**document, "_outside": "x"}


HAR_PLACES = list(places(rich()))


@pytest.mark.parametrize("keep", [(), (RESPONSES, OPAQUE_BODIES)])
def test_no_text_of_a_har_keeps_it(keep: tuple[str, ...]) -> None:
    redaction = Redaction([NAMED, CANARY], keep=keep)
    left = LeftOut(keep_responses=RESPONSES in keep, keep_opaque=OPAQUE_BODIES in keep)
    document = rich()
    har_twin(document, redaction.rewriter, left)
    redaction.replacements.of(MAIL)
    redaction.rewriter.settle()

    still = {
        at
        for at in HAR_PLACES
        if found_in(har_twin(planted(document, at), redaction.rewriter, left), (NAMED.value, MAIL))
    }

    assert len(HAR_PLACES) > 50
    assert still == set()


def states() -> dict[str, Any]:
    """States of flows of every kind."""
    edited = tflow.twebsocketflow()
    edited.metadata = {"note": "text", "deep": {"list": ["text"]}}
    edited.marked, edited.comment, edited.error = ":grapes:", "a note", tflow.terr()
    assert edited.response is not None and edited.websocket is not None
    edited.request.headers["x-note"] = edited.response.headers["x-note"] = "text"
    edited.request.trailers = edited.response.trailers = edited.request.headers
    edited.client_conn.alpn_offers = edited.server_conn.alpn_offers = [b"h2"]
    edited.client_conn.cipher_list = edited.server_conn.cipher_list = ["AES"]
    edited.client_conn.error = edited.server_conn.error = "gone"
    edited.server_conn.via = ("http", ("upstream", 8080))
    edited.websocket.close_reason = "done"
    kinds = {"http": edited, "dns": tflow.tdnsflow(resp=True, err=True), "tcp": tflow.ttcpflow(err=True)}
    states = {kind: flow.get_state() for kind, flow in kinds.items()}
    states["http"]["backup"] = copy.deepcopy(states["http"])
    return states


FIXED = {"type", "tls_version", "transport_protocol", "proxy_mode", "is_replay", "via"}
"""Texts of which mitmproxy takes certain words only."""


def loads(state: Any) -> bool:
    try:
        Flow.from_state(copy.deepcopy(state))
    except Exception:  # noqa: BLE001 (whatever mitmproxy says of it)
        return False
    return True


@pytest.mark.parametrize("kind", states())
@pytest.mark.parametrize("keep", [False, True])
def test_no_text_of_a_flow_keeps_it(kind: str, keep: bool) -> None:
    state = states()[kind]
    redaction = Redaction([NAMED])
    redaction.replacements.of(MAIL)
    redaction.rewriter.settle()
    left = LeftOut(keep_responses=keep, keep_opaque=keep)
    still, refused = set(), set()
    for at in places(state):
        changed = planted(state, at)
        if not loads(changed):
            refused.add(next(each for each in reversed(at) if isinstance(each, str)))
            continue
        file = io.BytesIO()
        tnetstring.dump(changed, file)
        twin = flow_twin(file.getvalue(), redaction.rewriter, left)
        assert twin, at
        if found_in(twin, (NAMED.value, MAIL)):
            still.add(at)

    assert still == set()
    assert refused <= FIXED
    assert not any("damaged" in each.why for each in left.rows())


@pytest.mark.parametrize(
    "mode", [f"reverse:https://{MAIL}:443", f"upstream:http://{MAIL}:80", f"local:{MAIL}"]
)
def test_how_mitmproxy_was_started_names_nobody(mode: str) -> None:
    state = states()["http"]
    state["client_conn"]["proxy_mode"] = mode
    file = io.BytesIO()
    tnetstring.dump(state, file)

    assert found_in(flow_twin(file.getvalue(), Redaction().rewriter, LeftOut()), (MAIL,)) == []


def test_notes_of_a_recorder_are_searched_and_go_if_they_cannot_be_rewritten(tmp_path: Path) -> None:
    """Also those of an entry that no reader takes for an exchange."""
    document: Any = rich()
    letters = {"_odd": [ord(each) for each in CANARY.value]}
    document["log"]["entries"][0] |= letters
    document["log"]["entries"].append({"request": "none", **letters})
    document["log"] |= letters
    twin = redact_recording(write_har(tmp_path / "a.har", document), Redaction([CANARY]), jobs=1)
    made = json.loads(twin.data)["log"]

    assert "_odd" not in made
    assert [entry.get("_odd") for entry in made["entries"]] == [None, None]
    assert {left.where for left in twin.left_out} >= {
        "entry 0, what stands beside its request",
        "entry 1, what stands beside its request",
        "what is in no entry",
    }
    assert twin.proof.exchanges == 1


def test_who_received_it_stays() -> None:
    made = json.loads(har_twin(rich(), Redaction().rewriter, LeftOut()))

    assert made["log"]["entries"][0]["serverIPAddress"] == "192.0.2.7"


def test_what_was_searched_in_an_exchange_is_not_searched_again() -> None:
    """Bodies are; of whatever no reader reads, all is."""
    twin = json.dumps(rich()).encode()
    beside = dict(beside_entries(twin, {0}))
    whole = dict(beside_entries(twin, set()))
    file = io.BytesIO()
    for state in states().values():
        tnetstring.dump(state, file)

    assert b"data_list" not in beside[0]
    assert b"data_list" in whole[0]
    assert b"_unheardOf" in beside[0]
    assert b"tracker.example" not in beside[0]
    assert CANARY.value.upper().encode() not in beside[0]  # of a header
    assert b"_outside" in beside[-1]
    twin = flow_twin(file.getvalue(), Redaction().rewriter, LeftOut(keep_opaque=True))
    notes = list(beside_flows(twin, set()))
    assert [number for number, _ in notes] == [0, 1, 2]
    assert b"hello text" in notes[0][1]
    assert b"hello text" not in dict(beside_flows(twin, {"00000000-0000-0000-0000-000000000000"}))[0]
