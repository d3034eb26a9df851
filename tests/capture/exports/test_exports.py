"""Every export is read, whole or damaged, and says what it cannot hold."""

import io
import json
import zipfile
from collections.abc import Callable
from random import Random

import pytest

from hometruth.capture import READERS, read_capture
from hometruth.capture.exports.exchanges import FIELDS, first_line, line_of
from hometruth.capture.read import open_capture
from hometruth.errors import CaptureError
from hometruth.model import Delivery, Exchange, Gap, GapKind, Headers
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


def test_fiddlers_websockets_are_a_gap() -> None:
    buffer = io.BytesIO(made.saz())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("raw/02_w.txt", b"Request-Length: 6\r\n\r\nxxxxxx\r\n")

    assert [gap.host for gap in gaps_in(buffer.getvalue())] == ["two.example"]


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


def test_a_comma_in_a_name_does_not_shift_what_follows() -> None:
    data = (
        made.connection_list()
        .replace(b",App1,", b",App, the one,")
        .replace(b",two.example,", b",two.example, x,")
    )

    contacts = [gap for gap in gaps_in(data) if gap.kind is GapKind.NOT_RECORDED]

    assert [gap.size_bytes for gap in contacts] == [100, 101, 102]
    assert [gap.sender and gap.sender.app for gap in contacts] == ["com.app0", "com.app1", "com.app2"]


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
