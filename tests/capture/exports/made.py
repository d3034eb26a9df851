"""A small file of every format that is an export, as its tool spells it, made of the same three requests.

They stand for damage, fuzzing and dialects; that the tools' own files are read is tested in `test_shared.py`.
"""

import base64
import io
import json
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

BODY = '{"needle": "qhxw7atk3mzn5vpd2q"}'
RAW = (
    b"GET /a?id=1 HTTP/1.1\r\nHost: one.example\r\nCookie: sid=c1\r\n\r\n",
    b"POST /collect HTTP/1.1\r\nHost: two.example\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"
    % (len(BODY), BODY.encode()),
    b"GET /last HTTP/1.1\r\nHost: three.example\r\n\r\n",
)
HOSTS = ["one.example", "two.example", "three.example"]
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
URLS = ("https://one.example/a?id=1", "https://two.example/collect", "https://three.example/last")


class Made(NamedTuple):
    """A file, and what it holds."""

    reader: str
    data: bytes
    hosts: list[str]
    has_body: bool
    """Whether the format keeps bodies."""


def charles() -> bytes:
    def row(host: str, path: str, query: str | None, body: str | None) -> dict[str, object]:
        sent: dict[str, object] = {
            "sizes": {"headers": 20, "body": len(body or "")},
            "mimeType": "application/json" if body else None,
            "header": {"headers": [{"name": "Host", "value": host}]},
        }
        return {
            "status": "COMPLETE",
            "method": "POST" if body else "GET",
            "protocolVersion": "HTTP/1.1",
            "scheme": "https",
            "host": host,
            "actualPort": 443,
            "path": path,
            "query": query,
            "tunnel": False,
            "keptAlive": False,
            "remoteAddress": f"{host}/192.0.2.1",
            "times": {"start": "2026-11-22T10:00:00.000+01:00"},
            "durations": {"total": 1},
            "request": {**sent, "body": {"text": body}} if body else sent,
            "response": {
                "status": 200,
                "sizes": {"body": 2},
                "header": {"headers": []},
                "body": {"text": "ok"},
            },
        }

    rows = [row("one.example", "/a", "id=1", None), row("two.example", "/collect", None, BODY)]
    return json.dumps([*rows, row("three.example", "/last", None, None)]).encode()


def saz() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, raw in enumerate(RAW, 1):
            line, _, rest = raw.partition(b" /")
            host = HOSTS[number - 1].encode()
            archive.writestr(f"raw/{number:02}_c.txt", line + b" https://" + host + b"/" + rest)
            archive.writestr(f"raw/{number:02}_s.txt", ANSWER)
            archive.writestr(
                f"raw/{number:02}_m.xml",
                '<Session><SessionTimers ClientBeginRequest="2026-11-22T10:00:00.1234567+01:00" />'
                '<SessionFlags><SessionFlag N="x-processinfo" V="chrome:1234" /></SessionFlags></Session>',
            )
        archive.comment = b"Fiddler (v5.0.20194.41348) Session Archive. See https://fiddler.example"
    return buffer.getvalue()


def burp() -> bytes:
    items = "".join(
        f'<item><time>Sun Nov 22 10:00:00 CET 2026</time><url>{url}</url><host ip="192.0.2.1">{host}</host>'
        f'<port>443</port><protocol>https</protocol><request base64="true"><![CDATA[{b64(raw)}]]></request>'
        f'<status>200</status><response base64="true"><![CDATA[{b64(ANSWER)}]]></response></item>'
        for url, host, raw in zip(URLS, HOSTS, RAW, strict=True)
    )
    return f'<?xml version="1.0"?>\n<items burpVersion="2026.1" exportTime="x">{items}</items>'.encode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def zap() -> bytes:
    return b"".join(
        b"==== %d ==========\n" % number
        + raw.replace(b" /", b" https://" + HOSTS[number - 1].encode() + b"/", 1).replace(b"\r\n", b"\n")
        + b"\n\n"
        + ANSWER.replace(b"\r\n", b"\n")
        + b"\n\n"
        for number, raw in enumerate(RAW, 1)
    )


def without_answers(name: str) -> bytes:
    """The same requests, where nobody saved what came back."""
    data = MAKERS[name][0]()
    if name == "Burp Suite XML":
        return re.sub(rb"<status>.*?</response>", b"", data)
    if name == "ZAP messages":
        return data.replace(ANSWER.replace(b"\r\n", b"\n"), b"")
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for each in old.namelist():
            if not each.endswith("_s.txt"):
                new.writestr(each, old.read(each))
    return buffer.getvalue()


