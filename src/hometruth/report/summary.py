"""Which verdict stands for a claim, and what a lay reader is told about it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hometruth.model import (
    Audit,
    Claim,
    Proof,
    Reading,
    ReadingKind,
    Recipient,
    Sighting,
    Verdict,
    VerdictKind,
    Wording,
)
from hometruth.report.catalogue import _
from hometruth.report.condition_words import condition_words
from hometruth.report.reasons import told
from hometruth.report.words import KIND_NAMES

WORST_FIRST = (
    VerdictKind.CONTRADICTED,
    VerdictKind.INCONCLUSIVE,
    VerdictKind.UNTESTED,
    VerdictKind.CONSISTENT,
    VerdictKind.OTHER_VERSION,
)
"""A claim of several parts is no better than its worst: unproved parts come before those that held."""


@dataclass(frozen=True, slots=True)
class ReadingSummary:
    """One claim in one reading: the verdict that stands for it, and its parts."""

    claim: Claim
    reading: Reading
    verdict: Verdict
    """The worst of the parts; the largest bound where all are CONSISTENT."""
    parts: tuple[Verdict, ...]
    """One whole-proposition row for each proposition, in the order of the claim."""
    worst: Verdict | None
    """The row of one condition that decides; None if only the whole was judged."""
    proof: Proof | None
    proved: Verdict | None
    """The row that names the proof."""

    @property
    def is_headline(self) -> bool:
        """True for the ordinary reading of words somebody used, or of what the tester asks."""
        worded = self.reading.wording is not Wording.INFERRED or self.claim.is_asked
        return self.reading.kind is ReadingKind.ORDINARY and worded


def summaries(audit: Audit) -> tuple[ReadingSummary, ...]:
    """Every claim in every reading that was judged, in the order of the claims, ordinary first."""
    order = list(ReadingKind)
    return tuple(
        summary
        for claim in audit.claims
        for reading in sorted(claim.readings, key=lambda reading: order.index(reading.kind))
        if (summary := _summary(audit, claim, reading))
    )


def untested_claims(judged: Collection[ReadingSummary]) -> frozenset[str]:
    """Ids of the claims of which no reading was tested."""
    tested = {item.claim.id for item in judged if item.verdict.verdict is not VerdictKind.UNTESTED}
    return frozenset(item.claim.id for item in judged) - tested


def headline(audit: Audit, claim: Claim) -> Verdict | None:
    """The verdict that stands for the whole claim, in its ordinary reading.

    Returns:
        None if the ordinary reading was not judged, or its wording is inferred and it is no question of the
            tester's: that is never a headline.
    """
    mine = (s for s in summaries(audit) if s.claim.id == claim.id and s.is_headline)
    return next((summary.verdict for summary in mine), None)


def proof_of(audit: Audit, verdict: Verdict) -> Proof | None:
    """The proof a verdict names, if it was kept; of several in one exchange, that of its proposition."""
    mine = [proof for proof in audit.proofs if proof.sighting.exchange.id == verdict.proof]
    own = [proof for proof in mine if verdict.proposition in proof.propositions]
    return next(iter(own or mine), None)


def rows_of(audit: Audit, summary: ReadingSummary) -> tuple[Verdict, ...]:
    """Every verdict on the reading: each proposition as a whole, followed by its single conditions."""
    cells = _rows(audit, summary.claim, summary.reading, whole=False)
    return tuple(
        row
        for part in summary.parts
        for row in (part, *(cell for cell in cells if cell.proposition == part.proposition))
    )


def chain_text(sighting: Sighting) -> str:
    """Where the value was, as text: ``body > percent > base64 > gzip > json data_list[0].properties.url``."""
    value = sighting.value
    return " ".join(filter(None, (" > ".join((value.part.value, *value.chain)), value.path)))


def recipient_text(recipient: Recipient) -> str:
    """Host, with organisation, service and SDK where known: ``a.example (Acme; Sensors Analytics SDK)``."""
    sdk = recipient.sdk and f"{recipient.sdk} SDK" + (
        _(" by {sdk_maker}", sdk_maker=recipient.sdk_maker) if recipient.sdk_maker else ""
    )
    known = "; ".join(filter(None, (recipient.organisation, recipient.service, sdk)))
    return f"{recipient.host} ({known})" if known else recipient.host


def proof_sentence(proof: Proof) -> str:
    """What was read and where, in one sentence without the chain."""
    sighting = proof.sighting
    spelt = "" if sighting.form.is_plain else _(", as {name}", name=sighting.form.name)
    return _(
        "{KIND_NAMES}{spelt}, read at {recipient_text}",
        KIND_NAMES=KIND_NAMES[sighting.canary.kind],
        spelt=spelt,
        recipient_text=recipient_text(proof.finding.recipient),
    )


def reason(summary: ReadingSummary) -> str:
    """Why, as the deciding condition says it, without the subject in front."""
    whole = (VerdictKind.OTHER_VERSION, VerdictKind.CONSISTENT)
    deciding = summary.verdict if summary.verdict.verdict in whole else summary.worst or summary.verdict
    return told(deciding.reasons)


def judged(summary: ReadingSummary) -> str:
    """Which part of the statement the verdict is about, as the proposition says it."""
    says = {item.id: item.says for item in summary.reading.propositions}
    return says.get(summary.verdict.proposition, summary.verdict.proposition)


def other_parts(summary: ReadingSummary) -> str:
    """The other parts of the reading, each with its verdict; empty if there is one part only."""
    says = {item.id: item.says for item in summary.reading.propositions}
    return "; ".join(
        f"{part.verdict.value}: {says.get(part.proposition, part.proposition)}"
        for part in summary.parts
        if part.proposition != summary.verdict.proposition
    )


def in_plain_words(audit: Audit, summary: ReadingSummary) -> str:
    """One sentence on what the verdict says of this subject, and why."""
    verdict, phrase = summary.verdict, audit.subject.phrase
    if verdict.verdict is VerdictKind.CONTRADICTED:
        lead = _("{phrase} does otherwise", phrase=phrase)
    elif verdict.verdict is VerdictKind.CONSISTENT and verdict.bound_percent is not None:
        lead = _("nothing that {phrase} was seen to send speaks against it", phrase=phrase)
    elif verdict.verdict is VerdictKind.CONSISTENT:
        lead = _("{phrase} was seen to behave as stated", phrase=phrase)
    elif verdict.verdict is VerdictKind.INCONCLUSIVE:
        lead = _("tested on {phrase}, but too little was seen to say", phrase=phrase)
    elif verdict.verdict is VerdictKind.UNTESTED:
        lead = _("not tested on {phrase}", phrase=phrase)
    else:
        return _(
            "no verdict, since {phrase} is not what the statement speaks of: {reason}",
            phrase=phrase,
            reason=reason(summary),
        )
    named = summary.worst if verdict.verdict is not VerdictKind.CONSISTENT else None
    where = f" ({condition_words(named.condition, audit.subject)})" if named else ""
    return f"{lead}: {reason(summary)}{where}"


def _summary(audit: Audit, claim: Claim, reading: Reading) -> ReadingSummary | None:
    parts = _rows(audit, claim, reading, whole=True)
    if not parts:
        return None
    verdict = _worst(parts)
    deciding = [
        row
        for row in _rows(audit, claim, reading, whole=False)
        if row.proposition == verdict.proposition and row.verdict is verdict.verdict
    ]
    proved = next((row for row in (verdict, *deciding) if proof_of(audit, row)), None)
    proof = proof_of(audit, proved) if proved else None
    return ReadingSummary(claim, reading, verdict, parts, _deciding(deciding, proof), proof, proved)


def _rows(audit: Audit, claim: Claim, reading: Reading, *, whole: bool) -> tuple[Verdict, ...]:
    mine = [
        row
        for row in audit.verdicts
        if row.claim == claim.id and row.reading is reading.kind and (not row.condition.levels) is whole
    ]
    order = {proposition.id: place for place, proposition in enumerate(reading.propositions)}
    return tuple(sorted(mine, key=lambda row: order.get(row.proposition, len(order))))


def _worst(parts: Sequence[Verdict]) -> Verdict:
    worst = min(parts, key=lambda row: (WORST_FIRST.index(row.verdict), -row.findings))
    if worst.verdict is not VerdictKind.CONSISTENT:
        return worst
    return max(parts, key=lambda row: (row.verdict is worst.verdict, row.bound_percent or 0.0))


def _deciding(rows: Sequence[Verdict], proof: Proof | None) -> Verdict | None:
    """The condition to name: the proof's own, else most findings, else the largest bound."""
    if proof:
        own = [row for row in rows if row.condition == proof.finding.condition]
        rows = own or rows
    return max(rows, key=lambda row: (row.findings, row.bound_percent or 0), default=None)
