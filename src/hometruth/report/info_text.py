"""What `hometruth info` shows to people: one recording after the other."""

from collections.abc import Iterator, Mapping

from rich.text import Text

from hometruth.model.capture_info import CaptureInfo
from hometruth.report.catalogue import _
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
        console.print(Text(escape_terminal(_("  not in it    {drop}", drop=drop))), soft_wrap=True)


def _lines(info: CaptureInfo) -> Iterator[tuple[str, str]]:
    yield "format", info.format
    yield "recorder", info.recorder or _("not said")
    yield (
        "span",
        _("{first} to {last}", first=info.first, last=info.last) if info.first else _("no times recorded"),
    )
    yield "requests", _("{exchanges:,} to {len:,} hosts", exchanges=info.exchanges, len=len(info.hosts))
    if info.hosts:
        yield "hosts", _some(info.hosts)
        yield "protocols", _some(info.protocols)
    bodies = info.bodies
    yield (
        "bodies",
        _(
            "{present:,} present (undecodable {undecodable:,}, opaque {opaque:,}), {empty:,} empty, "
            "{absent:,} absent",
            present=bodies.present,
            undecodable=bodies.undecodable,
            opaque=bodies.opaque,
            empty=bodies.empty,
            absent=bodies.absent,
        ),
    )
    if info.websockets:
        sent, received = info.messages
        yield (
            "WebSockets",
            _(
                "{websockets:,}, with {sent:,} messages sent and {received:,} received",
                websockets=info.websockets,
                sent=sent,
                received=received,
            ),
        )
    if info.apps:
        yield "apps", _some(info.apps)
    if info.names:
        leads = [
            f"{name} > {' > '.join(aliases)}" if aliases else name for name, aliases in info.names.items()
        ]
        yield _("names seen"), ", ".join(leads[:SHOWN]) + _more(len(leads))
    for told in info.looked_into:
        yield _("looked into"), told
    yield "gaps", _some(info.gaps) if info.gaps else "none"


def _some(counted: Mapping[str, int]) -> str:
    first = [f"{name} ({times:,})" if times else name for name, times in list(counted.items())[:SHOWN]]
    return ", ".join(first) + _more(len(counted))


def _more(n: int) -> str:
    return _(" and {part:,} more", part=n - SHOWN) if n > SHOWN else ""
