import base64
import json
from typing import Any

import pytest

from hometruth.capture import read_capture
from hometruth.capture.har.exchange import nanoseconds
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap, GapKind, Message


def document(*entries: object) -> bytes:
    return json.dumps({"log": {"entries": entries}}).encode()


def entry(**request: Any) -> dict[str, Any]:
    return {"request": {"method": "POST", "url": "https://a.example/", **request}}


def read(*entries: object) -> list[Exchange | Gap]:
    return list(read_capture(document(*entries), name="x.har"))


def exchange(one: object) -> Exchange:
    (read_back,) = read(one)
    assert isinstance(read_back, Exchange), read_back
    return read_back


def body(**request: Any) -> bytes | None:
    return exchange(entry(**request)).request_body


def test_the_fields_of_an_exchange() -> None:
    one = entry(url="https://A.example:444/p?q", httpVersion="h2", headers=[{"name": "X", "value": "1"}])
    one |= {"startedDateTime": "2026-11-22T10:00:00.5+01:00", "serverIPAddress": "[::1]"}
    one["response"] = {
        "status": 200,
        "headers": [{"name": "Content-Type", "value": "text/plain"}],
        "content": {"text": "hi", "mimeType": "text/plain"},
    }

    got = exchange(one)
    assert (got.id, got.source.file, got.source.index) == ("0", "x.har", 0)
    assert (got.method, got.scheme, got.host, got.port, got.target) == (
        "POST",
        "https",
        "a.example",
        444,
        b"/p?q",
    )
    assert (got.request_headers, got.http_version) == (((b"X", b"1"),), "h2")
    assert got.started_ns == 1_795_338_000_500_000_000
    assert (got.status, got.response_body) == (200, b"hi")
    assert got.server_address == ("::1", 444)


def test_a_bad_entry_is_a_gap_with_its_position_and_the_rest_is_read() -> None:
    bad: list[object] = [
        None,
        1,
        "x",
        [],
        {},
        {"request": None},
        {"request": {"method": "GET"}},
        {"request": "https://a.example/"},
    ]

    items = read(entry(), *bad, entry())
    assert [type(item) for item in items] == [Exchange, *[Gap] * len(bad), Exchange]
    assert [item.where for item in items if isinstance(item, Gap)] == [
        f"x.har, entry {at}" for at in range(1, 9)
    ]
    assert items[-1].source.index == len(bad) + 1  # type: ignore[union-attr]


def test_an_entry_without_url_says_so() -> None:
    (gap,) = read({"request": {"method": "GET"}})

    assert isinstance(gap, Gap)
    assert "no request.url, so its recipient is unknown" in gap.detail


def test_a_data_url_went_nowhere() -> None:
    (gap,) = read(entry(url="data:text/plain,hi"))

    assert isinstance(gap, Gap)
    assert (gap.kind, gap.size_bytes) == (GapKind.NOT_HTTP, 0)


@pytest.mark.parametrize(
    "odd", ["not a date", "", None, 17, "2026-13-45T99:00:00Z", {}, "0001-01-01T00:00:00+23:00"]
)
def test_a_bad_date_costs_the_date_only(odd: object) -> None:
    assert exchange(entry() | {"startedDateTime": odd}).started_ns in (None, -62135679600000000000)


def test_times_of_every_precision() -> None:
    assert nanoseconds("1970-01-01T00:00:01Z") == 1_000_000_000
    assert nanoseconds("1970-01-01T01:00:00.1234567+01:00") == 123_456_000
    assert nanoseconds("1970-01-01 00:00:01") == 1_000_000_000


@pytest.mark.parametrize("odd", ["OK", None, "", [], 1e400, {}])
def test_a_bad_status_costs_the_status_only(odd: object) -> None:
    assert exchange(entry() | {"response": {"status": odd}}).status is None


def test_a_body_in_any_dialect() -> None:
    encoded = base64.b64encode(b"\x00\xff").decode()

    assert body(postData={"text": "a=1"}) == b"a=1"
    assert body(postData={"text": encoded, "encoding": "base64"}) == b"\x00\xff"
    assert body(_content={"text": encoded, "encoding": "base64"}, postData={"text": "?"}) == b"\x00\xff"
    assert body(postData={"text": "\x00ÿ", "mimeType": "application/x-protobuf"}) == b"\x00\xff"
    assert (
        body(postData={"text": "\x00ÿ"}, headers=[{"name": "Content-Type", "value": "image/png"}])
        == b"\x00\xff"
    )
    assert body(postData={"text": "text", "params": [{"name": "a", "value": "1"}]}) == b"text"


