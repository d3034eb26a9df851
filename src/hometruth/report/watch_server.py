"""Serves the page of `watch` on loopback, to this machine's own browsers and nobody else.

The address holds a random word, so that neither another user nor a page of the web can guess it; a request
under any other host name is refused, so that no page of the web can read it through a name of its own that it
points here ("DNS rebinding").
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hometruth.errors import HometruthError
from hometruth.report.catalogue import _
from hometruth.report.watch_page import ENDED, GOES_ON, MAX_ROWS, LiveRows, page_head, page_style

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
LOOPBACK = "127.0.0.1"
MAX_READERS = 8
"""Pages open at the same time; each holds a thread."""
IDLE_S = 5.0
"""Without news a comment is sent, which shows whether anybody still reads."""
STALLED_S = 30.0
"""A reader that takes nothing, or does not finish its request, for so long is let go."""


@dataclass(frozen=True, slots=True)
class Served:
    """What every request is answered from."""

    title: str
    rows: LiveRows
    style: str
    token: str
    port: int
    readers: threading.BoundedSemaphore

    @property
    def url(self) -> str:
        """The page's address."""
        return f"http://{LOOPBACK}:{self.port}/{self.token}/"

    @property
    def names(self) -> frozenset[str]:
        """Host headers that are answered."""
        own = {f"{name}:{self.port}" for name in (LOOPBACK, "localhost")}
        return frozenset(own | ({LOOPBACK, "localhost"} if self.port == 80 else set()))


@contextmanager
def serving(rows: LiveRows, *, title: str, port: int = 0) -> Iterator[str]:
    """Serve the page of *rows*; gives its address.

    Args:
        port: 0 takes a free one.

    Raises:
        HometruthError: If the port is taken.
    """
    try:
        server = _Server((LOOPBACK, port), _Handler)
    except OSError as err:
        raise HometruthError(f"the page cannot be served on {LOOPBACK} port {port}: {err.strerror}") from err
    server.served = Served(
        title=title,
        rows=rows,
        style=page_style(),
        token=secrets.token_urlsafe(16),
        port=server.server_address[1],
        readers=threading.BoundedSemaphore(MAX_READERS),
    )
    thread = threading.Thread(target=server.serve_forever, name="watch-page", daemon=True)
    thread.start()
    try:
        yield server.served.url
    finally:
        rows.end()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    served: Served

    def handle_error(self, request: object, client_address: object) -> None:
        """A reader that went away is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = STALLED_S
    server: _Server

    def do_GET(self) -> None:
        """The page, or its style sheet."""
        served = self.server.served
        if self.headers.get_all("Host", []) not in [[name] for name in served.names]:
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST, _("open this page by the address that was printed"))
            return
        _empty, token, rest = f"{self.path}//".split("/", 2)
        if not compare_digest(token.encode(), served.token.encode()):
            self._refuse(HTTPStatus.NOT_FOUND, _("no such page"))
        elif rest == "style.css//":
            self._head(HTTPStatus.OK, "text/css; charset=utf-8", served.style.encode())
        elif rest != "//":
            self._refuse(HTTPStatus.NOT_FOUND, _("no such page"))
        elif not served.readers.acquire(blocking=False):
            self._refuse(
                HTTPStatus.SERVICE_UNAVAILABLE,
                _("the page is open {MAX_READERS} times; close one", MAX_READERS=MAX_READERS),
            )
        else:
            try:
                self._stream(served)
            finally:
                served.readers.release()

    def _stream(self, served: Served) -> None:
        self._head(HTTPStatus.OK, "text/html; charset=utf-8")
        place = served.rows.n_left_out
        self._write(page_head(served.title, place))
        served.rows.opened.set()
        last = place + 2 * MAX_ROWS
        ended = False
        while not ended and place < last:
            before = place
            place, rows, ended = served.rows.after(place, IDLE_S)
            self._write("".join(rows) if place > before else "<!-- -->")
        self._write(f"{ENDED if ended else GOES_ON}</div></main></body></html>")

    def _write(self, text: str) -> None:
        self.wfile.write(text.encode("utf-8", "backslashreplace"))

    def _head(self, status: HTTPStatus, media_type: str, body: bytes | None = None) -> None:
        """The answer's head and *body*; without one, what follows lasts until the connection ends."""
        self.send_response_only(status)
        for name, value in (*HEADERS.items(), ("Content-Type", media_type), ("Connection", "close")):
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.close_connection = True
        if body is not None:
            self.wfile.write(body)

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self._head(status, "text/plain; charset=utf-8", f"{why}\n".encode())

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """What is not even a request for a page; without a word of what was asked."""
        self._refuse(HTTPStatus(code), _("not answered"))

    def log_message(self, format: str, *args: object) -> None:
        """Who looked is not noted."""
