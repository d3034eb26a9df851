"""Every export is read, whole or damaged, and says what it cannot hold."""

import base64
import io
import json
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import pytest

from hometruth.capture import READERS, read_capture
from hometruth.capture.exports.exchanges import FIELDS, first_line, line_of
from hometruth.capture.read import open_capture
from hometruth.errors import CaptureError
from hometruth.model import Delivery, Exchange, Gap, GapKind, Headers, Message
from tests.capture.exports import made
from tests.docs.pages import DOCS, blocks, section

ALL = {**{name: maker for name, (maker, _) in made.MAKERS.items()}, **made.CONTACTS}


def exchanges_in(data: bytes) -> list[Exchange]:
    return [item for item in read_capture(data, name="x") if isinstance(item, Exchange)]


def gaps_in(data: bytes) -> list[Gap]:
    return [item for item in read_capture(data, name="x") if isinstance(item, Gap)]


def header(headers: Headers, name: bytes) -> bytes:
    return next((value for key, value in headers if key.lower() == name), b"")


def test_every_export_is_made_here() -> None:
    exports = {
        reader.name for reader in READERS if reader.read.__module__.startswith("hometruth.capture.exports")
    }

    assert ALL.keys() == exports


@pytest.mark.parametrize("name", made.MAKERS)
def test_an_export_is_told_and_read(name: str) -> None:
    maker, keeps_bodies = made.MAKERS[name]

    reading = open_capture(maker(), name="x")
    found = [item for item in reading.items if isinstance(item, Exchange)]

    assert reading.format == name
    assert reading.maker.recorder
    assert sorted(item.url for item in found) == sorted(made.URLS)
    posted = next(item for item in found if item.method == "POST")
    assert posted.request_body == (made.BODY.encode() if keeps_bodies else None)
    assert {item.request_body for item in found if item.method == "GET"} == {b""}
    assert {item.status for item in found} == {200}
    assert [item.source.index for item in found] == [0, 1, 2]


@pytest.mark.parametrize("name", ["Burp Suite XML", "Fiddler session archives", "ZAP messages"])
def test_no_saved_answer_does_not_say_that_none_came(name: str) -> None:
    found = exchanges_in(made.without_answers(name))

    assert {(item.delivered, item.status) for item in found} == {(Delivery.NOT_RECORDED, None)}


def test_an_answer_that_is_none_is_a_gap_and_its_request_is_read() -> None:
    old = made.burp().replace(made.b64(made.ANSWER).encode(), made.b64(b"<html>of HTTP/0.9").encode(), 1)
    hurt = made.burp().replace(made.b64(made.ANSWER).encode(), b"SFRU!UC8x", 1)

    for data, detail in ((old, "without a status line"), (hurt, "its base64 is damaged")):
        assert [item.host for item in exchanges_in(data)] == made.HOSTS
        (gap,) = gaps_in(data)
        assert detail in gap.detail
        assert gap.host == "one.example"


def test_damaged_base64_of_burp_makes_up_no_bytes() -> None:
    hurt = made.burp().replace(made.b64(made.RAW[0]).encode(), b"!" + made.b64(made.RAW[0]).encode(), 1)

    assert [item.host for item in exchanges_in(hurt)] == made.HOSTS[1:]
    assert [gap.kind for gap in gaps_in(hurt)] == [GapKind.UNREADABLE]


@pytest.mark.parametrize("name", made.CONTACTS)
def test_a_list_of_contacts_holds_no_request_and_names_each_host(name: str) -> None:
    items = list(read_capture(made.CONTACTS[name](), name="x"))

    assert all(isinstance(item, Gap) for item in items)
    *contacts, lacking = [item for item in items if isinstance(item, Gap)]
    assert [gap.host for gap in contacts] == made.HOSTS
    assert all(gap.sender and gap.at_ns for gap in contacts)
    assert lacking.kind is GapKind.NEVER_RECORDED


@pytest.mark.parametrize("name", ALL)
def test_damage_ends_in_words_and_loses_nothing_before_it(name: str) -> None:
    data = ALL[name]()
    whole = {(item.method, item.url, item.request_body) for item in exchanges_in(data)}
    rng = Random(name)
    for _ in range(120):
        hurt = bytearray(data)
        if rng.random() < 0.4:
            del hurt[rng.randrange(len(hurt)) :]
        else:
            hurt[rng.randrange(len(hurt))] ^= 1 << rng.randrange(8)
        try:
            list(read_capture(bytes(hurt), name="x"))
        except CaptureError as err:
            assert "\n" not in str(err)
    assert whole == {(item.method, item.url, item.request_body) for item in exchanges_in(data)}


@pytest.mark.parametrize(
    "name",
    sorted(made.MAKERS.keys() - {"OpenWPM databases", "NetLog of Chromium"}),
)
def test_what_stands_before_a_cut_is_read_and_the_cut_is_a_gap(name: str) -> None:
    data = made.MAKERS[name][0]()
    last = data.rfind(b"three.example") if name != "Burp Suite XML" else data.rfind(b"<item>") + 20
    last = (
        last
        if name != "Fiddler session archives"
        else data.rfind(b"raw/03_c.txt", 0, data.find(b"PK\x01\x02")) - 20
    )

    items = list(read_capture(data[:last], name="x"))

    found = {item.host for item in items if isinstance(item, Exchange)}
    assert {"one.example", "two.example"} <= found
    assert any(isinstance(item, Gap) and item.kind is not GapKind.NEVER_RECORDED for item in items)


