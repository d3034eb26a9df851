"""mitmproxy set up with the few addons that recording needs, and taken down again cleanly."""

import asyncio
import os
import resource
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from mitmproxy.addons.block import Block
from mitmproxy.addons.disable_h2c import DisableH2C
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.addons.tlsconfig import TlsConfig
from mitmproxy.master import Master
from mitmproxy.options import Options
from mitmproxy.proxy.mode_specs import LocalMode

from hometruth.capture.proxy.authority import CERTIFICATE_NAME, expires_at, forget_key
from hometruth.capture.proxy.black_hole import BlackHole
from hometruth.capture.proxy.clock_watch import even_clock
from hometruth.capture.proxy.greeting import Greeting
from hometruth.capture.proxy.http1 import with_trailers
from hometruth.capture.proxy.listening import Listening, Tunnel, tunnel_of
from hometruth.capture.proxy.passing import LetThrough
from hometruth.capture.proxy.process import has_started
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
"""A quarter of a second, once in a recording: longer than an answer to what is under way takes to come."""
QUIET_POLLS = 10
"""50 ms at the least: a client's system may hold back the last piece until the one before it is acknowledged
(RFC 9293 section 3.7.4), which Linux does after 40 ms."""
REDIRECTOR = "mitmproxy-linux"
"""What Linux keeps of the name of the program by which mitmproxy takes other programs' traffic."""
REDIRECTOR_ENDED = "mitmproxy's redirector has ended"
REDIRECTOR_POLL_S = 0.5
REDIRECTOR_POLLS = 4
"""Two seconds: where the system does not let it, it ends within one."""
ON_LINUX = "on Linux that needs Python 3.12, root by sudo, BPF, and cgroups of version 2 at /sys/fs/cgroup"
SETTLE_TURNS = 50
"""Turns of the loop, in which what lies in the buffers of the system is read and understood; ten do it."""


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
    through = LetThrough(
        recording.passing,
        greeting,
        recording.hung_up,
        recording.asks_elsewhere,
        recording.is_answered_here,
    )
    # Block refuses clients from public addresses, so that a proxy opened for a phone is open to nobody else.
    master.addons.add(Block(), server, DisableH2C(), greeting, through, TlsConfig(), recording)  # type: ignore[no-untyped-call]
    # The client is heard first, and its server sought then: what it sends is read though nobody is there.
    master.options.update(connection_strategy="lazy", mode=listening.modes(authority))  # type: ignore[no-untyped-call]
    # Old devices speak no newer TLS; what a newer one speaks is up to it, as ever.
    # Requests that a server would have to guess at (RFC 9112 section 6.3) are read as they are.
    master.options.update(tls_version_client_min="TLS1", validate_inbound_headers=False)  # type: ignore[no-untyped-call]
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
        undo.enter_context(with_trailers())
        running = asyncio.create_task(master.run())
        try:
            await asyncio.wait(
                [running, asyncio.create_task(recording.ready.wait())], return_when="FIRST_COMPLETED"
            )
            ports = listening_ports(server, listening, authority)
            if ports.tunnel is not None:
                port = await undo.enter_async_context(_tunnel_seen(listening, ports.tunnel, recording))
                ports = replace(ports, tunnel=replace(ports.tunnel, port=port))
            if listening.program is not None and sys.platform == "linux":
                await undo.enter_async_context(_program_taken(recording.fail))
            listen_wide(server)
            await undo.enter_async_context(even_clock(recording.was_not_seen))
            left = expires_at(authority / CERTIFICATE_NAME) - datetime.now(UTC)
            expiry = asyncio.get_running_loop().call_later(left.total_seconds(), _expired, recording)
            undo.callback(expiry.cancel)
            # mitmproxy has the keys in memory and needs no file of them: whatever ends this process, they
            # are gone.
            if not keeps_keys:
                forget_key(authority)
            yield ports
        finally:
            for _ in range(SETTLE_TURNS):  # who has knocked already is let in before the door is closed
                await asyncio.sleep(0)
            await server.servers.update([])
            await _settle(recording)
            await undo.aclose()  # whether the tunnel was down, or the clock set, is part of the recording
            recording.finish()
            await hang_up(server)
            recording.finish()  # of what was said while it was being hung up
            master.shutdown()  # type: ignore[no-untyped-call]
            await running
            if recording.answers is not None:
                await recording.answers.aclose()


