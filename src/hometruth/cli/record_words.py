"""What `hometruth record` says to the person in front of it."""

import io
import ipaddress
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.text import Text

from hometruth.capture import Recorder
from hometruth.capture.connections import connections_file
from hometruth.capture.proxy.authority import COMMON_NAME, VALID_FOR, key_pin
from hometruth.capture.proxy.kept_authority import name_of
from hometruth.capture.proxy.listening import reachable_at
from hometruth.capture.proxy.own_pages import HOST
from hometruth.capture.proxy.passing import NOT_READABLE, READABLE, RecordingPhase
from hometruth.model import Exchange, Gap, GapKind
from hometruth.report import escape_terminal
from hometruth.report.words import count

URL_SHOWN = 120
"""Characters of a URL shown live; the file has all of it."""
HOSTS_SHOWN = 10
GO_ON = "begin"
"""What somebody at the desk types in the place of the device's owner."""
OPEN_TO_OTHERS = "others on its network can reach this proxy; only the device that you name is served."
_COUNTED = {GapKind.PASSED: "pinned: not opened", GapKind.NOT_LOOKED_INTO: "not looked into"}
_BEFORE = {
    RecordingPhase.BEFORE_CONSENT: "before the owner of the device had agreed",
    RecordingPhase.PREFLIGHT: "before the device had shown that it trusts the certificate",
}
HOW_TO_TRUST = """
To make a client trust that certificate, on a profile or device of your own:
  Chromium  chromium --user-data-dir=$(mktemp -d) --disable-quic \\
              --proxy-server={url} --proxy-bypass-list="<-loopback>" \\
              --ignore-certificate-errors-spki-list={pin}
  Firefox   Settings > Network Settings > Manual proxy configuration, for HTTP
            and HTTPS; then Settings > Certificates > View Certificates >
            Authorities > Import. For servers on this machine, in about:config:
            network.proxy.allow_hijacking_localhost = true
  Android   copy the file to the phone; Settings > Security > Install a
            certificate > CA certificate; the proxy is set in the details of
            the Wi-Fi network. From Android 7 on most apps trust only the
            system's own certificates: what they refuse is listed at the end
  iPhone    send the file to it and install the profile; then Settings >
            General > About > Certificate Trust Settings; the proxy is set in
            the details of the Wi-Fi network
"""


@dataclass
class RecordTally:
    """What has been recorded so far, for the display and the summary."""

    hosts: Counter[str] = field(default_factory=Counter)
    size_bytes: int = 0

    def add(self, exchange: Exchange) -> None:
        """Count one exchange."""
        self.hosts[exchange.host] += 1
        self.size_bytes += sum(len(body) for body in (exchange.request_body, exchange.response_body) if body)
        self.size_bytes += sum(len(message.data) for message in exchange.messages)


def announce(
    console: Console,
    recorder: Recorder,
    laid: list[Path],
    remarks: list[str],
    devices: Sequence[str] = (),
    *,
    at_desk: bool = False,
) -> None:
    """What is recorded, how to point a client at it, and how to trust it.

    Args:
        laid: The certificate, and the tunnel's configuration if there is a tunnel.
        remarks: What is special about this recording.
        devices: Addresses that are served, where the proxy is open to others.
        at_desk: Somebody can type something.
    """
    say, tunnel = Speaker(console), recorder.tunnel_config()
    certificate, *configurations = laid
    tell_phase(say, recorder, at_desk=at_desk)
    addresses = reachable_at(recorder.host)
    url = url_at(addresses[0], recorder.port)
    say(f"  proxy        {url}")
    for other in addresses[1:]:
        say(f"               {url_at(other, recorder.port)}")
    if recorder.socks_port is not None:
        say(f"  SOCKS 5      {url_at(addresses[0], recorder.socks_port).removeprefix('http://')}")
    for path in configurations:
        say(f"  WireGuard    {path.absolute()}")
        say("               for one device; all that it sends comes through: DNS, QUIC, IPv6")
    say(f"  file         {recorder.flow_file}")
    say(f"  certificate  {certificate.absolute()}")
    called = name_of(recorder.ca_file)
    once = called == COMMON_NAME
    say(
        f"               {called}" + (f"; good for this recording only, {VALID_FOR.days} days at most" * once)
    )
    say(f"               on the device itself, once it is connected: http://{HOST}/")
    for remark in remarks:
        say(f"  {remark}", "bold")
    if not is_loopback(recorder.host):
        say(f"  WARNING      {recorder.host} is not loopback: {OPEN_TO_OTHERS}", "bold yellow")
        say(f"  served       {', '.join(devices) or 'nobody yet: you are asked about the first that comes'}")
    if tunnel:
        _draw(console, "For the camera of the device, in its WireGuard app:", tunnel)
    elif not is_loopback(recorder.host):
        _draw(console, "For the camera of the device, a page that says how it is connected:", f"{url}/")
    say(HOW_TO_TRUST.format(url=url, pin=key_pin(recorder.ca_file)))
    unseen = "What goes round the tunnel is" if tunnel else "QUIC and DNS do not pass through it and are"
    say("Type a word and Enter to mark what begins: private window, consent given.", "dim")
    say(f"Ctrl-C ends the recording. {unseen} not seen.\n", "dim")


