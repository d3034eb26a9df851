"""`hometruth record`: a live proxy for one's own device or browser."""

import ipaddress
import queue
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import FrameType

import click
from rich.console import Console
from rich.text import Text

from hometruth.capture import Recorder, Sinkhole
from hometruth.capture.connections import connections_file
from hometruth.capture.proxy.authority import COMMON_NAME, VALID_FOR, key_pin
from hometruth.capture.proxy.passing import PASSED, Passing
from hometruth.capture.proxy.recording import Senders
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap, GapKind
from hometruth.report import escape_terminal
from hometruth.report.words import count

POLL_S = 0.2
"""How often the display looks for news and for Ctrl-C; unnoticeable, and next to no load."""
URL_SHOWN = 120
"""Characters of a URL shown live; the file has all of it."""
HOSTS_SHOWN = 10
OPEN_TO_OTHERS = (
    "whoever reaches it on the local network can use this proxy, and is recorded too. "
    "Only in a network of your own."
)
HOW_TO_TRUST = """
To make a client trust that certificate, on a profile or device of your own:
  Chromium  chromium --user-data-dir=$(mktemp -d) --disable-quic \\
              --proxy-server={url} \\
              --ignore-certificate-errors-spki-list={pin}
  Firefox   Settings > Network Settings > Manual proxy configuration, for HTTP
            and HTTPS; then Settings > Certificates > View Certificates >
            Authorities > Import
  Android   copy the file to the phone; Settings > Security > Install a
            certificate > CA certificate; the proxy is set in the details of
            the Wi-Fi network. From Android 7 on most apps trust only the
            system's own certificates: what they refuse is listed at the end
  iPhone    send the file to it and install the profile; then Settings >
            General > About > Certificate Trust Settings; the proxy is set in
            the details of the Wi-Fi network
"""


@dataclass
class _Tally:
    """What has been recorded so far, for the display and the summary."""

    hosts: Counter[str] = field(default_factory=Counter)
    size_bytes: int = 0

    def add(self, exchange: Exchange) -> None:
        self.hosts[exchange.host] += 1
        self.size_bytes += sum(len(body) for body in (exchange.request_body, exchange.response_body) if body)
        self.size_bytes += sum(len(message.data) for message in exchange.messages)


@click.command("record")
@click.option("--out", type=click.Path(path_type=Path), help="File to make. [default: hometruth-DATE.mitm]")
@click.option("--listen", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0: any free one."
)
@click.option("--sinkhole", is_flag=True, help="Answer everything here; nothing leaves the machine.")
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
def command(
    out: Path | None,
    listen: str,
    port: int,
    sinkhole: bool,
    pass_pinned: bool,
    pass_hosts: tuple[str, ...],
    app: str | None,
) -> None:
    """Record what your own device or browser sends, until Ctrl-C.

    Only for devices and accounts that are yours, or whose owner agreed.
    """
    out = out or Path(f"hometruth-{datetime.now():%Y%m%d-%H%M%S}.mitm")  # noqa: DTZ005 (a name for a person)
    if sinkhole and (pass_pinned or pass_hosts):
        raise click.UsageError("--sinkhole lets nothing out: leave out --pass-pinned and --pass-host")
    console = Console(highlight=False)
    passing = Passing(frozenset(pass_hosts), learn=pass_pinned)
    news: queue.SimpleQueue[Exchange] = queue.SimpleQueue()
    recorder = Recorder(
        out,
        listen_host=listen,
        port=port,
        sinkhole=Sinkhole() if sinkhole else None,
        passing=passing,
        senders=Senders(only_app=app, name_processes=True),
        on_exchange=news.put,
    )
    tally = _Tally()
    with _stop_signal() as stop:
        try:
            with recorder, _certificate_beside(recorder) as certificate:
                _announce(console, recorder, certificate, _notes(sinkhole, pass_pinned, pass_hosts, app))
                while not stop.is_set():
                    recorder.wait(POLL_S)
                    _show_news(console, news, tally)
        finally:
            _show_news(console, news, tally)
    _summarise(console, recorder, tally)


