import gzip
import ssl
from pathlib import Path

import httpx
import pytest
from h2.config import H2Configuration  # type: ignore[import-untyped]
from h2.connection import H2Connection  # type: ignore[import-untyped]
from h2.events import ResponseReceived  # type: ignore[import-untyped]

from hometruth.capture import Recorder, Sinkhole, read_capture, read_connections
from hometruth.errors import CaptureError
from hometruth.model import Exchange, GapKind
from tests.capture.conftest import LoopbackServer, trusting, tunnel


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1:80",
        "https://192.0.2.1:443",
        "ftp://127.0.0.1:21",
        "http://collector.example",
        "http://127.0.0.1/path",
        "",
        "::1",
    ],
)
def test_a_route_may_only_lead_to_loopback(url: str) -> None:
    with pytest.raises(CaptureError, match="not an http:// or https:// address on loopback"):
        Sinkhole({"t.example": url})


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8106", "http://localhost:1", "http://[::1]:8106/", "https://127.0.0.1:4433"]
)
def test_loopback_may_be_spelt_in_several_ways(url: str) -> None:
    assert Sinkhole({"T.example": url}).routes == {"t.example": url.rstrip("/")}


def test_a_route_may_take_in_all_hosts_below_a_name() -> None:
    below, itself = "http://127.0.0.1:1", "http://127.0.0.1:2"
    sinkhole = Sinkhole({"*.zone.example": below, "a.zone.example": itself}, zones=("else.example",))

    asked = ("B.zone.example", "c.b.zone.example", "a.zone.example", "zone.example", "xzone.example", "")
    assert [sinkhole.origin_of(host) for host in asked] == [below, below, itself, None, None, None]
    assert sinkhole.answers_for("b.zone.example")
    assert not sinkhole.answers_for("zone.example")


