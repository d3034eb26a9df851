"""Serving the collector: on loopback, and nowhere else."""

import socket
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hometruth.errors import LabError
from hometruth.lab.collector.app import collector_app
from hometruth.lab.collector.database import Db
from hometruth.lab.collector.offer import Offer
from hometruth.lab.collector.operator.page import OperatorPages
from hometruth.lab.collector.store import EventStore
from hometruth.lab.collector.writer import StoreWriter

KEEP_ALIVE_S = 75
"""An idle connection; longer than the SDKs' flush interval, so that none finds its connection closed."""
SHUTDOWN_S = 2
"""Time for open requests when the collector stops."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket on loopback.

    Raises:
        LabError: If *host* is not a loopback address, or the port is taken.
    """
    try:
        address = ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise LabError(f"host {host!r}: the lab's collector listens on loopback only (127.0.0.1 or ::1)")
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        return socket.create_server((str(address), port), family=family)
    except (OSError, OverflowError) as err:
        raise LabError(f"the collector cannot listen on {address} port {port}: {err}") from err


def url_of(listener: socket.socket) -> str:
    """Address of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(
    db: Db,
    listener: socket.socket,
    *,
    offer: Offer | None = None,
    ledger: Path | None = None,
    on_ready: Callable[[uvicorn.Server], None],
) -> None:
    """Answer until stopped by a signal, or by setting ``should_exit`` on the server given to *on_ready*.

    Raises:
        LabError: If *db* cannot be used.
    """
    store = StoreWriter(EventStore(db))
    try:
        config = uvicorn.Config(
            collector_app(store, offer=offer, operator=OperatorPages(db, ledger=ledger)),
            http=CollectorProtocol,
            loop="asyncio",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=SHUTDOWN_S,
        )
        server = uvicorn.Server(config)
        on_ready(server)
        server.run(sockets=[listener])
    finally:
        store.close()
        listener.close()


MAX_HEAD_BYTES = 256 * 1024
"""Request line and headers; events sent as images put 7 kB and more into the query."""


class CollectorProtocol(HttpToolsProtocol):
    """One connection; llhttp itself would take a head without end."""

    _head_bytes = 0
    _in_head = True

    def data_received(self, data: bytes) -> None:
        """Feed what arrived, unless a head grew beyond the limit."""
        in_head_before = self._in_head
        super().data_received(data)
        if self._in_head and self.transport is not None and not self.transport.is_closing():
            self._head_bytes = self._head_bytes + len(data) if in_head_before else len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.send_400_response(f"The head of a request is larger than {MAX_HEAD_BYTES} bytes.")

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head has ended. The query does not pass llhttp's reader of URLs, which ends at 65,535 bytes."""
        self._in_head = False
        self.url, _, query = self.url.partition(b"?")
        super().on_headers_complete()
        self.scope["query_string"] = query.partition(b"#")[0]
