"""Why silence in a cell may prove nothing, whatever the proposition: what was unread, unseen or outside."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from hometruth.claims.evidence import Cell, Evidence
from hometruth.model import DECIDING_BITS, Condition, Gap, GapKind, HostPattern, Reason, ReasonKind, Trial

OPAQUE_SHARE = 0.01
"""Largest share of bytes to the vendor that may stay opaque in a cell called consistent."""
OPAQUE_ROOM = 64
"""Bytes that stayed opaque in one session at one recipient: an address fits in, beside however much text."""
_HALF_READ = frozenset({GapKind.BUDGET, GapKind.UNEXPLAINED, GapKind.UNREADABLE, GapKind.DEFECT})
_TOLD_OF_THE_RUN = _HALF_READ | {GapKind.NEVER_RECORDED}
_HIDES_NOTHING = GapKind.CHANGED
"""A resolver that the examiner kept the client from got nothing."""


def general_doubts(cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubts of the whole run and of this cell, empty if nothing could have hidden."""
    return [*_of_the_run(evidence), *_unread(cell, evidence), *_unseen(cell, evidence)]


def doubts_of_the_run(evidence: Evidence) -> tuple[Reason, ...]:
    """Those of the general doubts that are about every condition alike."""
    return tuple(_of_the_run(evidence))


def doubts_at(evidence: Evidence) -> tuple[tuple[Condition, Reason], ...]:
    """For each condition of which something was unread or unseen, the first reason to doubt its silence."""
    own = ((cell, [*_unread(cell, evidence), *_unseen(cell, evidence)]) for cell in evidence.cells)
    return tuple((cell.condition, reasons[0]) for cell, reasons in own if reasons)


def doubts_beside_pairs(cell: Cell, evidence: Evidence) -> list[Reason]:
    """Those of the general doubts that a test of pairs leaves: it needs sizes, and nothing needs to be
    read."""
    dropped = vendor_bytes(cell.planned, evidence)[2]
    doubts = [Reason.of(ReasonKind.BODIES_NOT_RECORDED, n=dropped)] if dropped else []
    tested = {effect.endpoint for effect in evidence.effects if effect.vendor}
    return [*_of_the_run(evidence), *doubts, *_unseen(cell, evidence, tested)]


def vendor_bytes(trials: Iterable[Trial], evidence: Evidence) -> tuple[int, int, int]:
    """Bytes read, bytes opaque and bodies dropped, to the vendor, in the conditions of *trials*."""
    conditions = {trial.condition for trial in trials}
    hosts = {contact.recipient.host for contact in evidence.contacts if contact.recipient.vendor_controlled}
    rows = [row for row in evidence.coverage if row.host in hosts and row.condition in conditions]
    return (
        sum(row.read_bytes for row in rows),
        sum(row.opaque_bytes for row in rows),
        sum(row.dropped for row in rows),
    )


def _of_the_run(evidence: Evidence) -> list[Reason]:
    doubts = [Reason.of(ReasonKind.ALTERED, how=how) for how in evidence.altered]
    if evidence.unfinished:
        doubts.append(Reason.of(ReasonKind.UNFINISHED))
    if evidence.labelled_by:
        doubts.append(Reason.of(ReasonKind.LABELLED, by=evidence.labelled_by))
    if evidence.phantoms_sighted:
        doubts.append(Reason.of(ReasonKind.PHANTOMS_SIGHTED, n=evidence.phantoms_sighted))
    if evidence.sinkholed and evidence.subject.kind == "real":
        doubts.append(Reason.of(ReasonKind.SINKHOLED))
    if damaged := [gap for gap in evidence.gaps if gap.exchange is None and gap.kind in _HALF_READ]:
        doubts.append(Reason.of(ReasonKind.DAMAGED_ENTRIES, n=len(damaged)))
    if lacking := sorted({gap.detail for gap in evidence.gaps if gap.kind is GapKind.NEVER_RECORDED}):
        doubts.append(Reason.of(ReasonKind.NEVER_RECORDED, n=len(lacking), detail=lacking[0]))
    outside = [
        contact
        for contact in evidence.contacts
        if contact.recipient.vendor_controlled and contact.trial is None and contact.opaque_bytes
    ]
    if outside:
        doubts.append(Reason.of(ReasonKind.UNREAD_OUTSIDE, n=len(outside), endpoint=outside[0].endpoint))
    return doubts


