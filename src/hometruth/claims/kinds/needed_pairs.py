"""Which pairs of sessions a proposition compares: where the plan holds none of them, it tests nothing."""

from collections import defaultdict
from collections.abc import Iterable

from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.controls import SAME, option_levels
from hometruth.model import Proposition, Reason, ReasonKind, Trial


def partner_sessions(proposition: Proposition, trial: Trial, evidence: Evidence) -> list[Trial]:
    """Other attested sessions of the same installation and version that option ``with`` names."""
    levels = option_levels(proposition, "with")
    return [
        other
        for other in evidence.attested_on.get((trial.device, trial.installation), ())
        if other.id != trial.id and is_alike(trial, other) and other.condition.matches(levels)
    ]


def is_alike(trial: Trial, other: Trial) -> bool:
    """True for the same app and version: another one's sessions are another matter."""
    return all(trial.condition.get(factor) == other.condition.get(factor) for factor in SAME)


def of_one_installation(proposition: Proposition, cell: Cell, evidence: Evidence) -> Reason | None:
    """Needs two sessions of one installation, one of them here, the other one that ``with`` names."""
    if any(partner_sessions(proposition, trial, evidence) for trial in cell.attested):
        return None
    levels = option_levels(proposition, "with")
    return Reason.of(ReasonKind.NO_PARTNER, there=tuple((factor, *names) for factor, names in levels.items()))


def two_installations(_proposition: Proposition, cell: Cell, _evidence: Evidence) -> Reason | None:
    """Needs sessions of two installations: of one alone nothing is like or unlike another."""
    enough = len({trial.installation for trial in cell.attested}) > 1
    return None if enough else Reason.of(ReasonKind.ONE_INSTALLATION)


def days_apart(proposition: Proposition, cell: Cell, _evidence: Evidence) -> Reason | None:
    """Needs two sessions of one installation that lie further apart than ``days``."""
    limit = proposition.options["days"]
    assert isinstance(limit, int | float)
    days: dict[str, list[float]] = defaultdict(list)
    for trial in cell.attested:
        days[trial.installation].append(trial.subject_day or 0.0)
    enough = any(max(seen) - min(seen) > limit for seen in days.values())
    return None if enough else Reason.of(ReasonKind.NOT_DAYS_APART, days=limit)


def two_sessions(_proposition: Proposition, cell: Cell, _evidence: Evidence) -> Reason | None:
    """Needs two sessions of one installation: what is sent once repeats nothing."""
    return None if _twice(cell.attested) else Reason.of(ReasonKind.NEVER_TWICE)


def different_use(_proposition: Proposition, cell: Cell, _evidence: Evidence) -> Reason | None:
    """Needs two sessions in which not as much was done: else nothing can show in an amount."""
    enough = len({len(trial.actions) for trial in cell.attested}) > 1
    return None if enough else Reason.of(ReasonKind.ALIKE_USE)


def _twice(trials: Iterable[Trial]) -> bool:
    seen: set[str] = set()
    for trial in trials:
        if trial.installation in seen:
            return True
        seen.add(trial.installation)
    return False
