"""Writes the corpus as a mitmproxy flow file, with mitmproxy's own writer."""

from collections.abc import Iterable
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from mitmproxy.connection import Client, Server
from mitmproxy.http import Headers, HTTPFlow, Request, Response
from mitmproxy.io import FlowWriter
from mitmproxy.websocket import WebSocketData, WebSocketMessage
from wsproto.frame_protocol import Opcode

from benchmarks.corpus.har import STARTED, base_headers
from benchmarks.corpus.sent import Sent


def write_flows(sent: Iterable[Sent], path: Path) -> None:
    """Write exchanges one by one."""
    with path.open("wb") as file:
        writer = FlowWriter(file)  # type: ignore[no-untyped-call]
        for number, each in enumerate(sent):
            writer.add(_flow(each, number))


def _flow(sent: Sent, number: int) -> HTTPFlow:
    at = STARTED.timestamp() + 0.217 * number
    client = Client(peername=("127.0.0.1", 40000), sockname=("127.0.0.1", 8080), timestamp_start=at)
    server = Server(address=(sent.host, 443), timestamp_start=at)
    client.id, server.id = (str(uuid5(NAMESPACE_URL, f"{side}/{number}")) for side in ("client", "server"))
    flow = HTTPFlow(client, server)
    flow.id = str(uuid5(NAMESPACE_URL, f"flow/{number}"))
    flow.timestamp_created = at
    flow.request = _request(sent, at)
    answer = sent.answer
    flow.response = Response.make(
        101 if sent.messages else answer.status, answer.body, {"Content-Type": answer.mime}
    )
    flow.response.timestamp_start = flow.response.timestamp_end = at + 0.08
    if sent.messages:
        opcodes = {True: Opcode.TEXT, False: Opcode.BINARY}
        flow.websocket = WebSocketData(
            messages=[
                WebSocketMessage(opcodes[message.is_text], True, message.data, at)
                for message in sent.messages
            ]
        )
    return flow


def _request(sent: Sent, at: float) -> Request:
    headers = (*base_headers(sent), *sent.headers)
    return Request(
        host=sent.host,
        port=443,
        method=sent.method.encode(),
        scheme=b"https",
        authority=b"",
        path=sent.target.encode(),
        http_version=b"HTTP/1.1",
        headers=Headers([(name.encode(), value.encode()) for name, value in headers]),
        content=sent.body,
        trailers=None,
        timestamp_start=at,
        timestamp_end=at,
    )
