"""The claims table for a terminal: readable at 80 columns, without colour, and in a pipe.

Everything is printed as `rich.text.Text`, never as markup, and captured text goes through `escape_terminal`.
"""

from rich.console import Console
from rich.text import Text

from hometruth.model import Audit, ReasonKind, Subject, Verdict, VerdictKind, Wording
from hometruth.report.catalogue import _
from hometruth.report.condition_words import condition_words
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
    at_least,
    at_most,
    count,
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
    _line(console, masker, _("Claims, judged on {phrase}", phrase=audit.subject.phrase), "bold")
    _line(console, masker, _what_was_done(audit), "dim")
    for place, summary in enumerate(told):
        if place == 0 or told[place - 1].claim.id != summary.claim.id:
            _print_claim(console, masker, summary)
        repeats = place > 0 and summary.proof is not None and told[place - 1].proof is summary.proof
        _print_reading(audit.subject, console, masker, summary, proof_repeats=repeats)
    if not told:
        _line(console, masker, _("No claim was judged.") if not everything else _("No claim was tested."))
    console.print()
    print_short_table(audit, console, masker)
    console.print()
    _print_effects(audit, console, masker)
    _print_unseen(audit, console, masker)
    _print_never_seen(audit, console, masker)
    _print_phantoms(audit, console, masker)
    _print_subject(audit, console, masker)


def _what_was_done(audit: Audit) -> str:
    return _(
        "{sessions_run}, {count}, {requests} searched ({size} in all)",
        sessions_run=sessions_run(audit.trials),
        count=count(audit.n_canaries, "planted value"),
        requests=count(audit.n_exchanges, "request"),
        size=size(audit.searched_bytes),
    )


def _print_claim(console: Console, masker: Masker, summary: ReadingSummary) -> None:
    claim = summary.claim
    console.print()
    title = Text.assemble(_text(masker, claim.id, "bold cyan"), " ", _text(masker, claim.statement, "bold"))
    _wrapped(console, title, hanging=CLAIM_INDENT)
    _line(console, masker, " " * CLAIM_INDENT + f"{claim.who}, {claim.date}", "dim")


def _print_reading(
    subject: Subject, console: Console, masker: Masker, summary: ReadingSummary, *, proof_repeats: bool
) -> None:
    kind = summary.verdict.verdict
    line = Text("  ")
    line.append(f"{summary.reading.kind.value:<{READING_COLUMNS}}")
    line.append(f" {VERDICT_SIGN[kind]} {kind.value}", VERDICT_STYLE[kind])
    if told := _beside(summary):
        line.append_text(_text(masker, f"  {told}"))
    _wrapped(console, line, hanging=DETAIL_INDENT)
    _line(console, masker, " " * DETAIL_INDENT + _("judged: {judged}", judged=judged(summary)))
    _line(console, masker, " " * DETAIL_INDENT + _shortened(sentence(reason(summary)), MAX_WHY_CHARS))
    for detail in _details(subject, summary, proof_repeats):
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
        told.append(
            _(
                "at most {at_most} of {unit}{at_once}",
                at_most=at_most(verdict.bound_percent),
                unit=verdict.unit,
                at_once=_at_once(verdict),
            )
        )
    if summary.reading.wording is Wording.INFERRED and not summary.claim.is_asked:
        told.append(_("wording inferred: no headline"))
    return "; ".join(told)


def _at_once(verdict: Verdict) -> str:
    """Over how many conditions a bound holds, where it is wider than that of each."""
    together = next((item for item in verdict.reasons if item.kind is ReasonKind.TOGETHER), None)
    return (
        _(", in {conditions} conditions at once", conditions=together.as_dict()["conditions"])
        if together
        else ""
    )


def _details(subject: Subject, summary: ReadingSummary, proof_repeats: bool) -> list[str]:
    lines = []
    if len(summary.parts) > 1:
        lines.append(_("other parts: {other_parts}", other_parts=other_parts(summary)))
    if summary.worst and summary.verdict.verdict is not VerdictKind.OTHER_VERSION:
        lines.append(f"{_worst_word(summary.verdict)} {condition_words(summary.worst.condition, subject)}")
    if summary.proof and proof_repeats:
        lines.append(_("proof: the same request"))
    elif summary.proof:
        lines.append(_("proof: read at {host}, in", host=summary.proof.finding.recipient.host))
        lines.append(chain_text(summary.proof.sighting))
    return lines


def _worst_word(verdict: Verdict) -> str:
    return "in" if verdict.verdict is VerdictKind.CONTRADICTED else _("weakest in")


def _print_effects(audit: Audit, console: Console, masker: Masker) -> None:
    """What endpoints depend on, where sessions were run in pairs; nothing otherwise."""
    if not audit.effects:
        return
    _line(console, masker, _("What the traffic depends on, in pairs of sessions"), "bold")
    for effect in effects_told(audit):
        _line(console, masker, f"  {effect.endpoint}: {RUNG_MEANS[effect.rung]}")
        _line(console, masker, f"    {condition_words(effect.condition, audit.subject)}", "dim")
        _line(console, masker, f"    {coin_words(effect)}; {barcode_words(effect)}", "dim")
        rooms = "; ".join(room_words(room) for room in effect.room)
        _line(
            console,
            masker,
            _("    room in {sessions} sessions for {rooms}", sessions=effect.sessions, rooms=rooms),
            "dim",
        )
    console.print()


def _print_unseen(audit: Audit, console: Console, masker: Masker) -> None:
    total = coverage_total(audit.coverage)
    share = (
        _("nothing was recorded")
        if total.read_percent is None
        else _("{at_least} of the bytes read", at_least=at_least(total.read_percent))
    )
    _line(
        console,
        masker,
        _("Not seen: {gaps}; {share}", gaps=count(len(audit.gaps), "gap"), share=share),
        "bold",
    )
    for group in gap_groups(audit.gaps):
        where = _(" at {host}", host=group.host) if group.host else ""
        weight = f" ({size(group.size_bytes)})" if group.size_bytes else ""
        _line(console, masker, f"  {group.n:,} × {GAP_MEANS[group.kind]}{where}{weight}")


def _print_never_seen(audit: Audit, console: Console, masker: Masker) -> None:
    """What the set-up cannot show stands beside what it showed."""
    if audit.subject.unseen:
        _line(console, masker, _("Never seen by such a run, whatever the verdicts say:"), "bold")
    for told in audit.subject.unseen:
        _line(console, masker, f"  - {told}")


def _print_phantoms(audit: Audit, console: Console, masker: Masker) -> None:
    searched = _("{values} minted but never planted", values=count(audit.n_phantoms, "value"))
    if audit.phantoms_sighted:
        told = _(
            "Phantoms: {phantoms_sighted:,} of {searched} were found: the search invents.",
            phantoms_sighted=audit.phantoms_sighted,
            searched=searched,
        )
        _line(console, masker, _("{told} Trust no verdict.", told=told), "bold red")
    else:
        _line(console, masker, _("Phantoms: of {searched}, none was found.", searched=searched))


def _print_subject(audit: Audit, console: Console, masker: Masker) -> None:
    if audit.subject.kind == "simulated":
        told = _(
            "The subject is simulated: these verdicts are about this simulation, not about any real phone."
        )
    else:
        told = _(
            "The verdicts are about {phrase} as it was during these sessions.", phrase=audit.subject.phrase
        )
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
