"""Propositions about contact: that something was sent at all, and how."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace

from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.base import OBSERVED, Kind, Violation
from hometruth.claims.kinds.controls import telemetry_controls
from hometruth.model import Contact, Proposition, Reason, ReasonKind, Trial

MODERN_TLS = frozenset({"TLSv1.2", "TLSv1.3"})


def telemetry_sent(_proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    """Every telemetry request to the vendor in the attested sessions of the cell."""
    return [
        telemetry_violation(trial.id, contact)
        for trial in cell.attested
        for contact in evidence.telemetry.get(trial.id, ())
    ]


def telemetry_violation(trial: str, contact: Contact) -> Violation:
    """That telemetry was sent in a session."""
    tried = contact.delivered.is_attempt
    kind = ReasonKind.TELEMETRY_TRIED if tried else ReasonKind.TELEMETRY_SENT
    reason = Reason.of(kind, endpoint=contact.endpoint)
    return Violation(trial, OBSERVED, reason, contact.exchange)


def silence_doubts(_proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt where something was sent of which nobody can say that it is no telemetry of these sessions."""
    ids = {trial.id for trial in cell.planned}
    unclear: dict[ReasonKind, list[Contact]] = defaultdict(list)
    for contact in evidence.contacts:
        if what := _unclear(contact, ids, evidence):
            unclear[what].append(contact)
    return [
        Reason.of(what, n=len(contacts), endpoint=contacts[0].endpoint) for what, contacts in unclear.items()
    ]


def _unclear(contact: Contact, ids: Collection[str], evidence: Evidence) -> ReasonKind | None:
    """What is unclear about a contact, if anything, to sessions of which silence is said."""
    if evidence.tells_vendor(contact):
        if contact.is_late and contact.recorded_in in ids:
            return ReasonKind.LATE_UPLOADS
        if contact.trial not in evidence.trial:
            return ReasonKind.TELEMETRY_OUTSIDE
    elif contact.trial in ids and contact.recipient.vendor_controlled:
        return ReasonKind.UNKNOWN_PROTOCOL
    elif contact.trial in ids and contact.recipient.sdk:
        return ReasonKind.UNKNOWN_OWNER
    return None


def sessions_that_sent(_proposition: Proposition, cell: Cell, evidence: Evidence) -> Cell:
    """The cell without valid sessions that sent nothing: of how telemetry looks they say nothing."""

    def speaks(trial: Trial) -> bool:
        return trial.id in evidence.telemetry

    valid = {trial.id for trial in cell.valid}
    return replace(
        cell,
        planned=tuple(trial for trial in cell.planned if speaks(trial) or trial.id not in valid),
        valid=tuple(filter(speaks, cell.valid)),
        attested=tuple(filter(speaks, cell.attested)),
    )


def _contacts(cell: Cell, evidence: Evidence) -> list[tuple[str, Contact]]:
    return [
        (trial.id, contact) for trial in cell.attested for contact in evidence.telemetry.get(trial.id, ())
    ]


def _speaks(_proposition: Proposition, cell: Cell, evidence: Evidence) -> bool:
    return bool(_contacts(cell, evidence))


def _in_the_clear(_proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    return [
        Violation(
            trial,
            OBSERVED,
            Reason.of(ReasonKind.SENT_IN_THE_CLEAR, endpoint=contact.endpoint),
            contact.exchange,
        )
        for trial, contact in _contacts(cell, evidence)
        if contact.scheme != "https"
    ]


def _offer_doubts(_proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    unknown = [
        contact for _, contact in _contacts(cell, evidence) if not MODERN_TLS & set(contact.offered_tls)
    ]
    if not unknown:
        return []
    return [Reason.of(ReasonKind.OFFER_UNKNOWN, n=len(unknown))]


def _readable(_proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    return [
        Violation(
            trial,
            OBSERVED,
            Reason.of(ReasonKind.SENT_READABLE, endpoint=contact.endpoint),
            contact.exchange,
        )
        for trial, contact in _contacts(cell, evidence)
        if contact.records or contact.exchange in evidence.carriers
    ]


SILENT = Kind(
    violations=telemetry_sent,
    silence=ReasonKind.NO_TELEMETRY,
    controls=telemetry_controls,
    doubts=silence_doubts,
    needs=frozenset({"control"}),
)
"""No telemetry at all: nothing before consent, nothing after withdrawal."""

TRANSPORT = Kind(
    violations=_in_the_clear,
    silence=ReasonKind.ALL_PROTECTED,
    speaks_to=_speaks,
    narrow=sessions_that_sent,
    doubts=_offer_doubts,
)
"""Every telemetry request is protected in transit."""

PAYLOAD_UNREADABLE = Kind(
    violations=_readable,
    silence=ReasonKind.NONE_READABLE,
    speaks_to=_speaks,
    narrow=sessions_that_sent,
)
"""Inside TLS the payload cannot be read without a key that the client does not hold."""
