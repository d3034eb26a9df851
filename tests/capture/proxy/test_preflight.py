"""What a preflight tells of each host, by real clients: readable, distrusting, pinned, enciphered."""

import os
import socket
import ssl
from pathlib import Path

import pytest

from hometruth.capture import Recorder, Sinkhole
from hometruth.capture.proxy.preflight import OVER_QUIC, looks_enciphered, readable_hosts
from hometruth.model import Gap, GapKind, HostSeen, Readability
from tests.capture.conftest import trusting


def connected(recorder: Recorder, host: str) -> socket.socket:
    """A tunnel through the proxy."""
    raw = socket.create_connection(("127.0.0.1", recorder.port), timeout=20)
    raw.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert b" 200 " in raw.recv(4096)
    return raw


def distrusts(recorder: Recorder, host: str) -> None:
    """A program that knows the system's authorities only."""
    with connected(recorder, host) as raw, pytest.raises(ssl.SSLError):
        ssl.create_default_context().wrap_socket(raw, server_hostname=host)


def is_pinned(recorder: Recorder, host: str) -> None:
    """A program that looks at the certificate once the handshake is over, and hangs up."""
    context = ssl.create_default_context(cafile=recorder.ca_file)
    with connected(recorder, host) as raw, context.wrap_socket(raw, server_hostname=host) as secure:
        assert secure.getpeercert()


def speaks_its_own(recorder: Recorder, host: str) -> None:
    context = ssl.create_default_context(cafile=recorder.ca_file)
    with connected(recorder, host) as raw, context.wrap_socket(raw, server_hostname=host) as secure:
        secure.sendall(b"\x01\x02own protocol\x00" * 4)


def test_clients_are_told_apart_and_nothing_of_them_is_kept(flow_file: Path) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        recorder.look()
        with trusting(recorder) as client:
            client.get("https://read.example/secret-path")
            client.get("https://both.example/")
            client.post("https://sealed.example/up", content=os.urandom(4096))
            client.post("https://plain.example/up", content=b"hello " * 900)
            client.get("https://hometruth.test/")
        distrusts(recorder, "both.example")
        distrusts(recorder, "system.example")
        is_pinned(recorder, "pinned.example")
        speaks_its_own(recorder, "own.example")
    seen = {one.host: (one.readability, one.also_read) for one in recorder.readable()}

    assert seen == {
        "read.example": (Readability.READABLE, True),
        "both.example": (Readability.BROWSERS_ONLY, True),
        "system.example": (Readability.BROWSERS_ONLY, False),
        "pinned.example": (Readability.PINNED, False),
        "own.example": (Readability.OWN_ENCRYPTION, False),
        "sealed.example": (Readability.OWN_ENCRYPTION, False),
        "plain.example": (Readability.READABLE, True),
    }
    assert recorder.n_exchanges == 0
    assert flow_file.read_bytes() == b""
    assert b"secret-path" not in flow_file.with_name(flow_file.name + ".connections.jsonl").read_bytes()


def gap(kind: GapKind, detail: str) -> Gap:
    return Gap(kind, "x", detail, host="a.example")


@pytest.mark.parametrize(
    ("gaps", "asked", "told"),
    [
        ([gap(GapKind.REFUSED_TLS, f"alert bad certificate, {OVER_QUIC}")], (), Readability.QUIC_ONLY),
        (
            [gap(GapKind.REFUSED_TLS, f"bad, {OVER_QUIC}"), gap(GapKind.UNUSED, "closed")],
            (),
            Readability.PINNED,
        ),
        ([gap(GapKind.RESOLVES_ELSEWHERE, "names were asked of this host")], (), Readability.ELSEWHERE),
        ([gap(GapKind.CHANGED, "no such name, says the examiner")], (), Readability.ELSEWHERE),
        ([], ("a.example", "probe.hometruth.test"), Readability.NEVER_SEEN),
        (
            [
                Gap(GapKind.NOT_HTTP, "x", "readable: a question", host="10.0.0.53")
            ],  # the resolver's own address
            ("a.example",),
            Readability.NEVER_SEEN,
        ),
        ([gap(GapKind.NOT_RECORDED, "the host could not be reached")], (), Readability.NEVER_SEEN),
    ],
)
def test_what_a_proxy_does_not_see_is_told_by_what_is_noted(
    gaps: list[Gap], asked: tuple[str, ...], told: Readability
) -> None:
    assert readable_hosts(gaps, asked) == (HostSeen("a.example", told),)


def test_what_is_packed_by_nature_is_not_called_enciphered() -> None:
    data = os.urandom(1000)

    assert looks_enciphered(data, "application/octet-stream")
    assert not looks_enciphered(data, "image/png")
    assert not looks_enciphered(data[:100], "application/octet-stream")
    assert not looks_enciphered(b"word " * 200, "")
