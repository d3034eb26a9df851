"""HTTP/1 as it is rarely spoken: trailers either way, requests in a row, and what is no request at all."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from hometruth.capture import Recorder, Sinkhole, read_capture
from hometruth.capture.proxy.passing import RecordingPhase
from hometruth.model import Exchange
from tests.capture.conftest import eventually

SECRET = "q7m2x9k4t8w3z6"
TRAILER = f"X-Secret: {SECRET}\r\n".encode()
CHUNKS = b"5\r\nhello\r\n0\r\n" + TRAILER + b"\r\n"


def exchanges(flow_file: Path) -> list[Exchange]:
    return [item for item in read_capture(flow_file) if isinstance(item, Exchange)]


@contextmanager
def trailing_server(answers: list[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Takes one request on each connection, up to its end, and gives the next answer; with what it got."""
    got: list[bytes] = []

    def serve() -> None:
        for answer in answers:
            with suppress(OSError):
                connection, _ = listening.accept()
                with connection:
                    data = connection.recv(65536)
                    while b"chunked" in data and not data.endswith(TRAILER + b"\r\n"):
                        data += connection.recv(65536)
                    got.append(data)
                    connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)
        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1], got
        thread.join()


def test_trailers_of_requests_and_answers_are_recorded_and_passed_on(flow_file: Path) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + CHUNKS
    with (
        trailing_server([chunked]) as (port, got),
        Recorder(flow_file) as recorder,
        socket.create_connection((recorder.host, recorder.port), timeout=20) as raw,
    ):
        asked = f"POST http://127.0.0.1:{port}/up HTTP/1.1\r\nHost: a\r\n"
        raw.sendall(f"{asked}Transfer-Encoding: chunked\r\n\r\n".encode() + CHUNKS)
        answer = b""
        while piece := raw.recv(65536):
            answer += piece

    (one,) = exchanges(flow_file)
    assert (one.request_body, one.response_body) == (b"hello", b"hello")
    assert (b"X-Secret", SECRET.encode()) in one.request_headers
    assert (b"X-Secret", SECRET.encode()) in one.response_headers
    assert got[0].endswith(TRAILER + b"\r\n")
    assert answer.endswith(TRAILER + b"\r\n")


def test_requests_that_nobody_waited_for_are_kept_as_they_came(flow_file: Path) -> None:
    """In a row, and then away: the first is one, and of the others what was said is searched."""
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        with socket.create_connection((recorder.host, recorder.port), timeout=10) as raw:
            raw.sendall(
                b"".join(
                    f"GET http://a.example/{n}?s={SECRET} HTTP/1.1\r\nHost: a.example\r\n\r\n".encode()
                    for n in range(20)
                )
            )
        eventually(lambda: exchanges(flow_file))
        eventually(lambda: not recorder.n_under_way)

    kept = exchanges(flow_file)
    said = b"".join(message.data for one in kept for message in one.messages)
    targets = [one.target for one in kept if one.scheme == "http"]
    assert len(targets) + said.count(b"GET ") == 20
    assert all(f"/{n}?s={SECRET}".encode() in said + b" ".join(targets) for n in range(20))


@pytest.mark.parametrize("phase", [RecordingPhase.BEFORE_CONSENT, RecordingPhase.PREFLIGHT])
def test_of_what_may_not_be_kept_no_piece_is_kept_either(flow_file: Path, phase: RecordingPhase) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        recorder.phase = phase
        with socket.create_connection((recorder.host, recorder.port), timeout=10) as raw:
            raw.sendall(f"GET http://a.example/{SECRET} HTTP/1.1\r\nHo".encode())
        eventually(recorder.gaps)

    beside = flow_file.with_name(f"{flow_file.name}.connections.jsonl").read_bytes()
    assert SECRET.encode() not in flow_file.read_bytes() + beside


@pytest.mark.parametrize("ended_by", ["the client", "the end of the recording"])
@pytest.mark.parametrize(
    "told", ["Content-Length: 1000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n64\r\n"]
)
def test_of_an_upload_that_is_broken_off_what_came_is_kept(flow_file: Path, told: str, ended_by: str) -> None:
    came = f"s={SECRET}&".encode() * 3
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        raw = socket.create_connection((recorder.host, recorder.port), timeout=10)
        raw.sendall(f"POST http://a.example/up HTTP/1.1\r\nHost: a.example\r\n{told}".encode() + came)
        eventually(lambda: recorder.n_under_way)
        if ended_by == "the client":
            raw.close()
            eventually(lambda: exchanges(flow_file))
    raw.close()

    (one,) = exchanges(flow_file)
    assert one.error is not None
    assert one.request_body == came


def test_a_request_whose_length_is_told_twice_is_read(sinkhole: Recorder) -> None:
    """By its chunks, as RFC 9112 section 6.3 has it."""
    with socket.create_connection((sinkhole.host, sinkhole.port), timeout=10) as raw:
        head = "POST http://a.example/ HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n"
        raw.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + b"5\r\nhello\r\n0\r\n\r\n")
        assert raw.recv(65536).startswith(b"HTTP/1.1 200")

    (one,) = exchanges(sinkhole.flow_file)
    assert one.request_body == b"hello"
