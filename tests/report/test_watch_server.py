"""Who gets the page of `watch`, and how it grows while it is open."""

import re
import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest

from hometruth.errors import HometruthError
from hometruth.report import watch_server
from hometruth.report.watch_page import MAX_ROWS, LiveRows
from hometruth.report.watch_server import MAX_READERS, serving


@pytest.fixture
def rows() -> LiveRows:
    kept = LiveRows()
    kept.add("<p>first</p>")
    return kept


@pytest.fixture
def url(rows: LiveRows) -> Iterator[str]:
    with serving(rows, title="What left") as address:
        yield address


def get(url: str, path: str = "", method: str = "GET", **headers: str) -> HTTPResponse:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=20)
    connection.request(method, path or parts.path, headers=headers)
    return connection.getresponse()


def until(words: bytes, answer: HTTPResponse) -> bytes:
    """What arrives up to there, at least."""
    told = b""
    while words not in told:
        more = answer.read1()
        assert more, "it ended before"
        told += more
    return told


def test_rows_arrive_while_the_page_is_open(rows: LiveRows, url: str) -> None:
    answer = get(url)
    begun = until(b"first", answer)
    rows.add("<p>second</p>")
    later = until(b"<p>second", answer)
    rows.end()

    assert b"<p>second" not in begun
    assert later.endswith(b"<p>second</p>")
    assert answer.read().endswith(b"Nothing more follows.</p></div></main></body></html>")


def test_the_policy_lets_nothing_run_or_be_fetched(rows: LiveRows, url: str) -> None:
    rows.end()
    answer = get(url)
    policy = answer.headers["Content-Security-Policy"]

    assert {"default-src 'none'", "style-src 'self'", "frame-ancestors 'none'"} <= set(policy.split("; "))
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Access-Control-Allow-Origin"] is None
    assert get(f"{url}style.css").headers["Content-Type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{port}", ""],
)
def test_another_host_name_is_refused(url: str, host: str) -> None:
    answer = get(url, Host=host.format(port=urlsplit(url).port))

    assert answer.status == 421
    assert b"first" not in answer.read()


def test_its_own_names_are_answered(rows: LiveRows, url: str) -> None:
    rows.end()

    assert get(url, Host=f"localhost:{urlsplit(url).port}").status == 200


@pytest.mark.parametrize("path", ["/", "/x/", "/style.css", "{token}", "{token}/x", "{token}/../", "/%00/"])
def test_without_the_word_of_the_address_there_is_nothing(url: str, path: str) -> None:
    assert get(url, path.format(token=urlsplit(url).path.rstrip("/"))).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS", "<b>x</b>"])
def test_it_can_only_be_read(url: str, method: str) -> None:
    answer = get(url, method=method) if method.isalpha() else None
    with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), 20) as raw:
        raw.sendall(f"{method} / HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        told = raw.makefile("rb").read()

    assert answer is None or answer.status == 501
    assert re.match(rb"HTTP/1.1 501 ", told)
    assert b"<b>" not in told.partition(b"\r\n")[2]


def test_two_host_headers_and_none_are_refused(url: str) -> None:
    parts = urlsplit(url)
    for heads in (f"Host: {parts.netloc}\r\nHost: evil.example\r\n", ""):
        with socket.create_connection(("127.0.0.1", parts.port or 0), 20) as raw:
            raw.sendall(f"GET {parts.path} HTTP/1.1\r\n{heads}\r\n".encode())
            assert raw.makefile("rb").readline().startswith(b"HTTP/1.1 421 ")


def test_it_listens_on_loopback_only(url: str) -> None:
    assert urlsplit(url).hostname == "127.0.0.1"
    assert re.fullmatch(r"/[\w-]{22}/", urlsplit(url).path)


def test_a_page_of_too_many_rows_is_asked_for_again(rows: LiveRows, url: str) -> None:
    answer = get(url)
    assert b"first" in until(b"first", answer)
    for number in range(2 * MAX_ROWS):
        rows.add(f"<p>{number}</p>")

    assert b'<meta http-equiv="refresh" content="0"></div>' in answer.read()


def test_more_readers_than_there_is_room_for_are_told(rows: LiveRows, url: str) -> None:
    answers = [get(url) for _ in range(MAX_READERS + 1)]

    assert [answer.status for answer in answers] == [200] * MAX_READERS + [503]
    rows.end()
    assert all(answer.read() for answer in answers)


def test_a_reader_that_went_away_makes_room(
    rows: LiveRows, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_server, "IDLE_S", 0.01)
    for _ in range(3 * MAX_READERS):
        answer = get(url)
        while answer.status == 503:
            answer = get(url)
        answer.close()


def test_a_taken_port_is_one_clear_error(rows: LiveRows, url: str) -> None:
    with (
        pytest.raises(HometruthError, match="Address already in use"),
        serving(rows, title="x", port=urlsplit(url).port or 0),
    ):
        pass
