"""mitmproxy set up with the few addons that recording needs, and taken down again cleanly."""

import asyncio
import os
import resource
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from mitmproxy.addons.block import Block
from mitmproxy.addons.disable_h2c import DisableH2C
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.addons.tlsconfig import TlsConfig
from mitmproxy.master import Master
from mitmproxy.options import Options

from hometruth.capture.proxy.authority import forget_key
from hometruth.capture.proxy.black_hole import BlackHole
from hometruth.capture.proxy.greeting import Greeting
from hometruth.capture.proxy.listening import Listening, Tunnel, tunnel_of
from hometruth.capture.proxy.passing import LetThrough
from hometruth.capture.proxy.recording import Recording
from hometruth.capture.proxy.sinkhole import Answers, Sinkhole
from hometruth.capture.proxy.tunnel_watch import TunnelWatch, watched
from hometruth.errors import CaptureError

STREAM_ABOVE = "64m"
"""Bodies above this are passed on without being kept, or one film would fill the memory: they are absent."""

BACKLOG = 4096
"""Connections that may wait to be accepted; what Linux allows by default."""
MOST_FILES = 1 << 16
"""Open files asked for, two for each connection."""
HANG_UP_S = 2.0
"""Closing takes milliseconds; what has not closed by then ends with the event loop, only less quietly."""
HANG_UP_POLL_S = 0.005
SETTLE_POLLS = 50
"""A quarter of a second, once in a recording: longer than a byte that was sent takes to be read."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where it really listens."""

    proxy: int
    socks: int | None
    tunnel: Tunnel | None


@asynccontextmanager
async def serve(
    recording: Recording,
    listening: Listening,
    authority: Path,
    sinkhole: Sinkhole | None,
    upstream_ca: Path | None = None,
    *,
    keeps_keys: bool = False,
) -> AsyncIterator[Ports]:
    """Run the proxy while the context lasts; gives the ports it listens on.

    Raises:
        CaptureError: If it cannot listen there.
    """
    master = Master(
        Options(listen_host=listening.host, confdir=str(authority)),
        event_loop=asyncio.get_running_loop(),
    )
    server = Proxyserver()  # type: ignore[no-untyped-call]
    is_closed = sinkhole is not None and not sinkhole.zones
    greeting = Greeting(server.connections.get, listens=not is_closed)
    through = LetThrough(recording.passing, greeting, recording.hung_up)
    # Block refuses clients from public addresses, so that a proxy opened for a phone is open to nobody else.
    master.addons.add(Block(), server, DisableH2C(), greeting, through, TlsConfig(), recording)  # type: ignore[no-untyped-call]
    # The client is heard first, and its server sought then: what it sends is read though nobody is there.
    master.options.update(connection_strategy="lazy", mode=listening.modes(authority))  # type: ignore[no-untyped-call]
    if not is_closed:
        master.options.update(stream_large_bodies=STREAM_ABOVE)  # type: ignore[no-untyped-call]
    else:
        master.options.update(upstream_cert=False)  # type: ignore[no-untyped-call]
    if upstream_ca is not None:
        master.options.update(ssl_verify_upstream_trusted_ca=str(upstream_ca))  # type: ignore[no-untyped-call]
    if sinkhole is not None:
        recording.answers = Answers(sinkhole)
        recording.passing.inside = sinkhole.tls_servers if is_closed else None
    async with BlackHole() as recording.black_hole, AsyncExitStack() as undo:
        running = asyncio.create_task(master.run())
        try:
            await asyncio.wait(
                [running, asyncio.create_task(recording.ready.wait())], return_when="FIRST_COMPLETED"
            )
            ports = listening_ports(server, listening, authority)
            if ports.tunnel is not None:
                port = await undo.enter_async_context(_tunnel_seen(listening, ports.tunnel, recording))
                ports = replace(ports, tunnel=replace(ports.tunnel, port=port))
            listen_wide(server)
            # mitmproxy has the keys in memory and needs no file of them: whatever ends this process, they
            # are gone.
            if not keeps_keys:
                forget_key(authority)
            yield ports
        finally:
            await server.servers.update([])
            await _settle(recording)
            await recording.finish()
            await hang_up(server)
            master.shutdown()  # type: ignore[no-untyped-call]
            await running
            if recording.answers is not None:
                await recording.answers.aclose()


@asynccontextmanager
async def _tunnel_seen(listening: Listening, tunnel: Tunnel, recording: Recording) -> AsyncIterator[int]:
    """The tunnel's port as the device reaches it, with a note of every time at which it was down."""
    watch, port = TunnelWatch(recording.tunnel_was_down), listening.wireguard or 0
    try:
        async with watched(listening.host, port, tunnel.port, watch, time.time_ns) as outer:
            yield outer
    except OSError as err:
        where = f"{listening.host}:{port or 'any port'}"
        raise CaptureError(f"{where}: cannot listen there (wireguard): {err.strerror}") from err


def listen_wide(server: Proxyserver) -> None:
    """Let bursts of connections queue up: asyncio lets 100, and those beyond wait for a second and more."""
    for host, port, *_ in server.listen_addrs():
        for instance in server.servers:
            for listener in getattr(instance, "_servers", ()):
                for sock in getattr(listener, "sockets", ()):
                    if sock.type == socket.SOCK_STREAM and sock.getsockname()[:2] == (host, port):
                        with socket.socket(fileno=os.dup(sock.fileno())) as again:
                            again.listen(BACKLOG)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):  # the system may have a lower bound of its own
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, MOST_FILES), hard))


async def _settle(recording: Recording) -> None:
    """Read what clients had sent before the end: a refusal may still lie in the system's buffers."""
    for _ in range(SETTLE_POLLS):
        await asyncio.sleep(HANG_UP_POLL_S)
        if not recording.may_still_be_told:
            return


async def hang_up(server: Proxyserver) -> None:
    """End the clients' connections as mitmproxy ends idle ones, and wait until they are gone."""
    for connection in list(server.connections.values()):
        await connection.on_timeout()
    with suppress(TimeoutError):
        async with asyncio.timeout(HANG_UP_S):
            while server.connections:
                await asyncio.sleep(HANG_UP_POLL_S)


def listening_ports(server: Proxyserver, listening: Listening, authority: Path) -> Ports:
    """The ports *server* really listens on; CaptureError with the system's reason if one fails."""
    ports: dict[str, int] = {}
    for instance in server.servers:
        if not instance.is_running:
            reason = instance.last_exception or "no reason given"
            where = f"{listening.host}:{instance.mode.listen_port(0) or 'any port'}"
            raise CaptureError(f"{where}: cannot listen there ({instance.mode.type_name}): {reason}")
        if instance.listen_addrs:
            ports[instance.mode.type_name] = instance.listen_addrs[0][1]
    if "regular" not in ports:
        raise CaptureError(f"{listening.host}:{listening.port}: cannot listen there: no reason given")
    tunnel = tunnel_of(authority, ports["wireguard"]) if "wireguard" in ports else None
    return Ports(ports["regular"], ports.get("socks5"), tunnel)
