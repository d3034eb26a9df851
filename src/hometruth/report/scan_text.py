"""What `hometruth scan` shows to people. Captured text is escaped; values of persons are masked."""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hometruth.model import DECIDING_BITS, Delivery, Gap, ScanKnown, ScanRow, Standing
from hometruth.report.text import escape_terminal, mask

OWN_HOST = "own host, not examined"
REACHED = {
    Delivery.NO_ANSWER: "no answer",
    Delivery.BLOCKED: "blocked, never left",
    Delivery.NOT_RECORDED: "answer not recorded",
}
ROWS_SHOWN = 200
"""Lines of the table; a person wants the file or `--jsonl` beyond that."""
GAPS_SHOWN = 40
WIDTH_IN_FILES = 160
"""Characters; 80 would break hosts and paths that somebody looks for in a log."""


@dataclass(frozen=True, slots=True)
class Place:
    """Sightings that a person takes for one: same canary, same recipient, same spot."""

    canary: str
    recipient: str
    spot: str
    chain: tuple[str, ...]
    form: str
    expected: bool
    delivered: Delivery

    @classmethod
    def of(cls, row: ScanRow) -> "Place":
        """The place of a sighting."""
        pieces = [(piece.part, piece.path) for piece in row.pieces] or [(row.part, row.path)]
        return cls(
            canary=mask(row.canary) if row.is_secret else row.canary,
            recipient=row.recipient,
            spot=" + ".join(dict.fromkeys(f"{part} {path}".strip() for part, path in pieces)),
            chain=row.chain,
            form=row.form,
            expected=row.expected,
            delivered=row.delivered,
        )


class Places:
    """Rows that go by, counted by their place."""

    def __init__(self) -> None:
        self._times: Counter[Place] = Counter()
        self._best: dict[Place, float] = {}
        """Most evidence at each place, before the places searched are taken off."""

    def add(self, rows: Iterable[ScanRow]) -> None:
        """Count rows."""
        for row in rows:
            place = Place.of(row)
            self._times[place] += 1
            self._best[place] = max(row.matched_bits, self._best.get(place, row.matched_bits))

    def standings(self, searched_bytes: int) -> dict[Standing, dict[Place, int]]:
        """The places by what they prove, each with how often it was seen; those that prove most first."""
        searched = log2(max(1, searched_bytes))
        sorted_out: dict[Standing, dict[Place, int]] = {standing: {} for standing in Standing}
        for place, times in self._times.items():
            bits = self._best[place] - searched
            standing = Standing.of(bits, place.delivered, expected=place.expected)
            sorted_out[standing][place] = times
        return sorted_out


TITLES = {
    Standing.FOUND: "Canaries seen in {n} exchanges",
    Standing.EXPECTED: "Where they were expected",
    Standing.ATTEMPT: "Tried to send: nothing shows that it was received",
    Standing.WEAK: f"Weak: less than {DECIDING_BITS:.0f} bits of evidence, which may be chance",
}


def print_findings(
    standings: Mapping[Standing, Mapping[Place, int]], n_exchanges: int, chance: float
) -> None:
    """Tables of findings by what they prove.

    Args:
        standings: Places with how often each was seen.
        n_exchanges: How many were searched.
        chance: Probability that a digest of 32 bits among them is one by chance; 0 if none is among them.
    """
    console = _console()
    if not any(standings.values()):
        console.print(
            f"Nothing found in {n_exchanges} exchanges. Silence proves little: see what was not read."
        )
        return
    if not standings[Standing.FOUND]:
        console.print(f"Nothing that decides was found in {n_exchanges} exchanges.")
    for standing, places in standings.items():
        if places:
            console.print(_table(TITLES[standing].format(n=n_exchanges), places))
        if len(places) > ROWS_SHOWN:
            console.print(f"{len(places) - ROWS_SHOWN} more places; --jsonl lists all.")
    if chance:
        console.print(
            f"Digests of 32 bits decide nothing: with a chance of up to {chance:.2g}, such a capture holds "
            "one of a value that was never sent."
        )


def _table(title: str, places: Mapping[Place, int]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in ("canary", "recipient", "where", "layers", "form"):
        table.add_column(column, overflow="fold")
    table.add_column("times", justify="right")
    ranked = sorted(places.items(), key=lambda item: (item[0].recipient, item[0].canary))
    for place, times in ranked[:ROWS_SHOWN]:
        recipient = _clean(place.recipient)
        if place.expected:
            recipient = Text.assemble(recipient, (f" ({OWN_HOST})", "dim"))
        if place.delivered is not Delivery.YES:
            recipient = Text.assemble(recipient, (f" ({REACHED[place.delivered]})", "dim"))
        table.add_row(
            _clean(place.canary),
            recipient,
            _clean(place.spot),
            Text(" > ".join(place.chain) or "none"),
            Text(place.form),
            str(times),
            style="dim" if place.expected else "",
        )
    return table


def print_known(known: Sequence[ScanKnown], *, searched: bool) -> None:
    """What receivers know although no request was seen to tell them, or that nobody looked."""
    console = _console()
    if not searched:
        console.print("Answers were not searched; --answers does.")
    elif known:
        table = Table(title="The receiver knows it: its answer holds it unasked", title_justify="left")
        for column in ("canary", "who knows it", "where", "layers", "form"):
            table.add_column(column, overflow="fold")
        table.add_column("times", justify="right")
        for each in known[:ROWS_SHOWN]:
            place = Place.of(each.row)
            layers = Text(" > ".join(place.chain) or "none")
            texts = [_clean(text) for text in (place.canary, place.recipient, place.spot)]
            table.add_row(*texts, layers, Text(place.form), str(each.times))
        console.print(table)
        if len(known) > ROWS_SHOWN:
            console.print(f"{len(known) - ROWS_SHOWN} more; --jsonl lists all.")
    else:
        console.print("No answer holds what no request had carried there before.")


def print_gaps(gaps: Sequence[Gap]) -> None:
    """What could not be looked into, on standard error, alike ones counted together."""
    if not gaps:
        return
    console = _console(stderr=True)
    console.print(Text(f"Not looked into: {len(gaps)}", style="bold"))
    alike = Counter((str(gap.kind), gap.detail, gap.host or "") for gap in gaps)
    first = {(str(gap.kind), gap.detail, gap.host or ""): gap.where for gap in reversed(gaps)}
    for key, times in alike.most_common(GAPS_SHOWN):
        kind, detail, host = key
        console.print(_clean(f"  {times} x {kind}: {detail} ({host or 'no host'}; first: {first[key]})"))
    if len(alike) > GAPS_SHOWN:
        console.print(f"  {len(alike) - GAPS_SHOWN} more kinds; --json lists all.")


def print_phantoms(phantoms: Iterable[ScanRow]) -> None:
    """A phantom that was sighted, loudly: what else was found may be invented too."""
    places = Counter(map(Place.of, phantoms))
    if not places:
        return
    console = _console(stderr=True)
    console.print(Text("PHANTOM SIGHTED: values that were never planted were found.", style="bold red"))
    console.print("The search invents, or the capture holds its own input. Trust none of these findings:")
    for place, times in places.items():
        console.print(_clean(f"  {times} x {place.canary} at {place.recipient}, {place.spot}, {place.chain}"))


def _console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else WIDTH_IN_FILES)


def _clean(text: str) -> Text:
    return Text(escape_terminal(text))
