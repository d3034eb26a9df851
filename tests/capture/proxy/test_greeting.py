"""Servers that speak before their client does are heard, whatever way the client took."""

import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hometruth.capture import Listening, Recorder, read_capture
from hometruth.model import Exchange
from tests.capture.conftest import LoopbackServer, eventually, tunnel

GREETING, LOGIN = b"220 mail.example ESMTP\r\n", b"EHLO q7m2x9k4t8w3z6\r\n"


@contextmanager
def greeting_server() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            accepted, _ = listening.accept()
            with accepted:
                accepted.sendall(GREETING)
                accepted.recv(1000)

        thread = threading.Thread(target=greet)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def socks(recorder: Recorder, port: int) -> socket.socket:
    assert recorder.socks_port is not None
    connection = socket.create_connection((recorder.host, recorder.socks_port), timeout=10)
    connection.sendall(b"\x05\x01\x00")
    assert connection.recv(2) == b"\x05\x00"
    connection.sendall(b"\x05\x01\x00\x01" + socket.inet_aton("127.0.0.1") + struct.pack("!H", port))
    assert connection.recv(10)[:2] == b"\x05\x00"
    return connection


def through(way: str, recorder: Recorder, port: int) -> socket.socket:
    return socks(recorder, port) if way == "socks" else tunnel(recorder, "127.0.0.1", port)


@pytest.mark.parametrize("way", ["proxy", "socks"])
def test_a_server_that_speaks_first_is_heard(flow_file: Path, way: str) -> None:
    with greeting_server() as port, Recorder(flow_file, listening=Listening(socks=0)) as recorder:
        with through(way, recorder, port) as client:
            assert client.recv(1000) == GREETING
            client.sendall(LOGIN)
        eventually(lambda: recorder.n_exchanges)

    (exchange,) = read_capture(flow_file)
    assert isinstance(exchange, Exchange)
    assert (exchange.scheme, exchange.port) == ("tcp", port)
    assert [(each.sent, each.data) for each in exchange.messages] == [(False, GREETING), (True, LOGIN)]


@pytest.mark.parametrize("way", ["proxy", "socks"])
def test_a_connection_opened_ahead_is_still_read_when_it_is_used_late(
    flow_file: Path, server: LoopbackServer, way: str
) -> None:
    with Recorder(flow_file, listening=Listening(socks=0)) as recorder:
        with through(way, recorder, server.port) as client:
            threading.Event().wait(0.6)  # longer than the recorder's patience with silent clients
            client.sendall(b"GET /late HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
        with through(way, recorder, server.port) as client:
            threading.Event().wait(0.6)
            context = ssl.create_default_context(cafile=str(recorder.ca_file))
            with context.wrap_socket(client, server_hostname="127.0.0.1") as secure:
                assert secure.version()
                secure.sendall(b"GET /opened HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                secure.recv(1000)  # nobody speaks TLS behind it; the request is read all the same
        eventually(lambda: recorder.n_exchanges == 2)

    targets = [item.target for item in read_capture(flow_file) if isinstance(item, Exchange)]
    assert targets == [b"/late", b"/opened"]


def test_what_a_late_client_says_is_read_though_its_server_never_answers(flow_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
        address = deaf.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:  # fill its queue: from now on nobody gets through, and nobody is refused
            each.setblocking(False)
            each.connect_ex(address)
        with Recorder(flow_file) as recorder, tunnel(recorder, *address) as client:
            threading.Event().wait(0.6)
            context = ssl.create_default_context(cafile=str(recorder.ca_file))
            with context.wrap_socket(client, server_hostname="127.0.0.1") as secure:
                secure.sendall(b"GET /heard HTTP/1.1\r\nHost: x\r\n\r\n")
                eventually(lambda: recorder.n_under_way)
        for each in waiting:
            each.close()

    (exchange,) = read_capture(flow_file)
    assert isinstance(exchange, Exchange)
    assert exchange.target == b"/heard"
