"""The canaries' own site, on loopback: what reached it happened, and its cookie tells windows apart."""

import re
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

ZONE = "sites.example"
"""Domain of its hosts: a reserved name (RFC 2606), so that no real site is ever visited."""
PROBE = f"probe.{ZONE}"
"""Host whose cookie tells windows apart. Nothing is planted there."""
COOKIE = "window"
COOKIE_S = 10 * 365 * 86_400
_COOKIE = re.compile(rf"(?:^|;)\s*{COOKIE}=([0-9a-f]{{16}})")
_PAGE = "<!doctype html><meta charset=utf-8><title>{title}</title><p>{text}"
_LINK = '<a href="{address}">on</a>'
_FORM = '<form><input name=field size=40 style="border:0;outline:0;font-size:2em"></form>'
"""Large and without a frame, so that what stands in it can be read off the screen."""
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}
"""Of pages that can cause no request: whatever tells of a visit is the browser's own doing."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request that reached the site."""

    at_ns: int
    host: str
    path: str
    cookie: str
    """Value of the cookie it brought; empty if it brought none."""
    given: str
    """Value of the cookie that the answer sets; that brought, if it brought one."""


@dataclass
class Site:
    """What reached the site, and what its pages say."""

    url: str = ""
    seen: list[Arrival] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    """HTML of pages that hold more than their name, by host and path."""

    def got(self, host: str, path: str, since_ns: int) -> Arrival | None:
        """The first request for a page, not before a moment; None if there was none yet."""
        return next(
            (one for one in self.seen if (one.host, one.path) == (host, path) and one.at_ns >= since_ns), None
        )

    def put_link(self, path: str, address: str) -> str:
        """Make a page with nothing on it but a link to *address*; returns where it is."""
        return self._put("links", path, _LINK.format(address=address))

    def put_form(self, path: str) -> str:
        """Make a page with nothing on it but a field that takes what is typed."""
        return self._put("forms", path, _FORM)

    def put_text(self, path: str, text: str) -> str:
        """Make a page that says *text*, which its address does not."""
        return self._put("texts", path, text)

    def _put(self, name: str, path: str, content: str) -> str:
        host = f"{name}.{ZONE}"
        self.texts[f"{host}{path}"] = content
        return f"{host}{path}"


@contextmanager
def serving() -> Iterator[Site]:
    """Serve the site on a free port of loopback."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host, path = (self.headers.get("Host") or "").partition(":")[0].lower(), urlsplit(self.path).path
            found = _COOKIE.search(self.headers.get("Cookie") or "")
            brought = found[1] if found else ""
            given = brought or secrets.token_hex(8)
            site.seen.append(Arrival(time.time_ns(), host, path, brought, given))
            title = path.strip("/").partition("/")[0] or host
            content = site.texts.get(f"{host}{path}", "Nothing here but this page.")
            self._answer(_PAGE.format(title=title, text=content).encode(), given)

        def _answer(self, body: bytes, cookie: str) -> None:
            self.send_response(200)
            for name, value in HEADERS.items():
                self.send_header(name, value)
            self.send_header("Set-Cookie", f"{COOKIE}={cookie}; Max-Age={COOKIE_S}; Path=/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing on standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        site.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


def routes(site: Site) -> Mapping[str, str]:
    """What the recorder hands over to the site."""
    return {f"*.{ZONE}": site.url}
