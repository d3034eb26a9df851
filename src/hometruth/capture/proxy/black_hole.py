"""A server on loopback that takes whatever it is sent and never answers, for conversations that are no HTTP.

Nobody is behind a sinkhole who speaks a strange protocol. Refused, such a client would keep to itself what it
wanted to say; with somebody who listens, it is on record.
"""

import asyncio
from types import TracebackType
from typing import Self

Address = tuple[str, int]


class BlackHole:
    """Listens for TCP and UDP on the same free port of loopback, from `__aenter__` to `__aexit__`."""

    address: Address

    async def __aenter__(self) -> Self:
        self._open: set[asyncio.BaseTransport] = set()
        loop = asyncio.get_running_loop()
        self._tcp = await loop.create_server(lambda: _Swallow(self._open), "127.0.0.1", 0)
        self.address = self._tcp.sockets[0].getsockname()[:2]
        self._udp, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=self.address)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._udp.close()
        self._tcp.close()
        for connection in self._open:
            connection.close()
        # A transport closes its socket in the loop's next round, which may have been the last one.
        while self._open:
            await asyncio.sleep(0)


class _Swallow(asyncio.Protocol):
    """Takes what comes, as a `Protocol` does by itself, and knows which connections are open."""

    def __init__(self, connections: set[asyncio.BaseTransport]) -> None:
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._connections.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the signature is asyncio's
        self._connections.discard(self._transport)
