"""What `hometruth scan` shows to people. Captured text is escaped; values of persons are masked."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hometruth.model import Gap, Sighting

OWN_HOST = "own host, not examined"
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
        )


def print_findings(places: Mapping[Place, int], n_exchanges: int, chance: float) -> None:
    """The table of findings, unexpected ones first.

    Args:
        chance: Probability that a digest of 32 bits among them is one by chance; 0 if none is among them.
    """
    console = _console()
    if not places:
        console.print(
            f"Nothing found in {n_exchanges} exchanges. Silence proves little: see what was not read."
        )
        return
    table = Table(title=f"Canaries seen in {n_exchanges} exchanges", title_justify="left")
    for column in ("canary", "recipient", "where", "layers", "form"):
        table.add_column(column, overflow="fold")
    table.add_column("times", justify="right")
    ranked = sorted(places.items(), key=lambda item: (item[0].expected, item[0].recipient, item[0].canary))
    for place, times in ranked[:ROWS_SHOWN]:
        recipient = _clean(place.recipient)
        if place.expected:
            recipient = Text.assemble(recipient, (f" ({OWN_HOST})", "dim"))
        layers = Text(" > ".join(place.chain) or "none")
        style = "dim" if place.expected else ""
        table.add_row(
            _clean(place.canary),
            recipient,
            _clean(place.spot),
            layers,
            Text(place.form),
            str(times),
            style=style,
        )
    console.print(table)
    if len(ranked) > ROWS_SHOWN:
        console.print(f"{len(ranked) - ROWS_SHOWN} more places; --jsonl lists all.")
    if chance:
        console.print(
            f"Digests of 32 bits decide nothing: with a chance of up to {chance:.2g}, such a capture holds "
            "one of a value that was never sent."
        )


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
