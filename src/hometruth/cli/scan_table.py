"""What `hometruth scan` shows to people. Captured text is escaped; values of persons are masked."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hometruth.model import DECIDING_BITS, Delivery, Gap, Receipt, Sighting


class Standing(StrEnum):
    """What a finding proves."""

    FOUND = "found"
    """Delivered where it was not expected, by evidence that decides."""
    ATTEMPT = "attempt"
    """It was tried to send it, and nothing shows that anybody received it."""
    WEAK = "weak"
    """Evidence that may be chance."""
    EXPECTED = "expected"

    @classmethod
    def of(cls, place: "Place", evidence_bits: float) -> "Standing":
        """What the best finding at a place proves."""
        if place.expected:
            return cls.EXPECTED
        if evidence_bits < DECIDING_BITS:
            return cls.WEAK
        return cls.ATTEMPT if place.delivered.is_attempt else cls.FOUND


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
    def of(cls, sighting: Sighting, *, expected: bool) -> "Place":
        """The place of a sighting."""
        value = sighting.value
        canary = sighting.canary
        pieces = [piece.value for piece in sighting.fragments] or [value]
        masked = canary.personal and canary.id == canary.value
        return cls(
            canary=_masked(canary.id) if masked else canary.id,
            recipient=sighting.exchange.host,
            spot=" + ".join(dict.fromkeys(f"{each.part} {each.path}".strip() for each in pieces)),
            chain=value.chain,
            form=sighting.form.name,
            expected=expected,
            delivered=sighting.exchange.delivered,
        )


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


def print_known(known: Sequence[Receipt], *, searched: bool) -> None:
    """What receivers know although no request was seen to tell them, or that nobody looked."""
    console = _console()
    if not searched:
        console.print("Answers were not searched; --answers does.")
    elif known:
        table = Table(title="The receiver knows it: its answer holds it unasked", title_justify="left")
        for column in ("canary", "who knows it", "where", "layers", "form"):
            table.add_column(column, overflow="fold")
        table.add_column("times", justify="right")
        for receipt in known[:ROWS_SHOWN]:
            place = Place.of(receipt.sightings[0], expected=False)
            layers = Text(" > ".join(place.chain) or "none")
            texts = [_clean(text) for text in (place.canary, place.recipient, place.spot)]
            table.add_row(*texts, layers, Text(place.form), str(len(receipt.sightings)))
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


def print_phantoms(phantoms: Mapping[Place, int]) -> None:
    """A phantom that was sighted, loudly: what else was found may be invented too."""
    if not phantoms:
        return
    console = _console(stderr=True)
    console.print(Text("PHANTOM SIGHTED: values that were never planted were found.", style="bold red"))
    console.print("The search invents, or the capture holds its own input. Trust none of these findings:")
    for place, times in phantoms.items():
        console.print(_clean(f"  {times} x {place.canary} at {place.recipient}, {place.spot}, {place.chain}"))


def _console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else WIDTH_IN_FILES)


def _clean(text: str) -> Text:
    # Imported late: a scan that prints no table does not need the report.
    from hometruth.report import escape_terminal  # noqa: PLC0415

    return Text(escape_terminal(text))


def _masked(value: str) -> str:
    from hometruth.report import mask  # noqa: PLC0415

    return mask(value)
