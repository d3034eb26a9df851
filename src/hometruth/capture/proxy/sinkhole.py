"""Answers for hosts whose traffic may not leave the machine: all of them, or those of certain zones.

Routed hosts are handed, request by request, to a real server on loopback (the lab's collector); every other
host gets a small page. Whatever the request names, no connection to it is ever opened.
"""

import html
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlsplit

import httpx
from mitmproxy.http import Headers, HTTPFlow, Request, Response

from hometruth.capture.flows import host_of
from hometruth.capture.stamps import UNDELIVERED
from hometruth.errors import CaptureError
from hometruth.model import is_within

HOP_BY_HOP = frozenset(
    {
        *(b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding"),
        *(b"upgrade", b"proxy-authenticate", b"proxy-authorization"),
    }
)
"""Headers that speak of one connection and not of the message (RFC 9110 section 7.6.1)."""
HTTPS_PORT = 443
ROUTED_TIMEOUT_S = 30.0
"""A server on loopback that takes longer is broken, and a phone gives up before that."""
ROUTED_CONNECTIONS = 64
"""Connections kept to one routed server: enough for a browser's bursts, few enough for any server."""
INERT = {"Content-Security-Policy": "default-src 'none'", "Referrer-Policy": "no-referrer"}
"""Headers of a page that can cause no request: whatever tells of a visit to it is the visitor's own doing."""
NO_BODY_STATUS = frozenset({204, 304})
METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


@dataclass(frozen=True)
class Sinkhole:
    """Which hosts are answered by a real server on loopback; all others get a small page.

    Raises:
        CaptureError: If a route leads anywhere but to loopback.
    """

    routes: Mapping[str, str] = field(default_factory=dict)
    """Host name to the base URL that serves it, for example ``{"t.example": "http://127.0.0.1:8106"}``.

    ``*.`` at the front of a name takes in all hosts below it.
    Only to one that speaks TLS itself (``https://``) can connections be let through unopened; its certificate
    is not looked at when a request that was opened is handed over to it.
    """
    alike: str = ""
    """Domain below which every address gets the very same page: no answer may say what was asked."""
    zones: tuple[str, ...] = ()
    """Domains whose hosts are answered here; all others are then forwarded to their real servers. Empty:
    everything is answered here. Routed hosts are answered here in any case."""

    def __post_init__(self) -> None:
        checked = {host.lower(): _loopback_origin(host, url) for host, url in self.routes.items()}
        object.__setattr__(self, "routes", MappingProxyType(checked))

    def answers_for(self, host: str) -> bool:
        """True if requests to *host* are answered here."""
        name = host.lower()
        return (
            not self.zones
            or self.origin_of(name) is not None
            or any(is_within(name, zone) for zone in self.zones)
        )

    def origin_of(self, host: str) -> str | None:
        """Base URL of the server behind a host; None if it has none of its own."""
        name, below = host.lower(), ""
        while name and f"{below}{name}" not in self.routes:
            name, below = name.partition(".")[2], "*."
        return self.routes.get(f"{below}{name}")

    @property
    def tls_servers(self) -> Mapping[str, tuple[str, int]]:
        """Address of each server that speaks TLS itself, by host."""
        parts = ((host, urlsplit(url)) for host, url in self.routes.items())
        return {
            host: (part.hostname or "", part.port or HTTPS_PORT)
            for host, part in parts
            if part.scheme == "https"
        }


def _loopback_origin(host: str, url: str) -> str:
    parts = urlsplit(url)
    try:
        ours = parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        ours = False
    if not ours or parts.scheme not in ("http", "https") or parts.path.strip("/") or parts.query:
        raise CaptureError(
            f"sinkhole route {host!r}: {url!r} is not an http:// or https:// address on loopback; "
            "in a sinkhole nothing leaves the machine"
        )
    return url.rstrip("/")


class Answers:
    """Answers flows for a sinkhole; lives in the recorder's event loop."""

    def __init__(self, sinkhole: Sinkhole) -> None:
        self.answers_for = sinkhole.answers_for
        self.is_closed = not sinkhole.zones
        """True if nothing at all is forwarded."""
        self._origin_of = sinkhole.origin_of
        self._alike = sinkhole.alike
        self._client = httpx.AsyncClient(
            verify=False,  # noqa: S501 (to loopback only, where nobody vouches for a certificate)
            trust_env=False,
            timeout=ROUTED_TIMEOUT_S,
            limits=httpx.Limits(
                max_connections=ROUTED_CONNECTIONS, max_keepalive_connections=ROUTED_CONNECTIONS
            ),
        )

    async def response_to(self, flow: HTTPFlow) -> Response:
        """The answer to one request, from its routed server or made here."""
        request, host = flow.request, host_of(flow)
        if declines_websocket(request):
            return Response.make(404, b"", {"Content-Length": "0"})
        origin = self._origin_of(host)
        if origin is None:
            return page_for(request, self._alike if self._is_alike(host) else host)
        if not request.method.isascii():
            return Response.make(400, b"", {"Content-Length": "0"})
        try:
            return await self._hand_over(request, origin)
        except httpx.HTTPError as err:
            flow.metadata[UNDELIVERED] = True
            reason = f"the server behind {host} did not answer: {type(err).__name__} {err}"
            return Response.make(502, reason, {"Content-Type": "text/plain; charset=utf-8"})

    def _is_alike(self, host: str) -> bool:
        return is_within(host, self._alike or "")

    async def _hand_over(self, request: Request, origin: str) -> Response:
        """Send the request on as it is and bring back the answer as it is, bodies still encoded."""
        headers = one_cookie_header(end_to_end(request.headers.fields))
        if not any(name.lower() == b"host" for name, _ in headers):
            headers.insert(0, (b"Host", (request.authority or request.host).encode()))
        outgoing = httpx.Request(
            request.method,
            origin,
            headers=headers,
            content=request.raw_content or b"",
            extensions={"target": request.data.path},
        )
        incoming = await self._client.send(outgoing, stream=True)
        try:
            body = b"".join([chunk async for chunk in incoming.aiter_raw()])
        finally:
            await incoming.aclose()
        fields = end_to_end(incoming.headers.raw)
        bodiless = request.method == "HEAD" or incoming.status_code in NO_BODY_STATUS
        if not bodiless and not any(name.lower() == b"content-length" for name, _ in fields):
            fields.append((b"Content-Length", str(len(body)).encode()))
        return Response(
            http_version=b"HTTP/1.1",
            status_code=incoming.status_code,
            reason=incoming.extensions.get("reason_phrase", b""),
            headers=Headers(fields),
            content=body,
            trailers=None,
            timestamp_start=request.timestamp_end or request.timestamp_start,
            timestamp_end=None,
        )

    async def aclose(self) -> None:
        """Close the connections to routed servers."""
        await self._client.aclose()


def declines_websocket(request: Request) -> bool:
    """True for a WebSocket handshake: a sinkhole has nobody to talk to behind it."""
    upgrade: str = request.headers.get("upgrade", "")
    return upgrade.lower() == "websocket"


def end_to_end(fields: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers without those that are only for the next hop, including any that ``Connection`` names."""
    pairs = list(fields)
    named = {
        token.strip().lower()
        for name, value in pairs
        if name.lower() == b"connection"
        for token in value.split(b",")
    }
    return [(name, value) for name, value in pairs if name.lower() not in HOP_BY_HOP | named]


def one_cookie_header(fields: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers with the cookies in one, as HTTP/1.1 wants them; HTTP/2 may split them (RFC 9113 8.2.3)."""
    cookies = [value for name, value in fields if name.lower() == b"cookie"]
    if len(cookies) < 2:
        return fields
    others = [(name, value) for name, value in fields if name.lower() != b"cookie"]
    return [*others, (b"Cookie", b"; ".join(cookies))]


def page_for(request: Request, host: str) -> Response:
    """A tiny page that names the host, never cached, so that every visit reaches the recorder."""
    if request.method == "OPTIONS":
        return Response.make(204, b"", Headers(_allowed_to_anyone(request)))
    name = html.escape(host)
    page = f"<!doctype html><meta charset=utf-8><title>{name}</title><p>{name} (answered by a sinkhole)\n"
    response = Response.make(
        200, page, {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", **INERT}
    )
    if request.method == "HEAD":
        response.raw_content = b""
    return response


def _allowed_to_anyone(request: Request) -> list[tuple[bytes, bytes]]:
    """Headers of an answer to OPTIONS that lets a browser go on to the request it asked about (CORS)."""
    asked = {name.lower(): value for name, value in request.headers.fields}
    origin = asked.get(b"origin")
    allow = [(b"Allow", METHODS)]
    if origin is None:
        return allow
    return [
        *allow,
        (b"Access-Control-Allow-Origin", origin),
        (b"Access-Control-Allow-Credentials", b"true"),
        (b"Access-Control-Allow-Methods", METHODS),
        (b"Access-Control-Allow-Headers", asked.get(b"access-control-request-headers", b"*")),
    ]