def warc() -> bytes:
    info = b"software: made 1\r\n"
    pieces = [b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (len(info), info)]
    for number, (url, raw) in enumerate(zip(URLS, RAW, strict=True)):
        for kind, block in (("response", ANSWER), ("request", raw)):
            pieces.append(
                f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:{kind}:{number}>\r\n"
                f"WARC-Concurrent-To: <urn:{'request' if kind == 'response' else 'response'}:{number}>\r\n"
                f"WARC-Target-URI: {url}\r\nWARC-Date: 2026-11-22T10:00:00Z\r\n"
                f"Content-Length: {len(block)}\r\n\r\n".encode()
                + block
                + b"\r\n\r\n"
            )
    return b"".join(pieces)


def netlog(*, everything: bool = True, constants_last: bool = False) -> bytes:
    types = {
        "URL_REQUEST_START_JOB": 1,
        "HTTP_TRANSACTION_SEND_REQUEST_HEADERS": 2,
        "HTTP_TRANSACTION_READ_RESPONSE_HEADERS": 3,
        "SOCKET_BYTES_SENT": 4,
        "SOCKET_BYTES_RECEIVED": 5,
    }
    constants = {
        "activeFieldTrialGroups": [],
        "clientInfo": {"name": "Chromium", "version": "156.0"},
        "logEventPhase": {"PHASE_BEGIN": 1, "PHASE_END": 2, "PHASE_NONE": 0},
        "logEventTypes": types,
        "logSourceType": {"URL_REQUEST": 1, "SOCKET": 2},
        "logCaptureMode": "Everything" if everything else "Default",
        "netError": {"ERR_NAME_NOT_RESOLVED": -105},
        "timeTickOffset": 1_800_000_000_000,
    }
    events: list[dict[str, object]] = []

    def event(kind: str, source: int, params: object, phase: int = 0) -> None:
        events.append(
            {
                "params": params,
                "phase": phase,
                "source": {"id": source, "type": 1},
                "time": "1000",
                "type": types[kind],
            }
        )

    for number, (url, raw) in enumerate(zip(URLS, RAW, strict=True), 1):
        line, *headers = raw.partition(b"\r\n\r\n")[0].decode().split("\r\n")
        method = line.partition(" ")[0]
        upload = {"upload_id": "0"} if method == "POST" else {}
        event("URL_REQUEST_START_JOB", number, {"method": method, "url": url, **upload}, 1)
        event("HTTP_TRANSACTION_SEND_REQUEST_HEADERS", number, {"headers": headers, "line": line + "\r\n"})
        if everything:
            event("SOCKET_BYTES_SENT", number + 100, {"byte_count": len(raw), "bytes": b64(raw)})
            event("SOCKET_BYTES_RECEIVED", number + 100, {"byte_count": len(ANSWER), "bytes": b64(ANSWER)})
        event("HTTP_TRANSACTION_READ_RESPONSE_HEADERS", number, {"headers": ["HTTP/1.1 200 OK"]})
    parts: dict[str, object] = {"constants": constants, "events": events, "polledData": {}}
    if constants_last:
        parts = {"timeTickOffset": 1_800_000_000_000, "events": events, "constants": constants}
    return json.dumps(parts).encode()


def trace() -> bytes:
    events: list[dict[str, object]] = [
        {"args": {"name": "x"}, "name": "thread_name", "ph": "M", "pid": 1, "ts": 0}
    ]
    for number, url in enumerate((*URLS, "data:text/plain,x"), 1):
        method = "POST" if "collect" in url else "GET"
        sent = {"requestId": f"1.{number}", "requestMethod": method, "url": url}
        events.append(
            {"args": {"data": sent}, "name": "ResourceSendRequest", "ph": "I", "pid": 1, "ts": 1000}
        )
        received = {"requestId": f"1.{number}", "statusCode": 200, "responseTime": 1_800_000_000_000}
        events.append(
            {"args": {"data": received}, "name": "ResourceReceiveResponse", "ph": "I", "pid": 1, "ts": 5000}
        )
    return json.dumps({"traceEvents": events}).encode()


def protocol() -> bytes:
    events: list[dict[str, object]] = [{"method": "Page.frameStartedLoading", "params": {"frameId": "1"}}]
    for number, url in enumerate(URLS, 1):
        request: dict[str, object] = {"url": url, "method": "GET", "headers": {"Accept": "*/*"}}
        if "collect" in url:
            request |= {"method": "POST", "postData": BODY, "hasPostData": True}
        params = {"requestId": f"1.{number}", "request": request, "wallTime": 1_800_000_000.5}
        events.append({"method": "Network.requestWillBeSent", "params": params})
        headers = {"Cookie": "sid=c1", "Accept": "*/*"}
        extra = {"requestId": f"1.{number}", "headers": headers}
        events.append({"method": "Network.requestWillBeSentExtraInfo", "params": extra})
        response = {"status": 200, "headers": {}, "remoteIPAddress": "192.0.2.1", "remotePort": 443}
        events.append(
            {
                "method": "Network.responseReceived",
                "params": {"requestId": f"1.{number}", "response": response},
            }
        )
        events.append({"method": "Network.loadingFinished", "params": {"requestId": f"1.{number}"}})
    return json.dumps(events).encode()


