"""Positive controls: silence counts only where the same endpoint delivers when sending is admitted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hometruth.claims.evidence import Cell, Evidence
from hometruth.model import CanaryKind, Contact, Proposition, Reason, ReasonKind, Trial

CONTROL_RATE = 0.9
"""Share of control sessions that must deliver; what is missing above it is taken off the silent sessions."""
CONTROL_SESSIONS = 10
"""Fewest control sessions: if fewer all deliver, every fourth could still fail (95 % confidence)."""
READABLE, READ_WHOLE, IDENTIFIER = "readable-telemetry", "telemetry-read-whole", "identifier"
"""What can show that sending would have been noticed, besides canaries."""
SAME = ("app", "version")
"""Factors that a control shares with the cell: another app's telemetry shows nothing of this one's."""


@dataclass(frozen=True, slots=True)
class Control:
    """How often what should have arrived did arrive."""

    what: str
    """A kind of canary, or one of `READABLE`, `READ_WHOLE` and `IDENTIFIER`."""
    delivered: int
    sessions: int
    caution: Reason | None = None
    """What a verdict that rests on it has to say beside it."""

    @property
    def doubt(self) -> Reason | None:
        """Why it does not let silence count; None if it does."""
        if not self.sessions:
            return Reason.of(ReasonKind.CONTROL_MISSING, what=self.what)
        if self.delivered < CONTROL_RATE * self.sessions:
            return Reason.of(ReasonKind.CONTROL_FAILED, what=self.what, n=self.delivered, of=self.sessions)
        if self.sessions < CONTROL_SESSIONS:
            return Reason.of(
                ReasonKind.CONTROL_SHORT, what=self.what, n=self.sessions, needed=CONTROL_SESSIONS
            )
        return None

    def worth(self, n: int) -> int:
        """How many of *n* silent sessions would have shown a violation, if they are like the control."""
        return n * self.delivered // self.sessions if self.sessions else 0


def option_levels(proposition: Proposition, key: str) -> dict[str, tuple[str, ...]]:
    """An option that is a condition: factor to levels."""
    table = proposition.options.get(key, {})
    assert isinstance(table, Mapping)
    return {factor: tuple(levels) for factor, levels in table.items()}


def option_kinds(proposition: Proposition) -> frozenset[CanaryKind]:
    """The option ``kinds``: kinds of canary."""
    kinds = proposition.options.get("kinds", ())
    assert isinstance(kinds, Sequence)
    return frozenset(CanaryKind(kind) for kind in kinds)


def option_texts(proposition: Proposition, key: str) -> tuple[str, ...]:
    """An option that is a list of texts; empty if it is not given."""
    texts = proposition.options.get(key, ())
    assert isinstance(texts, Sequence)
    return tuple(map(str, texts))


def control_trials(proposition: Proposition, cell: Cell, evidence: Evidence) -> tuple[Trial, ...]:
    """Valid trials of the same app, version and series in the condition where sending is admitted."""
    where = option_levels(proposition, "control")
    same = {factor: (level,) for factor in SAME if (level := cell.condition.get(factor)) is not None}
    series = {trial.series for trial in cell.planned}
    return tuple(
        trial
        for group in evidence.cells
        for trial in group.valid
        if trial.series in series and trial.condition.matches(where) and trial.condition.matches(same)
    )


def telemetry_controls(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Control]:
    """Readable telemetry to the vendor, in this very cell or where sending is admitted."""
    readable = {
        trial
        for trial, contacts in evidence.telemetry.items()
        if any(contact.records and contact.exchange not in evidence.retried for contact in contacts)
    }
    here = _control(READABLE, cell.valid, readable)
    if here.doubt is None:
        return [here]
    return [_control(READABLE, control_trials(proposition, cell, evidence), readable)]


def content_controls(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Control]:
    """Every kind of canary asked for, found at the vendor where sending is admitted.

    Telemetry that in no control session held anything planted has no such control. It is its own one if in
    this very cell it arrives and is read to the last byte: then it was flushed, and nothing is left to hide
    in. That an app which sends such things at all would have sent them by then is not shown, and is said.
    A control that delivered in some sessions, and in too few, has failed, and nothing stands in for it.
    A retry of what another session had said is no control of its own.
    """
    read = {
        trial
        for trial, contacts in evidence.telemetry.items()
        if all(map(_is_read, contacts))
        and not evidence.retried.issuperset(contact.exchange for contact in contacts)
    }
    trials = control_trials(proposition, cell, evidence)
    planted = [
        _control(
            str(kind),
            trials,
            {
                trial
                for trial, findings in evidence.vendor_findings.items()
                if any(finding.canary.kind is kind for finding in findings)
            },
        )
        for kind in sorted(option_kinds(proposition))
    ]
    here = replace(_control(READ_WHOLE, cell.valid, read), caution=Reason.of(ReasonKind.CONTROL_SENT_NOTHING))
    nowhere = trials and not any(control.delivered for control in planted)
    return [here] if nowhere and here.doubt is None else planted


def _is_read(contact: Contact) -> bool:
    return contact.records > 0 and not contact.opaque_bytes


def untried_endpoints(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt for each endpoint that got telemetry here, but in no control session what can be read there.

    That is a planted value, or records that are read to the last byte.
    """
    tried = {
        contact.endpoint
        for trial in control_trials(proposition, cell, evidence)
        for contact in evidence.telemetry.get(trial.id, ())
        if contact.exchange in evidence.carriers or _is_read(contact)
    }
    used = {contact.endpoint for trial in cell.attested for contact in evidence.telemetry.get(trial.id, ())}
    return [Reason.of(ReasonKind.UNTRIED_ENDPOINT, endpoint=endpoint) for endpoint in sorted(used - tried)]


def _control(what: str, trials: Iterable[Trial], delivered: set[str]) -> Control:
    ids = [trial.id for trial in trials]
    return Control(what, sum(name in delivered for name in ids), len(ids))
