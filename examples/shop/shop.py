"""A web shop that tells nine others what its customers typed, and the same shop once that is fixed.

One server on loopback answers for every host of the example, told apart by the Host header; the WebSocket is
at an address of its own, since a recorder forwards it as it is. Start it with ``python shop.py`` and visit
``/leaky`` or ``/fixed`` through a recorder that routes the hosts here.
"""

from __future__ import annotations

import base64
import hashlib
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

SHOP = "shop.example"
SOCKET_ADDRESS = "127.0.0.2"
RECIPIENTS = (
    "plain.example",
    "hashed.example",
    "coded.example",
    SOCKET_ADDRESS,
    "beacon.example",
    "worker.example",
    "frame.example",
    "proto.example",
    "metrics.shop.example",
)
"""Who gets what was typed: as it is, as SHA-256, in base64, over a WebSocket, by a beacon, from a worker,
in an embedded page of others, as protobuf, and at a first-party name that is somebody else's (CNAME)."""
HOSTS = (SHOP, *(host for host in RECIPIENTS if host != SOCKET_ADDRESS))
HOLD_S = 20.0
"""How long a page may go on loading until everything it sends has been answered."""
FOLDER = Path(__file__).parent
WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3


class Shop:
    """The server, from `__enter__` to `__exit__`."""

    def __enter__(self) -> Shop:
        self.ready = {"leaky": Event(), "fixed": Event()}
        shop = self

        class Answering(Answers):
            ready = shop.ready

        self._servers = [
            ThreadingHTTPServer((address, 0), Answering) for address in ("127.0.0.1", SOCKET_ADDRESS)
        ]
        Answering.socket = f"ws://{SOCKET_ADDRESS}:{self._servers[1].server_port}/"
        for server in self._servers:
            server.daemon_threads = True
            Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._servers[0].server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()


class Answers(BaseHTTPRequestHandler):
    """The shop's pages, its service worker, and whatever the others answer."""

    protocol_version = "HTTP/1.1"
    ready: dict[str, Event]
    socket = ""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self._talk()
        elif self.headers.get("Host", "").partition(":")[0] != SHOP:
            self._send("text/html", "<p>embedded</p>")
        elif path in ("/leaky", "/fixed"):
            page = (FOLDER / "page.html").read_text("utf-8")
            self._send("text/html", page.replace("SOCKET", self.socket).replace("VERSION", path[1:]))
        elif path == "/worker.js":
            self._send("text/javascript", (FOLDER / "worker.js").read_text("utf-8"))
        elif path == "/wait":  # a picture that comes when all is sent: until then the page is loading
            self.ready[parse_qs(urlsplit(self.path).query)["for"][0]].wait(HOLD_S)
            self._send("text/plain", "")
        elif path == "/ready":
            self.ready[parse_qs(urlsplit(self.path).query)["for"][0]].set()
            self._send("text/plain", "")
        else:
            self._send("text/html", "<p>found</p>")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._send("text/plain", "thanks")

    def _send(self, kind: str, text: str) -> None:
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def _talk(self) -> None:
        """Accept a WebSocket, read one message, say thanks, and close."""
        key = self.headers["Sec-WebSocket-Key"] + WEBSOCKET_GUID
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept)
        self.end_headers()
        length = self.rfile.read(2)[1] & 0x7F
        if length == 126:  # RFC 6455, section 5.2: the length is in the two bytes that follow
            length = int.from_bytes(self.rfile.read(2))
        self.rfile.read(4 + length)
        self.wfile.write(b"\x81\x06thanks\x88\x00")
        self.wfile.flush()
        self.rfile.read(6)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    with Shop() as shop:
        print(f"{shop.url} answers for {', '.join(HOSTS)}; Ctrl-C ends it")
        with suppress(KeyboardInterrupt):
            Event().wait()
