"""A recording that holds every kind of secret, in every wrapping that is put on again."""

import base64
import gzip
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from mitmproxy.http import Headers
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow
from mitmproxy.websocket import WebSocketMessage
from wsproto.frame_protocol import Opcode

from hometruth.canaries import mint

CANARY = mint("search")
EMAIL = "mary.jones@mailbox.example"
PASSWORD = "correct horse 7 battery"
SESSION = "s9Fk2mXq81LzPw0Rt5Uv"
COOKIE = "u7Hd83kQp2Zs01Mn"
TELEPHONE = "+353861234567"
IMEI = "490154203237518"
DEVICE = "0bac782d-60c6-4b67-83c8-cff8cd58d2d0"
BEARER = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.hmFq3kQ9z81"
EVERYTHING = (CANARY.value, EMAIL, PASSWORD, SESSION, COOKIE, TELEPHONE, IMEI, DEVICE, BEARER)


def events() -> str:
    event = {
        "event": "search",
        "properties": {"q": CANARY.value, "mail": EMAIL, "$device_id": DEVICE, "tel": TELEPHONE},
        "imei": int(IMEI),
        "inner": json.dumps({"again": CANARY.value, "said": "ünïcode"}),
        "digest": hashlib.md5(CANARY.value.encode()).hexdigest(),
    }
    return json.dumps([event])


def packed(text: str) -> str:
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def body() -> str:
    escaped = packed(events()).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    password = PASSWORD.replace(" ", "+")
    return f"crc=-527806909&gzip=1&data_list={escaped}&password={password}&hex={CANARY.value.encode().hex()}"


HEADERS = {
    "Authorization": f"Bearer {BEARER}",
    "Cookie": f"sid={COOKIE}; theme=dark",
    "X-Session-Token": SESSION,
    "Referer": f"https://shop.example/search?q={CANARY.value.upper()}",
    "Content-Type": "application/x-www-form-urlencoded",
}
PATH = f"/collect/{CANARY.value}?mail=mary.jones%40mailbox.example&lang=en"


def har() -> dict[str, object]:
    headers = [{"name": name, "value": value} for name, value in HEADERS.items()]
    request = {
        "method": "POST",
        "url": f"https://tracker.example{PATH}",
        "httpVersion": "HTTP/2",
        "headers": headers,
        "cookies": [{"name": "sid", "value": COOKIE}],
        "queryString": [{"name": "mail", "value": EMAIL}, {"name": "lang", "value": "en"}],
        "postData": {"mimeType": "application/x-www-form-urlencoded", "text": body()},
    }
    answer = {"size": 3, "mimeType": "text/html", "text": f"hello {EMAIL}"}
    response = {
        "status": 200,
        "headers": [{"name": "Set-Cookie", "value": f"sid={COOKIE}"}],
        "cookies": [],
        "content": answer,
    }
    entry = {"startedDateTime": "2026-11-29T10:00:00Z", "request": request, "response": response}
    return {"log": {"version": "1.2", "creator": {"name": "a test", "version": "1"}, "entries": [entry]}}


def write_har(path: Path, document: dict[str, object] | None = None) -> Path:
    path.write_text(json.dumps(document or har()), "utf-8")
    return path


def write_flows(path: Path) -> Path:
    flow = tflow.tflow(resp=True)
    flow.request.host = "tracker.example"
    flow.request.path = PATH
    flow.request.headers = Headers([(name.encode(), text.encode()) for name, text in HEADERS.items()])
    flow.request.headers["content-encoding"] = "gzip"
    flow.request.raw_content = gzip.compress(body().encode(), mtime=0)
    assert flow.response is not None
    flow.response.headers["set-cookie"] = f"sid={COOKIE}"
    flow.response.raw_content = EMAIL.encode()
    flow.client_conn.peername = ("203.0.113.77", 4711)
    with path.open("wb") as file:
        FlowWriter(file).add(flow)  # type: ignore[no-untyped-call]
    return path


def write_messages(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """A WebSocket each, in a HAR or a flow file as the name says, with messages sent and others received."""
    if path.suffix == ".har":
        document = har()
        (entry,) = document["log"]["entries"]  # type: ignore[index]
        entry["request"] |= {"url": "wss://tracker.example/live", "headers": [], "queryString": []}
        del entry["request"]["postData"]
        kinds = [("send", ""), ("receive", "ok")]
        document["log"]["entries"] = [  # type: ignore[index]
            entry
            | {
                "_webSocketMessages": [
                    {"type": kind, "time": 1.0 + n, "opcode": 1, "data": other or text}
                    for n, text in enumerate(row)
                    for kind, other in kinds
                ]
            }
            for row in rows
        ]
        return write_har(path, document)
    with path.open("wb") as file:
        for row in rows:
            flow = tflow.twebsocketflow()
            assert flow.websocket is not None
            flow.websocket.messages = [
                WebSocketMessage(Opcode.TEXT, is_sent, text.encode() if is_sent else b"ok")
                for text in row
                for is_sent in (True, False)
            ]
            FlowWriter(file).add(flow)  # type: ignore[no-untyped-call]
    return path
