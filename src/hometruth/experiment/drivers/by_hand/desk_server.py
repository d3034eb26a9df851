"""Serves the desk page on loopback, by an address that holds a random word.

A device that is recorded has the recorder for its proxy, and so can ask it for this machine's loopback: that
it does not know the word is what keeps it, and any page of the web, from steering the desk.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from secrets import token_urlsafe
from urllib.parse import parse_qs

from hometruth.errors import DriverError
from hometruth.experiment.drivers.by_hand.desk import MOST_CHOICES, DeskBoard, Pressed, page_around
from hometruth.experiment.drivers.desktop.site import ENDS_WITHIN_S

LOOPBACK = "127.0.0.1"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with none, a browser names no origin of a form either
    "X-Content-Type-Options": "nosniff",
}
IDLE_S = 5.0
"""Without news a comment is sent, which shows whether anybody still reads."""
MOST_STEPS = 500
"""Of one answer; then the page asks for the next."""
MAX_READERS = 8
"""Pages open at the same time; each holds a thread."""
STALLED_S = 30.0
MAX_POST_BYTES = 16 * MOST_CHOICES
"""A tick and its place take 9 bytes at most."""
MOST_DRAIN_S = 600
"""Of a timer that moves by the second."""


class _DeskServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    board: DeskBoard
    word: str
    readers: threading.BoundedSemaphore

    @property
    def own_names(self) -> frozenset[str]:
        """Host headers that are answered."""
        return frozenset(f"{name}:{self.server_port}" for name in (LOOPBACK, "localhost"))

    def handle_error(self, request: object, client_address: object) -> None:
        """A reader that went away is no error of ours."""


@contextmanager
def serving_desk(board: DeskBoard, port: int = 0) -> Iterator[str]:
    """Serve it; gives its address.

    Args:
        port: 0 takes a free one.

    Raises:
        DriverError: If the port is taken.
    """
    try:
        server = _DeskServer((LOOPBACK, port), _DeskHandler)
    except OSError as err:
        told = f"the desk page cannot be served on {LOOPBACK} port {port}: {err.strerror}"
        raise DriverError(told) from err
    server.board, server.word = board, token_urlsafe(16)
    server.readers = threading.BoundedSemaphore(MAX_READERS)
    thread = threading.Thread(
        target=server.serve_forever, args=(ENDS_WITHIN_S,), name="desk page", daemon=True
    )
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}/{server.word}/"
    finally:
        board.end()
        server.shutdown()
        server.server_close()
        thread.join()


class _DeskHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = STALLED_S
    server: _DeskServer

    def do_GET(self) -> None:
        """The page, as it goes on by itself or as it is now, and its style sheet."""
        page = self._page()
        if page == "":
            self._stream()
        elif page == "now":
            head, tail = page_around(is_whole=True)
            step = self.server.board.after(-1, 0)[1]
            self._answer(HTTPStatus.OK, "text/html", f"{head}{step}{tail}")
        elif page == "style.css":
            self._answer(HTTPStatus.OK, "text/css", _style())
        elif page is not None:
            self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """A button."""
        page, length = self._page(), self.headers.get("Content-Length", "")
        if page is None:
            return
        origin = self.headers.get("Origin")
        is_own = origin is None or origin.removeprefix("http://") in self.server.own_names
        if page != "press" or not is_own or not length.isdecimal() or int(length) > MAX_POST_BYTES:
            self._refuse(HTTPStatus.FORBIDDEN)
            return
        told = parse_qs(self.rfile.read(int(length)).decode("ascii", "replace"))
        number, button = (told.get(name, [""])[0] for name in ("step", "button"))
        ticked = (int(each) for each in told.get("tick", ()) if each.isdecimal() and each.isascii())
        if number.isdecimal() and number.isascii():
            self.server.board.press(Pressed(int(number), button, frozenset(ticked)))
        self._answer(HTTPStatus.SEE_OTHER, "text/plain", "", {"Location": "./"})

    def _page(self) -> str | None:
        """Which page is asked for by the word; None if it was refused."""
        if self.headers.get_all("Host", []) not in [[name] for name in self.server.own_names]:
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST)
            return None
        _, word, page = f"{self.path}//".split("/", 2)
        if not compare_digest(word.encode("utf-8", "replace"), self.server.word.encode()):
            self._refuse(HTTPStatus.NOT_FOUND)
            return None
        return page.removesuffix("/").removesuffix("/")

    def _stream(self) -> None:
        if not self.server.readers.acquire(blocking=False):
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
            return
        try:
            self._head(HTTPStatus.OK, "text/html", {"Connection": "close"})
            board, version = self.server.board, -1
            head, tail = page_around(is_whole=False)
            self.wfile.write(head.encode())
            for _ in range(MOST_STEPS):
                version, step = board.after(version, IDLE_S)
                self.wfile.write(step.encode() or b"<!-- -->")
                if board.is_over:
                    break
            self.wfile.write(tail.encode())
        finally:
            self.server.readers.release()

    def _head(self, status: HTTPStatus, kind: str, more: dict[str, str]) -> None:
        self.send_response_only(status)
        for name, value in (*HEADERS.items(), ("Content-Type", f"{kind}; charset=utf-8"), *more.items()):
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True

    def _answer(self, status: HTTPStatus, kind: str, text: str, more: dict[str, str] | None = None) -> None:
        data = text.encode()
        self._head(status, kind, {"Connection": "close", "Content-Length": str(len(data)), **(more or {})})
        self.wfile.write(data)

    def _refuse(self, status: HTTPStatus) -> None:
        """Without a word of what was asked."""
        self._answer(status, "text/plain", "open this page by the address that was printed\n")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """What is not even a request for a page."""
        self._refuse(HTTPStatus(code))

    def log_message(self, format: str, *args: object) -> None:
        """Who looked is not noted."""


def _style() -> str:
    """The style sheet, with how long a timer runs and how much of it is over: no style stands in the page."""
    text = (files("hometruth.experiment.drivers.by_hand") / "templates" / "desk.css").read_text("utf-8")
    lasts = (f".d{n} i{{animation-duration:{n}s}}" for n in range(1, MOST_DRAIN_S + 1))
    passed = (f".s{n} i{{animation-delay:-{n}s}}" for n in range(MOST_DRAIN_S + 1))
    return text + "\n".join((*lasts, *passed)) + "\n"