def test_a_routed_host_is_answered_by_its_server_byte_for_byte(
    flow_file: Path, server: LoopbackServer
) -> None:
    server.body = gzip.compress(b"answer", mtime=0)
    server.headers = [
        ("Content-Encoding", "gzip"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("Connection", "x-hop"),
        ("X-Hop", "1"),
    ]
    routes = {"t.example": server.url}
    with Recorder(flow_file, sinkhole=Sinkhole(routes)) as recorder, trusting(recorder) as client:
        answer = client.post(
            "https://t.example/sa?project=%7Bx%7D&&a",
            content=gzip.compress(b"question", mtime=0),
            headers={
                "Content-Encoding": "gzip",
                "Connection": "close, X-Mine",
                "X-Mine": "1",
                "Te": "trailers",
            },
        )

    (received,) = server.received
    names = {name.lower() for name, _ in received.headers}
    assert answer.content == b"answer"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert "x-hop" not in answer.headers
    assert received.target == "/sa?project=%7Bx%7D&&a"
    assert gzip.decompress(received.body) == b"question"
    assert ("Host", "t.example") in received.headers
    assert not names & {"connection", "x-mine", "te", "proxy-connection"}


def test_the_recording_names_the_host_that_was_meant(flow_file: Path, server: LoopbackServer) -> None:
    with (
        Recorder(flow_file, sinkhole=Sinkhole({"t.example": server.url})) as recorder,
        trusting(recorder) as client,
    ):
        client.get("https://t.example/x")

    (exchange,) = read_capture(flow_file)
    assert isinstance(exchange, Exchange)
    assert (exchange.url, exchange.response_body) == ("https://t.example/x", b"hello")
    assert exchange.server_address is None


def test_redirects_are_the_clients_business(flow_file: Path, server: LoopbackServer) -> None:
    server.status, server.headers = 302, [("Location", "https://elsewhere.example/")]
    with (
        Recorder(flow_file, sinkhole=Sinkhole({"t.example": server.url})) as recorder,
        trusting(recorder) as client,
    ):
        answer = client.get("http://t.example/")

    assert answer.status_code == 302
    assert len(server.received) == 1


def test_a_routed_server_that_is_down_is_said_to_be(flow_file: Path) -> None:
    routes = {"t.example": "http://127.0.0.1:1"}
    with Recorder(flow_file, sinkhole=Sinkhole(routes)) as recorder, trusting(recorder) as client:
        answer = client.get("http://t.example/")

    assert answer.status_code == 502
    assert "the server behind t.example did not answer" in answer.text


def test_every_other_host_gets_a_page_with_its_name(sinkhole: Recorder) -> None:
    with trusting(sinkhole) as client:
        answer = client.get("https://anything.example/deep/path?q=1")

    assert answer.status_code == 200
    assert "<title>anything.example</title>" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_every_address_below_one_domain_gets_the_very_same_answer(flow_file: Path) -> None:
    sinkhole = Sinkhole(alike="canary.example")
    with Recorder(flow_file, sinkhole=sinkhole) as recorder, trusting(recorder) as client:
        hosts = ("canary.example", "a.canary.example", f"{'b' * 50}.c.canary.example")
        pages = [client.get(f"https://{host}/{'x' * 700}") for host in hosts]
        other = client.get("https://notcanary.example/")

    assert len({(page.content, tuple(page.headers.items())) for page in pages}) == 1
    assert b"notcanary.example" in other.content


def test_a_host_header_decides_neither_the_page_nor_the_recipient(
    sinkhole: Recorder, flow_file: Path
) -> None:
    with httpx.Client(proxy=sinkhole.url) as client:
        answer = client.get("http://a.example/", headers={"Host": "<script>alert(1)</script>"})

    (exchange,) = read_capture(flow_file)
    assert isinstance(exchange, Exchange)
    assert "<title>a.example</title>" in answer.text
    assert exchange.host == "a.example"
    assert exchange.request_header("host") == b"<script>alert(1)</script>"


def test_head_and_options_are_answered_without_a_body(sinkhole: Recorder) -> None:
    with trusting(sinkhole) as client:
        head = client.head("https://a.example/")
        preflight = client.options(
            "https://a.example/",
            headers={"Origin": "https://b.example", "Access-Control-Request-Headers": "x-y"},
        )

    assert (head.status_code, head.content) == (200, b"")
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "https://b.example"
    assert preflight.headers["access-control-allow-headers"] == "x-y"


def test_a_websocket_is_declined_and_the_loss_is_a_gap(sinkhole: Recorder, flow_file: Path) -> None:
    sinkhole.mark("t-1")
    with trusting(sinkhole) as client:
        answer = client.get(
            "https://push.example/", headers={"Connection": "Upgrade", "Upgrade": "WebSocket"}
        )

    assert answer.status_code == 404
    (gap,) = read_connections(flow_file)
    assert (gap.kind, gap.host, gap.trial) == (GapKind.NOT_RECORDED, "push.example", "t-1")


def get_over_http_2(recorder: Recorder, host: str, headers: list[tuple[str, str]]) -> dict[bytes, bytes]:
    """One GET by a client that offers nothing but HTTP/2, as httpx cannot do through a proxy."""
    trust = ssl.create_default_context(cafile=str(recorder.ca_file))
    trust.set_alpn_protocols(["h2"])
    connection = H2Connection(H2Configuration(header_encoding=None))
    with tunnel(recorder, host) as raw, trust.wrap_socket(raw, server_hostname=host) as tls:
        connection.initiate_connection()
        pseudo = [(":method", "GET"), (":scheme", "https"), (":authority", host), (":path", "/x")]
        connection.send_headers(1, [*pseudo, *headers], end_stream=True)
        while True:
            tls.sendall(connection.data_to_send())
            for event in connection.receive_data(tls.recv(65536)):
                if isinstance(event, ResponseReceived):
                    return dict(event.headers)


def test_http_2_reaches_a_routed_server_as_http_1(flow_file: Path, server: LoopbackServer) -> None:
    cookies = [("cookie", "a=1"), ("cookie", "b=2")]
    with Recorder(flow_file, sinkhole=Sinkhole({"t.example": server.url})) as recorder:
        answer = get_over_http_2(recorder, "t.example", cookies)

    (received,) = server.received
    (exchange,) = read_capture(flow_file)
    assert isinstance(exchange, Exchange)
    assert answer[b":status"] == b"200"
    assert (exchange.http_version, exchange.url) == ("HTTP/2.0", "https://t.example/x")
    assert exchange.request_headers == ((b"cookie", b"a=1"), (b"cookie", b"b=2"))
    assert ("Host", "t.example") in received.headers
    assert [value for name, value in received.headers if name.lower() == "cookie"] == ["a=1; b=2"]
