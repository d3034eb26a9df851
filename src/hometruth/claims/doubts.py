"""Why silence in a cell may prove nothing, whatever the proposition: what was unread, unseen or outside."""

from collections.abc import Collection, Iterable

from hometruth.claims.evidence import Cell, Evidence
from hometruth.model import Gap, GapKind, Trial

OPAQUE_SHARE = 0.01
"""Largest share of bytes to the vendor that may stay opaque in a cell called consistent."""
_HALF_READ = frozenset({GapKind.BUDGET, GapKind.UNEXPLAINED, GapKind.UNREADABLE})


def general_doubts(cell: Cell, evidence: Evidence) -> list[str]:
    """Doubts of the whole run and of this cell, each as a phrase; empty if nothing could have hidden."""
    return [*_of_the_run(evidence), *_unread(cell, evidence), *_unseen(cell, evidence)]


def doubts_beside_pairs(cell: Cell, evidence: Evidence) -> list[str]:
    """Those of the general doubts that a test of pairs leaves: it needs sizes, and nothing needs to be
    read."""
    dropped = vendor_bytes(cell.planned, evidence)[2]
    doubts = [f"{dropped} request bodies to the vendor were not recorded"] if dropped else []
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


def _of_the_run(evidence: Evidence) -> list[str]:
    doubts = [f"the case is not as its run left it: {phrase}" for phrase in evidence.altered]
    if evidence.unfinished:
        doubts.append(evidence.unfinished)
    if evidence.phantoms_sighted:
        doubts.append(f"{evidence.phantoms_sighted} canaries that were never planted were sighted")
    if evidence.sinkholed and evidence.subject.kind == "real":
        doubts.append(
            "the vendor's servers were answered by the recorder, so a real one might have been sent more"
        )
    if damaged := [gap for gap in evidence.gaps if gap.exchange is None and gap.kind in _HALF_READ]:
        doubts.append(f"the recording has {len(damaged)} damaged entries, which may belong to any session")
    outside = [
        contact
        for contact in evidence.contacts
        if contact.recipient.vendor_controlled and contact.trial is None and contact.opaque_bytes
    ]
    if outside:
        doubts.append(
            f"{len(outside)} requests to the vendor outside every session could not be read, for example to "
            f"{outside[0].endpoint}"
        )
    return doubts


def _unread(cell: Cell, evidence: Evidence) -> list[str]:
    doubts = []
    read, opaque, dropped = vendor_bytes(cell.planned, evidence)
    if opaque > OPAQUE_SHARE * (read + opaque):
        share = 100 * opaque / (read + opaque)
        doubts.append(f"{share:.1f} % of the bytes sent to the vendor could not be read")
    if dropped:
        doubts.append(f"{dropped} request bodies to the vendor were not recorded")
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
        doubts.append(
            f"{len(half_read)} values could not be read to the end, for example at {half_read[0].host}: "
            f"{half_read[0].detail}"
        )
    return doubts


def _unseen(cell: Cell, evidence: Evidence, tested: Collection[str] = ()) -> list[str]:
    """Connections that were not opened, but for those let through to hosts *tested* by their bytes."""
    unseen = [
        gap
        for gap in _concerning(cell, evidence)
        if gap.exchange is None
        and gap.kind not in _HALF_READ
        and not (gap.kind is GapKind.PASSED and gap.trial is not None and _is_host_of(gap.host or "", tested))
    ]
    if not unseen:
        return []
    host = unseen[0].host or "a host that is not known"
    return [f"{len(unseen)} connections could not be opened, for example to {host}"]


def _is_host_of(host: str, endpoints: Iterable[str]) -> bool:
    """True if one of these groups takes in all that goes to *host*."""
    return any(host.endswith(name[1:]) if name.startswith("*.") else name == host for name in endpoints)


def _concerning(cell: Cell, evidence: Evidence) -> list[Gap]:
    """Gaps of the cell's sessions, and those outside every session, which might be of any."""
    ids = {trial.id for trial in cell.planned}
    return [gap for gap in evidence.gaps if gap.trial in ids or gap.trial not in evidence.trial]
