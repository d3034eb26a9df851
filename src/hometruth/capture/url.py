"""Splits a URL into what the wire carried: scheme, host, port and the request target, undecoded.

The standard library's splitter rejects or repairs URLs that browsers and trackers do send; evidence must stay
as it was.
"""

import re
from dataclasses import dataclass
from typing import Any

from hometruth.model import Exchange, Source

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
LARGEST_PORT = 65535
_WITHIN = {
    *("about", "android-asset", "blob", "chrome", "chrome-error", "chrome-search", "chrome-untrusted", "cid"),
    *("content", "data", "devtools", "edge", "file", "filesystem", "intent", "javascript", "resource"),
}
"""Schemes of what a browser or app has at hand; those of extensions are left out."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")


class NotOnTheWire(ValueError):
    """A URL that leads to no server of the web: data:, blob:, an extension's page; or ftp:, and the like."""

    def __init__(self, scheme: str) -> None:
        is_within = scheme in _WITHIN or scheme.endswith("-extension")
        what = "leads to no server" if is_within else "is none of the web, and was not looked into"
        super().__init__(f"a {scheme[:20]}: URL, which {what}")
        self.size_bytes = 0 if is_within else None
        """What was sent; None if that is unknown."""


@dataclass(frozen=True, slots=True)
class Url:
    """A URL of the web."""

    scheme: str
    host: str
    port: int
    target: bytes
    user: bytes = b""
    """User name and password, if the URL has any."""


def parse_url(text: str) -> Url:
    """Split a URL; host lower-case and in its ASCII form, target as sent, fragment dropped.

    Raises:
        NotOnTheWire: If its scheme is not one of HTTP or WebSocket.
        ValueError: If it has no host, or a port that cannot be.
    """
    scheme, colon, rest = text.strip().partition(":")
    scheme = scheme.lower()
    if scheme not in DEFAULT_PORTS or not colon:
        raise NotOnTheWire(scheme)
    rest = rest.partition("#")[0].lstrip("/\\")
    end = min((at for at in map(rest.find, "/?\\") if at >= 0), default=len(rest))
    user, _, authority = rest[:end].rpartition("@")
    host, port = _host_and_port(authority)
    if not host:
        raise ValueError(f"a URL without a host: {text[:80]!r}")
    target = rest[end:]
    if not target.startswith("/"):
        target = "/" + target.removeprefix("\\")
    return Url(
        scheme,
        host,
        DEFAULT_PORTS[scheme] if port is None else port,
        target.encode("utf-8", "surrogatepass"),
        user.encode("utf-8", "surrogatepass"),
    )


def exchange_to(url: Url, source: Source, **told: Any) -> Exchange:
    """An exchange with whom a URL names.

    Args:
        told: Its other fields, by their names in `Exchange`, and those that are told better than by the URL.
    """
    asked: dict[str, Any] = {"scheme": url.scheme, "host": url.host, "port": url.port, "target": url.target}
    return Exchange(id=str(source.index), source=source, authority=url.user, **{**asked, **told})


def schemeless(text: str) -> bool:
    """True for a request target, an authority, or anything else that does not begin with a scheme."""
    scheme, colon, rest = text.partition(":")
    return (
        not colon
        or not _SCHEME.fullmatch(scheme)
        or (rest[:1].isdigit() and scheme.lower() not in DEFAULT_PORTS)
    )


def _host_and_port(authority: str) -> tuple[str, int | None]:
    host, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        return _ascii_host(authority), None
    if port and not (port.isascii() and port.isdigit() and int(port) <= LARGEST_PORT):
        raise ValueError(f"a URL with the port {port[:20]!r}")
    return _ascii_host(host), int(port) if port else None


def _ascii_host(host: str) -> str:
    host = host.strip("[]").lower()
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