def test_a_body_rebuilt_from_its_parameters() -> None:
    two = [{"name": "a b", "value": "1&2"}, {"name": "c", "value": "%20ü"}]
    json_value = [{"name": "k", "value": {"deep": [1]}}]
    file = [{"name": "f", "fileName": "x.txt", "contentType": "text/plain", "value": "hi"}]
    multipart = body(postData={"mimeType": "multipart/form-data; boundary=B", "params": file})

    assert body(postData={"mimeType": "application/x-www-form-urlencoded", "params": two}) == (
        b"a%20b=1%262&c=%20%C3%BC"
    )
    assert body(postData={"mimeType": "application/json", "params": json_value}) == b'{"k":{"deep":[1]}}'
    assert multipart == (
        b'--B\r\nContent-Disposition: form-data; name="f"; filename="x.txt"\r\nContent-Type: text/plain\r\n'
        b"\r\nhi\r\n--B--\r\n"
    )


def test_an_absent_body_is_not_an_empty_one() -> None:
    content_length = [{"name": "content-length", "value": "9"}]

    assert body(bodySize=0) == b""
    assert body(method="GET") == b""
    assert body(method="GET", bodySize=-1) == b""
    assert body(bodySize=9) is None
    assert body(bodySize=-1) is None
    assert body() is None
    assert body(headers=content_length) is None
    assert body(postData={"comment": "Request bodies are not included"}) is None
    assert body(_requestBodyStatus="discarded:too-large", bodySize=0) is None


def test_a_response_body_that_was_not_kept_is_absent() -> None:
    def response(**content: object) -> bytes | None:
        return exchange(entry() | {"response": {"status": 200, "content": content}}).response_body

    assert response(size=0) == b""
    assert response(size=12, _file="aside.txt") is None
    assert response(size=2, text="aGk=", encoding="base64") == b"hi"


def test_bytes_that_the_recorder_replaced_are_a_gap_beside_the_exchange() -> None:
    one, gap = read(entry(postData={"text": "\x00\ufffd", "mimeType": "application/octet-stream"}))

    assert isinstance(one, Exchange)
    assert isinstance(gap, Gap)
    assert (gap.kind, gap.exchange, gap.host) == (GapKind.UNREADABLE, "0", "a.example")


def test_cookies_listed_apart_are_searched_too() -> None:
    cookies = [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    header = [{"name": "cookie", "value": "real=1"}]

    assert exchange(entry(cookies=cookies)).request_header("Cookie") == b"a=1; b=2"
    assert exchange(entry(cookies=cookies, headers=header)).request_headers == ((b"cookie", b"real=1"),)


def test_a_query_listed_apart_is_searched_too() -> None:
    query = [{"name": "u", "value": "a b&c"}, {"name": "v", "value": "1"}]

    assert exchange(entry(url="https://h.test/x", queryString=query)).target == b"/x?u=a%20b%26c&v=1"
    assert exchange(entry(url="https://h.test/x?w=2", queryString=query)).target == b"/x?w=2"


def test_websocket_messages() -> None:
    messages = [
        {"type": "send", "time": 1.5, "opcode": 1, "data": "hi"},
        {"type": "receive", "time": None, "opcode": 2, "data": "AP8="},
    ]

    assert exchange(entry(bodySize=0) | {"_webSocketMessages": messages}).messages == (
        Message(True, b"hi", True, 1_500_000_000),
        Message(False, b"\x00\xff", False, None),
    )


def test_a_byte_order_mark_is_nothing() -> None:
    assert len(list(read_capture(b"\xef\xbb\xbf" + document(entry()), name="x.har"))) == 1


@pytest.mark.parametrize(
    ("fault", "meant"),
    [(b"\x01", b"\x01"), (b"\xff", b"\xff"), (b"\\ud800", b"\xed\xa0\x80"), (b"\t", b"\t")],
)
def test_faults_that_recorders_leave_in_json_do_not_cost_the_entry(fault: bytes, meant: bytes) -> None:
    text = document(entry(postData={"text": "aXXb"}), entry()).replace(b"XX", fault)

    one, two = read_capture(text, name="x.har")
    assert isinstance(one, Exchange)
    assert isinstance(two, Exchange)
    assert one.request_body == b"a" + meant + b"b"


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"{}",
        b'{"log": {}}',
        b'{"log": {"entries": {}}}',
        b'{"log": []}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_what_is_no_har_is_one_error_at_once(data: bytes) -> None:
    with pytest.raises(CaptureError, match=r"x\.har"):
        read_capture(data, name="x.har")
