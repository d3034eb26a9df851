"""A letter about a case, to the vendor, an authority or the press: short, factual, Markdown, to be edited.

What was tested, when, on what; what was found, with request, time, place and value, and why it is that value;
method, limits and checksum. No legal conclusion is drawn. Everything that was captured passes `_finalizer`:
personal values masked, over-long text clipped, controls written out, and then without meaning to Markdown.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from hometruth.model import Audit, Canary, Proof, ReasonKind, Trial, VerdictKind
from hometruth.report import words
from hometruth.report.catalogue import _
from hometruth.report.condition_words import condition_words
from hometruth.report.first_screen import (
    FirstScreen,
    beyond,
    bound_told,
    first_screen,
    missing,
    receivers,
    sighted,
)
from hometruth.report.matrix import CellMark, MatrixCell
from hometruth.report.personal import Masker, masker_for
from hometruth.report.screen_text import BOUND, NO_BOUND, silence_sign, unbounded_told
from hometruth.report.sentences import listed, say
from hometruth.report.summary import (
    ReadingSummary,
    chain_text,
    in_plain_words,
    judged,
    recipient_text,
    summaries,
)
from hometruth.report.tables import gaps_shown
from hometruth.report.template_text import TemplateText
from hometruth.report.text import clip, escape_terminal, mask

TO: Final = ("vendor", "authority", "press")
MAX_CAPTURED_CHARS = 300
"""Of one piece of captured text: a letter is read by people."""
_MEANS_SOMETHING = re.compile(r"([\\`*_\[\]<>#|~&])")
"""Characters with a meaning in Markdown wherever they stand; a backslash takes it away (CommonMark 2.4)."""
_STYLE = (
    "body{font:11pt/1.45 Georgia,'DejaVu Serif',serif;max-width:42rem;margin:2rem auto;padding:0 "
    "1rem}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:1.4rem}code{font-size:.85em;overflow-wrap:anywhere}"
)


class Captured(str):
    """Text that is shown as code, whatever is in it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What a letter says of the case as a thing."""

    name: str
    """Of its folder, without where that lay."""
    sealed_at: str
    """When plan, values and statements were fixed, by the examiner's own clock."""
    sealed_sha256: str
    """Over what was fixed before the first session."""
    manifest: str
    """Name of the manifest that lists every file."""
    manifest_sha256: str
    """Empty if the run did not end."""
    signer: str
    """Fingerprint of the key that signed it; empty if nobody did."""
    tools: tuple[tuple[str, str], ...]
    """Programs with their versions."""
    stamp: str = ""
    """What a time-stamping authority says of it; empty if none was asked."""
    labelled: bool = False
    """True if the recordings were there first, so that nothing was sealed before them."""


@dataclass(frozen=True, slots=True)
class LetterFinding:
    """One statement that was contradicted, with what shows it."""

    summary: ReadingSummary
    plain: str
    part: str
    proof: Proof | None
    request: Captured
    """Method, host and path, without the query, which may hold what was found."""
    number: str
    """Of the request in the recording, counted from 0."""
    at: str
    chain: Captured
    value: Captured
    is_masked: bool
    """True if the value is somebody's; what was made at random for a session is nobody's."""
    datum: str
    """What of which value stands there: ``a digest of the words searched``."""
    why: str
    """How it is known to be that value."""
    setting: str
    attested_by: str
    same_as: int = 0
    """Number of the finding that rests on the same value in the same request; 0 if none before it does."""


