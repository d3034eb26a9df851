"""An "internet" on loopback, in a network namespace of its own, and a browser audited in it by no root.

Every name is this machine; every server answers, with a certificate that only this namespace trusts.
"""

import base64
import hashlib
import json
import os
import pickle
import shutil
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import certifi
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import DNSName
from mitmproxy.certs import CertStore

from hometruth.model import Audit
from hometruth.run import run
from tests.audit.browser_runs import Browser, quick_plan

NOT_ROOT = 1000
ROOT_OF_ITS_OWN = ("unshare", "--user", "--map-root-user", "--net", "--mount", "--fork", "--kill-child")
USER = ("unshare", "--user", f"--map-user={NOT_ROOT}", f"--map-group={NOT_ROOT}")
WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
A, IN = b"\x00\x01", b"\x00\x01"


def missing() -> str:
    """Why this cannot be done on this machine; empty if it can."""
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return "needs unshare and ip (Debian: util-linux, iproute2)"
    tried = subprocess.run([*ROOT_OF_ITS_OWN, *USER, "true"], capture_output=True, text=True, check=False)
    return f"no namespaces here: {tried.stderr.strip()}" if tried.returncode else ""


class Names(socketserver.BaseRequestHandler):
    """Every name is this machine, by IPv4 (RFC 1035, section 4)."""

    def handle(self) -> None:
        asked, answers_to = self.request
        end = asked.index(b"\x00", 12) + 5
        is_address = asked[end - 4 : end - 2] == A
        answer = b"\xc0\x0c" + A + IN + b"\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x01" if is_address else b""
        head = asked[:2] + b"\x81\x80\x00\x01" + (b"\x00\x01" if answer else b"\x00\x00") + b"\x00" * 4
        answers_to.sendto(head + asked[12:end] + answer, self.client_address)


class Page(BaseHTTPRequestHandler):
    """The same page for everybody."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if key := self.headers.get("Sec-WebSocket-Key"):
            self._listen(key)
            return
        body = b"<!doctype html><title>loopback</title><p>a server on loopback"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _listen(self, key: str) -> None:
        """Take up a conversation (RFC 6455, section 4.2.2), and hear it out without a word."""
        accepted = hashlib.sha1(key.encode() + WEBSOCKET_GUID, usedforsecurity=False).digest()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(accepted).decode())
        if spoken := self.headers.get("Sec-WebSocket-Protocol"):
            self.send_header("Sec-WebSocket-Protocol", spoken.partition(",")[0])
        self.end_headers()
        while self.rfile.read1():
            pass
        self.close_connection = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None: ...


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is none of the server's errors."""


def serve(folder: Path) -> None:
    """Names and pages, plain and over TLS, by an authority that is trusted in place of all others."""
    store = CertStore.from_store(folder, "loopback", 2048)
    authority = folder / "loopback-ca-cert.pem"
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    for ours, place in ((authority, certifi.where()), (folder / "resolv.conf", "/etc/resolv.conf")):
        subprocess.run(["mount", "--bind", str(ours), os.path.realpath(place)], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

    @lru_cache
    def context(name: str) -> ssl.SSLContext:
        entry = store.get_cert(name, [DNSName(name)])
        key = entry.privatekey.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file = folder / f"{name}.pem"
        file.write_bytes(entry.cert.to_pem() + key)
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(file)
        return made

    def choose(sock: ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        sock.context = context(name or "loopback")

    over_tls = Server(("127.0.0.1", 443), Page)
    chooser = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    chooser.sni_callback = choose  # type: ignore[assignment]
    over_tls.socket = chooser.wrap_socket(over_tls.socket, server_side=True, do_handshake_on_connect=False)
    names = socketserver.ThreadingUDPServer(("127.0.0.1", 53), Names)
    for server in (Server(("127.0.0.1", 80), Page), over_tls, names):
        threading.Thread(target=server.serve_forever, daemon=True).start()


def audited(browser: Browser, levels: Sequence[Mapping[str, str]], case: Path) -> Audit:
    """One session of each condition, forwarded to the servers of that internet, by a user who is not root."""
    result = case.with_suffix(".pickle")
    told = [browser, str(case), str(result), json.dumps(levels)]
    inside = [sys.executable, "-m", __name__]
    subprocess.run(
        [*ROOT_OF_ITS_OWN, *inside, "serve", *inside, *told], check=True, cwd=Path(__file__).parents[2]
    )
    audit: Audit = pickle.loads(result.read_bytes())
    return audit


def main() -> None:
    if sys.argv[1] == "serve":
        with tempfile.TemporaryDirectory() as folder:
            serve(Path(folder))
            sys.exit(subprocess.run([*USER, *sys.argv[2:]], check=False).returncode)
    browser, case, result, levels = sys.argv[1:]
    assert os.geteuid() == NOT_ROOT
    plan = quick_plan("firefox" if browser == "firefox" else "chromium", *json.loads(levels), offline=False)
    Path(result).write_bytes(pickle.dumps(run(plan, Path(case), bag=True)))


if __name__ == "__main__":
    main()
