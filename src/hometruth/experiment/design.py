"""From a plan to the sessions that will be run: randomised in blocks, canaries minted for each.

Everything here happens before the run, so that it can be sealed.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from hometruth.experiment.plan import ACTIONS, CellPlan, Plan
from hometruth.model import Canary, CanaryKind, Condition, Trial, TrialStatus


class Mint(Protocol):
    """How a canary is made; the audit passes `canaries.mint`."""

    def __call__(
        self, kind: CanaryKind, *, cell: str | None = None, phantom: bool = False, rng: Random | None = None
    ) -> Canary:
        """Mint one canary."""


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """One action to be done, and the id of the canary it plants."""

    action: str
    canary: str


@dataclass(frozen=True, slots=True)
class Session:
    """One trial before it is run. ``trial.status`` is LOST until somebody ran it."""

    trial: Trial
    actions: tuple[PlannedAction, ...]


@dataclass(frozen=True, slots=True)
class Design:
    """Sessions in the order of the run, and every canary, planted or phantom."""

    sessions: tuple[Session, ...]
    canaries: tuple[Canary, ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    """The sessions of one installation: (day, condition) in order."""

    series: str
    cell: CellPlan
    sessions: tuple[tuple[float, Condition], ...]


def design(plan: Plan, *, mint: Mint, rng: Random) -> Design:
    """Lay out the run of *plan*.

    Args:
        rng: Order of installations and sessions. Use `random.SystemRandom`; tests inject a seeded one.
    """
    sessions: list[Session] = []
    canaries: list[Canary] = []
    blocks = 1 + max(cell.blocks for series in plan.series for cell in series.cells)
    for block in range(1, blocks):
        cells = [(series.id, cell) for series in plan.series for cell in series.cells]
        units = [unit for series, cell in cells for unit in _units(series, cell, block)]
        rng.shuffle(units)
        for number, unit in enumerate(units, 1):
            installation = f"b{block:02}-i{number:02}"
            for day, condition in _shuffled(unit, rng):
                name = f"t{len(sessions) + 1:04}"
                planted, actions = _actions(unit.cell, name, mint, rng)
                canaries.extend(planted)
                trial = Trial(
                    id=name,
                    series=unit.series,
                    condition=condition,
                    block=block,
                    installation=installation,
                    device=plan.subject.device,
                    status=TrialStatus.LOST,
                    subject_day=day,
                )
                sessions.append(Session(trial, actions))
    kinds = (CanaryKind.PAGE, CanaryKind.SEARCH)
    phantoms = [mint(kinds[n % len(kinds)], phantom=True, rng=rng) for n in range(plan.phantoms)]
    everything = canaries + phantoms
    rng.shuffle(everything)
    return Design(tuple(sessions), tuple(everything))


def _units(series: str, cell: CellPlan, block: int) -> list[_Unit]:
    """One unit per combination of the factors that an installation fixes."""
    if block > cell.blocks:
        return []
    groups: dict[tuple[str | None, ...], list[Condition]] = defaultdict(list)
    for condition in cell.conditions:
        groups[tuple(condition.get(factor) for factor in cell.installation)].append(condition)
    return [
        _Unit(series, cell, tuple((day, condition) for day in cell.days for condition in conditions))
        for conditions in groups.values()
    ]


def _shuffled(unit: _Unit, rng: Random) -> list[tuple[float, Condition]]:
    """Days in order; on each day the conditions in random order."""
    ordered: list[tuple[float, Condition]] = []
    for day in unit.cell.days:
        today = [condition for when, condition in unit.sessions if when == day]
        rng.shuffle(today)
        ordered.extend((day, condition) for condition in today)
    return ordered


def _actions(
    cell: CellPlan, trial: str, mint: Mint, rng: Random
) -> tuple[Sequence[Canary], tuple[PlannedAction, ...]]:
    """Mint a canary for each action; the order of actions is the plan's."""
    planted = [mint(ACTIONS[action], cell=trial, rng=rng) for action in cell.actions]
    actions = zip(cell.actions, planted, strict=True)
    return planted, tuple(PlannedAction(action, canary.id) for action, canary in actions)