@asynccontextmanager
async def _tunnel_seen(listening: Listening, tunnel: Tunnel, recording: Recording) -> AsyncIterator[int]:
    """The tunnel's port as the device reaches it, with a note of every time at which it was down."""
    watch, port = TunnelWatch(recording.was_not_seen, recording.fail), listening.wireguard or 0
    host, since_ns = listening.tunnel_host or listening.host, time.time_ns() - _steady_ns()
    try:
        async with watched(host, port, tunnel.port, watch, lambda: since_ns + _steady_ns()) as outer:
            yield outer
    except OSError as err:
        where = f"{host}:{port or 'any port'}"
        raise CaptureError(f"{where}: cannot listen there (wireguard): {err.strerror}") from err


def _expired(recording: Recording) -> None:
    recording.was_not_seen(
        time.time_ns(), "the recorder's certificate expired: from now on clients refuse it"
    )


def _steady_ns() -> int:
    """Of a clock that nobody sets, and that goes on while the machine sleeps where the system has one."""
    return time.clock_gettime_ns(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@asynccontextmanager
async def _program_taken(fail: Callable[[Exception], None]) -> AsyncIterator[None]:
    """End the recording where mitmproxy's redirector ends: mitmproxy itself goes on, and sees nothing."""
    for _ in range(REDIRECTOR_POLLS):
        await asyncio.sleep(REDIRECTOR_POLL_S)
        if not await asyncio.to_thread(has_started, REDIRECTOR):
            raise CaptureError(f"the program's traffic cannot be taken: {REDIRECTOR_ENDED}; {ON_LINUX}")

    async def watch() -> None:
        while await asyncio.to_thread(has_started, REDIRECTOR):
            await asyncio.sleep(REDIRECTOR_POLL_S)
        await asyncio.sleep(REDIRECTOR_POLLS * REDIRECTOR_POLL_S)  # Ctrl-C ends it a moment before this one
        fail(CaptureError(f"the program's traffic is not taken any more: {REDIRECTOR_ENDED}"))

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


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
    try:
        async with asyncio.timeout(HANG_UP_S):
            while recording.is_looking_up:
                await asyncio.sleep(HANG_UP_POLL_S)
    except TimeoutError:  # on a machine with many programs, it takes a while to find one
        recording.stop_looking_up()
    for poll in range(SETTLE_POLLS):
        await asyncio.sleep(HANG_UP_POLL_S)
        for _ in range(SETTLE_TURNS):
            await asyncio.sleep(0)
        if poll >= QUIET_POLLS and not recording.may_still_be_told:
            return


async def hang_up(server: Proxyserver) -> None:
    """End the clients' connections as mitmproxy ends idle ones, and wait until they are gone."""
    ended: set[str] = set()
    with suppress(TimeoutError):
        async with asyncio.timeout(HANG_UP_S):
            while server.connections:
                for connection in list(server.connections.values()):
                    one = connection.client
                    # What is still looked up has nobody yet who could end it.
                    if one.id not in ended and (way := connection.transports.get(one)) and way.handler:
                        ended.add(one.id)
                        await connection.on_timeout()
                await asyncio.sleep(HANG_UP_POLL_S)


def listening_ports(server: Proxyserver, listening: Listening, authority: Path) -> Ports:
    """The ports *server* really listens on; CaptureError with the system's reason if one fails."""
    ports: dict[str, int] = {}
    for instance in server.servers:
        if not instance.is_running:
            reason = str(instance.last_exception or "no reason given").partition("\n")[0]
            if isinstance(instance.mode, LocalMode):
                raise CaptureError(f"{instance.mode.data}: its traffic cannot be taken: {reason}; {ON_LINUX}")
            where = f"{listening.host}:{instance.mode.listen_port(0) or 'any port'}"
            raise CaptureError(f"{where}: cannot listen there ({instance.mode.type_name}): {reason}")
        if instance.listen_addrs:
            ports[instance.mode.type_name] = instance.listen_addrs[0][1]
    if "regular" not in ports:
        raise CaptureError(f"{listening.host}:{listening.port}: cannot listen there: no reason given")
    tunnel = tunnel_of(authority, ports["wireguard"]) if "wireguard" in ports else None
    return Ports(ports["regular"], ports.get("socks5"), tunnel)
