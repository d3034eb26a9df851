"""A gate as Markdown, for the summary of a job: the outcome, and a matrix of canaries and recipients."""

import re
from collections.abc import Iterable, Iterator, Sequence

from hometruth.model import Gated, Party, PersonalCategory, Ruling, SentField, Standing, Transfer, Unnamed
from hometruth.report.catalogue import _
from hometruth.report.gate_text import clues_of, place, receiver, reservation, summary, what_looks
from hometruth.report.text import escape_terminal

SIGNS = {
    Ruling.LEAK: "✗ leak",
    Ruling.IN_BASELINE: "◐ known",
    Ruling.WAIVED: "– waived",
    Ruling.ALLOWED: "✓ allowed",
    Ruling.OWN_HOST: _("own host, not examined"),
    Ruling.ATTEMPT: "⚠ attempt",
    Ruling.WEAK: "⚠ weak",
    Ruling.UNNAMED: "⚠ unnamed",
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
        lines += [*_matrix(gated), "", *_list(gated), ""]
    if gated.unnamed:
        lines += [*_unnamed(gated), ""]
    if gated.recipients:
        lines += _recipients(gated)
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


def _unnamed(gated: Gated) -> Iterator[str]:
    """What looks personal, by category and recipient; then field by field."""
    yield _("### Personal by its looks, named by nobody")
    yield ""
    recipients = list(dict.fromkeys(each.recipient for each in gated.unnamed))
    categories = [
        each for each in PersonalCategory if any(one.kind.category is each for one in gated.unnamed)
    ]
    yield table_row([_("recipient"), _("party"), *map(str, categories)])
    yield table_row(["---"] * (len(categories) + 2))
    for recipient in recipients[:MOST_ROWS]:
        mine = [each for each in gated.unnamed if each.recipient == recipient]
        cells = [_worst([each for each in mine if each.kind.category is category]) for category in categories]
        yield table_row([f"**{escaped(recipient)}**", str(mine[0].party), *cells])
    yield ""
    yield table_row(["", _("looks like"), "recipient", "field", "wrapping", _("first seen"), "why"])
    yield table_row(["---"] * 7)
    for each in gated.unnamed[:MOST_ROWS]:
        why = "; ".join(filter(None, (clues_of(each), _why(each))))
        cells = [what_looks(each), receiver(each), each.field, " > ".join(each.chain), place(each), why]
        yield table_row([SIGNS[each.ruling], *map(escaped, cells)])
    if len(gated.unnamed) > MOST_ROWS:
        yield ""
        yield _("{part} more are left out.", part=len(gated.unnamed) - MOST_ROWS)


def _worst(unnamed: Sequence[Unnamed]) -> str:
    if not unnamed:
        return "·"
    sign = SIGNS[min((each.ruling for each in unnamed), key=list(Ruling).index)]
    return sign + (f" ({len(unnamed)})" if len(unnamed) > 1 else "")


def _recipients(gated: Gated) -> Iterator[str]:
    """Third parties that were contacted, whatever they got."""
    others = [each for each in gated.recipients if each.party is not Party.OWN]
    if not others:
        return
    yield _("### Contacted besides one's own")
    yield ""
    yield table_row([_("host"), _("organisation"), _("party"), _("requests")])
    yield table_row(["---"] * 4)
    for each in others[:MOST_ROWS]:
        yield table_row(
            [escaped(each.host), escaped(each.organisation or ""), str(each.party), str(each.requests)]
        )
    if len(others) > MOST_ROWS:
        yield ""
        yield _("{part} more are left out.", part=len(others) - MOST_ROWS)


def _why(transfer: SentField) -> str:
    under = _("under {condition}", condition=transfer.condition) if transfer.condition.levels else ""
    return "; ".join(filter(None, (under, reservation(transfer), transfer.why)))


def table_row(cells: Iterable[str]) -> str:
    """One row of a table; its cells are escaped."""
    return f"| {' | '.join(cells)} |"
