"""Whatever a client sends, the recording goes on: a broken request is a gap, not the end."""

import socket
import ssl
import warnings
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from hometruth.capture import Recorder, Sinkhole, read_capture
from hometruth.capture.proxy.recording import NO_TLS_IN_COMMON
from hometruth.model import Exchange, GapKind
from tests.capture.conftest import LoopbackServer, eventually, trusting, tunnel

REQUESTS = (
    b"POST http://t.example/p?q HTTP/1.1\r\nHost: t.example\r\nCookie: a=b\r\nContent-Length: 3\r\n\r\nabc",
    b"GET http://other.example/p?q HTTP/1.1\r\nHost: other.example\r\nConnection: a, b\r\nUpgrade: x\r\n\r\n",
    b"OPTIONS http://other.example/ HTTP/1.1\r\nHost: o.example\r\nOrigin: http://b.example\r\n\r\n",
    b"CONNECT t.example:443 HTTP/1.1\r\n\r\n\x16\x03\x01\x00\x05hello",
)
N_WOUNDED = 300


def wounded(rng: Random) -> bytes:
    """A request with one to three places overwritten by arbitrary bytes."""
    data = bytearray(rng.choice(REQUESTS))
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(data))
        data[at : at + rng.randint(0, 3)] = rng.randbytes(rng.randint(0, 3))
    return bytes(data)


@pytest.mark.parametrize("seed", [1, 2])
def test_no_request_ends_the_recording(flow_file: Path, server: LoopbackServer, seed: int) -> None:
    rng = Random(seed)
    with Recorder(flow_file, sinkhole=Sinkhole({"t.example": server.url})) as recorder:
        for _ in range(N_WOUNDED):
            with (
                socket.create_connection((recorder.host, recorder.port), timeout=10) as raw,
                suppress(OSError),
            ):
                raw.sendall(wounded(rng))
                raw.shutdown(socket.SHUT_WR)
                while raw.recv(65536):
                    pass
        with trusting(recorder) as client:
            client.get("https://still.example/alive")
        recorder.check()

    items = list(read_capture(flow_file))
    assert any(isinstance(item, Exchange) and item.host == "still.example" for item in items)
    assert len(items) > N_WOUNDED / 10


@pytest.mark.parametrize("first", [b"hello", b"\x16\x03\xcf\xe4\x01\x00\x05hello", b"\x00\x01\x02"])
def test_bytes_that_came_with_a_connect_are_recorded(
    flow_file: Path, server: LoopbackServer, first: bytes
) -> None:
    with (
        Recorder(flow_file) as recorder,
        socket.create_connection((recorder.host, recorder.port), timeout=10) as raw,
    ):
        raw.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % server.port + first)
        assert raw.recv(65536).startswith(b"HTTP/1.1 200")
        raw.sendall(b"\r\n\r\n")
        while raw.recv(65536):
            pass

    (sent,) = (item for item in read_capture(flow_file) if isinstance(item, Exchange))
    assert b"".join(message.data for message in sent.messages if message.sent).startswith(first)


def test_a_connection_that_outlives_the_recording_is_closed_and_told(
    flow_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        raw = socket.create_connection((recorder.host, recorder.port), timeout=10)
        raw.sendall(b"CONNECT strange.example:443 HTTP/1.1\r\n\r\n")
        assert raw.recv(65536).startswith(b"HTTP/1.1 200")
        raw.sendall(b"hello, no HTTP")

    with raw:
        assert raw.recv(65536) == b""
    (sent,) = (item for item in read_capture(flow_file) if isinstance(item, Exchange))
    assert b"".join(message.data for message in sent.messages if message.sent) == b"hello, no HTTP"
    assert not [record for record in caplog.records if record.name == "asyncio"]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_an_old_device_is_read(sinkhole: Recorder, version: ssl.TLSVersion) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(sinkhole.ca_file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
        old.minimum_version = old.maximum_version = version
    try:
        old.set_ciphers("DEFAULT:@SECLEVEL=0")
        secure = old.wrap_socket(tunnel(sinkhole, "tv.example"), server_hostname="tv.example")
    except ssl.SSLError as err:
        pytest.skip(f"this machine's OpenSSL speaks no {version.name}: {err}")
    with secure:
        secure.sendall(b"GET /old HTTP/1.1\r\nHost: tv.example\r\n\r\n")
        assert secure.recv(65536).startswith(b"HTTP/1.1 200")

    (one,) = (item for item in read_capture(sinkhole.flow_file) if isinstance(item, Exchange))
    assert one.url == "https://tv.example/old"


def test_a_client_with_which_no_cipher_is_in_common_refused_nothing(sinkhole: Recorder) -> None:
    """The recorder's certificates are for elliptic curves."""
    rsa = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    rsa.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
    rsa.maximum_version = ssl.TLSVersion.TLSv1_2
    with tunnel(sinkhole, "tv.example") as raw, pytest.raises(OSError):
        rsa.wrap_socket(raw, server_hostname="tv.example")
    eventually(sinkhole.gaps)

    assert [(gap.kind, gap.host, gap.detail) for gap in sinkhole.gaps()] == [
        (GapKind.NOT_RECORDED, "tv.example", NO_TLS_IN_COMMON)
    ]


def test_what_is_no_http_inside_tls_is_heard_out_where_nobody_answers(flow_file: Path) -> None:
    said = b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04leak"
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        trust = ssl.create_default_context(cafile=str(recorder.ca_file))
        with trust.wrap_socket(tunnel(recorder, "mqtt.example", 8883), server_hostname="mqtt.example") as raw:
            raw.sendall(said)
            eventually(lambda: recorder.n_under_way)

    (sent,) = (item for item in read_capture(flow_file) if isinstance(item, Exchange))
    assert (sent.host, sent.port) == ("mqtt.example", 8883)
    assert b"".join(message.data for message in sent.messages) == said


def test_connections_through_which_nobody_says_a_word_are_told(flow_file: Path) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        silent = [tunnel(recorder, f"{n % 2}.example") for n in range(20)]
        with trusting(recorder) as client:
            client.get("https://1.example/read")
        for each in silent[:10]:
            each.close()
    for each in silent[10:]:
        each.close()

    told = {(gap.kind, gap.host) for gap in recorder.gaps()}
    assert told == {(GapKind.UNUSED, "0.example")}  # of the other something was read
