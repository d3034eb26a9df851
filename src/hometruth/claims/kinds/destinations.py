"""A proposition about recipients: telemetry goes to these organisations and to nobody else."""

from collections.abc import Iterator, Sequence

from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.base import OBSERVED, Kind, Violation
from hometruth.claims.kinds.contact import sessions_that_sent
from hometruth.claims.kinds.content import sightings_in
from hometruth.claims.kinds.controls import telemetry_controls
from hometruth.model import DECIDING_BITS, Proposition, Reason, ReasonKind, Recipient


def _organisations(proposition: Proposition) -> frozenset[str]:
    names = proposition.options["organisations"]
    assert isinstance(names, Sequence)
    return frozenset(str(name) for name in names)


def _recipients(cell: Cell, evidence: Evidence) -> Iterator[tuple[Recipient, Violation]]:
    """Who got telemetry, by its protocol or by what was planted in it; visits and searches are none."""
    trials = {trial.id for trial in cell.attested}
    for contact in evidence.contacts:
        if contact.trial in trials and contact.recipient.sdk:
            to = contact.recipient
            reason = Reason.of(ReasonKind.TELEMETRY_ELSEWHERE, organisation=to.organisation, host=to.host)
            yield to, Violation(contact.trial or "", OBSERVED, reason, contact.exchange)
    for finding in evidence.findings:
        if finding.expected or finding.is_visit:
            continue
        for trial in trials.intersection(finding.trials):
            best = max(sightings_in(finding, trial), key=lambda item: item.evidence_bits)
            to = finding.recipient
            reason = Reason.of(
                ReasonKind.CANARY_ELSEWHERE,
                data=str(finding.canary.kind),
                organisation=to.organisation,
                host=to.host,
            )
            yield to, Violation(trial, best.evidence_bits, reason, best.exchange.id, finding, best)


def _elsewhere(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    own = _organisations(proposition)
    return [
        item
        for recipient, item in _recipients(cell, evidence)
        if recipient.organisation is not None and recipient.organisation not in own
    ]


def _unknown_owners(_proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    hosts = sorted(
        {
            recipient.host
            for recipient, item in _recipients(cell, evidence)
            if recipient.organisation is None and item.bits >= DECIDING_BITS
        }
    )
    if not hosts:
        return []
    return [Reason.of(ReasonKind.UNKNOWN_OWNERS, n=len(hosts), host=hosts[0])]


def _speaks(_proposition: Proposition, cell: Cell, evidence: Evidence) -> bool:
    return any(item.bits >= DECIDING_BITS for _, item in _recipients(cell, evidence))


DESTINATIONS = Kind(
    violations=_elsewhere,
    silence=ReasonKind.ALL_TO_NAMED,
    speaks_to=_speaks,
    narrow=sessions_that_sent,
    controls=telemetry_controls,
    doubts=_unknown_owners,
    needs=frozenset({"organisations", "control"}),
)
"""Telemetry goes to hosts of the organisations named, as far as names tell; no wire shows what follows."""
