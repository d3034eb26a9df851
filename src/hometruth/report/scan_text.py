"""What `hometruth scan` shows to people. Captured text is escaped; values of persons are masked."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hometruth.model import DECIDING_BITS, Delivery, Gap, ScanKnown, ScanRow, Standing, Totals
from hometruth.report.catalogue import _
from hometruth.report.text import escape_terminal, mask
from hometruth.report.width import console_of, print_whole

OWN_HOST = _("own host, not examined")
REACHED = {
    Delivery.NO_ANSWER: _("no answer"),
    Delivery.BLOCKED: _("blocked, never left"),
    Delivery.NOT_RECORDED: _("answer not recorded"),
}
ROWS_SHOWN = 200
"""Lines of the table; a person wants the file or `--jsonl` beyond that."""
GAPS_SHOWN = 40


@dataclass(frozen=True, slots=True)
class SightingGroup:
    """Sightings that a person takes for one: same canary, same recipient, same spot."""

    canary: str
    recipient: str
    spot: str
    chain: tuple[str, ...]
    form: str
    expected: bool
    delivered: Delivery

    @classmethod
    def of(cls, row: ScanRow) -> "SightingGroup":
        """The place of a sighting."""
        pieces = [(piece.part, piece.path) for piece in row.pieces] or [(row.part, row.path)]
        return cls(
            canary=mask(row.canary) if row.is_secret else row.canary,
            recipient=row.recipient,
            spot=_spot(dict.fromkeys(f"{part} {path}".strip() for part, path in pieces)),
            chain=row.chain,
            form=row.form,
            expected=row.expected,
            delivered=row.delivered,
        )


MOST_SPOTS = 4
"""Pieces of which each place is named."""


def _spot(places: Iterable[str]) -> str:
    first, *others = places
    if len(others) < MOST_SPOTS:
        return " + ".join((first, *others))
    return f"{first} + … + {others[-1]} ({1 + len(others)} pieces)"


class Places:
    """Rows that go by, counted by their place."""

    def __init__(self) -> None:
        self._times: Counter[SightingGroup] = Counter()
        self._best: dict[SightingGroup, float] = {}
        """Most evidence at each place, before the places searched are taken off."""

    def add(self, rows: Iterable[ScanRow]) -> None:
        """Count rows."""
        for row in rows:
            place = SightingGroup.of(row)
            self._times[place] += 1
            self._best[place] = max(row.matched_bits, self._best.get(place, row.matched_bits))

    def standings(self, searched_bytes: int) -> dict[Standing, dict[SightingGroup, int]]:
        """The places by what they prove, each with how often it was seen; those that prove most first."""
        searched = log2(max(1, searched_bytes))
        sorted_out: dict[Standing, dict[SightingGroup, int]] = {standing: {} for standing in Standing}
        for place, times in self._times.items():
            bits = self._best[place] - searched
            standing = Standing.of(bits, place.delivered, expected=place.expected)
            sorted_out[standing][place] = times
        return sorted_out


TITLES = {
    Standing.FOUND: _("Canaries seen in {n} exchanges"),
    Standing.EXPECTED: _("Where they were expected"),
    Standing.ATTEMPT: _("Tried to send: nothing shows that it was received"),
    Standing.WEAK: _(
        "Weak: less than {DECIDING_BITS:.0f} bits of evidence, which may be chance",
        DECIDING_BITS=DECIDING_BITS,
    ),
}


def print_findings(
    standings: Mapping[Standing, Mapping[SightingGroup, int]],
    totals: Totals,
    chance: float,
    *,
    gaps_follow: bool,
) -> None:
    """Tables of findings by what they prove, those that were expected last; then what could not be read.

    Args:
        standings: Places with how often each was seen.
        totals: Of all that was searched.
        chance: Probability that a digest of 32 bits among them is one by chance; 0 if none is among them.
        gaps_follow: True if a list of gaps is printed after this.
    """
    console = console_of()
    shown = sorted(standings.items(), key=lambda item: item[0] is Standing.EXPECTED)
    if not any(standings.values()):
        console.print(_nothing(totals, gaps_follow=gaps_follow))
    elif not standings[Standing.FOUND]:
        console.print(
            _("Nothing that decides was found in {exchanges} exchanges.", exchanges=totals.exchanges)
        )
    for standing, places in shown:
        if places:
            print_whole(console, _table(TITLES[standing].format(n=totals.exchanges), places))
        if len(places) > ROWS_SHOWN:
            console.print(_("{part} more places; --jsonl lists all.", part=len(places) - ROWS_SHOWN))
    if chance:
        console.print(
            _(
                "A digest of 32 bits decides nothing by itself: with a chance of up to {chance:.2g}, such a "
                "capture holds one of a value that was never sent.",
                chance=chance,
            )
        )
    print_opaque(totals, console)
    if totals.opaque and any(standings.values()):
        console.print(_unread(totals))


def _nothing(totals: Totals, *, gaps_follow: bool) -> str:
    """The sentence when nothing was found, never without what was not read."""
    if totals.opaque:
        return _(
            "Nothing found in what could be read of {exchanges} exchanges. {unread}",
            exchanges=totals.exchanges,
            unread=_unread(totals),
        )
    told = _("Nothing found in {exchanges} exchanges. Silence proves little", exchanges=totals.exchanges)
    return _("{told}: see what was not read.", told=told) if gaps_follow and totals.gaps else f"{told}."


def _unread(totals: Totals) -> str:
    return _(
        "{opaque_bytes:,} bytes that were sent are opaque: nobody can say what is in them.",
        opaque_bytes=totals.opaque_bytes,
    )


def print_opaque(totals: Totals, console: Console) -> None:
    """Bytes that nobody could read, by host; nothing if there are none."""
    if not totals.opaque:
        return
    table = Table(title=_("Sent, and not read"), title_justify="left")
    table.add_column("host")
    for column in ("exchanges", _("opaque bytes")):
        table.add_column(column, justify="right")
    ranked = totals.opaque_as_json()
    for row in ranked[:ROWS_SHOWN]:
        table.add_row(_clean(row["host"]), str(row["exchanges"]), f"{row['bytes']:,}")
    print_whole(console, table)
    if len(ranked) > ROWS_SHOWN:
        console.print(_("{part} more hosts; --json lists all.", part=len(ranked) - ROWS_SHOWN))


def _table(title: str, places: Mapping[SightingGroup, int]) -> Table:
    """Places, those of one recipient together."""
    table = Table(title=title, title_justify="left")
    for column in ("recipient", "canary", "where", "layers", "form"):
        table.add_column(column)
    table.add_column("times", justify="right")
    ranked = sorted(places.items(), key=lambda item: (item[0].recipient, item[0].canary))
    told = None
    for place, times in ranked[:ROWS_SHOWN]:
        recipient = _clean(place.recipient)
        if place.expected:
            recipient = Text.assemble(recipient, (f" ({OWN_HOST})", "dim"))
        if place.delivered is not Delivery.YES:
            recipient = Text.assemble(recipient, (f" ({REACHED[place.delivered]})", "dim"))
        table.add_row(
            "" if recipient == told else recipient,
            _clean(place.canary),
            _clean(place.spot),
            Text(" > ".join(place.chain) or "none"),
            Text(place.form),
            str(times),
            style="dim" if place.expected else "",
        )
        told = recipient
    return table


def print_known(known: Sequence[ScanKnown], *, searched: bool) -> None:
    """What receivers know although no request was seen to tell them, or that nobody looked."""
    console = console_of()
    if not searched:
        console.print(_("Answers were not searched; --answers does."))
    elif known:
        table = Table(title=_("The receiver knows it: its answer holds it unasked"), title_justify="left")
        for column in ("canary", _("who knows it"), "where", "layers", "form"):
            table.add_column(column)
        table.add_column("times", justify="right")
        for each in known[:ROWS_SHOWN]:
            place = SightingGroup.of(each.row)
            layers = Text(" > ".join(place.chain) or "none")
            texts = [_clean(text) for text in (place.canary, place.recipient, place.spot)]
            table.add_row(*texts, layers, Text(place.form), str(each.times))
        print_whole(console, table)
        if len(known) > ROWS_SHOWN:
            console.print(_("{part} more; --jsonl lists all.", part=len(known) - ROWS_SHOWN))
    else:
        console.print(_("No answer holds what no request had carried there before."))


def print_scopes(scopes: Mapping[str, Sequence[str]]) -> None:
    """What recorders were told to look into, by recording, on standard error."""
    console = console_of(stderr=True)
    for name, scope in scopes.items():
        told = _("Looked into in {recording}: {scope}", recording=name, scope="; ".join(scope))
        console.print(_clean(told), soft_wrap=True)


def print_gaps(gaps: Sequence[Gap]) -> None:
    """What could not be looked into, on standard error, alike ones counted together."""
    if not gaps:
        return
    console = console_of(stderr=True)
    console.print(Text(_("Not looked into: {len}", len=len(gaps)), style="bold"))
    alike = Counter((str(gap.kind), gap.detail, gap.host or "") for gap in gaps)
    first = {(str(gap.kind), gap.detail, gap.host or ""): gap.where for gap in reversed(gaps)}
    for key, times in alike.most_common(GAPS_SHOWN):
        kind, detail, host = key
        console.print(
            _clean(
                _(
                    "  {times} x {kind}: {detail} ({part}; first: {first})",
                    times=times,
                    kind=kind,
                    detail=detail,
                    part=host or _("no host"),
                    first=first[key],
                )
            )
        )
    if len(alike) > GAPS_SHOWN:
        console.print(_("  {part} more kinds; --json lists all.", part=len(alike) - GAPS_SHOWN))


def print_phantoms(phantoms: Iterable[ScanRow]) -> None:
    """A phantom that was sighted, loudly: what else was found may be invented too."""
    places = Counter(map(SightingGroup.of, phantoms))
    if not places:
        return
    console = console_of(stderr=True)
    console.print(Text(_("PHANTOM SIGHTED: values that were never planted were found."), style="bold red"))
    console.print(_("The search invents, or the capture holds its own input. Trust none of these findings:"))
    for place, times in places.items():
        console.print(
            _clean(
                _(
                    "  {times} x {canary} at {recipient}, {spot}, {chain}",
                    times=times,
                    canary=place.canary,
                    recipient=place.recipient,
                    spot=place.spot,
                    chain=place.chain,
                )
            )
        )


def _clean(text: str) -> Text:
    return Text(escape_terminal(text))
