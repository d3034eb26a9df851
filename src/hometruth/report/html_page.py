"""The report as one HTML file that runs nothing and fetches nothing, so that it can be mailed and archived.

No script; a Content-Security-Policy that allows only the one style sheet, by its hash, and no network at all.
Every printed expression passes `_finalize`: personal values masked, over-long text clipped, controls and
bidirectional overrides written out, and then HTML-escaped by Jinja's autoescape. A template cannot forget it.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from hometruth.model import (
    Attestation,
    Audit,
    Condition,
    GapKind,
    Proof,
    ReadingKind,
    Subject,
    Verdict,
    VerdictKind,
)
from hometruth.report import effects, words
from hometruth.report.catalogue import _
from hometruth.report.condition_words import condition_words, levels_words
from hometruth.report.first_screen import bound_told, first_screen
from hometruth.report.matrix import ToldAs
from hometruth.report.personal import Masker, masker_for, personal_sightings
from hometruth.report.pictures import SETTINGS_FIRST, first_matrix_picture, pictures_of
from hometruth.report.proofs import ProofView, proof_view
from hometruth.report.screen_text import (
    BOUND,
    NO_BOUND,
    columns_shown,
    left_out,
    statements_told,
    unbounded_told,
)
from hometruth.report.summary import (
    ReadingSummary,
    in_plain_words,
    judged,
    proof_of,
    proof_sentence,
    recipient_text,
    rows_of,
    summaries,
)
from hometruth.report.svg import Picture
from hometruth.report.tables import (
    conditions_of,
    coverage_rows,
    coverage_shown,
    coverage_total,
    gaps_shown,
    identifier_rows,
    recipient_tables,
)
from hometruth.report.template_text import TemplateText
from hometruth.report.text import clip, escape_terminal

MAX_TEXT_CHARS = 1200
"""Longest text printed at one place outside the proofs; a longer one loses its middle, and says so."""

MAX_IDENTIFIERS = 60
"""Identifiers listed, those in most sessions first; how many more there are is said."""
MAX_NAMES = 300
"""Questions to resolvers listed, in their order; how many more there are is said."""


SIDES = (
    ("vendor", _("What the vendor said")),
    ("researcher", _("What researchers said")),
    ("tester", _("What the tester asked")),
)
"""Headings of the verdicts, by the side a claim is on."""


def render_html(audit: Audit, *, reveal: bool = False, title: str = "", generated: str) -> str:
    """Render the report.

    Args:
        title: Heading of the page; made from the subject if empty.
        reveal: Show personal values instead of masking them.
        generated: When, as it shall be printed: an argument, so that a report can be made again identically.
    """
    masker = masker_for(audit, reveal=reveal)
    environment = _environment(masker, audit.subject)
    loader = environment.loader
    assert loader is not None
    style = "\n" + loader.get_source(environment, "report.css")[0].replace("\r\n", "\n")
    everything = summaries(audit)
    coverage_all = coverage_rows(audit)
    coverage, coverage_rest = coverage_shown(coverage_all)
    views = _proof_views(audit, masker)
    screen, safe = first_screen(audit), _safe(masker)
    shown = columns_shown(screen.matrix, SETTINGS_FIRST) if screen.matrix.data else []
    place_of = {_key(summary): place for place, summary in enumerate(everything, 1)}
    return environment.get_template(
        "report.html.j2"
    ).render(
        audit=audit,
        title=title or _("What {phrase} sends home", phrase=audit.subject.phrase),
        generated=generated,
        # The style sheet is our own file; nothing captured is in it.
        style=Markup(style),  # noqa: S704
        policy=_policy(style),
        reveal=reveal,
        masker=masker,
        headlines=[item for item in everything if item.is_headline and not _is_untested(item)],
        untested=[item for item in everything if item.is_headline and _is_untested(item)],
        beside=[summary for summary in everything if not summary.is_headline],
        screen=screen,
        others=left_out(screen, shown, screen.headlines),
        bound_first=bound_told(shown, screen.headlines),
        unbounded_first=unbounded_told(screen.matrix, shown),
        proof_first=next((view.anchor for view in views if view.proof is screen.proof), "proofs"),
        BOUND=BOUND,
        NO_BOUND=NO_BOUND,
        matrix_first=first_matrix_picture(audit, screen, safe),
        pictures=pictures_of(audit, screen, safe),
        claim_anchor=lambda summary: f"claim-{place_of[_key(summary)]}",
        # Every text in a picture was masked by `safe` and made harmless by `svg.plain`.
        drawn=lambda picture: Markup(picture.svg),  # noqa: S704
        judged=everything,
        rows={_key(summary): rows_of(audit, summary) for summary in everything},
        tally=statements_told(Counter(item.verdict.verdict for item in everything if item.is_headline)),
        proofs=views,
        proves=_what_they_prove(audit, views),
        attested={view.anchor: _attested(audit, view.proof) for view in views},
        anchor=_anchors(audit, views),
        conditions=conditions_of(audit),
        received={counted.value: recipient_tables(audit, counted) for counted in ToldAs},
        identifiers=identifier_rows(audit),
        MAX_IDENTIFIERS=MAX_IDENTIFIERS,
        effects=effects.effects_told(audit),
        coverage=coverage,
        coverage_rest=coverage_rest,
        n_coverage_rest=len(coverage_all) - len(coverage),
        coverage_total=coverage_total(audit.coverage),
        gaps=gaps_shown(audit.gaps),
        names=audit.names[:MAX_NAMES],
    )


def drawn_pictures(audit: Audit, *, reveal: bool = False) -> list[Picture]:
    """The pictures of the report, to be written as files of their own."""
    return pictures_of(audit, first_screen(audit), _safe(masker_for(audit, reveal=reveal)))


def _safe(masker: Masker) -> Callable[[str], str]:
    return lambda text: clip(masker.text(text), MAX_TEXT_CHARS)


def _environment(masker: Masker, subject: Subject) -> Environment:
    environment = Environment(
        loader=PackageLoader("hometruth.report"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[TemplateText],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalizer(masker),
    )
    environment.filters.update(
        at_most=words.at_most,
        at_least=words.at_least,
        whole_bits=words.whole_bits,
        size=words.size,
        n=lambda number: f"{number:,}",
        sentence=words.sentence,
        count=words.count,
        sessions_run=words.sessions_run,
        recipient=recipient_text,
        proof_sentence=proof_sentence,
        key=_key,
        setting=lambda condition: condition_words(condition, subject),
        attested_words=lambda items: levels_words(
            subject.named(Condition(tuple((item.factor, item.level) for item in items))).levels
        ),
    )
    environment.globals.update(
        SIDES=SIDES,
        in_plain_words=in_plain_words,
        judged_part=judged,
        RUNG_MEANS=effects.RUNG_MEANS,
        coin_words=effects.coin_words,
        barcode_words=effects.barcode_words,
        dose_words=effects.dose_words,
        objection_words=effects.objection_words,
        SIGN=words.VERDICT_SIGN,
        MEANS=words.VERDICT_MEANS,
        GAP_MEANS=words.GAP_MEANS,
        KIND_NAMES=words.KIND_NAMES,
        VerdictKind=VerdictKind,
        ReadingKind=ReadingKind,
        GapKind=GapKind,
    )
    return environment


def _finalizer(masker: Masker) -> Callable[[object], object]:
    def finalize(value: object) -> object:
        if value is None:
            return ""
        if isinstance(value, Markup | int | float):
            return value
        return escape_terminal(clip(masker.text(str(value)), MAX_TEXT_CHARS))

    return finalize


def _is_untested(summary: ReadingSummary) -> bool:
    return summary.verdict.verdict is VerdictKind.UNTESTED


def _key(summary: ReadingSummary) -> tuple[str, ReadingKind]:
    return summary.claim.id, summary.reading.kind


def _anchors(audit: Audit, views: Sequence[ProofView]) -> Callable[[Verdict], str]:
    """Where on the page the proof of a verdict is; empty if it has none."""
    by_proof = {id(view.proof): view.anchor for view in views}
    return lambda verdict: by_proof.get(id(proof_of(audit, verdict)), "")


def _what_they_prove(audit: Audit, views: Sequence[ProofView]) -> dict[str, list[str]]:
    """For each proof, the statements whose verdict rests on it."""
    anchor = _anchors(audit, views)
    proves: dict[str, list[str]] = {view.anchor: [] for view in views}
    for row in audit.verdicts:
        told = _(
            "{proposition}, {value} reading: {value2}",
            proposition=row.proposition,
            value=row.reading.value,
            value2=row.verdict.value,
        )
        if (place := anchor(row)) and told not in proves[place]:
            proves[place].append(told)
    return proves


def _attested(audit: Audit, proof: Proof) -> tuple[Attestation, ...]:
    """What confirmed the settings of the session that the proof is from."""
    session = proof.finding.canary.cell or proof.sighting.exchange.trial
    return next((trial.attested for trial in audit.trials if trial.id == session), ())


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def _proof_views(audit: Audit, masker: Masker) -> list[ProofView]:
    personal = personal_sightings(audit)
    return [proof_view(proof, number, masker, personal) for number, proof in enumerate(audit.proofs, 1)]
