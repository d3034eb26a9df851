"""Real conversations over loopback, recorded packet by packet, and opened with the client's own key log."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from hometruth.capture.pcap.keys import KeyLog
from hometruth.model import GapKind
from tests.capture.pcap.files import exchanges, gaps, loopback

pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
"""Old versions are what old recordings hold."""


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate with its key, for localhost."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415

    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    file.write_bytes(
        made.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    )
    return file


@pytest.fixture
def server(certificate: Path) -> Iterator[ThreadingHTTPServer]:
    """Answers with what it was sent, over TLS of any version and cipher that OpenSSL still speaks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answer) as httpd:
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield httpd
        httpd.shutdown()
        thread.join()


@pytest.fixture
def root() -> None:
    try:
        with loopback():
            pass
    except PermissionError:
        pytest.skip("recording packets needs root")


VERSIONS = {
    "TLS 1.3": (ssl.TLSVersion.TLSv1_3, ""),
    "TLS 1.2, GCM": (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-GCM-SHA256"),
    "TLS 1.2, GCM with SHA-384": (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES256-GCM-SHA384"),
    "TLS 1.2, ChaCha20": (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-CHACHA20-POLY1305"),
    "TLS 1.2, CCM": (ssl.TLSVersion.TLSv1_2, "AES128-CCM8"),
    "TLS 1.2, CBC": (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-SHA256"),
    "TLS 1.2, CBC with SHA-384": (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES256-SHA384"),
    "TLS 1.2, Camellia": (ssl.TLSVersion.TLSv1_2, "CAMELLIA128-SHA"),
    "TLS 1.1, CBC": (ssl.TLSVersion.TLSv1_1, "AES128-SHA"),
    "TLS 1.0, CBC": (ssl.TLSVersion.TLSv1, "AES256-SHA"),
}


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("name", VERSIONS)
def test_every_version_and_kind_of_cipher_is_opened_with_its_keys(
    name: str, server: ThreadingHTTPServer, certificate: Path, tmp_path: Path
) -> None:
    version, ciphers = VERSIONS[name]
    context = ssl.create_default_context(cafile=str(certificate))
    context.minimum_version = context.maximum_version = version
    context.set_ciphers((ciphers or "ALL") + ":@SECLEVEL=0")
    context.keylog_filename = str(tmp_path / "keys")
    port = server.server_address[1]
    with loopback() as recording:
        recording.port = port
        with httpx.Client(verify=context) as client:
            for number in range(3):
                client.post(f"https://localhost:{port}/{number}", content=b"canary %d " % number * 3000)

    found = exchanges(recording.pcap(), (tmp_path / "keys").read_bytes())
    assert [item.target for item in found] == [b"/0", b"/1", b"/2"]
    assert [item.request_body for item in found] == [b"canary %d " % number * 3000 for number in range(3)]
    assert all(item.response_body == item.request_body for item in found)
    assert {item.host for item in found} == {"localhost"}
    (closed,) = gaps(recording.pcap())
    assert (closed.kind, closed.host) == (GapKind.OPAQUE, "localhost")
    assert closed.detail.endswith("there are no keys")
    assert (closed.size_bytes or 0) > 3 * 27_000


@pytest.mark.usefixtures("root")
def test_keys_that_are_another_connections_are_told_apart_from_none(
    server: ThreadingHTTPServer, certificate: Path, tmp_path: Path
) -> None:
    context = ssl.create_default_context(cafile=str(certificate))
    port = server.server_address[1]
    with loopback() as recording:
        recording.port = port
        with httpx.Client(verify=context) as client:
            client.post(f"https://localhost:{port}/", content=b"x")

    other = b"CLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48
    assert [gap.detail for gap in gaps(recording.pcap(), other)] == [
        "a TLSv1.3 connection stayed closed: no key of the log is this connection's"
    ]


@pytest.mark.usefixtures("root")
def test_http_3_is_opened_with_its_keys(certificate: Path, tmp_path: Path) -> None:
    recording_keys = tmp_path / "keys"
    with loopback() as recording:
        recording.port = asyncio.run(_three_requests(certificate, recording_keys))

    found = exchanges(recording.pcap(), recording_keys.read_bytes())
    assert sorted(item.target for item in found) == [b"/0?q=canary", b"/1?q=canary", b"/2?q=canary"]
    assert {item.request_body for item in found} == {b"canary " * 2000}
    assert {item.http_version for item in found} == {"HTTP/3"}
    assert {item.status for item in found} == {200}


async def _three_requests(certificate: Path, keys: Path) -> int:
    """Ask a server of aioquic's three times; the port it listened on."""
    from aioquic.asyncio.client import connect  # noqa: PLC0415
    from aioquic.asyncio.protocol import QuicConnectionProtocol  # noqa: PLC0415
    from aioquic.asyncio.server import serve  # noqa: PLC0415
    from aioquic.h3.connection import H3Connection  # noqa: PLC0415
    from aioquic.h3.events import DataReceived, HeadersReceived  # noqa: PLC0415
    from aioquic.quic.configuration import QuicConfiguration  # noqa: PLC0415
    from aioquic.quic.events import QuicEvent  # noqa: PLC0415

    class Server(QuicConnectionProtocol):
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, **kwargs)  # type: ignore[arg-type]
            self.http = H3Connection(self._quic)

        def quic_event_received(self, event: QuicEvent) -> None:
            for item in self.http.handle_event(event):
                if isinstance(item, DataReceived | HeadersReceived) and item.stream_ended:
                    self.http.send_headers(item.stream_id, [(b":status", b"200")])
                    self.http.send_data(item.stream_id, b"thanks", end_stream=True)

    class Client(QuicConnectionProtocol):
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, **kwargs)  # type: ignore[arg-type]
            self.http = H3Connection(self._quic)
            self.ended = 0
            self.done = asyncio.Event()

        def quic_event_received(self, event: QuicEvent) -> None:
            for item in self.http.handle_event(event):
                if isinstance(item, DataReceived | HeadersReceived) and item.stream_ended:
                    self.ended += 1
                    if self.ended == 3:
                        self.done.set()

    served = QuicConfiguration(is_client=False, alpn_protocols=["h3"])
    served.load_cert_chain(certificate)
    server = await serve("127.0.0.1", 0, configuration=served, create_protocol=Server)
    assert server._transport is not None
    port = int(server._transport.get_extra_info("sockname")[1])
    with keys.open("w") as log:
        asking = QuicConfiguration(alpn_protocols=["h3"], secrets_log_file=log, server_name="localhost")
        asking.load_verify_locations(str(certificate))
        async with connect("127.0.0.1", port, configuration=asking, create_protocol=Client) as client:
            assert isinstance(client, Client)
            for number in range(3):
                stream = client._quic.get_next_available_stream_id()
                head = [
                    (b":method", b"POST"),
                    (b":scheme", b"https"),
                    (b":authority", b"localhost"),
                    (b":path", b"/%d?q=canary" % number),
                ]
                client.http.send_headers(stream, head)
                client.http.send_data(stream, b"canary " * 2000, end_stream=True)
                client.transmit()
            await asyncio.wait_for(client.done.wait(), 20)
    server.close()  # type: ignore[no-untyped-call]
    return port


def test_a_key_log_is_told_from_a_text_without_keys() -> None:
    log = KeyLog()
    log.add(b"# a comment\nCLIENT_RANDOM short 12\n")

    assert len(log) == 0
