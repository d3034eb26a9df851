"""Propositions about contact: that something was sent at all, and how."""

from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.base import OBSERVED, Kind, Violation
from hometruth.claims.kinds.controls import telemetry_doubts
from hometruth.model import Contact, Proposition

MODERN_TLS = frozenset({"TLSv1.2", "TLSv1.3"})


def telemetry_sent(_proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    """Every telemetry request to the vendor in the attested sessions of the cell."""
    return [
        Violation(trial.id, OBSERVED, f"telemetry was sent to {contact.endpoint}", contact.exchange)
        for trial in cell.attested
        for contact in evidence.telemetry.get(trial.id, ())
    ]


def _contacts(cell: Cell, evidence: Evidence) -> list[tuple[str, Contact]]:
    return [
        (trial.id, contact) for trial in cell.attested for contact in evidence.telemetry.get(trial.id, ())
    ]


def _speaks(_proposition: Proposition, cell: Cell, evidence: Evidence) -> bool:
    return bool(_contacts(cell, evidence))


def _in_the_clear(_proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    return [
        Violation(trial, OBSERVED, f"telemetry went to {contact.endpoint} without TLS", contact.exchange)
        for trial, contact in _contacts(cell, evidence)
        if contact.scheme != "https"
    ]


def _offer_doubts(_proposition: Proposition, cell: Cell, evidence: Evidence) -> list[str]:
    unknown = [
        contact for _, contact in _contacts(cell, evidence) if not MODERN_TLS & set(contact.offered_tls)
    ]
    if not unknown:
        return []
    return [
        f"of {len(unknown)} telemetry requests it is not known that the client itself offered TLS 1.2 or "
        "newer (the version agreed with the recorder says nothing of it); record the ClientHello"
    ]


def _readable(_proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    return [
        Violation(
            trial,
            OBSERVED,
            f"{contact.records} records sent to {contact.endpoint} could be read without any key",
            contact.exchange,
        )
        for trial, contact in _contacts(cell, evidence)
        if contact.records
    ]


SILENT = Kind(
    violations=telemetry_sent,
    silence="in {n} {unit} no telemetry was sent to the vendor",
    doubts=telemetry_doubts,
    needs=frozenset({"control"}),
)
"""No telemetry at all: nothing before consent, nothing after withdrawal."""

TRANSPORT = Kind(
    violations=_in_the_clear,
    silence="in {n} {unit} all telemetry used TLS, and the client itself offered TLS 1.2 or newer",
    speaks_to=_speaks,
    doubts=_offer_doubts,
)
"""Every telemetry request is protected in transit."""

PAYLOAD_UNREADABLE = Kind(
    violations=_readable,
    silence="in {n} {unit} no telemetry record could be read",
    speaks_to=_speaks,
)
"""Inside TLS the payload cannot be read without a key that the client does not hold."""
