"""Which signals each session sent, collected while exchanges go by."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from hometruth.model import DECIDING_BITS, Exchange, Finding, Part, Recipient, Signal, SignalKind, Value

SPLITTERS = frozenset({"json", "form", "query", "cookie"})
"""Layers whose pieces are fields with names."""
_INDEX = re.compile(r"\[\d+\]")
_RANDOM = re.compile(r"^(?=.*\d)[0-9A-Za-z_.%-]{12,}$|^\d{6,}$")
"""Path segments that are an id rather than a name."""

_Note = tuple[str | None, Signal]


class SignalBook:
    """Signals by session. What the action itself explains is left out when the findings are known."""

    def __init__(self) -> None:
        self._notes: dict[str, list[_Note]] = {}
        self._opaque_of: dict[str, tuple[str | None, str, int]] = {}

    def add(
        self,
        exchange: Exchange,
        recipient: Recipient,
        values: Iterable[Value],
        *,
        records: Collection[str],
        opaque_bytes: int,
        session_of: Callable[[Value], str | None],
    ) -> None:
        """Note the endpoint, fields and events of one exchange.

        Args:
            records: Paths of the telemetry records in it.
            session_of: Session that a value speaks of.
        """
        host = recipient.host
        notes: dict[_Note, None] = {(exchange.trial, _endpoint(exchange, host)): None}
        names = {f"{record}.event" for record in records}
        for value in values:
            if value.part not in (Part.BODY, Part.QUERY, Part.COOKIE, Part.MESSAGE) or not value.steps:
                continue
            if value.steps[-1].layer not in SPLITTERS or value.is_name:
                continue
            session = session_of(value)
            path = _INDEX.sub("[]", value.path)
            notes[session, Signal(SignalKind.FIELD, host, f"{value.part} {path}")] = None
            if value.path in names:
                text = value.data.decode("utf-8", "backslashreplace")
                notes[session, Signal(SignalKind.EVENT, host, text)] = None
        self._notes[exchange.id] = list(notes)
        self._opaque_of[exchange.id] = (exchange.trial, host, opaque_bytes)

    def update(self, other: "SignalBook") -> None:
        """Add what another book holds."""
        self._notes |= other._notes
        self._opaque_of |= other._opaque_of

    def by_session(self, findings: Iterable[Finding]) -> Mapping[str, frozenset[Signal]]:
        """Signals of every session that sent any; expected exchanges, the action itself, are left out."""
        signals: dict[str, set[Signal]] = defaultdict(set)
        findings = list(findings)
        expected = {
            sighting.exchange.id for finding in findings if finding.expected for sighting in finding.sightings
        }
        for finding in _told(findings):
            content = Signal(SignalKind.CONTENT, finding.recipient.host, str(finding.canary.kind))
            for trial in finding.trials:
                signals[trial].add(content)
        for name, notes in self._notes.items():
            if name not in expected:
                for session, signal in notes:
                    if session is not None:
                        signals[session].add(signal)
        return {session: frozenset(found) for session, found in signals.items()}

    def opaque(self) -> Mapping[str, Mapping[str, int]]:
        """Unreadable bytes by host and session."""
        sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for session, host, size in self._opaque_of.values():
            if session is not None and size:
                sums[host][session] += size
        return sums


def _told(findings: Iterable[Finding]) -> Iterator[Finding]:
    """What was not the action itself and no coincidence: weak evidence counts where it was met again.

    A digest of 32 bits turns up by chance in one session of a run, not in the same form in several.
    """
    alike: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        if not finding.expected:
            best = max(finding.sightings, key=lambda sighting: sighting.evidence_bits)
            alike[finding.recipient.host, str(finding.canary.kind), best.form.name].append(finding)
    for group in alike.values():
        together = sum(max(finding.evidence_bits, 0.0) for finding in group)
        if together >= DECIDING_BITS:
            yield from group


def _endpoint(exchange: Exchange, host: str) -> Signal:
    path = exchange.target.split(b"?", 1)[0].decode("utf-8", "backslashreplace")
    segments = ("*" if _RANDOM.match(segment) else segment for segment in path.split("/"))
    return Signal(SignalKind.ENDPOINT, host, "/".join(segments))
