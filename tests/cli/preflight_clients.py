"""Programs on a phone in the tunnel, each of another kind, one after the other: a program of its own.

Usage: preflight_clients.py CERTIFICATE
"""

import asyncio
import os
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import suppress
from urllib.request import Request, urlopen

from aioquic.asyncio.client import connect
from aioquic.quic.configuration import QuicConfiguration

TRUSTING = ssl.create_default_context(cafile=sys.argv[1])
DISTRUSTING = ssl.create_default_context()
LIMIT_S = 15


def posted(host: str, data: bytes, context: ssl.SSLContext) -> None:
    request = Request(f"https://{host}/", data, {"Content-Type": "application/octet-stream"})
    urlopen(request, context=context, timeout=LIMIT_S).read()


def pinned(host: str, port: int = 443) -> None:
    with socket.create_connection((host, port), timeout=LIMIT_S) as raw:
        TRUSTING.wrap_socket(raw, server_hostname=host).close()


def own_protocol(host: str) -> None:
    with socket.create_connection((host, 5222), timeout=LIMIT_S) as raw:
        raw.sendall(os.urandom(200))


def quic(host: str) -> None:
    async def ask() -> None:
        configuration = QuicConfiguration(is_client=True, alpn_protocols=["h3"], idle_timeout=3.0)
        async with connect(host, 443, configuration=configuration):
            pass

    asyncio.run(ask())


def attempt(what: Callable[[], object]) -> None:
    with suppress(OSError):  # the recorder answers what it can, and refuses the rest
        what()


attempt(lambda: posted("readable.example", b"hello", TRUSTING))
attempt(lambda: posted("sealed.example", os.urandom(4096), TRUSTING))
attempt(lambda: posted("distrusting.example", b"hello", DISTRUSTING))
attempt(lambda: pinned("pinned.example"))
attempt(lambda: own_protocol("own.example"))
attempt(lambda: quic("quic.example"))
attempt(lambda: socket.getaddrinfo("named-only.example", 443))
attempt(lambda: pinned("resolver.example", 853))
