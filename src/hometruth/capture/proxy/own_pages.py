"""The recorder's own page, seen from the device: how to trust its certificate, and whether it is trusted.

Its name is reserved (RFC 6761), so that nobody else is ever asked for it. It comes in plain HTTP, because it
must be readable before the certificate is trusted. That it *is* trusted is shown by a picture that loads
over HTTPS, from a host that only this page names and every time another one: who clicks a browser's warning
away is trusted by it from then on with all that the same host has, its icon and its pictures.

Where the owner of the device is asked, the page holds the question too. Its answer brings a word that only
this page holds: no other page, nor an app, can agree in the owner's place by a request made up. What the page
says is in `data/pages.toml`.
"""

from __future__ import annotations

import html
import secrets
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from mitmproxy.http import Request, Response

from hometruth.capture.proxy.authority import common_name
from hometruth.handed_in import sentences
from hometruth.model import is_within

if TYPE_CHECKING:
    from hometruth.capture.proxy.passing import Passing

HOST = "hometruth.test"
PROBE = "probe.hometruth.test"
"""Hosts of the picture are below this one."""
PICTURE_PATH = "/trusted.svg"
MOST_SHOWN = 64
"""Pages of which the picture's host is remembered: a device has one open, and reloads it."""
CERTIFICATE_PATH = "/hometruth-recording-ca.crt"
AGREE_PATH, STOP_PATH = "/agree", "/stop"
GUIDE_PATH = "/guide"
"""Where a server goes on that leads a person through a run, if there is one."""
_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="260" height="32"><rect width="260" height="32" rx="6" '
    'fill="#1a7f37"/><text x="12" y="22" font-family="sans-serif" font-size="16" fill="#fff">trusted by this '
    "browser</text></svg>"
)
_SYSTEMS = (("Android", "android"), ("iPhone", "iphone"), ("iPad", "iphone"), ("Firefox", "firefox"))
"""Words in a browser's User-Agent, and whose steps are told."""
_PAGE = """<!doctype html>
<html lang=en><head><meta charset=utf-8><meta name=viewport content="width=device-width">
<title>{title}</title>
<style>:root{{color-scheme:light dark;background:Canvas;color:CanvasText}}
body{{font:18px/1.5 sans-serif;max-width:34em;margin:1em auto;padding:0 1em;overflow-wrap:anywhere}}
a.do,button{{display:inline-block;padding:.6em 1em;border:2px solid;border-radius:.4em;font:inherit}}
button{{cursor:pointer;background:Canvas;color:CanvasText}}img{{max-width:100%;height:auto}}</style></head>
<body><main>
{begin}
</main></body></html>
"""
_ASKED = """<h1>{asked_title}</h1>
{no}<p>{asked_until}
<h2>{opened_title}</h2>
<p>{opened}
<h2>{closed_title}</h2>
<p>{closed}
<h2>{seen_by_title}</h2>
<p>{seen_by}
<h2>{ending_title}</h2>
<p>{ending}
<form method=post action={agree_path}><input type=hidden name=word value={word}>
<p><button>{agree}</button></form>
<form method=post action={stop_path}><input type=hidden name=word value={word}>
<p><button>{refuse}</button></form>"""
_RECORDED = """<h1>{recorded_title}</h1>
<p>{recorded}
{scope}<h2>{certificate_title}</h2>
<p><a class=do href="{path}">{certificate}</a>
<p>{steps}
<h2>{check_title}</h2>
<p><img src="https://{probe}{picture_path}" width=260 height=32 alt="{not_trusted}">
<p>{reload}
<p><a class=do href="/">{again}</a>
{lead_on}<h2>{afterwards_title}</h2>
<p>{afterwards}"""
_REMOVES = """<h1>{remove_title}</h1>
<p>{remove}
<p>{steps}
<h2>{gone_title}</h2>
<p><img src="https://{probe}{picture_path}" width=260 height=32 alt="{gone}">
<p>{gone_text}
<p><a class=do href="/">{again}</a>"""
_SCOPE = """<h2>{opened_now_title}</h2>
<p>{opened_now}
"""
_LEAD_ON = """<h2>{lead_on_title}</h2>
<p><a class=do href="{guide_path}">{lead_on}</a>
"""
_SET_UP = """<h1>{set_up_title}</h1>
<p>{set_up}
<p><a class=do href="http://{host}/">{set_up_then}</a>"""
_STOP = """
<form method=post action={stop_path}><input type=hidden name=word value={word}>
<p><button>{stop}</button></form>"""
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": f"default-src 'none'; style-src 'unsafe-inline'; img-src https://*.{PROBE}",
}


