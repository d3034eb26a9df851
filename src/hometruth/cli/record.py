"""`hometruth record`: a live recorder for one's own device or browser."""

import os
import queue
import select
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from typing import Any

import click
from rich.console import Console

from hometruth.capture import Listening, Recorder, Sinkhole
from hometruth.capture.marks import add_mark
from hometruth.capture.proxy.kept_authority import keep_authority
from hometruth.capture.proxy.passing import CONNECTIVITY, Passing, RecordingPhase, looked_into
from hometruth.capture.proxy.recording import Senders
from hometruth.cli.record_words import (
    GO_ON,
    URL_SHOWN,
    RecordTally,
    Speaker,
    announce,
    is_loopback,
    notes,
    summarise,
    tell_phase,
)
from hometruth.errors import CaptureError
from hometruth.model import Delivery, Exchange, HostPattern

POLL_S = 0.2
"""How often the display looks for news and for Ctrl-C; unnoticeable, and next to no load."""
RESERVED = "example"
"""No real site has a name below it (RFC 2606): pages planted there are answered here."""
WIREGUARD_PORT = 51820
"""What WireGuard's own examples use."""


def allow_option(told: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--allow``, with what it does for this command; the command gets the addresses as ``devices``."""
    return click.option(
        "--allow", "devices", multiple=True, metavar="ADDRESS", callback=_addresses, help=told
    )


def _addresses(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Of devices, each checked."""
    for address in given:
        try:
            ip_address(address)
        except ValueError as err:
            raise click.BadParameter(f"{address!r} is no address, such as 192.168.1.23") from err
    return given


LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - of the tunnel only, which serves nobody without its key
listen_option = click.option(
    "--listen",
    metavar="ADDRESS",
    help=f"Address to listen on.  [default: {LOOPBACK}; of the tunnel: {EVERYWHERE}]",
)

wireguard_port_option = click.option(
    "--wireguard-port",
    default=WIREGUARD_PORT,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="UDP port of the tunnel; 0: any free one.",
)


def listening(host: str | None, port: int, wireguard: int | None) -> Listening:
    """Where to listen: unless an address is named, other devices reach the tunnel only."""
    return Listening(host or LOOPBACK, port, wireguard=wireguard, tunnel_host=host or EVERYWHERE)


@click.command("record")
@click.option("--out", type=click.Path(path_type=Path), help="File to make. [default: hometruth-DATE.mitm]")
@listen_option
@allow_option(
    "With --listen: serve the device of this address; else you are asked about the first that comes."
)
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0: any free one."
)
@click.option(
    "--socks",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="A SOCKS 5 proxy beside it; 0: any free port.",
)
@click.option(
    "--wireguard",
    is_flag=True,
    help="A tunnel for one device beside it: all that the device sends, DNS, QUIC and IPv6 included.",
)
@wireguard_port_option
@click.option(
    "--program", metavar="NAME", help="Take the traffic of this program of this machine, without its doing."
)
@click.option(
    "--upstream-ca",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Certificates (PEM) by which real servers are known, instead of the usual ones.",
)
@click.option("--sinkhole", is_flag=True, help="Answer everything here; nothing leaves the machine.")
@click.option(
    "--zone",
    "zones",
    multiple=True,
    metavar="DOMAIN",
    help="Answer hosts of this domain here, as those of .example are; forward all others.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="HOST",
    help="Look into this host only (*.HOST: hosts below it); of all others, count bytes and keep no content.",
)
@click.option(
    "--all-traffic",
    is_flag=True,
    help="Of another device: look into every host, whichever app it is that talks to it.",
)
@click.option(
    "--package",
    metavar="NAME",
    help="With --wireguard, on Android: lead this app's traffic here and no other's (com.android.chrome).",
)
@click.option(
    "--agreed",
    is_flag=True,
    help="Of another device: its owner has agreed, so do not ask there, and keep from the first moment on.",
)
@click.option(
    "--preflight",
    is_flag=True,
    help="Find out what could be read: note hosts and bytes, and keep no content at all.",
)
@click.option(
    "--pass-pinned",
    is_flag=True,
    help="Let a host's connections through unopened once an app refuses our certificate for it; count bytes.",
)
@click.option(
    "--pass-host", "pass_hosts", multiple=True, metavar="HOST", help="Let this host through from the start."
)
@click.option(
    "--app",
    metavar="NAME",
    help="You state that nothing but this app's traffic is routed here (per-app VPN).",
)
@click.option(
    "--certificate",
    metavar="NAME",
    help="Use one certificate in all recordings of this name; `hometruth end NAME` removes it.",
)
@click.option(
    "--days",
    default=30,
    show_default=True,
    type=click.IntRange(1, 365),
    help="How long a certificate of that name is valid, the first time.",
)
def command(  # noqa: PLR0913 - one argument an option
    *,
    out: Path | None,
    listen: str | None,
    devices: tuple[str, ...],
    port: int,
    socks: int | None,
    wireguard: bool,
    wireguard_port: int,
    program: str | None,
    upstream_ca: Path | None,
    sinkhole: bool,
    zones: tuple[str, ...],
    only: tuple[str, ...],
    all_traffic: bool,
    package: str | None,
    agreed: bool,
    preflight: bool,
    pass_pinned: bool,
    pass_hosts: tuple[str, ...],
    app: str | None,
    certificate: str | None,
    days: int,
) -> None:
    """Record what your own device or browser sends, until Ctrl-C.

    Only for devices and accounts that are yours, or whose owner agreed. The owner of another device
    (--listen, --wireguard) is asked first, on the recorder's own page: nothing is opened before they agree,
    and nothing kept before that page shows that the certificate is trusted. Of such a device only hosts that
    are named are looked into (--only, --zone), or one app's (--package, --app), unless you say --all-traffic.
    """
    out = out or Path(f"hometruth-{datetime.now():%Y%m%d-%H%M%S}.mitm")  # noqa: DTZ005 (a name for a person)
    if sinkhole and (pass_pinned or pass_hosts):
        raise click.UsageError("--sinkhole lets nothing out: leave out --pass-pinned and --pass-host")
    if package and not wireguard:
        raise click.UsageError("--package says what the tunnel takes: it needs --wireguard")
    if all_traffic and (only or package):
        raise click.UsageError("--all-traffic looks into everything: leave out --only and --package")
    kept = keep_authority(certificate, datetime.now(UTC) + timedelta(days=days)) if certificate else None
    console = Console(highlight=False)
    aim = RecordingPhase.PREFLIGHT if preflight else RecordingPhase.DECLARED
    is_of_others = wireguard or not is_loopback(listen or LOOPBACK)
    is_asked = not agreed and is_of_others
    closed = CONNECTIVITY if is_of_others else frozenset()
    if is_of_others and not (all_traffic or package or app):
        answered = (zone for domain in (RESERVED, *zones) for zone in (domain, f"*.{domain}"))
        only = (*only, *answered)
    passing = Passing(
        frozenset(pass_hosts), learn=pass_pinned, closed=closed, moves_to=aim if is_asked else None
    )
    news: queue.SimpleQueue[Exchange] = queue.SimpleQueue()
    recorder = Recorder(
        out,
        listening=replace(
            listening(listen, port, wireguard_port if wireguard else None),
            socks=socks,
            program=program,
            package=package,
        ),
        sinkhole=Sinkhole() if sinkhole else Sinkhole(zones=(RESERVED, *zones)),
        upstream_ca=upstream_ca,
        authority=kept.folder if kept else None,
        passing=passing,
        senders=Senders(only_app=app, name_processes=True),
        devices=devices,
        looked_into=looked_into(only, package=package, only_app=app, all_traffic=all_traffic),
        on_exchange=news.put,
    )
    if not is_asked:
        recorder.phase = aim
    if only:
        recorder.open_only(HostPattern(host.lower()) for host in only)
    tally = RecordTally()
    desk = _Desk(console, recorder)
    with until_stopped() as stop:
        try:
            with recorder, _beside(recorder) as laid:
                remarks = notes(sinkhole, zones, only, pass_pinned, pass_hosts, app or package)
                announce(console, recorder, laid, remarks, devices, at_desk=_typed_into())
                while not stop.is_set():
                    recorder.wait(POLL_S)
                    _show_news(console, news, tally)
                    desk.look()
        finally:
            _show_news(console, news, tally)
    summarise(console, recorder, tally)