@contextmanager
def _stop_signal() -> Iterator[threading.Event]:
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
def _certificate_beside(recorder: Recorder) -> Iterator[Path]:
    """The certificate (never its key) where a person finds it, for as long as it is good for anything."""
    path = recorder.flow_file.with_name(recorder.flow_file.name + ".ca.pem")
    try:
        shutil.copyfile(recorder.ca_file, path)
    except OSError as err:
        raise CaptureError(f"{path}: cannot be written: {err.strerror}") from err
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _announce(console: Console, recorder: Recorder, certificate: Path, notes: list[str]) -> None:
    say = _Speaker(console)
    say("RECORDING everything that is sent through this proxy, decrypted, passwords included.", "bold red")
    say(f"  proxy        {recorder.url}")
    say(f"  file         {recorder.flow_file}")
    say(f"  certificate  {certificate.absolute()}")
    say(f"               {COMMON_NAME}; good for this recording only, {VALID_FOR.days} days at most")
    for note in notes:
        say(f"  {note}", "bold")
    if not _is_loopback(recorder.host):
        say(f"  WARNING      {recorder.host} is not loopback: {OPEN_TO_OTHERS}", "bold yellow")
    say(HOW_TO_TRUST.format(url=recorder.url, pin=key_pin(recorder.ca_file)))
    say("Ctrl-C ends the recording. QUIC and DNS do not pass through it and are not seen.\n", "dim")


def _notes(sinkhole: bool, pass_pinned: bool, pass_hosts: tuple[str, ...], app: str | None) -> list[str]:
    """What is special about this recording."""
    notes = []
    if sinkhole:
        notes.append("sinkhole     every request is answered here, nothing is sent on")
    if pass_hosts:
        notes.append(f"not opened   {', '.join(pass_hosts)}: let through, only bytes are counted")
    if pass_pinned:
        notes.append("not opened   hosts for which an app refuses the certificate, likewise")
    if app:
        notes.append(f"app          {app}: you state that nothing else is routed here; noted with everything")
    return notes


def _show_news(console: Console, news: "queue.SimpleQueue[Exchange]", tally: _Tally) -> None:
    while not news.empty():
        exchange = news.get()
        tally.add(exchange)
        status = str(exchange.status or exchange.error or "no answer")
        line = f"{exchange.method:<7} {status:<4} {exchange.url[:URL_SHOWN]}"
        _Speaker(console)(line, "red" if exchange.error else "")


def _summarise(console: Console, recorder: Recorder, tally: _Tally) -> None:
    say = _Speaker(console)
    n_exchanges, hosts = tally.hosts.total(), len(tally.hosts)
    told = f"{count(n_exchanges, 'exchange')} with {count(hosts, 'host')}"
    say(f"\nRecorded {told}, {count(tally.size_bytes, 'byte')} of bodies.", "bold")
    for host, times in tally.hosts.most_common(HOSTS_SHOWN):
        say(f"  {times:>7,}  {host}")
    if hosts > HOSTS_SHOWN:
        say(f"           and {hosts - HOSTS_SHOWN:,} more hosts")
    _summarise_gaps(say, recorder)
    say(f"\nRemove “{COMMON_NAME}” from the client's certificates, and the proxy from its settings.")
    if n_exchanges:
        say(f"File: {recorder.flow_file}")
        say(f"Next: hometruth scan {recorder.flow_file} --canaries FILE")
    else:
        say("Nothing came through the proxy: look at the client's proxy settings.", "yellow")


def _summarise_gaps(say: "_Speaker", recorder: Recorder) -> None:
    gaps: Counter[tuple[str, str, str]] = Counter(_key(gap) for gap in recorder.gaps())
    if not gaps:
        say("Nothing was refused, and everything that came was HTTP.")
        return
    say("Not read:", "bold")
    for (host, kind, detail), times in gaps.most_common():
        say(f"  {times:>7,}  {host}: {kind}: {detail}")
    for host, (up, down) in _passed_bytes(recorder).items():
        say(f"           {host}: pinned: not opened, {up:,} bytes up, {down:,} down")
    if connections_file(recorder.flow_file).exists():
        say(f"  with times in {connections_file(recorder.flow_file)}")


def _passed_bytes(recorder: Recorder) -> dict[str, tuple[int, int]]:
    """Bytes either way of what was let through, by host."""
    sums: dict[str, tuple[int, int]] = {}
    for gap in recorder.gaps():
        if gap.kind is GapKind.PASSED:
            up, down = sums.get(gap.host or "", (0, 0))
            sums[gap.host or ""] = up + (gap.size_bytes or 0), down + (gap.received_bytes or 0)
    return sums


def _key(gap: Gap) -> tuple[str, str, str]:
    detail = PASSED if gap.kind is GapKind.PASSED else gap.detail
    return gap.host or "unknown host", gap.kind.value, detail


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Speaker:
    """Prints lines that may hold captured text: nothing in them can reach the terminal as a command."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, text: str, style: str = "") -> None:
        lines = (escape_terminal(line) for line in text.split("\n"))
        self._console.print(Text("\n".join(lines), style), soft_wrap=True)
