"""The phone's HTTP client, against a real server that plays the proxy."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from hometruth.errors import LabError
from hometruth.lab.android.network import Network, NetworkError, trust
from tests.lab.http_server import BREAK_OFF, Server, serving

TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


def test_a_proxy_is_asked_for_the_whole_address_with_exactly_the_given_headers(server: Server) -> None:
    network = Network(server.url, TLS)
    reply = network.request(
        "GET", "http://a.example/p/q?r=%20s#fragment", [("Host", "a.example"), ("B", "c")]
    )
    network.close()

    assert reply.status == 200
    assert server.requests == [
        ("GET", "http://a.example/p/q?r=%20s", [("Host", "a.example"), ("B", "c")], b"")
    ]


def test_a_connection_is_used_again(server: Server) -> None:
    network = Network(server.url, TLS)
    for _ in range(3):
        network.request("GET", "http://a.example", [])
    network.close()

    assert [target for _, target, _, _ in server.requests] == ["http://a.example/"] * 3
    assert server.n_connections == 1


def test_a_connection_closed_while_idle_is_replaced(server: Server) -> None:
    """A server that closes without saying so; the next request must not be lost."""
    network = Network(server.url, TLS)
    server.answers.append((200, {"Connection": "silently-close"}))
    network.request("GET", "http://a.example/1", [])
    assert network.request("GET", "http://a.example/2", []).status == 200
    network.close()

    assert [target for _, target, _, _ in server.requests] == ["http://a.example/1", "http://a.example/2"]


def test_no_answer_is_a_network_error(server: Server) -> None:
    network = Network(server.url, TLS)
    server.answers.append((BREAK_OFF, {}))

    with pytest.raises(NetworkError, match="RemoteDisconnected"):
        network.request("GET", "http://a.example/", [])
    network.close()


def test_no_proxy_is_a_network_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(NetworkError, match="ConnectionRefusedError"):
        Network(f"http://127.0.0.1:{port}", TLS).request("GET", "https://a.example/", [])


def test_a_missing_authority_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"nothing\.pem: no certificate authority"):
        trust(tmp_path / "nothing.pem")


def test_a_file_that_is_no_certificate_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("hello")

    with pytest.raises(LabError, match="no certificate authority"):
        trust(tmp_path / "ca.pem")
