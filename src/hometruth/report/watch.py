"""Two columns for a terminal, done and left; plain lines where they are piped; JSON lines for programs.

What was captured is hostile: every text passes `escape_terminal` before it is measured or printed.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import click
from rich.console import Console
from rich.text import Text

from hometruth.model import Canary, Gap
from hometruth.model.departure import Deed, Departure, Record
from hometruth.report import escape_terminal
from hometruth.report.catalogue import _

if TYPE_CHECKING:
    from hometruth.model.outputs import WatchGapJson

TWO_COLUMNS_FROM = 64
"""Columns of a terminal; a narrower one gets one column."""
LEFT_SHARE = 0.36
GAP = " │ "
CLIP = 300
"""Characters of one value that are shown; `--jsonl` has all."""
NS_PER_S = 1_000_000_000
MARK_LEFT, MARK_RIGHT = "»", "«"
"""Around planted values where nothing can be highlighted."""


class Display(Protocol):
    """Where it is shown."""

    def head(self) -> None:
        """What stands above both sides."""

    def show(self, deed: Deed | None, departures: Sequence[Departure]) -> None:
        """What was done, and beside it what left until it was over."""

    def say(self, text: str, style: str = "") -> None:
        """A line across."""

    def gap(self, gap: Gap) -> None:
        """Something of the recording could not be read."""


class JsonLines:
    """One JSON object a line."""

    def head(self) -> None:
        """Programs need no headings."""

    def show(self, deed: Deed | None, departures: Sequence[Departure]) -> None:
        """In the order of time."""
        told = [] if deed is None else [deed.as_json()]
        for row in (*told, *(item.as_json() for item in departures)):
            click.echo(json.dumps(row))

    def say(self, text: str, style: str = "") -> None:
        """Programs need no headings."""

    def gap(self, gap: Gap) -> None:
        """What could not be read."""
        told: WatchGapJson = {"what": "gap", "kind": gap.kind, "where": gap.where, "detail": gap.detail}
        click.echo(json.dumps(told))


class TwoColumns:
    """A terminal, or a pipe.

    Args:
        console: Where to print.
        planted: Values to highlight.
        start_ns: Time zero.
    """

    def __init__(self, console: Console, planted: Sequence[Canary], *, start_ns: int | None) -> None:
        self._console = console
        self._planted = [canary.value for canary in planted if not canary.phantom]
        self._start_ns = start_ns
        self._news = News(self._planted)

    @property
    def _two(self) -> bool:
        return self._console.is_terminal and self._console.width >= TWO_COLUMNS_FROM

    def head(self) -> None:
        """Titles of the columns."""
        if self._two:
            left, right = Text(_("DONE ON THE PHONE"), "bold"), Text(_("WHAT LEFT IT, PEELED"), "bold")
            self._row([left], [right])
            self._console.print(Text("─" * self._left + "─┼─" + "─" * self._right, "dim"))

    def show(self, deed: Deed | None, departures: Sequence[Departure]) -> None:
        """What was done on the left, and beside it what left until it was over."""
        done = [] if deed is None else [self._deed(deed)]
        left: list[Text] = [line for one in departures for line in self._departure(one)]
        if deed is not None and deed.note and not departures:
            left = [Text(deed.note, "dim")]
        if self._two:
            self._row(done, left)
            return
        for line in done:
            self._line("done", line)
        for line in left:
            self._line("left", line)

    def say(self, text: str, style: str = "") -> None:
        """A line across."""
        self._console.print(self._marked(text, style), soft_wrap=not self._console.is_terminal)

    def gap(self, gap: Gap) -> None:
        """What could not be read."""
        self.say(f"not read: {gap.detail} ({gap.where})", "yellow")

    @property
    def _left(self) -> int:
        return int((self._console.width - len(GAP)) * LEFT_SHARE)

    @property
    def _right(self) -> int:
        return self._console.width - len(GAP) - self._left

    def _row(self, left: Sequence[Text], right: Sequence[Text]) -> None:
        lefts = [line for text in left for line in _wrapped(self._console, text, self._left)]
        rights = [line for text in right for line in _wrapped(self._console, text, self._right)]
        for number in range(max(len(lefts), len(rights))):
            line = lefts[number].copy() if number < len(lefts) else Text()
            line.pad_right(max(self._left - line.cell_len, 0))
            line.append(GAP, "dim")
            if number < len(rights):
                line.append_text(rights[number])
            self._console.print(line, no_wrap=True, overflow="ignore", crop=True)

    def _line(self, side: str, text: Text) -> None:
        if not self._console.is_terminal:
            self._console.print(Text(f"{side}  {text.plain}"), soft_wrap=True)
            return
        style = "bold cyan" if side == "done" else "dim"
        for line in _wrapped(self._console, text, self._console.width - len(side) - 1):
            self._console.print(Text.assemble((side, style), " ", line), no_wrap=True, crop=True)

    def _deed(self, deed: Deed) -> Text:
        return Text.assemble((self._time(deed.at_ns), "dim"), self._marked(deed.text, "bold"))

    def _departure(self, one: Departure) -> list[Text]:
        exchange = one.exchange
        path = exchange.target.split(b"?", 1)[0].decode("utf-8", "backslashreplace")
        outcome = str(exchange.status or exchange.error or _("no answer"))
        style = "dim" if one.own else "bold"
        lines = [
            Text.assemble(
                (self._time(one.at_ns), "dim"),
                self._marked(f"{exchange.method} {exchange.host}{path}", style),
                (f" → {escape_terminal(outcome)}", "dim"),
            )
        ]
        if one.own:
            return [*lines, Text(_("  the action itself"), "dim")]
        if one.sdk:
            what = f"{len(one.records)} records" if len(one.records) != 1 else "1 record"
            lines.append(Text(f"  {escape_terminal(one.sdk)}, {what}", "cyan"))
        if one.chain:
            lines.append(
                Text(
                    _("  peeled: {escape_terminal}", escape_terminal=escape_terminal(" › ".join(one.chain))),
                    "cyan",
                )
            )
        if one.opaque_bytes:
            lines.append(
                Text(_("  {opaque_bytes:,} bytes cannot be read", opaque_bytes=one.opaque_bytes), "yellow")
            )
        return [*lines, *self._said(one)]

    def _said(self, one: Departure) -> list[Text]:
        common, records = self._news.of(one)
        lines = [self._record(record) for record in records]
        if common:
            lines.append(self._record(Record(_("in each"), common), "green"))
        lines += [self._field("  ", path, text) for path, text in one.leaves]
        shown = {canary for canary in self._planted if any(canary in line.plain for line in lines)}
        for sighting in one.sightings:
            if sighting.canary.value not in shown or not sighting.form.is_plain:
                where = f"{sighting.value.part} {sighting.value.path}".strip()
                form = "" if sighting.form.is_plain else _("{name} of ", name=sighting.form.name)
                text = _(
                    "  {form}{kind} {value} in {where}",
                    form=form,
                    kind=sighting.canary.kind,
                    value=sighting.canary.value,
                    where=where,
                )
                lines.append(self._marked(text, ""))
                shown.add(sighting.canary.value)
        return lines

    def _record(self, record: Record, style: str = "bold green") -> Text:
        line = Text("  ")
        line.append(escape_terminal(record.name), style)
        for key, text in record.fields.items():
            line.append_text(self._field("  ", key.removeprefix("properties."), text))
        return line

    def _field(self, before: str, key: str, text: str) -> Text:
        line = Text(before)
        line.append(f"{escape_terminal(key)}=", "dim")
        line.append_text(self._marked(text if len(text) <= CLIP else f"{text[:CLIP]}…", ""))
        return line

    def _marked(self, text: str, style: str) -> Text:
        """*text* made harmless, with planted values highlighted."""
        safe = escape_terminal(text)
        if not self._console.is_terminal:
            for value in self._planted:
                safe = safe.replace(value, f"{MARK_LEFT}{value}{MARK_RIGHT}")
            return Text(safe)
        marked = Text(safe, style)
        marked.highlight_words(self._planted, "bold reverse", case_sensitive=False)
        return marked

    def _time(self, at_ns: int | None) -> str:
        if at_ns is None:
            return "    ? "
        self._start_ns = at_ns if self._start_ns is None else self._start_ns
        return f"{(at_ns - self._start_ns) / NS_PER_S:5.1f} "


def _wrapped(console: Console, text: Text, width: int) -> list[Text]:
    """Lines of at most *width* cells; what continues a line is set in by two."""
    lines = list(text.wrap(console, width, overflow="fold", no_wrap=False))
    if len(lines) < 2:
        return lines
    rest = text[len(lines[0].plain) :]
    rest = rest[len(rest.plain) - len(rest.plain.lstrip(" ")) :]
    indented = [Text("    ").append_text(line) for line in rest.wrap(console, width - 4, overflow="fold")]
    return [lines[0], *indented]


NUMBERING = frozenset({"_track_id", "_flush_time", "time", "type", "lib.$lib_detail"})
"""Keys of a record that number and time it: `--jsonl` has them, the columns do not."""


class News:
    """What of a request's records is new: a field that every record repeats is told once for each host.

    A field that holds one of *planted* is told each time.
    """

    def __init__(self, planted: Sequence[str] = ()) -> None:
        self._planted = planted
        self._known: dict[str, dict[str, str]] = defaultdict(dict)

    def of(self, departure: Departure) -> tuple[dict[str, str], list[Record]]:
        """Fields common to all records that were not known yet, and each record without what it repeats."""
        known = self._known[departure.exchange.host]
        records = [
            Record(one.name, {key: text for key, text in one.fields.items() if key not in NUMBERING})
            for one in departure.records
        ]
        first = records[0].fields if records else {}
        common = {
            key: text
            for key, text in first.items()
            if all(one.fields.get(key) == text for one in records)
            and (len(records) > 1 or known.get(key) == text)
        }
        news = {key: text for key, text in common.items() if known.get(key) != text}
        own = [
            Record(
                one.name,
                {
                    key: text
                    for key, text in one.fields.items()
                    if any(value in text for value in self._planted)
                    or (key not in common and (known.get(key) != text or len(records) > 1))
                },
            )
            for one in records
        ]
        for one in records:
            known.update(one.fields)
        return news, own
