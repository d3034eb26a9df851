"""The claims table for a terminal: readable at 80 columns, without colour, and in a pipe.

Everything is printed as `rich.text.Text`, never as markup, and captured text goes through `escape_terminal`.
"""

from rich.console import Console
from rich.text import Text

from hometruth.model import Audit, ReasonKind, Verdict, VerdictKind, Wording
from hometruth.report.effects import RUNG_MEANS, barcode_words, coin_words, effects_told, room_words
from hometruth.report.personal import Masker, masker_for
from hometruth.report.short_table import print_short_table
from hometruth.report.summary import (
    ReadingSummary,
    chain_text,
    judged,
    other_parts,
    reason,
    summaries,
    untested_claims,
)
from hometruth.report.tables import coverage_total, gap_groups
from hometruth.report.text import clip, escape_terminal
from hometruth.report.words import (
    GAP_MEANS,
    VERDICT_SIGN,
    VERDICT_STYLE,
    count,
    percent,
    sentence,
    sessions_run,
    size,
)

MAX_LINE_CHARS = 400
"""Longest captured text in one line of the table; the report holds the rest."""
MAX_WHY_CHARS = 190
"""Length of a reason: what was seen comes first, and fits."""
READING_COLUMNS = 8
CLAIM_INDENT = 4
DETAIL_INDENT = 11
"""Columns; leaves room for a common chain on one line of 80."""


def print_claims(audit: Audit, console: Console) -> None:
    """Print verdicts with one proof each, all in short, what could not be seen, and what was tested."""
    masker = masker_for(audit)
    everything = summaries(audit)
    untested = untested_claims(everything)
    told = [summary for summary in everything if summary.claim.id not in untested]
    _line(console, masker, f"Claims, judged on {audit.subject.phrase}", "bold")
    _line(console, masker, _what_was_done(audit), "dim")
    for place, summary in enumerate(told):
        if place == 0 or told[place - 1].claim.id != summary.claim.id:
            _print_claim(console, masker, summary)
        repeats = place > 0 and summary.proof is not None and told[place - 1].proof is summary.proof
        _print_reading(console, masker, summary, proof_repeats=repeats)
    if not told:
        _line(console, masker, "No claim was judged." if not everything else "No claim was tested.")
    console.print()
    print_short_table(audit, console, masker)
    console.print()
    _print_effects(audit, console, masker)
    _print_unseen(audit, console, masker)
    _print_never_seen(audit, console, masker)
    _print_phantoms(audit, console, masker)
    _print_subject(audit, console, masker)


def _what_was_done(audit: Audit) -> str:
    return (
        f"{sessions_run(audit.trials)}, {count(audit.n_canaries, 'planted value')}, "
        f"{count(audit.n_exchanges, 'request')} searched ({size(audit.searched_bytes)} in all)"
    )


def _print_claim(console: Console, masker: Masker, summary: ReadingSummary) -> None:
    claim = summary.claim
    console.print()
    title = Text.assemble(_text(masker, claim.id, "bold cyan"), " ", _text(masker, claim.statement, "bold"))
    _wrapped(console, title, hanging=CLAIM_INDENT)
    _line(console, masker, " " * CLAIM_INDENT + f"{claim.who}, {claim.date}", "dim")


def _print_reading(console: Console, masker: Masker, summary: ReadingSummary, *, proof_repeats: bool) -> None:
    kind = summary.verdict.verdict
    line = Text("  ")
    line.append(f"{summary.reading.kind.value:<{READING_COLUMNS}}")
    line.append(f" {VERDICT_SIGN[kind]} {kind.value}", VERDICT_STYLE[kind])
    if told := _beside(summary):
        line.append_text(_text(masker, f"  {told}"))
    _wrapped(console, line, hanging=DETAIL_INDENT)
    _line(console, masker, " " * DETAIL_INDENT + f"judged: {judged(summary)}")
    _line(console, masker, " " * DETAIL_INDENT + _shortened(sentence(reason(summary)), MAX_WHY_CHARS))
    for detail in _details(summary, proof_repeats):
        _line(console, masker, " " * DETAIL_INDENT + detail, "dim")


def _shortened(text: str, room: int) -> str:
    """The beginning of *text*, cut between words; the report has it whole."""
    if len(text) <= room:
        return text
    return text[:room].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def _beside(summary: ReadingSummary) -> str:
    """What qualifies the verdict, on its own line."""
    verdict, told = summary.verdict, []
    if verdict.bound_percent is not None:
        told.append(f"at most {percent(verdict.bound_percent)} of {verdict.unit}{_at_once(verdict)}")
    if summary.reading.wording is Wording.INFERRED:
        told.append("wording inferred: no headline")
    return "; ".join(told)