def letter_text(audit: Audit, facts: CaseFacts, *, to: str, reveal: bool = False) -> str:
    """The letter as Markdown.

    Args:
        to: Whom it is for, one of `TO`.
        reveal: Show personal values instead of masking them.
    """
    masker = masker_for(audit, reveal=reveal)
    environment = Environment(
        loader=PackageLoader("hometruth.report"),
        autoescape=False,  # noqa: S701 - this is Markdown, and `_finalizer` escapes for it
        undefined=StrictUndefined,
        extensions=[TemplateText],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalizer(masker),
    )
    environment.filters.update(
        sentence=words.sentence,
        count=words.count,
        recipient=recipient_text,
        at_most=words.at_most,
        whole_bits=words.whole_bits,
    )
    screen = first_screen(audit)
    findings = _numbered([_finding(audit, item, facts, reveal=reveal) for item in _contradicted(audit)])
    text = environment.get_template("letter.md.j2").render(
        audit=audit,
        to=to,
        facts=facts,
        screen=screen,
        simulated=audit.subject.kind == "simulated",
        findings=findings,
        settings=_settings(screen),
        held=_held(audit),
        window=_window(audit),
        part=judged,
        bound=bound_told(screen.matrix.columns, ()),
        unbounded=unbounded_told(screen.matrix, screen.matrix.columns),
        BOUND=BOUND,
        NO_BOUND=NO_BOUND,
        receivers=listed(receivers(audit), "or"),
        anybody=say("anybody"),
        beyond=beyond(screen.matrix),
        missing=missing(audit),
        gaps=gaps_shown(audit.gaps),
        GAP_MEANS=words.GAP_MEANS,
        devices=sorted({audit.subject.device_of(trial.device) for trial in audit.trials}),
        when=_when(audit.trials),
        sessions=words.sessions_run(audit.trials),
    )
    return re.sub(r"\n{3,}", "\n\n", text)


def letter_html(markdown: str, title: str) -> str:
    """The letter as a page to print: no script, nothing loaded, raw HTML in the Markdown shown as text."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - only paper needs it

    body = MarkdownIt("commonmark", {"html": False}).disable(["image", "link"]).render(markdown)
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta http-equiv='
        f'"Content-Security-Policy" content="{policy}"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f"</head><body>{body}</body></html>\n"
    )


def _finalizer(masker: Masker) -> Callable[[object], object]:
    def finalize(value: object) -> object:
        if value is None:
            return ""
        if isinstance(value, int | float):
            return value
        shown = escape_terminal(clip(masker.text(str(value)), MAX_CAPTURED_CHARS * 4))
        if isinstance(value, Captured):
            return _code(clip(shown, MAX_CAPTURED_CHARS))
        return _MEANS_SOMETHING.sub(r"\\\1", shown)

    return finalize


def _code(text: str) -> str:
    """*text* as a code span, fenced by more backticks than stand in it anywhere in a row (CommonMark 6.1)."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest or text != text.strip() else f"{fence}{text or '-'}{fence}"


def _contradicted(audit: Audit) -> list[ReadingSummary]:
    """Statements of the vendor first, in their ordinary reading."""
    found = [
        item
        for item in summaries(audit)
        if item.is_headline and item.verdict.verdict is VerdictKind.CONTRADICTED and item.verdict.in_scope
    ]
    return sorted(found, key=lambda item: item.claim.side != "vendor")


def _finding(audit: Audit, summary: ReadingSummary, facts: CaseFacts, *, reveal: bool) -> LetterFinding:
    proof = summary.proof
    sighting = proof.sighting if proof else None
    exchange = sighting.exchange if sighting else None
    session = sighting and (sighting.canary.cell or sighting.exchange.trial)
    trial = next((one for one in audit.trials if one.id == session), None)
    path = exchange.target.decode("utf-8", "backslashreplace").partition("?")[0] if exchange else ""
    value = sighting.canary.value if sighting else ""
    is_masked = not reveal and bool(sighting and sighting.canary.personal)
    return LetterFinding(
        summary=summary,
        plain=in_plain_words(audit, summary),
        part=judged(summary),
        proof=proof,
        request=Captured(f"{exchange.method} {exchange.scheme}://{exchange.host}{path}" if exchange else ""),
        number=str(exchange.source.index) if exchange else "",
        at=_moment(exchange.started_ns) if exchange else "",
        chain=Captured(chain_text(sighting) if sighting else ""),
        value=Captured(mask(value) if is_masked else value),
        is_masked=is_masked,
        datum=sighted(sighting) if sighting else "",
        why=_why_that_value(audit, sighting.canary, facts) if sighting else "",
        setting=condition_words(trial.condition, audit.subject) if trial else "",
        attested_by=", ".join(sorted({item.by for item in trial.attested})) if trial else "",
    )


