"""A gate as Markdown, for the summary of a job: the outcome, and a matrix of canaries and recipients."""

import re
from collections.abc import Iterable, Iterator, Sequence

from hometruth.model import Gated, Ruling, Transfer
from hometruth.report.gate_text import place, summary
from hometruth.report.text import escape_terminal

SIGNS = {
    Ruling.LEAK: "✗ leak",
    Ruling.IN_BASELINE: "◐ known",
    Ruling.WAIVED: "– waived",
    Ruling.ALLOWED: "✓ allowed",
    Ruling.OWN_HOST: "✓ own host",
    Ruling.ATTEMPT: "⚠ attempt",
    Ruling.WEAK: "⚠ weak",
}
MOST_COLUMNS = 12
"""Recipients in the matrix; the list below it has all."""
MOST_ROWS = 200
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-!|~&@])")


def gate_markdown(gated: Gated) -> str:
    """Markdown as GitHub reads it (tables included); everything quoted is escaped."""
    first, *others = summary(gated)
    lines = [f"## Hometruth: {escaped(first)}", "", *(f"- {escaped(each.strip())}" for each in others), ""]
    if gated.transfers:
        lines += [*_matrix(gated), "", *_list(gated)]
    return "\n".join(lines).rstrip() + "\n"


def escaped(text: str) -> str:
    """Text that means nothing in Markdown, and cannot mention anybody."""
    return _SPECIAL.sub(r"\\\1", escape_terminal(text))


def _matrix(gated: Gated) -> Iterator[str]:
    """Canaries down, recipients across, those with leaks first; the worst ruling in each cell."""
    recipients = list(dict.fromkeys(each.recipient for each in gated.transfers))
    shown = recipients[:MOST_COLUMNS]
    yield _row(["", *map(escaped, shown)])
    yield _row(["---"] * (len(shown) + 1))
    for canary in gated.canaries:
        cells = []
        for recipient in shown:
            here = [each for each in gated.transfers if (each.canary, each.recipient) == (canary, recipient)]
            cells.append(_cell(here))
        yield _row([f"**{escaped(canary)}**", *cells])
    if left := len(recipients) - len(shown):
        yield ""
        yield f"{left} more recipients are in the list below."


def _cell(transfers: Sequence[Transfer]) -> str:
    if not transfers:
        return "·"
    rulings = list(Ruling)
    worst = min((each.ruling for each in transfers), key=rulings.index)
    return SIGNS[worst] + (f" ({len(transfers)})" if len(transfers) > 1 else "")


def _list(gated: Gated) -> Iterator[str]:
    yield _row(["", "canary", "recipient", "field", "wrapping", "first seen", "why"])
    yield _row(["---"] * 7)
    for each in gated.transfers[:MOST_ROWS]:
        wrapping = " > ".join((*each.chain, each.form))
        recipient = each.recipient + (f" ({each.organisation})" if each.organisation else "")
        told = (each.canary, recipient, each.field, wrapping, place(each), _why(each))
        yield _row([SIGNS[each.ruling], *map(escaped, told)])
    if len(gated.transfers) > MOST_ROWS:
        yield ""
        yield f"{len(gated.transfers) - MOST_ROWS} more are left out."


def _why(transfer: Transfer) -> str:
    under = f"under {transfer.condition}" if transfer.condition.levels else ""
    return "; ".join(filter(None, (under, transfer.why)))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
