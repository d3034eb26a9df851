"""Resolvers that a device in the tunnel asks instead of the tunnel's own: refused, so that it falls back.

Names asked in DNS over TLS (RFC 7858) or QUIC (RFC 9250) would stay closed, and those asked over HTTPS
(RFC 8484) be missing from the table of names. Hanging up changes what the device does; it is noted.
"""

from collections.abc import Generator
from typing import Any

from mitmproxy.http import Request
from mitmproxy.proxy.commands import CloseConnection
from mitmproxy.proxy.events import Event
from mitmproxy.proxy.layer import CommandGenerator, Layer

from hometruth.capture.proxy.resolver import ELSEWHERE

ENCRYPTED_DNS_PORT = 853
"""Of DNS over TLS and over QUIC."""
DNS_MESSAGE = "application/dns-message"
"""Media type of RFC 8484."""
HUNG_UP = "the examiner hung up on another resolver, so that the device asks the tunnel's"
ASKED_ELSEWHERE = "resolves elsewhere: names were asked of this host, beside the tunnel's resolver"


class HangUp(Layer):
    """Closes the connection at its first word."""

    def _handle_event(self, event: Event) -> CommandGenerator[None]:
        return self._close(event)

    def _close(self, _event: Event) -> Generator[Any, Any, None]:
        yield CloseConnection(self.context.client)


def is_other_resolver(host: str, port: int) -> bool:
    """True for a resolver that a device brings along, by its port or its name."""
    return port == ENCRYPTED_DNS_PORT or host.lower() in ELSEWHERE


def asks_names(request: Request) -> bool:
    """True for a question to a resolver over HTTPS."""
    told = (request.headers.get(name, "") for name in ("content-type", "accept"))
    return any(DNS_MESSAGE in each.lower() for each in told)