def _at_once(verdict: Verdict) -> str:
    """Over how many conditions a bound holds, where it is wider than that of each."""
    together = next((item for item in verdict.reasons if item.kind is ReasonKind.TOGETHER), None)
    return f", in {together.as_dict()['conditions']} conditions at once" if together else ""


def _details(summary: ReadingSummary, proof_repeats: bool) -> list[str]:
    lines = []
    if len(summary.parts) > 1:
        lines.append(f"other parts: {other_parts(summary)}")
    if summary.worst and summary.verdict.verdict is not VerdictKind.OTHER_VERSION:
        lines.append(f"{_worst_word(summary.verdict)} {summary.worst.condition}")
    if summary.proof and proof_repeats:
        lines.append("proof: the same request")
    elif summary.proof:
        lines.append(f"proof: read at {summary.proof.finding.recipient.host}, in")
        lines.append(chain_text(summary.proof.sighting))
    return lines


def _worst_word(verdict: Verdict) -> str:
    return "in" if verdict.verdict is VerdictKind.CONTRADICTED else "weakest in"


def _print_effects(audit: Audit, console: Console, masker: Masker) -> None:
    """What endpoints depend on, where sessions were run in pairs; nothing otherwise."""
    if not audit.effects:
        return
    _line(console, masker, "What the traffic depends on, in pairs of sessions", "bold")
    for effect in effects_told(audit):
        _line(console, masker, f"  {effect.endpoint}: {RUNG_MEANS[effect.rung]}")
        _line(console, masker, f"    {effect.condition}", "dim")
        _line(console, masker, f"    {coin_words(effect)}; {barcode_words(effect)}", "dim")
        rooms = "; ".join(room_words(room) for room in effect.room)
        _line(console, masker, f"    room in {effect.sessions} sessions for {rooms}", "dim")
    console.print()


def _print_unseen(audit: Audit, console: Console, masker: Masker) -> None:
    total = coverage_total(audit.coverage)
    share = (
        "nothing was recorded"
        if total.read_percent is None
        else f"{total.read_percent:.1f} % of the bytes read"
    )
    _line(console, masker, f"Not seen: {count(len(audit.gaps), 'gap')}; {share}", "bold")
    for group in gap_groups(audit.gaps):
        where = f" at {group.host}" if group.host else ""
        weight = f" ({size(group.size_bytes)})" if group.size_bytes else ""
        _line(console, masker, f"  {group.n:,} × {GAP_MEANS[group.kind]}{where}{weight}")


def _print_never_seen(audit: Audit, console: Console, masker: Masker) -> None:
    """What the set-up cannot show stands beside what it showed."""
    if audit.subject.unseen:
        _line(console, masker, "Never seen by such a run, whatever the verdicts say:", "bold")
    for told in audit.subject.unseen:
        _line(console, masker, f"  - {told}")


def _print_phantoms(audit: Audit, console: Console, masker: Masker) -> None:
    searched = f"{count(audit.n_phantoms, 'value')} minted but never planted"
    if audit.phantoms_sighted:
        told = f"Phantoms: {audit.phantoms_sighted:,} of {searched} were found: the search invents."
        _line(console, masker, f"{told} Trust no verdict.", "bold red")
    else:
        _line(console, masker, f"Phantoms: of {searched}, none was found.")


def _print_subject(audit: Audit, console: Console, masker: Masker) -> None:
    if audit.subject.kind == "simulated":
        told = "The subject is simulated: these verdicts are about this simulation, not about any real phone."
    else:
        told = f"The verdicts are about {audit.subject.phrase} as it was during these sessions."
    _line(console, masker, told, "italic")


def _line(console: Console, masker: Masker, text: str, style: str = "") -> None:
    """Print *text* wrapped under its own indent."""
    indent = len(text) - len(text.lstrip(" "))
    _wrapped(console, _text(masker, text[indent:], style), indent, hanging=indent)


def _wrapped(console: Console, text: Text, indent: int = 0, *, hanging: int) -> None:
    """Print lines without trailing blanks, so that a pipe gets what a reader sees."""
    for place, line in enumerate(text.wrap(console, max(console.width - hanging, 1))):
        line.rstrip()
        console.print(Text(" " * (hanging if place else indent)) + line)


def _text(masker: Masker, text: str, style: str = "") -> Text:
    return Text(escape_terminal(clip(masker.text(text), MAX_LINE_CHARS)), style, overflow="fold")
