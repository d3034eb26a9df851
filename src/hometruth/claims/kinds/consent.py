"""Propositions about consent: nothing before it, nothing after it was taken back."""

from collections.abc import Sequence

from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.base import Kind, Violation
from hometruth.claims.kinds.contact import SILENT, telemetry_sent, telemetry_violation
from hometruth.model import Proposition, ReasonKind

FACTOR = "consent"


def _before(_proposition: Proposition, cell: Cell, _evidence: Evidence) -> bool:
    return cell.condition.get(FACTOR) == "none"


def _after(_proposition: Proposition, cell: Cell, _evidence: Evidence) -> bool:
    return cell.condition.get(FACTOR) == "withdrawn"


def _farewell(proposition: Proposition) -> frozenset[str]:
    """Option ``farewell``: events by which an SDK says that it has been switched off; they do not count."""
    events = proposition.options.get("farewell", ())
    assert isinstance(events, Sequence)
    return frozenset(str(event) for event in events)


def _sent_after(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    allowed = _farewell(proposition)
    if not allowed:
        return telemetry_sent(proposition, cell, evidence)
    return [
        telemetry_violation(trial.id, contact)
        for trial in cell.attested
        for contact in evidence.telemetry.get(trial.id, ())
        # A request of which not every record could be read and named may hold anything.
        if len(contact.events) < contact.records or not contact.records or set(contact.events) - allowed
    ]


NOT_BEFORE_CONSENT = Kind(
    violations=telemetry_sent,
    silence=ReasonKind.NOTHING_BEFORE_CONSENT,
    speaks_to=_before,
    controls=SILENT.controls,
    doubts=SILENT.doubts,
    needs=SILENT.needs,
)
"""No telemetry where the condition is ``consent=none``."""

NOT_AFTER_WITHDRAWAL = Kind(
    violations=_sent_after,
    silence=ReasonKind.NOTHING_AFTER_WITHDRAWAL,
    speaks_to=_after,
    controls=SILENT.controls,
    doubts=SILENT.doubts,
    needs=SILENT.needs,
    takes=frozenset({"farewell"}),
)
"""No telemetry where the condition is ``consent=withdrawn``."""