def _unread(cell: Cell, evidence: Evidence) -> list[Reason]:
    doubts = []
    read, opaque, dropped = vendor_bytes(cell.planned, evidence)
    if opaque > OPAQUE_SHARE * (read + opaque):
        doubts.append(Reason.of(ReasonKind.OPAQUE_BYTES, percent=100 * opaque / (read + opaque)))
    elif room := _most_opaque(cell, evidence):
        doubts.append(room)
    if dropped:
        doubts.append(Reason.of(ReasonKind.BODIES_NOT_RECORDED, n=dropped))
    ids = {trial.id for trial in cell.planned}
    known = [
        receipt
        for receipt in evidence.receipts
        if receipt.canary.cell in ids and receipt.evidence_bits >= DECIDING_BITS
    ]
    if known:
        host = known[0].recipient.host
        n = len({receipt.canary.cell for receipt in known})
        doubts.append(Reason.of(ReasonKind.RECEIVER_KNOWS, n=n, host=host))
    foreign = {
        contact.exchange
        for contact in evidence.contacts
        if contact.recipient.organisation and not contact.recipient.vendor_controlled
    }
    half_read = [
        gap
        for gap in _concerning(cell, evidence)
        if gap.kind in _HALF_READ and gap.exchange and gap.exchange not in foreign
    ]
    if half_read:
        first = half_read[0]
        doubts.append(Reason.of(ReasonKind.HALF_READ, n=len(half_read), host=first.host, detail=first.detail))
    return doubts


def _most_opaque(cell: Cell, evidence: Evidence) -> Reason | None:
    """The session and host of the vendor with most opaque bytes, if a secret would fit in."""
    ids = {trial.id for trial in cell.planned}
    room: dict[tuple[str, str], int] = defaultdict(int)
    for contact in evidence.contacts:
        if contact.recipient.vendor_controlled and contact.trial in ids:
            room[contact.recipient.host, contact.trial or ""] += contact.opaque_bytes
    (host, session), most = max(room.items(), key=lambda item: item[1], default=(("", ""), 0))
    if most < OPAQUE_ROOM:
        return None
    return Reason.of(ReasonKind.OPAQUE_ROOM, bytes=most, host=host, session=session)


def _unseen(cell: Cell, evidence: Evidence, tested: Collection[str] = ()) -> list[Reason]:
    """Connections that were not opened, but for those let through to hosts *tested* by their bytes."""
    unseen = [
        gap
        for gap in _concerning(cell, evidence)
        if gap.exchange is None
        and gap.kind not in (*_TOLD_OF_THE_RUN, _HIDES_NOTHING)
        and not (gap.kind is GapKind.NOT_LOOKED_INTO and gap.host in evidence.not_looked_into)
        and not (gap.kind is GapKind.PASSED and gap.trial is not None and _is_host_of(gap.host or "", tested))
    ]
    if not unseen:
        return []
    return [Reason.of(ReasonKind.CONNECTIONS_UNOPENED, n=len(unseen), host=unseen[0].host or None)]


def _is_host_of(host: str, endpoints: Iterable[str]) -> bool:
    """True if one of these groups takes in all that goes to *host*."""
    return any(HostPattern(name).fits(host) for name in endpoints)


def _concerning(cell: Cell, evidence: Evidence) -> list[Gap]:
    """Gaps of the cell's sessions, and those outside every session, which might be of any."""
    ids = {trial.id for trial in cell.planned}
    return [gap for gap in evidence.gaps if gap.trial in ids or gap.trial not in evidence.trial]
