"""What `hometruth info` shows to people: one recording after the other."""

from collections.abc import Iterator, Mapping

from rich.text import Text

from hometruth.model.capture_info import CaptureInfo
from hometruth.report.text import escape_terminal
from hometruth.report.width import console_of

SHOWN = 12
"""Hosts, names and apps listed; ``--json`` has all."""


def print_info(info: CaptureInfo) -> None:
    """One recording."""
    console = console_of()
    console.print(Text(escape_terminal(info.file), style="bold"))
    for name, told in _lines(info):
        console.print(Text(escape_terminal(f"  {name:<12} {told}")), soft_wrap=True)
    for drop in info.drops:
        console.print(Text(escape_terminal(f"  not in it    {drop}")), soft_wrap=True)


def _lines(info: CaptureInfo) -> Iterator[tuple[str, str]]:
    yield "format", info.format
    yield "recorder", info.recorder or "not said"
    yield "span", f"{info.first} to {info.last}" if info.first else "no times recorded"
    yield "requests", f"{info.exchanges:,} to {len(info.hosts):,} hosts"
    if info.hosts:
        yield "hosts", _some(info.hosts)
        yield "protocols", _some(info.protocols)
    bodies = info.bodies
    yield (
        "bodies",
        f"{bodies.present:,} present (undecodable {bodies.undecodable:,}, opaque {bodies.opaque:,}), "
        f"{bodies.empty:,} empty, {bodies.absent:,} absent",
    )
    if info.websockets:
        sent, received = info.messages
        yield "WebSockets", f"{info.websockets:,}, with {sent:,} messages sent and {received:,} received"
    if info.apps:
        yield "apps", _some(info.apps)
    if info.names:
        leads = [
            f"{name} > {' > '.join(aliases)}" if aliases else name for name, aliases in info.names.items()
        ]
        yield "names seen", ", ".join(leads[:SHOWN]) + _more(len(leads))
    yield "gaps", _some(info.gaps) if info.gaps else "none"


def _some(counted: Mapping[str, int]) -> str:
    first = [f"{name} ({times:,})" if times else name for name, times in list(counted.items())[:SHOWN]]
    return ", ".join(first) + _more(len(counted))


def _more(n: int) -> str:
    return f" and {n - SHOWN:,} more" if n > SHOWN else ""