@pytest.mark.parametrize("name", sorted(ALL.keys() - {"ZAP messages"}))
def test_no_cut_is_silent_but_one_behind_a_whole_record(name: str) -> None:
    data = ALL[name]()
    whole = {item.detail for item in read_capture(data, name="x") if isinstance(item, Gap)}
    silent = []
    ends = (found.end() for found in re.finditer(rb"[}\],\n>]", data) if data.isascii())
    for at in sorted({*ends, *range(len(data) // 4, len(data), len(data) // 40)} - {len(data)}):
        with suppress(CaptureError):
            items = read_capture(data[:at], name="x")
            if not {item.detail for item in items if isinstance(item, Gap)} - whole:
                silent.append(at)

    assert all(data[at - 1 : at + 1].strip(b"\r\n") != data[at - 1 : at + 1] for at in silent), silent


@pytest.mark.parametrize("name", sorted(name for name in ALL if ALL[name]().isascii()))
def test_what_stands_before_and_behind_a_text_is_passed_over_or_told(name: str) -> None:
    data = ALL[name]()
    whole = [item.url for item in exchanges_in(data)]
    twice = data.rstrip() + b"\n" + data

    if name != "web archives (WARC)":
        assert [item.url for item in exchanges_in(b"\xef\xbb\xbf" + data)] == whole
        assert [item.url for item in exchanges_in(b"\r\n \r\n" + data)] == whole
    assert len(exchanges_in(twice)) > len(whole) or len(gaps_in(twice)) > len(gaps_in(data))


def test_a_damaged_index_costs_no_session_of_fiddler() -> None:
    data = made.saz()
    for at in range(data.find(b"PK\x01\x02"), len(data)):
        hurt = bytearray(data)
        hurt[at] ^= 1 << Random(at).randrange(8)

        assert sorted(item.host for item in exchanges_in(bytes(hurt))) == sorted(made.HOSTS), at


def test_a_damaged_value_of_a_row_is_one_gap_and_the_next_is_read() -> None:
    data = made.charles().replace(b'"method": "POST"', b'"method": "POST",,', 1)

    items = list(read_capture(data, name="x"))

    assert [item.host for item in items if isinstance(item, Exchange)] == ["one.example", "three.example"]
    assert [gap.kind for gap in items if isinstance(gap, Gap)] == [GapKind.UNREADABLE]


def test_charles_did_not_keep_a_body_of_which_it_says_the_size() -> None:
    rows = json.loads(made.charles())
    del rows[1]["request"]["body"]

    posted = exchanges_in(json.dumps(rows).encode())[1]

    assert posted.request_body is None


def test_a_body_of_charles_without_content_was_not_recorded() -> None:
    rows = json.loads(made.charles())
    rows[1]["request"] |= {"body": {"charset": "UTF-8", "text": None}, "sizes": {"body": 9}}

    assert exchanges_in(json.dumps(rows).encode())[1].request_body is None


@pytest.mark.parametrize(
    ("state", "delivered"), [("COMPLETE", Delivery.NOT_RECORDED), ("FAILED", Delivery.NO_ANSWER)]
)
def test_no_answer_in_charles_is_none_only_where_it_says_so(state: str, delivered: Delivery) -> None:
    rows = json.loads(made.charles())
    rows[1] |= {"response": None, "status": state}

    assert exchanges_in(json.dumps(rows).encode())[1].delivered is delivered


def test_a_request_of_a_protocol_log_whose_end_was_not_waited_for_is_no_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = [
        event for event in json.loads(made.protocol()) if event["method"] == "Network.requestWillBeSent"
    ]
    monkeypatch.setattr("hometruth.capture.exports.devtools.MOST_WAITING", 2)
    data = json.dumps(events).encode()

    assert [item.delivered for item in exchanges_in(data)] == [
        Delivery.NOT_RECORDED,
        Delivery.NO_ANSWER,
        Delivery.NO_ANSWER,
    ]
    assert any("came late" in gap.detail for gap in gaps_in(data))


def test_charles_notes_what_it_changed() -> None:
    rows = json.loads(made.charles())
    rows[0]["notes"] = 'Rewrite Tool: query "a" => "b"'

    assert exchanges_in(json.dumps(rows).encode())[0].extras[0].data == b'Rewrite Tool: query "a" => "b"'


def test_what_went_through_a_websocket_is_a_gap_of_charles() -> None:
    rows = json.loads(made.charles())
    rows[0] |= {"webSocket": True, "status": "FAILED"}

    items = list(read_capture(json.dumps(rows).encode(), name="x"))

    assert [item.host for item in items if isinstance(item, Gap)] == ["one.example"]
    assert [item.error for item in items if isinstance(item, Exchange)] == ["FAILED", None, None]


def test_charles_writes_binary_bodies_in_base64() -> None:
    rows = json.loads(made.charles())
    rows[1]["request"]["body"] = {"encoding": "base64", "encoded": "AAH/"}

    assert exchanges_in(json.dumps(rows).encode())[1].request_body == b"\x00\x01\xff"


def test_fiddler_describes_a_tunnel_and_that_was_never_sent() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(
            "raw/1_c.txt", b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\nA ClientHello was"
        )

    (tunnel,) = exchanges_in(buffer.getvalue())

    assert (tunnel.method, tunnel.host, tunnel.port, tunnel.request_body) == (
        "CONNECT",
        "a.example",
        443,
        b"",
    )


def test_fiddler_knows_the_process_and_its_own_version() -> None:
    reading = open_capture(made.saz(), name="x")
    first = next(item for item in reading.items if isinstance(item, Exchange))

    assert first.sent_by is not None
    assert (first.sent_by.app, reading.maker.recorder) == ("chrome", "Fiddler 5.0.20194.41348")


FIDDLER_FRAMES = (
    (
        b"Request",
        0,
        b"\x81\x9cNp\xea\xb5\x1c\x1f\x89\xden\x19\x9e\x959\x19\x9e\xddn8\xbe\xf8\x02E\xca\xe2+\x12\xb9\xda-\x1b\x8f\xc1",
    ),
    (b"Response", 0, b"\x81\x1cRock it with HTML5 WebSocket"),
    (b"Request", 0, b"\x81\x85V\xac\xedS>\xc3\x8a63"),
    (b"Request", 0, b"\x88\x80z\xf1jp"),
)
"""Frames that Fiddler 5.0 wrote down: side, flags, bytes (github.com/veigr/Nekoxy2 @ 163241963f98, MIT:
Nekoxy2.Test/TestData/websocket.saz)."""


def fiddler_socket(frames: Iterable[tuple[bytes, int, bytes]]) -> bytes:
    """What such an archive holds of the frames."""
    at = b"2018-11-26T17:07:03.6899253+09:00"
    return b"\r\n" + b"\r\n".join(
        b"%s-Length: %d\r\nID: 1\r\nBitFlags: %d\r\nDoneRead: %s\r\nBeginSend: %s\r\nDoneSend: %s\r\n\r\n%s"
        % (side, len(frame), flags, at, at, at, frame)
        for side, flags, frame in (*frames, (b"Response", 0, b"\x88\x00"))
    )


def with_frames(frames: bytes) -> bytes:
    buffer = io.BytesIO(made.saz())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("raw/02_w.txt", frames)
    return buffer.getvalue()


def test_fiddlers_websockets_are_read() -> None:
    data = with_frames(fiddler_socket(FIDDLER_FRAMES))

    assert gaps_in(data) == []
    assert exchanges_in(data)[1].messages == (
        Message(True, b"Rock it with HTML5 WebSocket", True, 1_543_219_623_689_925_000),
        Message(False, b"Rock it with HTML5 WebSocket", True, 1_543_219_623_689_925_000),
        Message(True, b"hogee", True, 1_543_219_623_689_925_000),
    )


def test_of_a_damaged_websocket_of_fiddler_the_rest_is_a_gap_and_what_fiddler_made_no_app_sent() -> None:
    frames = [*FIDDLER_FRAMES[:2], (b"Request", 2, FIDDLER_FRAMES[2][2])]
    cut = with_frames(fiddler_socket(FIDDLER_FRAMES)[:430])

    assert [gap.detail for gap in gaps_in(with_frames(fiddler_socket(frames)))] == [
        "1 messages of its WebSocket were made by Fiddler itself: not looked into"
    ]
    assert [message.data for message in exchanges_in(cut)[1].messages] == [
        b"Rock it with HTML5 WebSocket"
    ] * 2
    (gap,) = gaps_in(cut)
    assert gap.host == "two.example"
    assert "of its WebSocket are damaged" in gap.detail


def websocket_log(*, everything: bool = True) -> bytes:
    """A network log of a page that sent three messages: frames are those of Chromium 156."""
    log = json.loads(made.netlog())
    kinds = log["constants"]["logEventTypes"]
    kinds |= {"WEBSOCKET_SENT_FRAME_HEADER": 8, "SOCKET_ALIVE": 9}
    key = "Sec-WebSocket-Extensions: permessage-deflate"
    head = [
        "Host: four.example",
        "Connection: Upgrade",
        "Upgrade: websocket",
        f"{key}; client_max_window_bits",
    ]
    answer = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", key]
    events = (
        log["events"] if everything else [each for each in log["events"] if "bytes" not in each["params"]]
    )

    def event(name: str, source: int, params: object, phase: int = 0) -> None:
        told = {"params": params, "phase": phase, "source": {"id": source, "type": 1}}
        events.append({**told, "time": "1000", "type": kinds[name]})

    def socket(name: str, data: bytes) -> None:
        if everything:
            event(name, 263, {"byte_count": len(data), "bytes": made.b64(data)})

    line = "GET /chat HTTP/1.1\r\n"
    event("URL_REQUEST_START_JOB", 59, {"method": "GET", "url": "ws://four.example/chat"}, 1)
    event("HTTP_TRANSACTION_SEND_REQUEST_HEADERS", 59, {"headers": head, "line": line})
    socket("SOCKET_BYTES_SENT", (line + "\r\n".join(head) + "\r\n\r\n").encode())
    socket("SOCKET_BYTES_RECEIVED", ("\r\n".join(answer) + "\r\n\r\n").encode())
    event("HTTP_TRANSACTION_READ_RESPONSE_HEADERS", 59, {"headers": answer})
    for opcode, size, frame in (
        (1, 18, "wZL9hj2Rt8jx2tEs6bzSUBDYUK7spPmG"),
        (2, 8, "wogYeeqaeh2I1Fa16Zo="),
        (1, 12, "wYy/QtQk9QTBEe3qzCH7QdQk"),
        (8, 2, "iIKBAtwtgus="),
    ):
        event("WEBSOCKET_SENT_FRAME_HEADER", 59, {"final": True, "opcode": opcode, "payload_length": size})
        socket("SOCKET_BYTES_SENT", base64.b64decode(frame))
    event("SOCKET_ALIVE", 263, {}, 2)
    return json.dumps({**log, "events": events}).encode()


def test_messages_of_a_websocket_stand_in_a_log_of_everything() -> None:
    data = websocket_log()
    (opened,) = [item for item in exchanges_in(data) if item.host == "four.example"]

    assert [(each.data[:16], each.is_text) for each in opened.messages] == [
        (b"canary-ws-text-1", True),
        (b"\x01\x02\x03can", False),
        (b"canary-ws-text-2", True),
    ]
    assert all(each.sent and each.time_ns for each in opened.messages)
    assert (opened.status, opened.delivered) == (101, Delivery.YES)
    assert gaps_in(data) == []


def test_of_a_websocket_in_other_logs_it_is_known_how_many_messages_were_sent() -> None:
    data = websocket_log(everything=False)

    assert "four.example" in [item.host for item in exchanges_in(data)]
    assert any(gap.detail.startswith("3 WebSocket messages were sent") for gap in gaps_in(data))


def test_burp_saves_issues_and_plain_text_too() -> None:
    issue = (
        '<?xml version="1.0"?><!DOCTYPE issues [<!ELEMENT issues (issue*)>]><issues burpVersion="1.6">'
        '<issue><host ip="192.0.2.1">http://a.example</host><path>/</path><requestresponse>'
        '<request method="GET" base64="false"><![CDATA[GET /x HTTP/1.1\nHost: a.example\n\n]]></request>'
        "</requestresponse></issue></issues>"
    )

    (found,) = exchanges_in(issue.encode())

    assert (found.url, found.server_address) == ("http://a.example/x", ("192.0.2.1", 80))


def test_what_burps_own_server_received_is_no_request_of_the_app() -> None:
    pair = f'<requestresponse><request base64="true">{made.b64(made.RAW[0])}</request></requestresponse>'
    event = f"<collaboratorEvent><time>x</time>{pair}</collaboratorEvent>"
    issue = (
        '<issues burpVersion="1.7"><issue><host ip="192.0.2.1">http://a.example</host>'
        f"{event}{pair}{event}</issue></issues>"
    )

    (found,) = exchanges_in(issue.encode())
    (gap,) = gaps_in(issue.encode())

    assert (found.host, header(found.request_headers, b"host")) == ("a.example", b"one.example")
    assert gap.detail.startswith("2 requests that Burp's own server received")


def test_burp_declares_no_entities_and_a_bomb_is_an_error() -> None:
    bomb = b'<!DOCTYPE items [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><items burpVersion="1">&b;</items>'

    with pytest.raises(CaptureError, match="declares entities"):
        read_capture(bomb, name="x.xml")


def test_older_messages_of_zap_have_other_separators() -> None:
    data = made.zap().replace(b"==== ", b"===")

    assert [item.host for item in exchanges_in(data)] == made.HOSTS


def test_an_archive_of_answers_does_not_say_that_nothing_was_sent() -> None:
    answers = b"WARC/" + b"WARC/".join(
        piece for piece in made.warc().split(b"WARC/") if b"Type: response" in piece
    )

    items = list(read_capture(answers, name="x"))

    assert [item.host for item in items if isinstance(item, Gap)] == made.HOSTS
    assert not any(isinstance(item, Exchange) for item in items)


def record(kind: str, url: str, block: bytes, **more: str) -> bytes:
    told = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in more.items())
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\n{told}"
    return f"{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def test_what_a_web_archive_holds_beside_requests_and_answers_is_told() -> None:
    data = record("resource", "https://one.example/a", b"content") + record("resource", "urn:note", b"text")
    data += record("request", made.URLS[1], made.RAW[1][:40], WARC_Truncated="length")
    data += record("continuation", made.URLS[1], made.RAW[1][40:], WARC_Segment_Origin_ID="<urn:1>")

    assert [(gap.host, gap.kind) for gap in gaps_in(data)] == [
        ("one.example", GapKind.NOT_RECORDED),
        (made.HOSTS[1], GapKind.UNREADABLE),
        (made.HOSTS[1], GapKind.NOT_RECORDED),
    ]


def test_an_answer_that_stands_far_behind_its_request_does_not_say_that_nobody_recorded_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hometruth.capture.exports.warc.MOST_WAITING", 1)
    data = b"".join(
        record("request", url, raw, WARC_Record_ID=f"<urn:{n}>")
        for n, (url, raw) in enumerate(zip(made.URLS, made.RAW, strict=True))
    )
    data += record("response", made.URLS[0], made.ANSWER, WARC_Concurrent_To="<urn:0>")
    data += record("response", made.URLS[1], made.ANSWER, WARC_Concurrent_To="<urn:9>")

    assert [item.host for item in exchanges_in(data)] == made.HOSTS
    assert [gap.host for gap in gaps_in(data)] == [made.HOSTS[1]]


def test_a_record_may_belong_to_several() -> None:
    url, ids = made.URLS[0], ("<urn:note>", "<urn:answer>")
    several = "".join(f"WARC-Concurrent-To: {each}\r\n" for each in reversed(ids)).rstrip()
    sent = record("request", url, made.RAW[0], WARC_Record_ID=f"<urn:request>\r\n{several}")
    data = sent + record("response", f"{url}other", made.ANSWER, WARC_Record_ID="<urn:answer>")

    assert [item.delivered for item in exchanges_in(data)] == [Delivery.YES]


def test_a_chunked_request_of_an_archive_loses_its_chunks_only() -> None:
    block = b"POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    head = b"WARC/1.1\r\nWARC-Type: request\r\nWARC-Target-URI: http://a.example/\r\n"
    record = head + b"Content-Length: %d\r\n\r\n%s\r\n\r\n"

    (found,) = exchanges_in(record % (len(block), block))

    assert (found.request_body, found.scheme) == (b"abc", "http")


def test_a_network_log_counts_what_was_sent_and_not_what_was_tried() -> None:
    log = json.loads(made.netlog())
    source = {"id": 9, "type": 1}
    params = {"method": "GET", "url": "https://away.example/"}
    started = {"params": params, "phase": 1, "source": source, "time": "1", "type": 1}
    failed = {"params": {"net_error": -105}, "phase": 2, "source": source, "time": "1", "type": 1}
    log["events"] += [started, failed]

    items = list(read_capture(json.dumps(log).encode(), name="x"))

    assert sorted(item.host for item in items if isinstance(item, Exchange)) == sorted(made.HOSTS)
    (gap,) = (item for item in items if isinstance(item, Gap))
    assert (gap.host, gap.detail) == ("away.example", "a request that was never sent: ERR_NAME_NOT_RESOLVED")


def test_a_network_log_of_the_default_mode_lacks_bodies_and_cookies() -> None:
    items = list(read_capture(made.netlog(everything=False), name="x"))

    assert [item.request_body for item in items if isinstance(item, Exchange)] == [b"", None, b""]
    assert [item.kind for item in items if isinstance(item, Gap)] == [GapKind.NEVER_RECORDED] * 2


def test_what_stands_for_a_stripped_value_was_never_sent() -> None:
    log = made.netlog(everything=False).replace(b"Cookie: sid=c1", b"Cookie: [6 bytes were stripped]")

    assert {header(item.request_headers, b"cookie") for item in exchanges_in(log)} == {b""}


def test_what_a_network_logs_numbers_mean_may_stand_last_and_must_stand_somewhere() -> None:
    assert len(exchanges_in(made.netlog(constants_last=True))) == 3
    with pytest.raises(CaptureError, match="without its constants"):
        read_capture(made.netlog(constants_last=True).partition(b'"constants"')[0], name="x")


def test_bodies_of_http2_are_joined_to_their_requests() -> None:
    import h2.connection  # type: ignore[import-untyped]  # noqa: PLC0415 - comes with mitmproxy

    client = h2.connection.H2Connection()
    client.initiate_connection()
    fields = [(":method", "POST"), (":authority", "two.example"), (":scheme", "https"), (":path", "/collect")]
    client.send_headers(1, fields)
    client.send_data(1, made.BODY.encode(), end_stream=True)
    log = json.loads(made.netlog())
    types = log["constants"]["logEventTypes"]
    types |= {"HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS": 6, "SSL_SOCKET_BYTES_SENT": 7}
    source = {"id": 1, "type": 1}
    job = {"method": "POST", "url": made.URLS[1], "upload_id": "0"}
    sent = {"headers": [f"{name}: {value}" for name, value in fields]}
    data = {"bytes": made.b64(client.data_to_send())}
    log["events"] = [
        {"params": params, "phase": 1, "source": source | {"id": id}, "time": "1", "type": kind}
        for params, id, kind in ((job, 1, 1), (sent, 1, 6), (data, 50, 7))
    ]

    (found,) = exchanges_in(json.dumps(log).encode())

    assert (found.request_body, found.http_version, found.delivered) == (
        made.BODY.encode(),
        "HTTP/2",
        Delivery.NO_ANSWER,
    )


def test_addresses_that_lead_to_no_server_are_no_requests_of_a_trace() -> None:
    assert [gap.kind for gap in gaps_in(made.trace())] == [GapKind.NOT_HTTP, GapKind.NEVER_RECORDED]


def test_cookies_stand_in_the_extra_event_of_a_protocol_log() -> None:
    assert {header(item.request_headers, b"cookie") for item in exchanges_in(made.protocol())} == {b"sid=c1"}


def protocol_log(*events: tuple[str, dict[str, object]]) -> bytes:
    return json.dumps(
        [{"method": f"Network.{method}", "params": {"requestId": "1", **params}} for method, params in events]
    ).encode()


SENT: tuple[str, dict[str, object]] = (
    "requestWillBeSent",
    {"request": {"url": "https://a.example/", "method": "GET", "headers": {"Accept": "*/*"}}},
)
ANSWERED: tuple[str, dict[str, object]] = ("responseReceived", {"response": {"status": 200}})


@pytest.mark.parametrize(
    ("error", "reason", "is_answered", "delivered"),
    [
        ("net::ERR_BLOCKED_BY_ORB", "", True, Delivery.YES),
        ("net::ERR_BLOCKED_BY_ORB", "", False, Delivery.YES),
        ("net::ERR_BLOCKED_BY_RESPONSE", "corp-not-same-origin", False, Delivery.YES),
        ("net::ERR_BLOCKED_BY_RESPONSE", "coep-frame-resource-needs-coep-header", False, Delivery.YES),
        ("net::ERR_FAILED", "csp", True, Delivery.YES),
        ("net::ERR_FAILED", "csp", False, Delivery.BLOCKED),
        ("net::ERR_FAILED", "mixed-content", False, Delivery.BLOCKED),
        ("net::ERR_BLOCKED_BY_CLIENT.Inspector", "inspector", False, Delivery.BLOCKED),
        ("net::ERR_BLOCKED_BY_CLIENT", "", False, Delivery.BLOCKED),
        ("net::ERR_FAILED", "other", False, Delivery.NO_ANSWER),
        ("net::ERR_CONNECTION_REFUSED", "", False, Delivery.NO_ANSWER),
    ],
)
def test_what_was_answered_had_left_whatever_became_of_the_answer(
    error: str, reason: str, is_answered: bool, delivered: Delivery
) -> None:
    failed: dict[str, object] = {"errorText": error, **({"blockedReason": reason} if reason else {})}
    events = (SENT, *((ANSWERED,) if is_answered else ()), ("loadingFailed", failed))

    (found,) = exchanges_in(protocol_log(*events))

    assert found.delivered is delivered


def test_what_came_from_the_cache_stays_so_when_the_answer_says_less() -> None:
    answer: dict[str, object] = {"response": {"status": 200, "fromDiskCache": False}}

    (found,) = exchanges_in(protocol_log(SENT, ("requestServedFromCache", {}), ("responseReceived", answer)))

    assert found.delivered is Delivery.BLOCKED


EXTRA: tuple[str, dict[str, object]] = ("requestWillBeSentExtraInfo", {"headers": {"Cookie": "sid=c1"}})


def test_true_headers_may_come_before_their_request_and_of_a_redirect_before_the_next() -> None:
    other: tuple[str, dict[str, object]] = (EXTRA[0], {"headers": {"Cookie": "sid=c2"}})
    redirected: tuple[str, dict[str, object]] = (
        SENT[0],
        {**SENT[1], "redirectResponse": {"status": 302}},
    )

    items = list(read_capture(protocol_log(EXTRA, SENT, other, redirected, ANSWERED), name="x"))

    cookies = [header(item.request_headers, b"cookie") for item in items if isinstance(item, Exchange)]
    assert cookies == [b"sid=c1", b"sid=c2"]
    assert [item.kind for item in items if isinstance(item, Gap)] == [GapKind.NEVER_RECORDED]


@pytest.mark.parametrize(
    "event",
    [
        EXTRA,
        ANSWERED,
        ("requestWillBeSent", {"request": None}),
        ("webSocketFrameSent", {"response": {"opcode": 1, "payloadData": "q7m2x9k4"}}),
        ("webTransportCreated", {"transportId": "2", "url": "https://b.example/"}),
    ],
)
def test_what_was_sent_by_a_request_before_the_log_is_one_gap(event: tuple[str, dict[str, object]]) -> None:
    log = [*json.loads(made.protocol()), *json.loads(protocol_log(event))]

    told, _ = gaps_in(json.dumps(log).encode())

    assert told.detail == "1 events tell of something sent of which the log does not hold the request"


@pytest.mark.parametrize("entries", [[{"bytes": "YW!Jj"}], [{"bytes": "YWJj"}, {}], ["YWJj"]])
def test_a_body_of_a_protocol_log_that_is_not_all_there_is_none(entries: list[object]) -> None:
    request = {
        "url": "https://a.example/",
        "method": "POST",
        "hasPostData": True,
        "postDataEntries": entries,
    }

    (found,) = exchanges_in(protocol_log(("requestWillBeSent", {"request": request})))

    assert found.request_body is None


def test_a_line_too_long_for_a_connection_is_one_gap_and_the_next_is_read() -> None:
    head, first, *rest = made.connection_list().split(b"\n")
    long = first + b"x" * 3_000_000 + b"," + first
    gaps = gaps_in(b"\n".join([head, first, long, *rest]))

    assert [gap.host for gap in gaps[:-1]] == [made.HOSTS[0], None, *made.HOSTS[1:]]
    assert gaps[1].detail == "a line too long for a connection"


def test_a_comma_in_a_name_does_not_shift_what_follows() -> None:
    data = (
        made.connection_list()
        .replace(b",App1,", b",App, the one,")
        .replace(b",two.example,", b",two.example, x,")
    )

    contacts = [gap for gap in gaps_in(data) if gap.kind is GapKind.NOT_RECORDED]

    assert [gap.size_bytes for gap in contacts] == [100, 101, 102]
    assert [gap.sender and gap.sender.app for gap in contacts] == ["com.app0", "com.app1", "com.app2"]


@pytest.mark.parametrize("data", [{}, {"data": None}, {"data": {"requests": "none"}}])
def test_a_visit_without_a_list_of_requests_is_a_gap(data: dict[str, object]) -> None:
    visit = {"initialUrl": "https://a.example/", "finalUrl": "https://a.example/", **data}

    assert [gap.kind for gap in gaps_in(json.dumps(visit).encode())] == [
        GapKind.NOT_RECORDED,
        GapKind.NEVER_RECORDED,
    ]


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("headers", "[[1", "the headers cannot be read"),
        ("headers", '{"a": "b"}', "the headers are no list"),
        ("headers", '[["a", "b"], ["c"]]', "one of the headers is no pair"),
        ("post_body_raw", '[[null, "QUJD"], "x"]', "a part of the body is damaged"),
        ("post_body_raw", '[[null, "Q!UJD"]]', "a part of the body is damaged"),
        ("post_body_raw", "{", "the body cannot be read"),
    ],
)
def test_what_of_a_crawled_request_is_damaged_is_told(column: str, value: str, told: str) -> None:
    with tempfile.NamedTemporaryFile(suffix=".sqlite") as file:
        file.write(made.openwpm())
        file.flush()
        with closing(sqlite3.connect(file.name)) as database:
            database.execute(f"UPDATE http_requests SET {column} = ? WHERE id = 1", (value,))
            database.commit()
        data = Path(file.name).read_bytes()

    assert len(exchanges_in(data)) == 3
    (gap, _) = gaps_in(data)
    assert told in gap.detail
    assert gap.host == made.HOSTS[1]


