"""When the tunnel was down: WireGuard's datagrams pass through here to mitmproxy's end of it, and are timed.

A device whose configuration asks for a keepalive is never silent for longer than that. mitmproxy does not
tell of handshakes and keepalives, so the datagrams are passed on, unopened. Anybody can send some; only an
address that the tunnel's end has answered, which takes the device's key, counts.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

KEEPALIVE_S = 25
"""What wireguard.com/quickstart advises for devices behind a router."""
DOWN_AFTER_S = 3 * KEEPALIVE_S
"""Silence that two lost keepalives do not explain."""
NS_PER_S = 1_000_000_000
MOST_ADDRESSES = 64
"""Addresses passed on at once; a device has one, and another one where it changes networks."""
Address = tuple[Any, ...]


class TunnelWatch:
    """Notes the times at which the device was heard.

    Args:
        note: Told of every silence that was too long: its first moment, in nanoseconds since the epoch, and
            what to say.
        fail: Told of what keeps the device from being heard.
    """

    def __init__(self, note: Callable[[int, str], None], fail: Callable[[Exception], None]) -> None:
        self._note = note
        self.fail = fail
        self._heard_ns: int | None = None

    def heard(self, at_ns: int) -> None:
        """The device said something."""
        self._tell(at_ns, "")
        self._heard_ns = at_ns

    def ended(self, at_ns: int) -> None:
        """The recording is over."""
        self._tell(at_ns, ", when the recording ended")

    def _tell(self, at_ns: int, why: str) -> None:
        since = self._heard_ns
        if since is None or at_ns - since <= DOWN_AFTER_S * NS_PER_S:
            return
        begin, end = (_time(ns) for ns in (since, at_ns))
        self._note(
            since,
            f"the tunnel was down from {begin} to {end}{why}: not even a keepalive came; what the device "
            "sent meanwhile went round it, or not at all",
        )


def _time(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns // NS_PER_S, UTC).isoformat(timespec="seconds")


class _Upstream(asyncio.DatagramProtocol):
    """From the tunnel's end back to one address."""

    def __init__(self, relay: "_Relay", address: Address) -> None:
        self._relay = relay
        self._address = address
        self.is_answered = False

    def datagram_received(self, data: bytes, addr: Address) -> None:  # noqa: ARG002 - asyncio's signature
        self.is_answered = True
        self._relay.send(data, self._address)


class _Relay(asyncio.DatagramProtocol):
    """From devices to the tunnel's end."""

    def __init__(self, inner: tuple[str, int], watch: TunnelWatch, clock_ns: Callable[[], int]) -> None:
        self._inner = inner
        self._watch = watch
        self._clock_ns = clock_ns
        self._ways: dict[Address, tuple[asyncio.DatagramTransport, _Upstream]] = {}
        self._opening: set[asyncio.Task[None]] = set()
        """Ways that are being opened; asyncio itself would forget them."""
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if (way := self._ways.get(addr)) is None:
            opening = asyncio.ensure_future(self._open(data, addr))
            self._opening.add(opening)
            opening.add_done_callback(self._opening.discard)
            return
        transport, upstream = way
        if upstream.is_answered:
            self._watch.heard(self._clock_ns())
        transport.sendto(data)

    def send(self, data: bytes, address: Address) -> None:
        if self._transport is not None:
            self._transport.sendto(data, address)

    def close(self) -> None:
        for opening in self._opening:
            opening.cancel()
        for transport, _ in self._ways.values():
            transport.close()
        if self._transport is not None:
            self._transport.close()

    async def _open(self, data: bytes, address: Address) -> None:
        try:
            made = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: _Upstream(self, address), remote_addr=self._inner
            )
        except OSError as err:
            self._watch.fail(err)
            return
        if address in self._ways:  # a second datagram came meanwhile
            made[0].close()
        else:
            while len(self._ways) >= MOST_ADDRESSES:
                self._ways.pop(self._stranger())[0].close()
            self._ways[address] = made
        self._ways[address][0].sendto(data)

    def _stranger(self) -> Address:
        """The address to forget: the first that was never answered, else the first."""
        strange = (address for address, (_, upstream) in self._ways.items() if not upstream.is_answered)
        return next(strange, next(iter(self._ways)))


@asynccontextmanager
async def watched(
    host: str, port: int, inner: int, watch: TunnelWatch, clock_ns: Callable[[], int]
) -> AsyncIterator[int]:
    """Pass datagrams to *host* and *port* on to the port *inner* of this machine; gives the port.

    Raises:
        OSError: If it cannot listen there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    _, relay = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Relay(("127.0.0.1", inner), watch, clock_ns), local_addr=(host, port), family=family
    )
    assert relay._transport is not None
    try:
        yield int(relay._transport.get_extra_info("sockname")[1])
    finally:
        watch.ended(clock_ns())
        relay.close()