def tracker_radar() -> bytes:
    requests = [
        {"url": url, "method": "POST" if "collect" in url else "GET", "status": 200, "time": 0.5}
        for url in URLS
    ]
    visit = {"initialUrl": URLS[0], "finalUrl": URLS[0], "testStarted": 1_800_000_000_000}
    return json.dumps({**visit, "data": {"requests": requests}}).encode()


def openwpm() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sqlite"
        database = sqlite3.connect(path)
        database.execute(
            "CREATE TABLE http_requests(id INTEGER PRIMARY KEY, visit_id INTEGER, url TEXT, method TEXT,"
            " headers TEXT, request_id INTEGER, post_body TEXT, post_body_raw TEXT, time_stamp DATETIME)"
        )
        database.execute(
            "CREATE TABLE http_responses(visit_id INTEGER, request_id INTEGER, url TEXT,"
            " response_status INTEGER, headers TEXT)"
        )
        for number, url in enumerate(URLS):
            posted = "collect" in url
            raw = json.dumps([[None, b64(BODY.encode())]]) if posted else "[]"
            method = "POST" if posted else "GET"
            database.execute(
                "INSERT INTO http_requests VALUES(?, 1, ?, ?, ?, ?, NULL, ?, '2026-11-22T10:00:00.000Z')",
                (number, url, method, '[["Host", "x"]]', number, raw),
            )
            database.execute("INSERT INTO http_responses VALUES(1, ?, ?, 200, '[]')", (number, url))
        database.commit()
        database.close()
        return path.read_bytes()


def connection_list() -> bytes:
    head = "IPProto,SrcIP,SrcPort,DstIp,DstPort,UID,App,PackageName,Proto,Status,Info,BytesSent,BytesRcvd"
    tail = "PktsSent,PktsRcvd,FirstSeen,LastSeen,Malicious"
    rows = [
        f"6,10.0.0.1,40000,192.0.2.1,443,1000{n},App{n},com.app{n},TLS,Closed,{host},{100 + n},200,1,1,"
        "2026-11-22T10:00:00.000Z,2026-11-22T10:00:01.000Z,"
        for n, host in enumerate(HOSTS)
    ]
    return "\n".join([f"{head},{tail}", *rows, ""]).encode()


def privacy_report() -> bytes:
    access = {"accessor": {"identifier": "com.app"}, "category": "photos", "type": "access"}
    rows = [
        {
            "bundleID": "com.app",
            "domain": host,
            "hits": 2,
            "type": "networkActivity",
            "timeStamp": "2026-11-22T10:00:00Z",
        }
        for host in HOSTS
    ]
    return "".join(json.dumps(row) + "\n" for row in (access, *rows)).encode()


def postman() -> bytes:
    def item(url: str, *, saved: bool = True) -> dict[str, object]:
        request: dict[str, object] = {"method": "GET", "url": {"raw": url}, "header": []}
        if "collect" in url:
            request |= {"method": "POST", "body": {"mode": "raw", "raw": BODY}}
        answer = {"name": "ok", "originalRequest": request, "code": 200, "header": [], "body": "ok"}
        return {"name": url, "request": request, "response": [answer] if saved else []}

    folder = {"name": "folder", "item": [item(URLS[1])]}
    info = {"name": "x", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}
    items = [item(URLS[0]), folder, item(URLS[2]), item("https://never.example/", saved=False)]
    return json.dumps({"info": info, "item": items}).encode()


def exchanges() -> bytes:
    rows: list[dict[str, object]] = [{"format": "hometruth-exchanges", "version": 1, "recorder": "made 1"}]
    for url in URLS:
        posted = "collect" in url
        row: dict[str, object] = {
            "method": "POST" if posted else "GET",
            "url": url,
            "body": BODY if posted else "",
            "status": 200,
        }
        rows.append(row)
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


MAKERS: dict[str, tuple[Callable[[], bytes], bool]] = {
    "Charles JSON sessions": (charles, True),
    "Fiddler session archives": (saz, True),
    "Burp Suite XML": (burp, True),
    "ZAP messages": (zap, True),
    "web archives (WARC)": (warc, True),
    "NetLog of Chromium": (netlog, True),
    "performance traces of Chromium": (trace, False),
    "DevTools protocol logs": (protocol, True),
    "Tracker Radar Collector": (tracker_radar, False),
    "OpenWPM databases": (openwpm, True),
    "Postman collections with saved answers": (postman, True),
    "exchange lines (our own)": (exchanges, True),
}
"""Readers of requests, and whether their format keeps bodies."""
CONTACTS: dict[str, Callable[[], bytes]] = {
    "PCAPdroid connection lists": connection_list,
    "iOS App Privacy Reports": privacy_report,
}
