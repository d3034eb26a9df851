"""The claims table in short: one line per claim tested, one column per reading. What a reader sees last."""

from rich.console import Console
from rich.text import Text

from hometruth.model import Audit, ReadingKind, VerdictKind
from hometruth.report.catalogue import _
from hometruth.report.personal import Masker
from hometruth.report.sentences import say
from hometruth.report.summary import ReadingSummary, summaries, untested_claims
from hometruth.report.text import escape_terminal
from hometruth.report.words import VERDICT_SIGN, VERDICT_STYLE, at_most

ID_COLUMNS = 5
VERDICT_COLUMNS = 23
"""Room for the longest verdict with its bound, and a blank."""


def print_short_table(audit: Audit, console: Console, masker: Masker) -> None:
    """Print one line per claim: the verdict in each reading, and as much of the statement as fits."""
    judged = {(item.claim.id, item.reading.kind): item for item in summaries(audit)}
    head = Text(f"{'claim':<{ID_COLUMNS}} ", "dim")
    for kind in ReadingKind:
        head.append(f"{kind.value + _(' reading'):<{VERDICT_COLUMNS}}")
    _print(console, head, _("what was said"), "dim")
    untested = untested_claims(judged.values())
    for claim in audit.claims:
        if claim.id in untested:
            continue
        line = Text(f"{escape_terminal(claim.id):<{ID_COLUMNS}} ", "bold cyan")
        for kind in ReadingKind:
            line.append_text(_cell(judged.get((claim.id, kind))))
        said = say("asked", statement=claim.statement) if claim.is_asked else claim.statement
        _print(console, line, escape_terminal(masker.text(said)))
    if untested:
        ids = ", ".join(escape_terminal(claim.id) for claim in audit.claims if claim.id in untested)
        told = _(
            "{VERDICT_SIGN} UNTESTED by these sessions, or by any (report: why): ",
            VERDICT_SIGN=VERDICT_SIGN[VerdictKind.UNTESTED],
        )
        _wrapped(console, told + ids)
    if not all(item.verdict.in_scope for item in judged.values()):
        note = _("(or product, device, region, date) than the statement speaks of: no verdict")
        _print(console, Text(_("other version "), "dim"), note, "dim")


def _wrapped(console: Console, text: str) -> None:
    for line in Text(text, "dim").wrap(console, console.width):
        line.rstrip()
        console.print(line)


def _cell(summary: ReadingSummary | None) -> Text:
    if summary is None:
        return Text(" " * VERDICT_COLUMNS)
    verdict = summary.verdict
    cell = Text(f"{VERDICT_SIGN[verdict.verdict]} {verdict.verdict.value}", VERDICT_STYLE[verdict.verdict])
    if verdict.bound_percent is not None:
        cell.append(f" ≤ {at_most(verdict.bound_percent)}", "not bold")
    cell.pad_right(VERDICT_COLUMNS - len(cell))
    return cell


def _print(console: Console, line: Text, said: str, style: str = "") -> None:
    """Print *line* and what was said, cut to the console's width, without trailing blanks."""
    room = console.width - len(line)
    if room > 1:
        line.append(said if len(said) <= room else said[: room - 1].rstrip() + "…", style)
    line.truncate(console.width)
    line.rstrip()
    console.print(line)