def _why_that_value(audit: Audit, canary: Canary, facts: CaseFacts) -> str:
    """How it is known to be that value, in as much as the case knows it."""
    said = (
        _(", as {part} said afterwards", part=audit.labelled_by or _("its maker")) if facts.labelled else ""
    )
    if canary.personal:
        return _(
            "it is the one that the tester read on the device, or planted there, before the sessions{said}",
            said=said,
        )
    if canary.cell is None:
        return _("it is the one that was planted{said}, in which session is not noted", said=said)
    if facts.labelled:
        return _("it was planted in session {cell} and nowhere else{said}", cell=canary.cell, said=said)
    return _(
        "it was made at random for session {cell}, sealed before the first session and entered nowhere else",
        cell=canary.cell,
    )


def _numbered(findings: list[LetterFinding]) -> list[LetterFinding]:
    """The findings, each that repeats a request saying of which it is."""
    first: dict[tuple[str, str], int] = {}
    return [replace(item, same_as=_told_before(item, n, first)) for n, item in enumerate(findings, 1)]


def _told_before(finding: LetterFinding, number: int, first: dict[tuple[str, str], int]) -> int:
    if finding.proof is None:
        return 0
    sighting = finding.proof.sighting
    same = first.setdefault((sighting.exchange.id, sighting.canary.id), number)
    return same if same < number else 0


def _settings(screen: FirstScreen) -> list[tuple[str, str]]:
    """Each setting, with what was seen of each thing in it."""
    matrix = screen.matrix
    return [
        (
            column.label,
            "; ".join(
                f"{item.label}: {_cell_words(cell)}"
                for item, cell in zip(matrix.data, column.cells, strict=True)
                if cell.run
            )
            or _("nothing that was planted was tested"),
        )
        for column in matrix.columns
    ]


def _cell_words(cell: MatrixCell) -> str:
    """A cell in few words; silence has a sign, whose meaning is told once."""
    if cell.mark is CellMark.FOLLOWS and not cell.pairs:
        return say("cell-repeats")
    kind = "cell-silent-short" if cell.mark is CellMark.SILENT else f"cell-{cell.mark.value}"
    return say(kind, sent=f"{cell.sent:,}", run=f"{cell.run:,}") + silence_sign(cell)


def _held(audit: Audit) -> list[ReadingSummary]:
    """Statements of the vendor that nothing spoke against: a fair letter names them."""
    return [
        item
        for item in summaries(audit)
        if item.is_headline
        and item.claim.side == "vendor"
        and item.verdict.verdict is VerdictKind.CONSISTENT
        and item.verdict.in_scope
    ]


def _window(audit: Audit) -> str:
    """How long each session was watched, where a verdict says it."""
    reasons = [reason for row in audit.verdicts for reason in row.reasons]
    watched = next((reason for reason in reasons if reason.kind is ReasonKind.WATCHED), None)
    return str(watched.as_dict()["window"]) if watched else ""


def _when(trials: tuple[Trial, ...]) -> str:
    begun = [trial.started_ns for trial in trials if trial.started_ns is not None]
    ended = [trial.ended_ns for trial in trials if trial.ended_ns is not None]
    return (
        _("{moment} to {moment2}", moment=_moment(min(begun)), moment2=_moment(max(ended)))
        if begun and ended
        else _("not recorded")
    )


def _moment(at_ns: int | None) -> str:
    """``2026-11-29 20:15:13 UTC``, by the clock of whoever recorded it."""
    if at_ns is None:
        return _("time not recorded")
    return f"{datetime.fromtimestamp(at_ns / 1e9, UTC):%Y-%m-%d %H:%M:%S} UTC"
