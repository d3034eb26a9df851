"""A gate as Markdown, for the summary of a job: the outcome, and a matrix of canaries and recipients."""

import re
from collections.abc import Iterable, Iterator, Sequence

from hometruth.model import Gated, Ruling, Standing, Transfer
from hometruth.report.catalogue import _
from hometruth.report.gate_text import place, reservation, summary
from hometruth.report.text import escape_terminal

SIGNS = {
    Ruling.LEAK: "✗ leak",
    Ruling.IN_BASELINE: "◐ known",
    Ruling.WAIVED: "– waived",
    Ruling.ALLOWED: "✓ allowed",
    Ruling.OWN_HOST: _("own host, not examined"),
    Ruling.ATTEMPT: "⚠ attempt",
    Ruling.WEAK: "⚠ weak",
}
UNCERTAIN = {Standing.ATTEMPT: "✗ tried", Standing.WEAK: "✗ weak"}
"""Of what the policy takes for a leak and nobody saw arrive for sure."""
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
    yield table_row(["", *map(escaped, shown)])
    yield table_row(["---"] * (len(shown) + 1))
    for canary in gated.canaries:
        cells = []
        for recipient in shown:
            here = [each for each in gated.transfers if (each.canary, each.recipient) == (canary, recipient)]
            cells.append(_cell(here))
        yield table_row([f"**{escaped(canary)}**", *cells])
    if left := len(recipients) - len(shown):
        yield ""
        yield _("{left} more recipients are in the list below.", left=left)


def _cell(transfers: Sequence[Transfer]) -> str:
    if not transfers:
        return "·"
    rulings, standings = list(Ruling), list(Standing)
    worst = min(transfers, key=lambda each: (rulings.index(each.ruling), standings.index(each.standing)))
    return _sign(worst) + (f" ({len(transfers)})" if len(transfers) > 1 else "")


def _sign(transfer: Transfer) -> str:
    leak = transfer.ruling is Ruling.LEAK
    return UNCERTAIN.get(transfer.standing, SIGNS[Ruling.LEAK]) if leak else SIGNS[transfer.ruling]


def _list(gated: Gated) -> Iterator[str]:
    yield table_row(["", "canary", "recipient", "field", "wrapping", _("first seen"), "why"])
    yield table_row(["---"] * 7)
    for each in gated.transfers[:MOST_ROWS]:
        wrapping = " > ".join((*each.chain, each.form))
        recipient = each.recipient + (f" ({each.organisation})" if each.organisation else "")
        told = (each.canary, recipient, each.field, wrapping, place(each), _why(each))
        yield table_row([_sign(each), *map(escaped, told)])
    if len(gated.transfers) > MOST_ROWS:
        yield ""
        yield _("{part} more are left out.", part=len(gated.transfers) - MOST_ROWS)


def _why(transfer: Transfer) -> str:
    under = _("under {condition}", condition=transfer.condition) if transfer.condition.levels else ""
    return "; ".join(filter(None, (under, reservation(transfer), transfer.why)))


def table_row(cells: Iterable[str]) -> str:
    """One row of a table; its cells are escaped."""
    return f"| {' | '.join(cells)} |"
