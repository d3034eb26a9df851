"""Real TLS on loopback: a server with a certificate of its own, and a client that accepts no other."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class PinnedServer:
    """What a server of the vendor's own received, and the only authority that its app accepts."""

    port: int
    ca_file: Path
    received: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        """As a sinkhole's route."""
        return f"https://127.0.0.1:{self.port}"

    def context(self, *, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
        """A client's, which refuses every other certificate."""
        made = ssl.create_default_context(cafile=str(self.ca_file))
        made.minimum_version = made.maximum_version = version
        return made


def own_certificate(host: str, folder: Path) -> tuple[Path, Path]:
    """A certificate that vouches for itself, for one day, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{host}.pem", folder / f"{host}.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


@contextmanager
def pinned_server(host: str, folder: Path) -> Iterator[PinnedServer]:
    """Serve HTTPS as *host*, answering every POST with a few bytes."""
    certificate, key = own_certificate(host, folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.num_tickets = (
        0  # on a loaded machine they come between a head and its body, and make two bursts of one
    )

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            told.received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def get_request(self) -> tuple[socket.socket, object]:
            plain, address = super().get_request()
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

    with Server(("127.0.0.1", 0), Handler) as listening:
        told = PinnedServer(listening.server_address[1], certificate)
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield told
        listening.shutdown()
        thread.join()


@contextmanager
def pinned_connection(
    proxy_url: str, host: str, context: ssl.SSLContext, *, port: int | None = None
) -> Iterator[ssl.SSLSocket]:
    """A TLS connection to *host* through the proxy; SSLError where the certificate is not the pinned one.

    Args:
        port: Of loopback, where *host* is: asked for by that address, as a tunnel sees it.
    """
    asked = f"127.0.0.1:{port}" if port else f"{host}:443"
    proxy = urlsplit(proxy_url)
    with socket.create_connection((proxy.hostname or "", proxy.port or 0), timeout=10) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.sendall(f"CONNECT {asked} HTTP/1.1\r\n\r\n".encode())
        assert plain.recv(1000).startswith(b"HTTP/1.1 200")
        with context.wrap_socket(plain, server_hostname=host) as connection:
            yield connection


def post(connection: ssl.SSLSocket, host: str, body: bytes) -> bytes:
    """Send one request, head and body in TLS records of their own, and take the answer."""
    connection.sendall(f"POST /t HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
    if body:
        connection.sendall(body)
    answer = b""
    while not answer.endswith(b"ok"):
        answer += connection.recv(1000)
    return answer
