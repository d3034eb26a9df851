"""Serving the collector: on loopback, and nowhere else."""

import socket
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import uvicorn

from hometruth.errors import LabError
from hometruth.lab.collector.app import collector_app
from hometruth.lab.collector.database import Db
from hometruth.lab.collector.http import CollectorProtocol
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
            ws="none",
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
