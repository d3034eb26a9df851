"""A server on loopback that takes whatever it is sent and never answers, for conversations that are no HTTP.

Nobody is behind a sinkhole who speaks a strange protocol. Refused, such a client would keep to itself what it
wanted to say; with somebody who listens, it is on record.
"""

import asyncio
from types import TracebackType
from typing import Self

CHUNK_BYTES = 1 << 16
Address = tuple[str, int]


class BlackHole:
    """Listens for TCP and UDP on the same free port of loopback, from `__aenter__` to `__aexit__`."""

    address: Address

    async def __aenter__(self) -> Self:
        self._tasks: set[asyncio.Task[None]] = set()
        self._tcp = await asyncio.start_server(self._swallow, "127.0.0.1", 0)
        self.address = self._tcp.sockets[0].getsockname()[:2]
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=self.address)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._udp.close()
        self._tcp.close()
        for task in tuple(self._tasks):
            task.cancel()

    async def _swallow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await reader.read(CHUNK_BYTES):
                pass
        except OSError:
            pass  # the client broke off: it was heard as far as it spoke
        finally:
            self._tasks.discard(task)
            writer.close()
