"""The canaries' own site, on loopback: what reached it happened, and its cookie tells windows apart."""

import html
import re
import secrets
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from hometruth.errors import DriverError
from hometruth.experiment.drivers.desktop.makes import NORMAL, PRIVATE

ZONE = "sites.example"
"""Domain of its hosts: a reserved name (RFC 2606), so that no real site is ever visited."""
PROBE = f"probe.{ZONE}"
"""Host whose cookie tells windows apart. Nothing is planted there."""
COOKIE = "window"
COOKIE_S = 10 * 365 * 86_400
_COOKIE = re.compile(rf"(?:^|;)\s*{COOKIE}=([0-9a-f]{{16}})")
ENDS_WITHIN_S = 0.05
"""A server on loopback looks as often whether it is to end."""
MAX_FORM_BYTES = 4096
"""Of what is entered on a page; the longest is a word."""
_PAGE = "<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><main><p>{text}</main>"
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
    agent: str = ""
    """What the browser calls itself."""


@dataclass(frozen=True, slots=True)
class SiteAnswer:
    """What one request is answered with."""

    content: str = ""
    """HTML behind the page's head."""
    elsewhere: str = ""
    """Address to go to instead."""
    title: str = ""
    """By default, the first part of the path."""
    later: tuple[float, str] | None = None
    """Seconds after which the page is left for another address, as it says in a header."""


@dataclass
class WindowCookie:
    """What tells a private window from the normal ones: the cookie that each brings to the site.

    Args:
        first: What the normal window brought that was opened before.
    """

    first: Arrival
    own: str = ""
    """What the session's window was given, if it is a private one."""

    def mode(self, seen: Arrival | None) -> str | None:
        """A normal window brings the cookie of the first one; a private one none, and then its own.

        None for any other: whose that is, nobody knows.

        Raises:
            DriverError: Nothing arrived.
        """
        if seen is None:
            raise DriverError("what was typed into the session's window did not reach the canary site")
        if seen.cookie == self.first.given:
            return NORMAL
        if seen.cookie != self.own:
            return None
        self.own = seen.given
        return PRIVATE


@dataclass
class Site:
    """What reached the site, and what its pages say."""

    url: str = ""
    seen: list[Arrival] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    """HTML of pages that hold more than their name, by host and path."""
    cookie_for: str = ""
    """Domain of the cookie; by default, each host has one of its own."""

    def answer(self, seen: Arrival, form: Mapping[str, str]) -> SiteAnswer:  # noqa: ARG002 - for others
        """What a request is answered with.

        Args:
            form: What was entered on a page and sent; empty for a visit.
        """
        return SiteAnswer(self.texts.get(f"{seen.host}{seen.path}", "Nothing here but this page."))

    def got(self, host: str, path: str, since_ns: int) -> Arrival | None:
        """The first request for a page, not before a moment; None if there was none yet."""
        return next(
            (one for one in self.seen if (one.host, one.path) == (host, path) and one.at_ns >= since_ns), None
        )

    def mistaken(self, part: str, since_ns: int) -> Arrival | None:
        """A request for a page whose path has *part* in it, whatever its host and the rest."""
        return next((one for one in self.seen if part in one.path and one.at_ns >= since_ns), None)

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


class SiteServer(ThreadingHTTPServer):
    """Serves pages to a device, which comes and goes as it likes."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Of a reader that went away there is nothing to say on the terminal."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving(given: Site | None = None) -> Iterator[Site]:
    """Serve the site, by default one that says nothing, on a free port of loopback."""
    site = given or Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._visited({})

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length") or ""
            if not length.isdecimal() or int(length) > MAX_FORM_BYTES:
                self.send_error(413)
                return
            body = self.rfile.read(int(length)).decode("ascii", "replace")
            self._visited(dict(parse_qsl(body)))

        def _visited(self, form: Mapping[str, str]) -> None:
            host, path = (
                (self.headers.get("Host") or "").partition(":")[0].lower(),
                self.path.partition("?")[0],
            )
            found = _COOKIE.search(self.headers.get("Cookie") or "")
            brought = found[1] if found else ""
            given = brought or secrets.token_hex(8)
            agent = self.headers.get("User-Agent") or ""
            seen = Arrival(time.time_ns(), host, path, brought, given, agent)
            if not form:
                site.seen.append(seen)
            self._answer(site.answer(seen, form), seen)

        def _answer(self, told: SiteAnswer, seen: Arrival) -> None:
            title = told.title or seen.path.strip("/").partition("/")[0] or seen.host
            page = _PAGE.format(title=html.escape(title), text=told.content).encode()
            self.send_response(303 if told.elsewhere else 200)
            for name, value in HEADERS.items():
                self.send_header(name, value)
            if told.elsewhere:
                self.send_header("Location", told.elsewhere)
            if told.later:
                self.send_header("Refresh", f"{told.later[0]:.0f};url={told.later[1]}")
            domain = f"; Domain={site.cookie_for}" if site.cookie_for else ""
            self.send_header("Set-Cookie", f"{COOKIE}={seen.given}; Max-Age={COOKIE_S}; Path=/{domain}")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing on standard error."""

    with SiteServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(ENDS_WITHIN_S,), daemon=True)
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
