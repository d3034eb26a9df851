"""Positive controls: silence counts only where the same endpoint delivers when sending is admitted."""

from collections.abc import Iterable, Mapping, Sequence

from hometruth.claims.evidence import Cell, Evidence, cells_of
from hometruth.model import CanaryKind, Proposition, Trial

CONTROL_RATE = 0.9
"""Share of control sessions that must deliver: silence is worth as much as the control is reliable."""


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


def control_trials(proposition: Proposition, cell: Cell, evidence: Evidence) -> tuple[Trial, ...]:
    """Valid trials of the same version and series in the condition where sending is admitted."""
    where = option_levels(proposition, "control")
    version = cell.condition.get("version")
    series = {trial.series for trial in cell.planned}
    return tuple(
        trial
        for group in cells_of(evidence.trials)
        for trial in group.valid
        if trial.series in series
        and trial.condition.matches(where)
        and (version is None or trial.condition.get("version") == version)
    )


def telemetry_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[str]:
    """Doubt unless readable telemetry reached the vendor in the control sessions (or in this very cell)."""
    if _rate(cell.valid, _readable(evidence)) >= CONTROL_RATE:
        return []
    control = control_trials(proposition, cell, evidence)
    if _rate(control, _readable(evidence)) >= CONTROL_RATE:
        return []
    return [_failed("readable telemetry", len(control))]


def content_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[str]:
    """Doubt unless every kind of canary was found at the vendor in the control sessions."""
    control = control_trials(proposition, cell, evidence)
    doubts = []
    for kind in sorted(option_kinds(proposition)):
        delivered = {
            trial
            for trial, findings in evidence.vendor_findings.items()
            if any(finding.canary.kind is kind for finding in findings)
        }
        if _rate(control, delivered) < CONTROL_RATE:
            doubts.append(_failed(f"{kind} canaries", len(control)))
    return doubts


def _readable(evidence: Evidence) -> set[str]:
    return {
        trial
        for trial, contacts in evidence.telemetry.items()
        if any(contact.records for contact in contacts)
    }


def _rate(trials: Iterable[Trial], delivered: set[str]) -> float:
    ids = [trial.id for trial in trials]
    return sum(name in delivered for name in ids) / len(ids) if ids else 0.0


def _failed(what: str, n: int) -> str:
    if not n:
        return f"no positive control: no valid session where sending is admitted shows {what}; run some"
    return (
        f"the positive control failed: {what} did not reach the vendor in {CONTROL_RATE:.0%} of the {n} "
        "sessions where sending is admitted, so silence proves nothing; let sessions settle longer"
    )