def _draw(console: Console, told: str, content: str) -> None:
    """A QR code, where there is a screen that a camera can look at."""
    if not console.is_terminal:
        return
    import segno  # noqa: PLC0415 - only where a code is drawn

    Speaker(console)(f"\n{told}")
    drawn = io.StringIO()
    segno.make(content, error="l").terminal(out=drawn, compact=True)
    console.out(drawn.getvalue(), highlight=False)


def tell_phase(say: "Speaker", recorder: Recorder, *, at_desk: bool) -> None:
    """How far is looked at from now on, and what has to happen for more."""
    or_typed = f", or type {GO_ON} and Enter here" if at_desk else ""
    match recorder.phase:
        case RecordingPhase.BEFORE_CONSENT:
            say("NOTHING IS KEPT YET: of what a device sends, hosts and bytes are noted.", "bold")
            say(f"Its owner agrees on it, at http://{HOST}/{or_typed}.", "bold")
        case RecordingPhase.PREFLIGHT:
            say(
                "PREFLIGHT: hosts, bytes and whether they could be read are noted. No content is kept, and\n"
                "no names that are asked of resolvers.",
                "bold",
            )
            if recorder.may_go_on:
                say(
                    f"Recording begins once http://{HOST}/ shows on the device that it trusts the\n"
                    f"certificate{or_typed}.",
                    "bold",
                )
        case RecordingPhase.DECLARED:
            say(
                "RECORDING everything that is sent through this proxy, decrypted, passwords included.",
                "bold red",
            )


