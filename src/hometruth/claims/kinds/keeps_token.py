"""A proposition about tokens that last: what a researcher says who found that an id never changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hometruth.bounds import lower_bound_percent
from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.base import OBSERVED, Kind, Presence, Violation, installations
from hometruth.claims.kinds.needed_pairs import days_apart
from hometruth.model import Proposition, Reason, ReasonKind, Trial


@dataclass(frozen=True, slots=True)
class _Watch:
    """One field on one installation, from the first to the last session in which it was sent."""

    field: str
    first: Trial
    last: Trial
    kept: bool
    """True if some value was sent in every session."""

    @property
    def days(self) -> float:
        return (self.last.subject_day or 0.0) - (self.first.subject_day or 0.0)

    def told(self, kind: ReasonKind) -> Reason:
        return Reason.of(
            kind, field=self.field, first_day=self.first.subject_day, last_day=self.last.subject_day
        )


def _watches(proposition: Proposition, cell: Cell, evidence: Evidence) -> Iterator[_Watch]:
    fields = proposition.options["fields"]
    assert isinstance(fields, Sequence)
    for name in dict.fromkeys(trial.installation for trial in cell.attested):
        trials = [item for item in cell.attested if item.installation == name]
        for field in fields:
            values = {trial.id: _values(str(field), trial, evidence) for trial in trials}
            sent = sorted((t for t in trials if values[t.id]), key=lambda trial: trial.subject_day or 0.0)
            if len(sent) > 1:
                kept = bool(frozenset.intersection(*(values[trial.id] for trial in sent)))
                yield _Watch(str(field), sent[0], sent[-1], kept)


def _values(field: str, trial: Trial, evidence: Evidence) -> frozenset[str]:
    return frozenset(item.value for item in evidence.sent_in.get(trial.id, ()) if item.field == field)


def _limit(proposition: Proposition) -> float:
    days = proposition.options["days"]
    assert isinstance(days, int | float)
    return days


def _changed(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    return [
        Violation(watch.last.id, OBSERVED, watch.told(ReasonKind.TOKEN_CHANGED), lasts=True)
        for watch in _watches(proposition, cell, evidence)
        if not watch.kept
    ]


def _kept(proposition: Proposition, cell: Cell, evidence: Evidence) -> Presence:
    long = [
        item
        for item in _watches(proposition, cell, evidence)
        if item.kept and item.days > _limit(proposition)
    ]
    if not long:
        return Presence(None)
    n = len({item.first.installation for item in long})
    total = installations(cell.attested)
    return Presence(
        long[0]
        .told(ReasonKind.TOKEN_KEPT)
        .plus(
            n=n,
            of=total,
            unit="installations",
            more_than_percent=lower_bound_percent(n, total),
        )
    )


def _too_short(proposition: Proposition, _cell: Cell, _evidence: Evidence) -> list[Reason]:
    return [Reason.of(ReasonKind.TOKEN_WATCH_SHORT, days=_limit(proposition))]


def _long_enough(proposition: Proposition, cell: Cell, evidence: Evidence) -> Reason | None:
    """Needs two sessions further apart than ``days``, to see it kept; that it changed shows in any two."""
    changed = _changed(proposition, cell, evidence)
    return None if changed else days_apart(proposition, cell, evidence)


KEEPS_TOKEN = Kind(
    violations=_changed,
    silence=ReasonKind.ALL_KEPT,
    unit="installations",
    count=installations,
    pairs=_long_enough,
    presence=_kept,
    doubts=_too_short,
    needs=frozenset({"fields", "days"}),
)
"""A token stays the same for more than ``days`` on one installation: shown once, it is CONSISTENT."""
