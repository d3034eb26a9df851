"""Resolvers that a device in the tunnel asks instead of the tunnel's own: refused, so that it falls back.

They are known by their port, their name, or an address that is called by no name.

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
HTTPS_PORT = 443
"""Of DNS over HTTPS, over TCP and over QUIC."""
ADDRESSES = frozenset(
    {
        # developers.google.com/speed/public-dns/docs/using
        *("8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844"),
        # developers.cloudflare.com/1.1.1.1/ip-addresses; the others keep malware, and adult content, out
        *("1.1.1.1", "1.0.0.1", "2606:4700:4700::1111", "2606:4700:4700::1001"),
        *("1.1.1.2", "1.0.0.2", "2606:4700:4700::1112", "2606:4700:4700::1002"),
        *("1.1.1.3", "1.0.0.3", "2606:4700:4700::1113", "2606:4700:4700::1003"),
        # quad9.net/service/service-addresses-and-features
        *("9.9.9.9", "149.112.112.112", "2620:fe::fe", "2620:fe::9"),
        *("9.9.9.10", "149.112.112.10", "2620:fe::10", "2620:fe::fe:10"),
        *("9.9.9.11", "149.112.112.11", "2620:fe::11", "2620:fe::fe:11"),
        # adguard-dns.io/en/public-dns.html
        *("94.140.14.14", "94.140.15.15", "2a10:50c0::ad1:ff", "2a10:50c0::ad2:ff"),
        # opendns.com/setupguide
        *("208.67.222.222", "208.67.220.220", "2620:119:35::35", "2620:119:53::53"),
        # alidns.com/articles; docs.dnspod.cn/public-dns: what phones sold in China come with
        *("223.5.5.5", "223.6.6.6", "2400:3200::1", "2400:3200:baba::1"),
        *("119.29.29.29", "1.12.12.12", "120.53.53.53"),
    }
)
"""Of public resolvers, which answer over HTTPS by their bare address too: then no name gives them away."""
DNS_MESSAGE = b"application/dns-message"
"""Media type of RFC 8484."""
HUNG_UP = "the examiner hung up on another resolver, so that the device asks the tunnel's"
DENIED = "the examiner said that there is no such name, so that the device asks the tunnel's resolver"
ASKED_ELSEWHERE = "resolves elsewhere: names were asked of this host"
KNOWN_RESOLVER = "resolves elsewhere: this is a known resolver, asked over TLS, HTTPS or QUIC"


class HangUp(Layer):
    """Closes the connection at its first word."""

    def _handle_event(self, event: Event) -> CommandGenerator[None]:
        return self._close(event)

    def _close(self, _event: Event) -> Generator[Any, Any, None]:
        yield CloseConnection(self.context.client)


def is_other_resolver(address: str, port: int, name: str | None) -> bool:
    """True for a resolver that a device brings along.

    Args:
        address: Of the server; a name where a proxy was asked for one.
        name: That the client called it by; empty if it called it by none, None if that is not known (yet).
    """
    if port == ENCRYPTED_DNS_PORT or (name or address).lower() in ELSEWHERE:
        return True
    return name == "" and port == HTTPS_PORT and address in ADDRESSES


def asks_names(request: Request) -> bool:
    """True for a question to a resolver over HTTPS."""
    # Of every request: bytes as they came are a tenth of the work of mitmproxy's own look-up of a header.
    told = (value for name, value in request.headers.fields if name.lower() in (b"content-type", b"accept"))
    return any(DNS_MESSAGE in each.lower() for each in told)
