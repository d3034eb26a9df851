"""What was read, and what was not: gaps and the coverage table."""

from dataclasses import dataclass
from enum import StrEnum

from hometruth.model.recipient import Sender
from hometruth.model.trial import Condition


class GapKind(StrEnum):
    """Why something could not be looked into."""

    NOT_RECORDED = "not-recorded"
    """The recorder dropped a body."""
    NEVER_RECORDED = "never-recorded"
    """What this recorder is known to leave out of every recording: its absence says nothing."""
    UNREADABLE = "unreadable"
    """An entry of the recording is damaged."""
    OPAQUE = "opaque"
    """Bytes that no layer opens: encrypted, or a format we do not know."""
    MEDIA = "media"
    """Images, audio, video or fonts, known by how they begin: not looked into."""
    BUDGET = "budget"
    """A limit of ours was reached before everything was peeled."""
    REFUSED_TLS = "refused-tls"
    """The client refused the recorder's certificate (pinning)."""
    UNUSED = "unused"
    """A TLS connection that the client closed before it sent anything, to a host of which nothing was read in
    that session: opened ahead and not needed, or refused without a word."""
    NOT_HTTP = "not-http"
    """A connection that speaks something else."""
    PASSED = "passed"
    """Let through unopened, since the client refuses the recorder's certificate; sizes were counted."""
    NOT_LOOKED_INTO = "not-looked-into"
    """Of a host that the plan does not open: passed on, its bytes counted, and no content kept."""
    CHANGED = "changed"
    """A connection that the examiner refused on purpose: the client falls back to what can be read."""
    RESOLVES_ELSEWHERE = "resolves-elsewhere"
    """Names were asked of a resolver of the client's own choice: the table of names is not whole."""
    UNEXPLAINED = "unexplained"
    """A canary's bytes were seen, but no chain of layers reproduces it."""
    DEFECT = "defect"
    """A reader or a layer of ours failed at it."""


LET_THROUGH = frozenset({GapKind.PASSED, GapKind.NOT_LOOKED_INTO})
"""Connections of which bytes were counted, and nothing was opened."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something the audit could not look into. Never an error: hostile traffic is normal."""

    kind: GapKind
    where: str
    """File and entry, or exchange id and part."""
    detail: str
    size_bytes: int | None = None
    """Of opaque bytes and media: how many. Of a connection that was let through: what the client sent,
    handshake included."""
    exchange: str | None = None
    host: str | None = None
    trial: str | None = None
    received_bytes: int | None = None
    """Of a connection that was let through: what the server sent."""
    bursts: tuple[int, ...] = ()
    """Of a connection that was let through: bytes of the client's bursts of application data, in order."""
    sender: Sender | None = None
    """Who sent it, where the recorder knew."""
    at_ns: int | None = None
    """When it was, where that was written down; UTC, nanoseconds since the epoch."""
    share: float | None = None
    """Of opaque bytes and media: which share of all that the exchange sent, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """Request bytes per recipient and condition; every byte is in exactly one column."""

    host: str
    condition: Condition
    exchanges: int
    read_bytes: int
    opaque_bytes: int
    dropped: int
    """Bodies the recorder did not keep (their size is unknown)."""
    never_seen: int
    """Connections that could not be opened: refused TLS, not HTTP."""
    passed: int = 0
    """Connections let through unopened (pinned); what the client sent on them is among the opaque bytes."""
    passed_received_bytes: int = 0
    """What the servers sent on them."""
