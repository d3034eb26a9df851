"""Real parts for recording: a recorder, clients that use it, and servers on loopback."""

import re
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

THIRD_PARTY_WARNINGS = (
    "ignore::DeprecationWarning:ldap3",
    "ignore::DeprecationWarning:passlib",
    "ignore:Passing pyOpenSSL:DeprecationWarning:mitmproxy",
)
"""What mitmproxy and its dependencies warn of in themselves."""


def pytest_configure(config: pytest.Config) -> None:
    for line in THIRD_PARTY_WARNINGS:
        config.addinivalue_line("filterwarnings", line)


with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # ldap3 and passlib, which mitmproxy imports
    from hometruth.capture import Recorder, Sinkhole
    from hometruth.capture.proxy.own_pages import HOST


def show_trust(client: httpx.Client) -> httpx.Response:
    """Do as a browser that opens the recorder's own page: load the picture in it."""
    page = client.get(f"http://{HOST}/").text
    picture = re.search(r'src="(https://[^"]+)"', page)
    assert picture
    return client.get(picture[1], headers={"Sec-Fetch-Dest": "image"})


@dataclass
class Received:
    """One request as a loopback server got it."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class LoopbackServer:
    """A real HTTP server that answers as it is told and remembers what it was asked."""

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b"hello"
    received: list[Received] = field(default_factory=list)
    url: str = ""
    port: int = 0


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    """A server on loopback; set its answer, look at what it received."""
    told = LoopbackServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            told.received.append(
                Received(self.command, self.path, self.headers.items(), self.rfile.read(size))
            )
            self.send_response(told.status)
            for name, value in told.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(told.body)

        do_GET = do_POST = do_HEAD = answer

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        told.port = listening.server_address[1]
        told.url = f"http://127.0.0.1:{told.port}"
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield told
        listening.shutdown()
        thread.join()


@pytest.fixture
def flow_file(tmp_path: Path) -> Path:
    return tmp_path / "recording.mitm"


@pytest.fixture
def sinkhole(flow_file: Path) -> Iterator[Recorder]:
    """A recorder that lets nothing out and knows no server."""
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        yield recorder


def trusting(recorder: Recorder) -> httpx.Client:
    """A client that uses the recorder as its proxy and trusts its certificates."""
    return httpx.Client(proxy=recorder.url, verify=ssl.create_default_context(cafile=str(recorder.ca_file)))


def tunnel(recorder: Recorder, host: str, port: int = 443) -> socket.socket:
    """A connection through the recorder to *host*, nothing said on it yet."""
    connection = socket.create_connection((recorder.host, recorder.port), timeout=10)
    connection.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\n\r\n".encode())
    assert connection.recv(1000).startswith(b"HTTP/1.1 200")
    return connection


def eventually(holds: Callable[[], object], *, within_s: float = 10.0) -> None:
    """Wait for something that another thread is about to do; fail if it does not come."""
    pause = threading.Event()
    for _ in range(int(within_s / 0.01)):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError("it did not happen")
