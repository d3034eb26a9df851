"""HTTP as it must not be written: refused with 400 by the parser, and never half taken."""

import socket
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from hometruth.lab import CollectorHandle, read_events
from hometruth.lab.collector.http import MAX_HEAD_BYTES
from tests.lab.collector.conftest import EVENT, plain

HEAD = b"POST /sa HTTP/1.1\r\nHost: a\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BODY = plain([EVENT])
REFUSED = {
    "a chunk that does not end with CRLF": CHUNKED + b"2\r\nabXX0\r\n\r\n",
    "a chunk whose size is none": CHUNKED + b"-2\r\nab\r\n0\r\n\r\n",
    "a chunk size of spaces and signs": CHUNKED + b" +2\r\nab\r\n0\r\n\r\n",
    "length and chunks": HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a name with a space": HEAD + b"Bad Name: x\r\n\r\n",
    "a bare line feed in a value": HEAD + b"X: a\nb\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a head without end": HEAD + b"X: " + b"a" * (MAX_HEAD_BYTES + 70_000),
    "headers without end": HEAD + b"X-Y: abcdefgh\r\n" * (MAX_HEAD_BYTES // 12),
}


def spoken(collector: CollectorHandle, data: bytes) -> bytes:
    """What is answered until the connection is closed."""
    url = urlsplit(collector.url)
    with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
        answer = b""
        with suppress(ConnectionError):  # closed while we were still sending
            connection.sendall(data)
            while piece := connection.recv(65_536):
                answer += piece
        return answer


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_http_is_refused(collector: CollectorHandle, name: str) -> None:
    answer = spoken(collector, REFUSED[name])

    assert answer.startswith(b"HTTP/1.1 400") or (not answer and "without end" in name)
    assert b"HTTP/1.1 200" not in answer
    assert read_events(collector.db) == []


def test_a_body_in_chunks_is_taken(collector: CollectorHandle) -> None:
    half = len(BODY) // 2
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (BODY[:half], BODY[half:], b""))

    closing = CHUNKED.replace(b"Host", b"Connection: close\r\nHost")
    assert spoken(collector, closing + chunks).startswith(b"HTTP/1.1 200")
    assert len(read_events(collector.db)) == 1


def test_many_requests_on_one_connection_each_have_a_head_of_their_own(collector: CollectorHandle) -> None:
    filler = b"X: " + b"a" * (MAX_HEAD_BYTES // 3) + b"\r\n"
    one = HEAD + filler + b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
    last = one.replace(b"Host", b"Connection: close\r\nHost")

    assert spoken(collector, one * 4 + last).count(b"HTTP/1.1 200") == 5