def url_at(host: str, port: int) -> str:
    """A proxy's address."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def notes(
    sinkhole: bool,
    zones: tuple[str, ...],
    only: tuple[str, ...],
    pass_pinned: bool,
    pass_hosts: tuple[str, ...],
    app: str | None,
) -> list[str]:
    """What is special about this recording."""
    told = []
    if sinkhole:
        told.append("sinkhole     every request is answered here, nothing is sent on")
    elif zones:
        told.append(f"answered     {', '.join(zones)}: by a small page, here; all else is sent on")
    if only:
        told.append(
            f"looked into  {', '.join(only)} only: of all other hosts bytes are counted, nothing is kept;\n"
            "               --only HOST adds one, --all-traffic is for all"
        )
    if pass_hosts:
        told.append(f"not opened   {', '.join(pass_hosts)}: let through, only bytes are counted")
    if pass_pinned:
        told.append("not opened   hosts for which an app refuses the certificate, likewise")
    if app:
        told.append(f"app          {app}: you state that nothing else is routed here; noted with everything")
    return told


def summarise(console: Console, recorder: Recorder, tally: RecordTally) -> None:
    """What came, what was not read, and what to do next."""
    say = Speaker(console)
    n_exchanges, hosts = tally.hosts.total(), len(tally.hosts)
    told = f"{count(n_exchanges, 'exchange')} with {count(hosts, 'host')}"
    say(f"\nRecorded {told}, {count(tally.size_bytes, 'byte')} of bodies.", "bold")
    for host, times in tally.hosts.most_common(HOSTS_SHOWN):
        say(f"  {times:>7,}  {host}")
    if hosts > HOSTS_SHOWN:
        say(f"           and {hosts - HOSTS_SHOWN:,} more hosts")
    if recorder.phase is RecordingPhase.DECLARED:
        _summarise_gaps(say, recorder)
    else:
        _tell_readable(say, recorder)
    if recorder.may_go_on:
        say(f"Nothing was kept: it ended {_BEFORE[recorder.phase]}.", "bold yellow")
    if recorder.keeps_authority:
        say("\nThe certificate is kept for the next recording; `hometruth end` removes it.")
    else:
        say(f"\nRemove “{COMMON_NAME}” from the client's certificates, and the proxy from its settings.")
    if n_exchanges:
        say(f"File: {recorder.flow_file}")
        say(f"Next: hometruth scan {recorder.flow_file} --canaries FILE")
    elif not recorder.gaps():
        say("Nothing came through the proxy: look at the client's proxy settings.", "yellow")


def _tell_readable(say: "Speaker", recorder: Recorder) -> None:
    """By host: bytes, and whether it could be read. One that was refused once is not read, whatever else."""
    sums: dict[str, tuple[int, int]] = {}
    answers: dict[str, set[str]] = {}
    for gap in recorder.gaps():
        host = gap.host or "unknown host"
        up, down = sums.get(host, (0, 0))
        sums[host] = up + (gap.size_bytes or 0), down + (gap.received_bytes or 0)
        answers.setdefault(host, set()).add(_readable(gap))
    say("What could be read:" if sums else "Nothing came.", "bold")
    for host, (up, down) in sums.items():
        told = "; partly ".join(sorted(answers[host]))
        say(f"  {host}: {up:,} bytes up, {down:,} down; readable: {told}")


def _readable(gap: Gap) -> str:
    if gap.detail.startswith(READABLE):
        return "yes"
    if gap.detail.startswith(NOT_READABLE):
        return "no (not HTTP)"
    if gap.kind is GapKind.UNUSED:
        return "not known (opened and not used)"
    return f"no ({gap.detail.split(':')[0] if gap.size_bytes is not None else gap.detail})"


def _summarise_gaps(say: "Speaker", recorder: Recorder) -> None:
    gaps: Counter[tuple[str, str, str]] = Counter(_key(gap) for gap in recorder.gaps())
    if not gaps:
        say("Nothing was refused, and everything that came could be read.")
        return
    say("Not read:", "bold")
    for (host, kind, detail), times in gaps.most_common():
        say(f"  {times:>7,}  {host}: {kind}: {detail}")
    for (host, kind), (up, down) in _passed_bytes(recorder).items():
        say(f"           {host}: {_COUNTED[kind]}, {up:,} bytes up, {down:,} down")
    if connections_file(recorder.flow_file).exists():
        say(f"  with times in {connections_file(recorder.flow_file)}")


def _passed_bytes(recorder: Recorder) -> dict[tuple[str, GapKind], tuple[int, int]]:
    """Bytes either way of what was not opened, by host."""
    sums: dict[tuple[str, GapKind], tuple[int, int]] = {}
    for gap in recorder.gaps():
        if gap.kind in _COUNTED:
            key = gap.host or "unknown host", gap.kind
            up, down = sums.get(key, (0, 0))
            sums[key] = up + (gap.size_bytes or 0), down + (gap.received_bytes or 0)
    return sums


def _key(gap: Gap) -> tuple[str, str, str]:
    """What is told together; bytes are not among it."""
    detail = gap.detail if gap.size_bytes is None else gap.detail.rpartition(": ")[0]
    return gap.host or "unknown host", gap.kind.value, detail


def is_loopback(host: str) -> bool:
    """True for an address of this machine that no other reaches."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Speaker:
    """Prints lines that may hold captured text: nothing in them can reach the terminal as a command."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, text: str, style: str = "") -> None:
        """Print one line, or several."""
        lines = (escape_terminal(line) for line in text.split("\n"))
        self._console.print(Text("\n".join(lines), style), soft_wrap=True)
