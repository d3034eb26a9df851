"""Who sent it: "the phone sent" is not "the browser sent".

A statement about an app is contradicted only by what that app sent. That is known if the request names the
app (user agent, ``$app_id``, its project, the recorder's knowledge of the process), or if the same stream of
requests never occurred in sessions without the app, on the same phone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.base import OBSERVED, Violation
from hometruth.model import Claim, Contact, Effect, GapKind, HostPattern, Reason, ReasonKind, Sender

CONTROL_SESSIONS = 10
"""Fewest sessions without the app that show that a stream is its own, as many as any control needs."""


NOT_NAMED = Sender(None, "the connection was not opened, and nothing else names an app")


@dataclass(frozen=True, slots=True)
class Accounted:
    """Which sender a violation can be held against."""

    to_app: bool
    """True if it certainly is an app that the statement is about (or the statement is about no app)."""
    reason: Reason
    """Who sent it and how that is known."""


def account_for(claim: Claim, violation: Violation, cell: Cell, evidence: Evidence) -> Accounted:
    """Whether *violation* can be held against the products that *claim* is about."""
    finding = violation.finding
    if finding is not None and not finding.initiator.is_app:
        evidence_of = finding.initiator.evidence
        return Accounted(False, Reason.of(ReasonKind.UNKNOWN_INITIATOR, evidence=evidence_of))
    contacts = _contacts(violation, evidence)
    told = _account(claim, [contact.sender for contact in contacts], contacts, cell, evidence)
    if told.to_app and finding is not None and claim.scope.products and evidence.subject.extensions:
        return Accounted(False, Reason.of(ReasonKind.EXTENSIONS_UNKNOWN))
    return told


def _account(
    claim: Claim, senders: Sequence[Sender], contacts: Sequence[Contact], cell: Cell, evidence: Evidence
) -> Accounted:
    named = sorted({sender.app for sender in senders if sender.app})
    here = evidence.subject.product_of(cell.condition.get("app"))
    # Outside what the speaker spoke of, it is the product of this condition that is looked at.
    products = claim.scope.products if here in claim.scope.products else (here,)
    if senders and all(sender.app in products for sender in senders):
        app, source = senders[0].app, senders[0].source
        return Accounted(True, Reason.of(ReasonKind.SENT_BY_APP, app=app, known_by=source))
    if not claim.scope.products:
        by = Reason.of(ReasonKind.SENT_BY, app=named[0]) if named else Reason.of(ReasonKind.SENT_BY_PHONE)
        return Accounted(True, by)
    if named:
        return Accounted(False, Reason.of(ReasonKind.OTHER_SENDER, apps=tuple(named)))
    if without := _sessions_without(products, contacts, evidence):
        return Accounted(True, Reason.of(ReasonKind.ONLY_WITH_APP, apps=products, n=without))
    return Accounted(False, Reason.of(ReasonKind.UNKNOWN_SENDER, apps=products, needed=CONTROL_SESSIONS))


def sender_of_effect(claim: Claim, effect: Effect, cell: Cell, evidence: Evidence) -> Accounted:
    """Whether what the traffic to an endpoint depends on can be held against those products.

    Of the requests that hold something opaque, or of all if none does, every sender must be such an app; and
    so must every sender of a connection that was let through unopened.
    """
    ids = {trial.id for trial in cell.attested}
    there = [item for item in evidence.contacts if item.recorded_in in ids and _is_at(item, effect.endpoint)]
    deciding = [item for item in there if item.opaque_bytes] or there
    by_sender = {item.sender: item.exchange for item in deciding}
    endpoint = HostPattern(effect.endpoint)
    passed = {
        gap.sender or NOT_NAMED
        for gap in evidence.gaps
        if gap.kind is GapKind.PASSED and gap.trial in ids and endpoint.fits(gap.host or "")
    }
    unnamed = [] if passed else [None]
    accounts = [
        *(_account(claim, [sender], (), cell, evidence) for sender in sorted(passed, key=str)),
        *(
            account_for(
                claim,
                Violation(min(ids), OBSERVED, Reason.of(ReasonKind.TELEMETRY_SENT), exchange),
                cell,
                evidence,
            )
            for exchange in by_sender.values() or unnamed
        ),
    ]
    return next((item for item in accounts if not item.to_app), accounts[0])


def _is_at(contact: Contact, endpoint: str) -> bool:
    """True if a group of endpoints, as a plan writes it, takes in the contact."""
    there = contact.recipient.host
    return HostPattern(endpoint).fits(there, contact.endpoint.removeprefix(f"{there}/"))


def _contacts(violation: Violation, evidence: Evidence) -> list[Contact]:
    """The request itself; for a value that is repeated, all telemetry of the session it was seen in."""
    if violation.exchange is not None:
        return list(evidence.contacts_of.get(violation.exchange, ()))
    return list(evidence.telemetry.get(violation.trial, ()))


def _sessions_without(products: tuple[str, ...], contacts: Iterable[Contact], evidence: Evidence) -> int:
    """Sessions without any of *products*, if there are enough and the streams occurred in none; else 0."""
    without = sum(n for product, n in evidence.sessions_with.items() if product not in products)
    streams = {contact.stream for contact in contacts}
    if not streams or without < CONTROL_SESSIONS:
        return 0
    sessions = {session for stream in streams for session in evidence.sessions_of_stream[stream]}
    used = {evidence.product_used[session] for session in sessions if session in evidence.product_used}
    return without if used <= set(products) else 0
