"""What is counted: single actions, sessions and installations, each with a bound of its own, never mixed.

Whatever decides about sending probably decides once per session, or once per installation if a server picks
some; so the sessions (for tokens, the installations) make the verdict. The bound per action is the smallest
and means the least: it holds only if every action were decided upon by itself.
"""

from collections.abc import Iterable, Sequence

from hometruth.bounds import upper_bound_percent
from hometruth.claims.evidence import Cell
from hometruth.claims.kinds.controls import Control
from hometruth.model import Bound, Reason, ReasonKind, Trial

ACTIONS, SESSIONS, INSTALLATIONS = "actions", "sessions", "installations"


def bounds_of(cell: Cell, controls: Iterable[Control]) -> tuple[Bound, ...]:
    """The bound that silence in *cell* buys, per action, per session and per installation.

    Planned and not validly run counts as missing, a possible hit; where the control would have failed as
    well, silence shows nothing.
    """
    return tuple(_bound(unit, *_counted(unit, cell), controls) for unit in (ACTIONS, SESSIONS, INSTALLATIONS))


def of_unit(bounds: Iterable[Bound], unit: str) -> Bound:
    """The bound that is counted in *unit*."""
    return next(bound for bound in bounds if bound.unit == unit)


def bound_reason(bounds: Sequence[Bound], unit: str) -> Reason:
    """All bounds, with the unit that decides."""
    percents = {bound.unit: bound.percent for bound in bounds}
    return Reason.of(ReasonKind.BOUND, unit=unit, **percents)


def _bound(unit: str, n: int, missing: int, controls: Iterable[Control]) -> Bound:
    worth = min((n, *(control.worth(n) for control in controls)))
    return Bound(unit, worth, missing, upper_bound_percent(missing, worth) if worth > missing else 100.0)


def _counted(unit: str, cell: Cell) -> tuple[int, int]:
    """Units planned, and how many of them have no valid result."""
    valid = {trial.id for trial in cell.valid}
    broken = [trial for trial in cell.planned if trial.id not in valid]
    if unit == SESSIONS:
        return len(cell.planned), len(broken)
    if unit == INSTALLATIONS:
        return _installations(cell.planned), _installations(broken)
    each = max((len(trial.actions) for trial in cell.planned), default=0)
    return sum(len(trial.actions) for trial in cell.valid) + each * len(broken), each * len(broken)


def _installations(trials: Iterable[Trial]) -> int:
    return len({trial.installation for trial in trials})
