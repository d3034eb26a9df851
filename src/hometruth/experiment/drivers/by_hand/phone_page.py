"""What follows the recorder's own page on the device: where to go on, and pictures of its screen.

It tells the person where the run is, and takes pictures. Nothing that comes here steers the desk.
"""

import html
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hometruth.experiment.drivers.by_hand.windows import START
from hometruth.experiment.drivers.desktop.site import ENDS_WITHIN_S
from hometruth.handed_in import sentences

HOST = "hometruth.test"
GUIDE_PATH, PICTURE_PATH = "/guide", "/guide/picture"
MAX_PICTURE_BYTES = 12 << 20
"""A screenshot has one or two million."""
MOST_PARTS, MOST_HEAD_BYTES = 8, 2048
"""Of the form, and of the head of a part: its own has two, and names of files are short."""
MAX_PICTURES, MAX_ALL_BYTES = 500, 1 << 30
"""Of one run."""
_KINDS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
"""How pictures begin that phones make of their screens."""
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}
_PAGE = """<!doctype html>
<html lang=en><head><meta charset=utf-8><meta name=viewport content="width=device-width">
<title>{title}</title>
<style>:root{{color-scheme:light dark;background:Canvas;color:CanvasText}}
body{{font:18px/1.5 sans-serif;max-width:34em;margin:1em auto;padding:0 1em;overflow-wrap:anywhere}}
a.do,button,input{{font:inherit;max-width:100%}}
a.do,button{{display:inline-block;padding:.6em 1em;border:2px solid;border-radius:.4em}}
button{{cursor:pointer;background:Canvas;color:CanvasText}}</style></head>
<body><main><h1>{title}</h1>
{told}<p>{text}
{link}<h2>{picture_title}</h2>
<p>{picture_text}
<form method=post action="{picture_path}" enctype="multipart/form-data">
<input type=hidden name=word value={word}>
<p><label>{picture_label} <input type=file name=picture accept="image/png,image/jpeg" required></label>
<p><button>{picture_send}</button></form>
<h2>{stop_title}</h2>
<p><a href="/">{stop_link}</a>
</main></body></html>
"""
_LINK = '<p><a class=do href="http://{start}/">{text}</a>\n'


@dataclass
class PhoneState:
    """Where the run is, as the device's page says it."""

    name: str = "wait"
    """Of its sentences."""
    app: str = ""
    """Product that is tested, where its sentences name it."""
    links: bool = False
    """True while it leads to the first page, in the normal window."""
    on_picture: Callable[[bytes, str], None] = lambda _data, _ending: None
    """Takes a picture, and the ending of its name; called in threads of the page's own, one at a time."""
    n_pictures: int = 0
    n_bytes: int = 0
    """Of all pictures."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, picture: bytes, ending: str) -> bool:
        """Keep it; False if there are too many, or there is no room for it."""
        with self.lock:
            if self.n_pictures >= MAX_PICTURES or self.n_bytes + len(picture) > MAX_ALL_BYTES:
                return False
            self.n_pictures += 1
            try:
                self.on_picture(picture, ending)
            except OSError:  # the disk is full: told on the page, since the session goes on without it
                return False
            self.n_bytes += len(picture)
            return True


@contextmanager
def serving_phone(state: PhoneState) -> Iterator[str]:
    """Serve it on a free port of loopback, where the recorder hands it over; gives where."""
    word = secrets.token_hex(16)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30.0

        def do_GET(self) -> None:
            if self.path.split("?")[0] != GUIDE_PATH:
                self._answer(404, "")
                return
            self._answer(200, _drawn(state, word))

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length") or ""
            if self.path != PICTURE_PATH or not length.isdecimal() or int(length) > MAX_PICTURE_BYTES:
                self.close_connection = True
                self._answer(413 if self.path == PICTURE_PATH else 404, "")
                return
            parts = _parts(self.headers.get("Content-Type") or "", self.rfile.read(int(length)))
            picture = parts.get("picture", b"")
            ending = next((kind for begin, kind in _KINDS.items() if picture.startswith(begin)), "")
            if not compare_digest(parts.get("word", b""), word.encode()):
                self._answer(403, "")
            elif not ending or not state.take(picture, ending):
                self._answer(415, _drawn(state, word, "picture_refused"))
            else:
                self._answer(200, _drawn(state, word, "picture_taken"))

        def _answer(self, status: int, page: str) -> None:
            data = page.encode()
            self.send_response_only(status)
            for name, value in HEADERS.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing on standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(
            target=server.serve_forever, args=(ENDS_WITHIN_S,), name="phone page", daemon=True
        )
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _drawn(state: PhoneState, word: str, told: str = "") -> str:
    say = {name: html.escape(text) for name, text in sentences("guide").items()}
    return _PAGE.format(
        **say,
        title=say[f"{state.name}_title"].format(app=html.escape(state.app)),
        text=say[f"{state.name}_text"].format(app=html.escape(state.app)),
        told=f"<p><strong>{say[told]}</strong>\n" if told else "",
        link=_LINK.format(start=START, text=say["first_link"]) if state.links else "",
        picture_path=PICTURE_PATH,
        word=word,
    )


def _parts(content_type: str, body: bytes) -> dict[str, bytes]:
    """Fields of a form with files (RFC 7578), by name, the first few; nothing of what is none.

    Not read by `email`, which takes a part within a part, and a million of them, for mail.
    """
    told = Message()
    told["Content-Type"] = "".join(content_type.splitlines()[:1])
    boundary = told.get_boundary("")
    if told.get_content_type() != "multipart/form-data" or not boundary:
        return {}
    delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
    found: dict[str, bytes] = {}
    for part in (b"\r\n" + body).split(delimiter, MOST_PARTS + 1)[1 : MOST_PARTS + 1]:
        head, between, data = part.partition(b"\r\n\r\n")
        if between and len(head) <= MOST_HEAD_BYTES:
            name = message_from_bytes(head.lstrip()).get_param("name", header="content-disposition")
            if isinstance(name, str):
                found.setdefault(name, data)
    return found
