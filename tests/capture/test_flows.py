"""No field of a flow is dropped without a value or a gap: a canary at every leaf of its state."""

import io
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from mitmproxy.flow import Flow
from mitmproxy.http import Headers, HTTPFlow
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow

from hometruth.capture import read_capture
from hometruth.model import Exchange, Gap, Part
from hometruth.peel.parts import roots_of

CANARY = "q7m2x9k4t8w3z6"
Place = tuple[str | int, ...]
NOT_SENT = (
    *(
        "version",
        "type",
        "id",
        "error",
        "intercepted",
        "marked",
        "comment",
        "metadata",
        "backup",
        "is_replay",
    ),
    *("timestamp_created", "response", "server_conn"),
    *("client_conn.id", "client_conn.error", "client_conn.proxy_mode", "client_conn.transport_protocol"),
    *("client_conn.peername", "client_conn.sockname", "client_conn.mitmcert"),
    *("client_conn.alpn", "client_conn.cipher"),
    *("websocket.messages.2", "websocket.close_code"),
)
"""The recorder's own words, what the server sent, and what both agreed upon from fixed lists."""


def flow() -> HTTPFlow:
    made: HTTPFlow = tflow.twebsocketflow()
    made.request.trailers = Headers([(b"t", b"v")])
    assert made.websocket
    made.websocket.closed_by_client = True
    made.websocket.close_reason = "bye"
    return made


def leaves(value: object, place: Place = ()) -> Iterator[Place]:
    if isinstance(value, dict):
        for name in value:
            yield from leaves(value[name], (*place, name))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from leaves(item, (*place, index))
    elif isinstance(value, str | bytes):
        yield place


def planted(value: Any, place: Place) -> Any:
    if not place:
        return CANARY if isinstance(value, str) else CANARY.encode()
    step, *rest = place
    if isinstance(value, dict):
        return {**value, step: planted(value[step], tuple(rest))}
    return tuple(planted(item, tuple(rest)) if at == step else item for at, item in enumerate(value))


def read(made: Flow) -> list[Exchange | Gap]:
    buffer = io.BytesIO()
    FlowWriter(buffer).add(made)  # type: ignore[no-untyped-call]
    return list(read_capture(buffer.getvalue(), name="x.mitm"))


def test_a_canary_at_any_leaf_of_a_flows_state_is_a_value_or_a_gap() -> None:
    state = deepcopy(flow().get_state())
    silent = []
    for place in leaves(state):
        name = ".".join(map(str, place))
        if name.endswith(("type", "proxy_mode", "transport_protocol", "tls_version")):
            continue  # no flow any more
        items = read(HTTPFlow.from_state(deepcopy(planted(state, place))))
        roots = [root for item in items if isinstance(item, Exchange) for root in roots_of(item)]
        seen = any(CANARY.encode() in root.data or CANARY in root.name for root in roots)
        seen = seen or any(isinstance(item, Exchange) and CANARY in item.method for item in items)
        if name.startswith(NOT_SENT):
            assert not seen, name
        elif not seen and not any(isinstance(item, Gap) for item in items):
            silent.append(name)
    assert silent == []


def test_what_the_client_sent_before_somebody_edited_it_is_kept() -> None:
    made = flow()
    made.request.content, made.request.path = b"first body", "/first"
    made.request.headers["x"] = "first"
    made.backup()  # type: ignore[no-untyped-call]
    made.request.content, made.request.path = b"second", "/second"
    made.request.headers["x"] = "second"

    (exchange,) = read(made)

    assert isinstance(exchange, Exchange)
    assert [(extra.part, extra.data) for extra in exchange.extras if "editing" in extra.name] == [
        (Part.PATH, b"/first"),
        (Part.HEADER, b"10"),
        (Part.HEADER, b"first"),
        (Part.BODY, b"first body"),
    ]