def test_a_database_that_is_too_large_is_no_shorter_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hometruth.capture.exports.crawls.MOST_DATABASE_BYTES", 5000)

    with pytest.raises(CaptureError, match="is larger than"):
        exchanges_in(made.openwpm())


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ("MOST_WAITING", "answers of requests that came late"),
        ("MOST_SOURCES", "addresses of requests"),
        ("MOST_SOCKETS", "sockets"),
        ("MOST_BODY_BYTES", "bodies that came before their requests"),
    ],
)
def test_what_is_not_remembered_of_a_network_log_is_a_gap(
    limit: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = json.loads(made.netlog())
    kinds = log["constants"]["logEventTypes"]
    # All that sockets carried comes first, then all that was asked for, then what came back.
    order = ("URL_REQUEST_START_JOB", "HTTP_TRANSACTION_SEND_REQUEST_HEADERS")
    ranks = {kinds[name]: rank for rank, name in enumerate(order, 1)}
    ranks |= {kinds["SOCKET_BYTES_SENT"]: 0, kinds["SOCKET_BYTES_RECEIVED"]: 0}
    log["events"].sort(key=lambda event: ranks.get(event["type"], 9))
    data = json.dumps(log).encode()
    assert not [gap for gap in gaps_in(data) if gap.kind is GapKind.BUDGET]

    monkeypatch.setattr(f"hometruth.capture.exports.netlog.{limit}", 1)
    found = exchanges_in(data)

    assert sorted(item.host for item in found) == sorted(
        made.HOSTS[2:] if limit == "MOST_SOURCES" else made.HOSTS
    )
    assert any(told in gap.detail for gap in gaps_in(data) if gap.kind is GapKind.BUDGET)
    if limit == "MOST_WAITING":
        assert [item.delivered for item in found[:2]] == [Delivery.NOT_RECORDED] * 2


def test_a_body_that_is_empty_was_recorded_and_one_that_nobody_declared_too() -> None:
    log = json.loads(made.netlog())
    kinds = log["constants"]["logEventTypes"]
    for event in log["events"]:
        if event["type"] == kinds["URL_REQUEST_START_JOB"]:
            event["params"]["upload_id" if "collect" in event["params"]["url"] else "x"] = "0"
        if event["type"] == kinds["SOCKET_BYTES_SENT"] and event["source"]["id"] == 102:
            head = b"POST /collect?x=1 HTTP/1.1\r\nHost: two.example\r\nContent-Length: 0\r\n\r\n"
            event["params"]["bytes"] = made.b64(head)
        if event["type"] == kinds["HTTP_TRANSACTION_SEND_REQUEST_HEADERS"] and event["source"]["id"] == 2:
            event["params"]["line"] = "POST /collect?x=1 HTTP/1.1\r\n"
    posted = next(item for item in exchanges_in(json.dumps(log).encode()) if item.method == "POST")
    assert posted.request_body == b""

    log = json.loads(made.netlog())
    for event in log["events"]:
        event["params"].pop("upload_id", None)
        headers = event["params"].get("headers", [])
        event["params"]["headers"] = [each for each in headers if "ength" not in each]
    posted = next(item for item in exchanges_in(json.dumps(log).encode()) if item.method == "POST")
    assert posted.request_body == made.BODY.encode()


def test_damaged_bytes_of_a_socket_make_up_none() -> None:
    log = json.loads(made.netlog())
    for event in log["events"]:
        if "bytes" in event["params"]:
            event["params"]["bytes"] = "!" + event["params"]["bytes"]

    data = json.dumps(log).encode()

    assert {item.request_body for item in exchanges_in(data)} == {b"", None}
    assert any("damaged bytes of a socket" in gap.detail for gap in gaps_in(data))


@pytest.mark.parametrize("message", [{"sent": "true", "data": "x"}, {"sent": True}, {"data": "x"}, "x"])
def test_a_message_of_an_exchange_line_that_does_not_say_all_is_damage(message: object) -> None:
    row = {"url": "https://a.example/", "messages": [message]}
    data = f"{first_line('x')}\n{json.dumps(row)}\n".encode()

    assert exchanges_in(data) == []
    assert [gap.kind for gap in gaps_in(data)] == [GapKind.UNREADABLE]


def test_unknown_fields_of_messages_are_told() -> None:
    row = {"url": "https://a.example/", "messages": [{"sent": True, "data": "x", "mask": 1}]}
    data = f"{first_line('x')}\n{json.dumps(row)}\n".encode()

    assert [gap.detail for gap in gaps_in(data)] == [
        "fields that are none of this format, not looked into: messages[].mask"
    ]


def test_where_a_document_of_burp_is_damaged_is_told_to_the_byte() -> None:
    data = made.burp()
    at = data.rfind(b"<item>")
    hurt = data[:at] + b"<<" + data[at:]

    (gap,) = gaps_in(hurt)

    assert f"(at byte {at + 1:,})" in gap.detail
    assert gap.size_bytes == len(hurt) - at - 1


def test_templates_were_never_sent_as_far_as_a_collection_tells() -> None:
    lone = json.loads(made.postman())
    lone["item"] = lone["item"][-1:]

    (gap,) = gaps_in(made.postman())
    assert gap.detail == "1 requests are templates: whether they were sent is not told"
    with pytest.raises(CaptureError, match="does not tell that anything was sent"):
        read_capture(json.dumps(lone).encode(), name="x")


@pytest.mark.parametrize("name", made.MAKERS)
def test_what_is_written_as_exchange_lines_is_read_the_same(name: str) -> None:
    before = exchanges_in(made.MAKERS[name][0]())
    lines = [first_line("test"), *map(line_of, before)]

    after = exchanges_in("\n".join(lines).encode())

    def essence(item: Exchange) -> tuple[object, ...]:
        return (
            *(item.method, item.url, item.request_headers, item.request_body, item.started_ns, item.status),
            *(item.response_headers, item.response_body, item.sent_by, item.server_address, item.delivered),
        )

    assert list(map(essence, before)) == list(map(essence, after))


def test_the_page_on_exchange_lines_names_every_field_and_its_example_is_read() -> None:
    (example,) = blocks("jsonl")
    table = section(DOCS / "reference" / "exchange-lines.md", "# Exchange lines")

    assert [item.method for item in exchanges_in(example.text.encode())] == ["POST"]
    assert [name for name in FIELDS if f"`{name}`" not in table] == []


def test_another_version_and_unknown_fields_of_exchange_lines_are_told() -> None:
    with pytest.raises(CaptureError, match="is version 2 of our format"):
        read_capture(b'{"format": "hometruth-exchanges", "version": 2}\n', name="x")
    line = f'{first_line("t")}\n{{"url": "https://a.example/", "colour": 1}}'

    (gap,) = gaps_in(line.encode())

    assert gap.detail == "fields that are none of this format, not looked into: colour"


@pytest.mark.parametrize("make", [made.warc, made.charles])
def test_exports_come_compressed_and_in_archives(make: Callable[[], bytes]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.warc", make())

    assert len(exchanges_in(buffer.getvalue())) == 3


def test_an_answer_is_not_taken_for_what_was_sent_where_the_request_line_is_damaged() -> None:
    data = made.zap().replace(b"/last HTTP/1.1", b"/last ITTP/1.1", 1)
    bodies = [item.request_body for item in read_capture(data, name="x") if isinstance(item, Exchange)]

    assert b"ITTP" in data
    assert not any(b"HTTP/1.1 200" in (body or b"") for body in bodies)
