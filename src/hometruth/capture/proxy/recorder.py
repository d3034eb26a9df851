"""The live recorder: mitmproxy as a library, in a thread of its own, writing as it goes.

As a proxy, the client is told to use it, and asks it for TCP connections only: what it sends round it (QUIC,
DNS) is not seen at all. Through a tunnel comes all that a device sends, whatever the protocol.
"""

import asyncio
import gc
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from hometruth.capture.connections import LEFT_CLOSED, LOOKED_INTO, ConnectionFact, ConnectionLog
from hometruth.capture.proxy.admitted import Admitted
from hometruth.capture.proxy.authority import (
    CERTIFICATE_NAME,
    expires_at,
    key_pin,
    make_authority,
    private_folder,
)
from hometruth.capture.proxy.flow_file import FlowFile
from hometruth.capture.proxy.listening import Listening, Tunnel, reachable_at
from hometruth.capture.proxy.own_pages import HOST, OwnPages
from hometruth.capture.proxy.passing import Passing, RecordingPhase
from hometruth.capture.proxy.preflight import readable_hosts
from hometruth.capture.proxy.recording import NOBODY, Recording, Senders
from hometruth.capture.proxy.server import serve
from hometruth.capture.proxy.sinkhole import Sinkhole
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap, HostChoice, HostPattern, HostSeen

START_TIMEOUT_S = 30.0
"""Far more than listening takes (0.2 s); a machine that needs longer is stuck."""
HERE = Listening()
"""A proxy on loopback, at any free port."""
YOUNG_OBJECTS = 5000
"""Made before Python looks for cycles among them: seven connections' worth, so that no body stays for long.
At its usual 700, a burst of 2,000 connections makes it look through all that there is five times."""
_one_at_a_time = threading.Lock()
"""mitmproxy keeps its options in a module global, so two recorders in one process would share them."""