@contextmanager
def until_stopped() -> Iterator[threading.Event]:
    """Ctrl-C, a polite kill and a closed terminal set the event: the recording is always closed in order."""
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    heeded = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]  # nohup
    before = {number: signal.signal(number, ask_to_stop) for number in heeded}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _beside(recorder: Recorder) -> Iterator[list[Path]]:
    """The certificate (never its key), and the tunnel's configuration for the device, where a person finds
    them, for as long as they are good for anything."""
    certificate = recorder.flow_file.with_name(recorder.flow_file.name + ".ca.pem")
    laid = [certificate]
    with ExitStack() as undo:
        try:
            undo.callback(certificate.unlink, missing_ok=True)
            shutil.copyfile(recorder.ca_file, certificate)
            if tunnel := recorder.tunnel_config():
                laid.append(recorder.flow_file.with_name(recorder.flow_file.name + ".wireguard.conf"))
                undo.callback(laid[-1].unlink, missing_ok=True)
                handle = os.open(laid[-1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(handle, "w") as file:
                    file.write(tunnel)
        except OSError as err:
            raise CaptureError(f"{laid[-1]}: cannot be written: {err.strerror}") from err
        yield laid


class _Desk:
    """The person at the terminal: says which device is the one, and what begins."""

    def __init__(self, console: Console, recorder: Recorder) -> None:
        self._say = Speaker(console)
        self._recorder = recorder
        self._asked = ""
        """The device that was asked about last."""
        self._told = recorder.phase
        """The phase that was told last."""

    def look(self) -> None:
        """Ask about a device that waits, tell what begins; take in what was typed."""
        if self._recorder.phase is not self._told:
            self._told = self._recorder.phase
            tell_phase(self._say, self._recorder, at_desk=_typed_into())
        waiting = self._recorder.waiting
        if waiting and waiting != self._asked:
            self._asked = waiting
            typed = "Type yes and Enter, and try again on it; or type no."
            told = typed if _typed_into() else f"If so, begin again with --allow {waiting}."
            self._say(f"{waiting} wants to use this proxy. Is it the device to be recorded? {told}", "bold")
        if not _typed_into() or not select.select([sys.stdin], [], [], 0)[0]:
            return
        line = sys.stdin.readline().strip()
        if waiting and line.lower() == "yes":
            self._recorder.admit(waiting)
            self._say(f"served from now on: {waiting}, and no other", "bold")
        elif waiting and line.lower() == "no":
            self._recorder.dismiss()
            self._say(f"not served: {waiting}", "bold")
        elif line.lower() == GO_ON and self._recorder.may_go_on:
            self._recorder.go_on()
        elif line:
            add_mark(self._recorder.flow_file, line)
            self._say(f"marked: {line}", "bold")


def _typed_into() -> bool:
    return bool(sys.stdin) and not sys.stdin.closed and sys.stdin.isatty()


def _show_news(console: Console, news: "queue.SimpleQueue[Exchange]", tally: RecordTally) -> None:
    while not news.empty():
        exchange = news.get()
        tally.add(exchange)
        answered = "answered" if exchange.delivered is Delivery.YES else "no answer"
        status = str(exchange.status or exchange.error or answered)
        line = f"{exchange.method:<7} {status:<4} {exchange.url[:URL_SHOWN]}"
        Speaker(console)(line, "red" if exchange.error else "")
