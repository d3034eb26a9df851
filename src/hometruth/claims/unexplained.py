"""Random fields that nobody explains: each may be a nonce, and each has room for what was planted.

A value explains itself if it comes again in another session, or is a known identifier; a place, if it is the
same everywhere. Room is an absolute matter: the bytes of all such fields of one session at one recipient, so
that a secret in many small pieces is as large as in one.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping

from hometruth.claims.evidence import Cell, Evidence
from hometruth.model import RandomField, Reason, ReasonKind

MOST_NAMED = 3
"""Fields named in one sentence; the others are counted."""
LEAST_ROOM = 16
"""Bytes that a planted value fits into: 128 bits, a block of the usual ciphers."""
SECRET_BYTES = 32
"""A single field of this size is no usual id or nonce: a digest, or a ciphertext of a whole address, fits."""


def unexplained(cell: Cell, evidence: Evidence) -> Reason | None:
    """What of it was sent to the vendor in the cell's sessions, as one reason; None if nothing."""
    ids = {trial.id for trial in cell.attested}
    by_session = {key: fields for key, fields in _by_session(evidence).items() if key[0] in ids}
    if not by_session:
        return None
    places: dict[tuple[bool, str], set[str]] = defaultdict(set)
    for (session, host), fields in by_session.items():
        for field in fields:
            places[field.specified, f"{field.name} at {host}"].add(session)
    ranked = sorted(places, key=lambda place: (place[0], -len(places[place]), place[1]))
    return Reason.of(
        ReasonKind.UNEXPLAINED,
        fields=tuple(name for _, name in ranked[:MOST_NAMED]),
        more=len(ranked[MOST_NAMED:]),
        only_specified=all(specified for specified, _ in ranked),
        most_bytes=max(sum(field.size_bytes for field in fields) for fields in by_session.values()),
        largest=max(
            (field.size_bytes for fields in by_session.values() for field in fields if not field.specified),
            default=0,
        ),
        sessions=len({session for session, _ in by_session}),
        of=len(ids),
    )


def may_hold_an_address(reason: Reason) -> bool:
    """True if one field of them is too large to be a usual id or nonce."""
    largest = reason.as_dict()["largest"]
    assert isinstance(largest, int)
    return largest >= SECRET_BYTES


def _by_session(evidence: Evidence) -> Mapping[tuple[str, str], list[RandomField]]:
    """Unexplained fields by session and host."""
    sessions: dict[str, set[str]] = defaultdict(set)
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    sent: dict[tuple[str, str], dict[RandomField, None]] = defaultdict(dict)
    for contact in evidence.contacts:
        if not contact.recipient.vendor_controlled or contact.trial is None:
            continue
        host = contact.recipient.host
        for field in contact.random:
            sessions[field.digest].add(contact.trial)
            values[host, field.name].add(field.digest)
            sent[contact.trial, host][field] = None
    known = {_digest(item.value) for item in (*evidence.identifiers, *evidence.lookalikes)}
    left = {
        (session, host): [
            field
            for field in fields
            if len(sessions[field.digest]) == 1
            and len(values[host, field.name]) > 1
            and field.digest not in known
        ]
        for (session, host), fields in sent.items()
    }
    return {
        key: fields for key, fields in left.items() if sum(field.size_bytes for field in fields) >= LEAST_ROOM
    }


def _digest(value: str) -> str:
    return hashlib.sha256(value.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()[:32]