@contextmanager
def ended_in_order() -> Iterator[None]:
    """A polite kill and a closed terminal end the program as an exception does, so that everything is closed.

    What somebody else handles, or has told the system to ignore (nohup), stays theirs.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    heeds = threading.current_thread() is threading.main_thread()
    numbers = (signal.SIGTERM, signal.SIGHUP)
    ours = [number for number in numbers if heeds and signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def _seldom_looked_through() -> Iterator[None]:
    young, *older = gc.get_threshold()
    gc.set_threshold(max(young, YOUNG_OBJECTS) if young else 0, *older)
    try:
        yield
    finally:
        gc.set_threshold(young, *older)


class Recorder:
    """Records what a client sends through it, from `__enter__` to `__exit__`.

    Args:
        flow_file: File to make; each exchange is in it as soon as it is complete.
        listening: Where to listen, and in which ways at once; a proxy on loopback by default.
        sinkhole: Answer everything, or certain zones, here instead of forwarding it.
        upstream_ca: Certificates (PEM) by which real servers are known, instead of the usual ones.
        authority: Folder of a certificate authority that outlives the recording; by default none does.
        passing: Hosts whose connections are let through unopened, and whether the device's owner is asked
            first; by default none, and nobody is.
        senders: How to know who sends; noted with all that comes.
        devices: Addresses of the device to be served, where others can reach the proxy too; without one, the
            first that comes waits to be admitted (`waiting`, `admit`). On loopback it makes no difference.
        looked_into: What is, in words, as it is noted beside the file; empty if that is noted elsewhere.
        goes_on: The file is there, of a recording that was cut off: go on in it.
        on_exchange: Called in the recorder's thread with every exchange written; must be quick.
        on_gap: Likewise with every connection that was not opened.

    Raises:
        CaptureError: On entering, if it cannot listen or write; on leaving, if writing failed on the way.
    """

    host: str
    """Address it listens on."""
    port: int
    """Port it listens on, once entered."""
    socks_port: int | None = None
    """Port of the SOCKS proxy, once entered; None if there is none."""
    tunnel: Tunnel | None = None
    """The device's way in, once entered; None if there is none."""
    ca_file: Path
    """PEM file of the certificate that the client must trust, once entered."""

    def __init__(  # noqa: PLR0913 - what is left out has a default
        self,
        flow_file: Path,
        *,
        listening: Listening = HERE,
        sinkhole: Sinkhole | None = None,
        upstream_ca: Path | None = None,
        authority: Path | None = None,
        passing: Passing | None = None,
        senders: Senders = NOBODY,
        devices: Iterable[str] = (),
        looked_into: str = "",
        goes_on: bool = False,
        on_exchange: Callable[[Exchange], None] | None = None,
        on_gap: Callable[[Gap], None] | None = None,
    ) -> None:
        self.flow_file = flow_file
        self.host, self.port = listening.host, listening.port
        self._at = listening
        self._sinkhole = sinkhole
        self._upstream_ca = upstream_ca
        self._kept = authority
        self._passing = passing or Passing()
        self._senders = senders
        self._admitted = Admitted(devices)
        self._looked_into = looked_into
        self._goes_on = goes_on
        self._looks_since_ns = 0
        self._names_before: frozenset[str] = frozenset()
        self._on_exchange = on_exchange
        self._on_gap = on_gap
        self._listening = threading.Event()
        self._failure: Exception | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """What the client must be given as its proxy."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def n_exchanges(self) -> int:
        """Exchanges written so far."""
        return self._recording.n_exchanges

    @property
    def keeps_authority(self) -> bool:
        """True if its certificate authority outlives it."""
        return self._kept is not None

    @property
    def is_page_opened(self) -> bool:
        """True once a device has opened the recorder's own page."""
        return self._recording.is_page_opened

    @property
    def is_trusted(self) -> bool:
        """True once a browser has shown, on the recorder's own page, that it trusts the certificate."""
        return self.trusted_ns is not None

    @property
    def trusted_ns(self) -> int | None:
        """When a browser last showed that, nanoseconds since the epoch; None if none has yet."""
        return self._recording.trusted_ns

    @property
    def has_agreed(self) -> bool:
        """True unless the owner of the device is yet to say whether anything is kept, or has said no."""
        return self.phase is not RecordingPhase.BEFORE_CONSENT

    @property
    def is_declined(self) -> bool:
        """True once the owner of the device has said no, or has stopped it, until they agree."""
        return self._passing.is_declined

    @property
    def n_under_way(self) -> int:
        """Exchanges and conversations that have begun and not ended, or are not understood yet."""
        return self._recording.n_under_way

    @property
    def expires_at(self) -> datetime:
        """When its certificate expires: then nobody can be read any more."""
        return expires_at(self.ca_file)

    def mark(self, trial_id: str | None) -> None:
        """Every exchange that starts from now on belongs to this trial.

        Raises:
            CaptureError: If the recording has ended because it could not write.
        """
        self.check()
        self._recording.trial = trial_id
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._recording.session_changed)

    def open_only(self, hosts: Iterable[HostPattern] | None) -> None:
        """From now on keep the content of these hosts only; None keeps that of any.

        Of all others bytes are counted. What began before keeps what was decided then: nothing that was said
        before consent is looked into after it.
        """
        patterns = None if hosts is None else tuple(hosts)
        self._passing.opened = patterns

    @property
    def app(self) -> str | None:
        """Product whose hosts may be added to those that are looked into; None if none may."""
        return self._passing.app

    def take_left_closed(self) -> tuple[str, ...]:
        """Hosts that were left unopened since it was last asked, as nobody had asked to look into them."""
        return self._passing.take_left_closed()

    def choose(self, choice: HostChoice) -> None:
        """Note what somebody chose, and keep the content of that host too, from what begins next on."""
        self._say_scope(LOOKED_INTO if choice.is_opened else LEFT_CLOSED, choice.host, choice.why)
        if choice.is_opened:
            self._passing.open_also(choice.host)

    def _say_scope(self, kind: str, host: str | None, why: str) -> None:
        self._log.add(ConnectionFact(kind, host, None, time.time_ns(), why, None))

    @property
    def phase(self) -> RecordingPhase:
        """How far is looked at all; what is set holds for what begins from then on."""
        return self._passing.phase

    @phase.setter
    def phase(self, phase: RecordingPhase) -> None:
        self._passing.phase = phase

    @property
    def may_go_on(self) -> bool:
        """True while the owner of the device is yet to agree, or its certificate to be shown as trusted."""
        return self._passing.may_go_on

    def go_on(self) -> None:
        """To the next phase, on the word of somebody at the desk."""
        self._passing.go_on()

    def look(self) -> None:
        """From now on find out what could be read, and keep nothing of it."""
        self.phase = RecordingPhase.PREFLIGHT
        self._looks_since_ns, self._names_before = time.time_ns(), self._recording.resolver.names()

    def readable(self) -> tuple[HostSeen, ...]:
        """What is known of hosts since `look`: could it be read, and if not, why."""
        since = [gap for gap in self.gaps() if (gap.at_ns or 0) >= self._looks_since_ns]
        return readable_hosts(since, self._recording.resolver.names() - self._names_before)

    def begin(self) -> None:
        """From now on keep what is declared."""
        self.phase = RecordingPhase.DECLARED

    @property
    def reachable(self) -> str:
        """Address under which another device may reach this machine, as well as that can be told."""
        return reachable_at(self.host)[0]

    def tunnel_config(self) -> str | None:
        """What the device's WireGuard app reads; None if there is no tunnel."""
        if self.tunnel is None:
            return None
        endpoint = reachable_at(self._at.tunnel_host or self.host)[0]
        return self.tunnel.client_config(endpoint, self._at.package)

    def key_pin(self) -> str:
        """By which Chromium is told to trust the certificate for one start (`authority.key_pin`)."""
        return key_pin(self.ca_file)

    @property
    def waiting(self) -> str | None:
        """Address of a device that wants to be served, while nobody has said whether it is the one."""
        return self._admitted.waiting

    @property
    def refused(self) -> tuple[str, ...]:
        """Addresses of devices that came and are not the one, in their order."""
        return tuple(self._admitted.refused)

    def admit(self, address: str) -> None:
        """Serve the device of this address too from now on, and let no other wait to be admitted.

        Raises:
            ValueError: If it is no address.
        """
        self._admitted.admit(address)

    def dismiss(self) -> None:
        """The device that waits is not the one to be recorded: the next that comes waits in its place."""
        self._admitted.dismiss()

    def gaps(self) -> tuple[Gap, ...]:
        """What was not read so far: refused TLS, unreachable hosts, connections that are not HTTP."""
        return tuple(self._recording.gaps)

    def check(self) -> None:
        """Raise what ended the recording early, if anything did."""
        if self._failure is not None:
            raise self._failure

    def wait(self, timeout_s: float) -> None:
        """Wait, but not longer than the recording lasts; raises like `check`."""
        self._thread.join(timeout_s)
        self.check()

    def __enter__(self) -> Self:
        if not _one_at_a_time.acquire(blocking=False):
            raise CaptureError(
                "a recorder runs in this process already; end it first, or use a process for each"
            )
        with ExitStack() as undo:
            undo.callback(_one_at_a_time.release)
            undo.enter_context(ended_in_order())
            undo.enter_context(_seldom_looked_through())
            authority = self._kept or undo.enter_context(private_folder())
            self.ca_file = authority / CERTIFICATE_NAME if self._kept else make_authority(authority)
            flows = undo.enter_context(FlowFile(self.flow_file, goes_on=self._goes_on))
            log = self._log = undo.enter_context(ConnectionLog(self.flow_file))
            if self._looked_into and not self._goes_on:
                self._say_scope(LOOKED_INTO, None, self._looked_into)
            self._recording = Recording(
                flows,
                log,
                self._fail,
                self._on_exchange,
                on_gap=self._on_gap,
                passing=self._passing,
                senders=self._senders,
                admitted=self._admitted,
            )
            leads_on = self._sinkhole is not None and self._sinkhole.origin_of(HOST) is not None
            if self._goes_on:
                self._recording.was_cut_off(flows.cut_bytes)
            self._recording.own_pages = OwnPages(self.ca_file, self._passing, leads_on)
            self._thread = threading.Thread(
                target=self._run, args=(authority,), name="hometruth recorder", daemon=True
            )
            self._start()
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._undo.close()
        # What ended the recording is the cause of whatever went wrong with its clients after it.
        if error is None or (isinstance(error, Exception) and error is not self._failure):
            self.check()

    def _start(self) -> None:
        self._thread.start()
        started = self._listening.wait(START_TIMEOUT_S)
        if started and self._failure is None:
            return
        self._stop()
        if self._recording.is_empty:
            self.flow_file.unlink(missing_ok=True)
        self.check()
        raise CaptureError(f"{self.url}: the recorder did not start within {START_TIMEOUT_S:.0f} s")

    def _run(self, authority: Path) -> None:
        try:
            asyncio.run(self._serve(authority))
        except Exception as err:  # noqa: BLE001 (raised again in the caller's thread by `check`)
            self._failure = self._failure or err
        finally:
            self._listening.set()

    async def _serve(self, authority: Path) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        async with serve(
            self._recording,
            self._at,
            authority,
            self._sinkhole,
            self._upstream_ca,
            keeps_keys=self._kept is not None,
        ) as ports:
            self.port, self.socks_port, self.tunnel = ports.proxy, ports.socks, ports.tunnel
            self._listening.set()
            await self._end.wait()

    def _fail(self, error: Exception) -> None:
        """End the recording at once: nothing may pass unrecorded."""
        self._failure = self._failure or error
        if self._end is not None:
            self._end.set()

    def _stop(self) -> None:
        if self._loop is not None and self._end is not None:
            with suppress(RuntimeError):  # the loop has ended by itself, with a failure
                self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()
