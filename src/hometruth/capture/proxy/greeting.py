"""Servers that speak first: mail, chat, databases greet their client before it has said a word.

The recorder hears the client before it seeks the server, so that a request is read though nobody is there.
A client that waits for a greeting would wait for ever. So a connection on which nothing was said for a
moment gets its server early; what the client says then is understood as always.
"""

import asyncio
from collections.abc import Callable

from mitmproxy.connection import Client, ConnectionState, Server
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layer import NextLayer as Undecided
from mitmproxy.proxy.server import ConnectionHandler

PATIENCE_S = 0.3
"""How long a client is given to speak first; browsers do within milliseconds of being connected."""
TOLD = frozenset({"wireguard", "socks5", "local"})
"""Modes in which a server is known without a request that names it."""
HANDSHAKES = 10
"""Times the patience is given to a client that is still telling the recorder whom it wants (SOCKS)."""


class Listen(layer.Layer):
    """Opens the server's connection early; if the client speaks first after all, begins anew without it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._early = context.server
        self._is_dropped = False
        self._next = layer.NextLayer(context)

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, events.Start):
            opening = commands.OpenConnection(self._early)
            opening.blocking = self  # type: ignore[assignment]  # nobody waits for it: what the client says meanwhile is to be read
            yield opening
            self._opening = opening
        elif isinstance(event, events.OpenConnectionCompleted) and event.command is self._opening:
            return
        elif isinstance(event, events.DataReceived):
            if event.connection is self.context.client and event.data and not self._has_begun:
                yield from self._drop()
            elif not event.data:
                return
        if isinstance(event, events.ConnectionEvent) and event.connection is self._early and self._is_dropped:
            return
        yield from self._next.handle_event(event)

    @property
    def _has_begun(self) -> bool:
        """True once it is known what this is: by the server's greeting, or by the client's word."""
        return self._next.layer is not None or self._is_dropped

    def _drop(self) -> layer.CommandGenerator[None]:
        """Whether the server wants TLS, and to be called what, is known only now."""
        self._is_dropped = True
        yield commands.CloseConnection(self._early)
        self.context.server = Server(
            address=self._early.address, transport_protocol=self._early.transport_protocol
        )


class Greeting:
    """An addon that gives silent clients their server early; `chooses` is asked by whoever picks layers."""

    def __init__(self, handler_of: Callable[[str], ConnectionHandler | None], *, listens: bool) -> None:
        self._handler_of = handler_of
        self._listens = listens
        """False where there is no server to listen to."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._nudged: set[str] = set()
        self._spoke: set[str] = set()

    def client_connected(self, client: Client) -> None:
        """Wait for what comes in by a tunnel or by SOCKS; a proxy's client first names its server."""
        if client.transport_protocol == "tcp" and client.proxy_mode.type_name in TOLD:
            self._wait(client)

    def http_connected(self, flow: HTTPFlow) -> None:
        """Wait for what comes through a proxy's tunnel."""
        self._spoke.discard(flow.client_conn.id)
        self._wait(flow.client_conn)

    def client_disconnected(self, client: Client) -> None:
        """Forget it."""
        self._nudged.discard(client.id)
        self._spoke.discard(client.id)

    def chooses(self, undecided: Undecided) -> bool:
        """True if the server's connection was opened because the client had said nothing."""
        context = undecided.context
        if undecided.data_client():  # type: ignore[no-untyped-call]
            self._spoke.add(context.client.id)
            return False
        if context.client.id not in self._nudged:
            return False
        self._nudged.discard(context.client.id)
        if context.server.timestamp_start is not None or not context.server.address:
            return False
        undecided.layer = Listen(context)
        return True

    def _wait(self, client: Client) -> None:
        if not self._listens:
            return
        task = asyncio.ensure_future(self._nudge(client))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _nudge(self, client: Client) -> None:
        """An event without a byte makes mitmproxy ask again what a silent connection is."""
        for _ in range(HANDSHAKES):
            await asyncio.sleep(PATIENCE_S)
            handler = self._handler_of(client.id)
            if handler is None or client.state is not ConnectionState.OPEN:
                return
            if client.id in self._spoke and client.proxy_mode.type_name != "socks5":
                return
            if handler.layer.context.server.address or client.proxy_mode.type_name == "regular":
                self._nudged.add(client.id)
                await handler.server_event(events.DataReceived(client, b""))
                return