@dataclass(frozen=True, slots=True)
class OwnPages:
    """Answers for the recorder's own two hosts."""

    ca_file: Path
    passing: Passing
    """Told when the owner of the device agrees, says no, or stops it."""
    leads_on: bool = False
    """True if a server that the host is routed to goes on from here, at `GUIDE_PATH`."""
    _word: str = field(default_factory=lambda: secrets.token_hex(16))
    _shown: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_SHOWN))
    """Hosts of the picture, of pages that were shown."""

    def answer(self, request: Request, host: str) -> Response | None:
        """The answer; None for all other hosts, and for what a server goes on with."""
        path = request.path.split("?")[0]
        if host == HOST and self.leads_on and is_guide(path):
            return None
        if host == HOST and request.method == "POST":
            return self._told(request)
        if host == HOST:
            return self._page(request) if path == "/" else self._file(path)
        if is_within(host, PROBE):
            return Response.make(200, _PICTURE, {**_HEADERS, "Content-Type": "image/svg+xml"})
        return None

    def set_up(self, address: str, port: int) -> Response:
        """How a device that came here without the proxy is connected to it.

        Args:
            address: Under which it came, and reaches the proxy.
        """
        told = {name: html.escape(text) for name, text in sentences("phone").items()}
        told["set_up"] = told["set_up"].format(server=html.escape(address), port=port)
        return _drawn(told["set_up_title"], _SET_UP.format(**told, host=HOST))

    def shows_trust(self, request: Request, host: str) -> bool:
        """True for a request that only a client that trusts the recorder's certificate makes."""
        is_picture = request.path == PICTURE_PATH and request.headers.get("sec-fetch-dest") != "document"
        return is_picture and request.scheme == "https" and host in self._shown

    def _page(self, request: Request) -> Response:
        told = {name: html.escape(text) for name, text in sentences("phone").items()}
        paths = {"agree_path": AGREE_PATH, "stop_path": STOP_PATH, "guide_path": GUIDE_PATH}
        told |= {**paths, "word": self._word, "path": CERTIFICATE_PATH, "picture_path": PICTURE_PATH}
        opened, app = self.passing.opened, html.escape(self.passing.app or "")
        hosts = html.escape(", ".join(pattern.text for pattern in opened or ()))
        if self.passing.asks:
            told["no"] = f"<p><strong>{told['said_no']}</strong>\n" if self.passing.is_declined else ""
            if opened is not None:
                told["opened"] = told["opened_app" if app else "opened_only"].format(hosts=hosts, app=app)
            begin, title = _ASKED.format(**told), told["asked_title"]
        else:
            agent = request.headers.get("user-agent", "")
            system = next((name for word, name in _SYSTEMS if word in agent), "other")
            name = html.escape(common_name(self._certificate()))
            for each in ("certificate", "afterwards", "remove"):
                told[each] = told[each].format(name=name)
            told["steps"] = told[f"{'remove' if self.passing.removes else 'steps'}_{system}"]
            told["probe"] = f"{secrets.token_hex(4)}.{PROBE}"
            self._shown.append(told["probe"])
            if self.passing.removes:
                return _drawn(told["remove_title"], _REMOVES.format(**told))
            told["opened_now"] = told["opened_now"].format(hosts=hosts)
            told["scope"] = _SCOPE.format(**told) if opened is not None else ""
            told["lead_on"] = _LEAD_ON.format(**told) if self.leads_on else ""
            begin, title = _RECORDED.format(**told), told["recorded_title"]
            begin += _STOP.format(**told) if self.passing.is_asked else ""
        return _drawn(title, begin)

    def _told(self, request: Request) -> Response:
        """What the owner of the device pressed."""
        told = parse_qs((request.content or b"").decode("ascii", "replace")).get("word")
        does = {AGREE_PATH: self.passing.agreed, STOP_PATH: self.passing.declined}.get(request.path)
        if does is None or told != [self._word]:
            return Response.make(403, b"", {**_HEADERS, "Content-Type": "text/plain"})
        does()
        return Response.make(303, b"", {**_HEADERS, "Location": f"http://{HOST}/"})

    def _file(self, path: str) -> Response:
        if path != CERTIFICATE_PATH:
            return Response.make(404, b"", {**_HEADERS, "Content-Type": "text/plain"})
        encoded = self._certificate().public_bytes(Encoding.DER)
        return Response.make(200, encoded, {**_HEADERS, "Content-Type": "application/x-x509-ca-cert"})

    def _certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.ca_file.read_bytes())


def _drawn(title: str, begin: str) -> Response:
    page = _PAGE.format(title=title, begin=begin)
    return Response.make(200, page, {**_HEADERS, "Content-Type": "text/html; charset=utf-8"})


def is_guide(path: str) -> bool:
    """True for a page of the recorder's host that a server behind it answers."""
    return path == GUIDE_PATH or path.startswith(f"{GUIDE_PATH}/")
