"""What a device in the tunnel does, one thing after another: a program of its own."""

import asyncio
import re
import socket
import ssl
import sys
from collections.abc import Callable
from urllib.request import urlopen

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import H3Event, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import QuicEvent

CA, FOUR, SIX = sys.argv[1:]


def https(host: str, context: ssl.SSLContext) -> str:
    with urlopen(f"https://{host}/story", context=context, timeout=20) as answer:
        return str(answer.status)


def preconnect(host: str, address: tuple[str, int] | None = None) -> str:
    raw = socket.create_connection(address or (host, 443), timeout=20)
    context = ssl.create_default_context(cafile=CA)
    context.check_hostname = bool(host)
    with context.wrap_socket(raw, server_hostname=host or None) as secure:
        return str(secure.version())


def echo(address: tuple[str, int], data: bytes) -> str:
    with socket.create_connection(address, timeout=20) as raw:
        raw.sendall(data)
        return raw.recv(100).decode()


def say(address: tuple[str, int], data: bytes) -> str:
    with socket.create_connection(address, timeout=20) as raw:
        return str(raw.send(data))


def datagram(address: tuple[str, int], data: bytes) -> str:
    with socket.socket(type=socket.SOCK_DGRAM) as raw:
        raw.settimeout(20)
        raw.sendto(data, address)
        return raw.recv(100).decode()


class Http3(QuicConnectionProtocol):
    """One request over HTTP/3."""

    async def get(self, host: str, path: str) -> bytes:
        self._http = H3Connection(self._quic)
        self._status: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        fields = {":method": "GET", ":scheme": "https", ":authority": host, ":path": path}
        headers = [(name.encode(), value.encode()) for name, value in fields.items()]
        self._http.send_headers(self._quic.get_next_available_stream_id(), headers, end_stream=True)
        self.transmit()
        return await asyncio.wait_for(self._status, 20)

    def quic_event_received(self, event: QuicEvent) -> None:
        events: list[H3Event] = self._http.handle_event(event) if hasattr(self, "_http") else []
        for each in events:
            if isinstance(each, HeadersReceived) and not self._status.done():
                self._status.set_result(dict(each.headers)[b":status"])


def http3(host: str) -> str:
    async def ask() -> str:
        configuration = QuicConfiguration(is_client=True, alpn_protocols=["h3"], cafile=CA, idle_timeout=3.0)
        async with connect(host, 443, configuration=configuration, create_protocol=Http3) as client:
            assert isinstance(client, Http3)
            return (await client.get(host, "/quic")).decode()

    return asyncio.run(ask())


def agree() -> str:
    """As its owner does, in a browser that trusts the certificate."""
    with urlopen("http://hometruth.test/", timeout=20) as page:
        found = re.search(r"name=word value=(\w+)", page.read().decode())
    assert found
    with urlopen("http://hometruth.test/agree", f"word={found[1]}".encode(), timeout=20):
        pass
    with urlopen("http://hometruth.test/", timeout=20) as page:
        picture = re.search(r'src="(https://[^"]+)"', page.read().decode())
    assert picture
    with urlopen(picture[1], context=trusting, timeout=20) as answer:
        return str(answer.status)


def attempt(name: str, what: Callable[[], str]) -> None:
    try:
        told = what()
    except (OSError, ssl.SSLError, TimeoutError) as err:
        told = f"failed: {type(err).__name__} {err}"
    sys.stdout.write(f"{name} {told}\n")
    sys.stdout.flush()


trusting, distrusting = ssl.create_default_context(cafile=CA), ssl.create_default_context()
attempt("before", lambda: urlopen("http://real.test/before", timeout=20).read().decode())
attempt("agree", agree)
attempt("https", lambda: https("canary.sites.example", trusting))
attempt("distrusting", lambda: https("pinned.sites.example", distrusting))
attempt("preconnect", lambda: preconnect("ahead.sites.example"))
attempt("page", lambda: str(urlopen("http://hometruth.test/", timeout=20).status))
attempt("forwarded", lambda: urlopen("http://real.test/in", timeout=20).read().decode())
attempt("ipv6", lambda: urlopen(f"http://[{SIX}]/six", timeout=20).read().decode())
attempt("tcp", lambda: echo((FOUR, 5222), b"\x01tcp-canary\n"))
attempt("tcp-here", lambda: say(("chat.sites.example", 5222), b"\x02chat\n"))
attempt("udp", lambda: datagram((FOUR, 9999), b"udp-canary"))
attempt("http3", lambda: http3("quic.sites.example"))
attempt("dot", lambda: preconnect("private-dns.test", (FOUR, 853)))
attempt("doh", lambda: preconnect("dns.google", (FOUR, 443)))
attempt("doh-by-address", lambda: preconnect("", ("1.1.1.1", 443)))
attempt("unknown", lambda: str(socket.getaddrinfo("nowhere.test", 80)))
attempt("relay", lambda: str(socket.getaddrinfo("mask.icloud.com", 80)))
attempt("closed", lambda: urlopen("http://closed.test/secret-path", timeout=20).read().decode())
attempt("closed-quic", lambda: http3("closed.test"))
