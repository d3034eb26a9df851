"""From a plan to the sessions that will be run: randomised in blocks, canaries minted for each.

Everything here happens before the run, so that it can be sealed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Protocol

from hometruth.experiment.drivers import DRIVERS
from hometruth.experiment.pairs import MintAddress, actions_again, halves_of_pair
from hometruth.experiment.plan import CellPlan, Plan, Series
from hometruth.experiment.planned import PlannedAction, PlannedSession
from hometruth.model import Canary, CanaryKind, Condition, Pairing, Trial, TrialStatus

TWINS = 2
"""Installations of a cell in each block, one more in the last if their number is odd. They are run in turns,
so that what a server hands out for a while is seen in both, and what an installation keeps in one."""
RESET = "reset"
"""The factor that says what is done to the phone before a session."""


class Mint(Protocol):
    """How a canary is made; the audit passes `canaries.mint`."""

    def __call__(
        self, kind: CanaryKind, *, cell: str | None = None, phantom: bool = False, rng: Random | None = None
    ) -> Canary:
        """Mint one canary."""


@dataclass(frozen=True, slots=True)
class Design:
    """Sessions in the order of the run, and every canary, planted or phantom."""

    sessions: tuple[PlannedSession, ...]
    canaries: tuple[Canary, ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    """The sessions of one installation: (day, condition) in order."""

    series: str
    cell: CellPlan
    sessions: tuple[tuple[float, Condition], ...]


@dataclass(frozen=True, slots=True)
class _PairUnit:
    """The two sessions of one pair, in one installation."""

    series: str
    pairing: Pairing
    condition: Condition


def design(plan: Plan, *, mint: Mint, mint_address: MintAddress, rng: Random) -> Design:
    """Lay out the run of *plan*.

    Args:
        mint_address: Makes what paired series plant.
        rng: Order of installations and sessions, coins, moments. Use `random.SystemRandom`; tests inject a
        seeded one.
    """
    laid_out = _Layout(plan, mint, mint_address, rng)
    for block in range(1, 1 + max(_blocks(series) for series in plan.series)):
        laid_out.add_block(block)
    canaries = laid_out.canaries
    kinds = (CanaryKind.PAGE, CanaryKind.SEARCH)
    phantoms = [mint(kinds[n % len(kinds)], phantom=True, rng=rng) for n in range(plan.phantoms)]
    everything = canaries + phantoms
    rng.shuffle(everything)
    return Design(tuple(laid_out.sessions), tuple(everything))


def design_again(plan: Plan, planned: Sequence[Trial], canaries: Sequence[Canary], rng: Random) -> Design:
    """The design of a run that was cut off, from what was sealed before it.

    Args:
        rng: Moments of what is done in pairs, which are not sealed.
    """
    pairings = {pairing.series: pairing for pairing in plan.pairings}
    kinds = DRIVERS[plan.driver].actions
    left: dict[tuple[str | None, CanaryKind], list[Canary]] = defaultdict(list)
    for canary in canaries:
        left[canary.cell, canary.kind].append(canary)
    sessions = []
    for trial in planned:
        if trial.arm is not None:
            sessions.append(PlannedSession(trial, actions_again(trial, pairings[trial.series], rng)))
            continue
        actions = _cell_of(plan, trial).actions
        ids = [left[trial.id, kinds[action]].pop().id for action in actions]
        sessions.append(PlannedSession(trial, tuple(map(PlannedAction, actions, ids))))
    return Design(tuple(sessions), tuple(canaries))


def _cell_of(plan: Plan, trial: Trial) -> CellPlan:
    cells = (cell for series in plan.series if series.id == trial.series for cell in series.cells)
    return next(cell for cell in cells if trial.condition in cell.conditions)


class _Layout:
    """Sessions and canaries as they are laid out, block by block."""

    def __init__(self, plan: Plan, mint: Mint, mint_address: MintAddress, rng: Random) -> None:
        self._plan = plan
        self._mint = mint
        self._mint_address = mint_address
        self._rng = rng
        self.sessions: list[PlannedSession] = []
        self.canaries: list[Canary] = []

    def add_block(self, block: int) -> None:
        """Every installation of one block: those of one cell in turns, the cells in random order."""
        groups: list[tuple[_Unit, ...] | _PairUnit] = []
        in_turns = DRIVERS[self._plan.driver].keeps_installations
        for series in self._plan.series:
            if series.pairing:
                groups += _pair_units(series, series.pairing, block)
            else:
                for cell in series.cells:
                    groups += _groups(series.id, cell, block, in_turns=in_turns)
        self._rng.shuffle(groups)
        number = 0
        for group in groups:
            n = 1 if isinstance(group, _PairUnit) else len(group)
            installations = [f"b{block:02}-i{number + each:02}" for each in range(1, n + 1)]
            number += n
            if isinstance(group, _PairUnit):
                self._add_pair(group, block, installations[0])
            else:
                self._add_group(group, block, installations)

    def _add_group(self, group: Sequence[_Unit], block: int, installations: Sequence[str]) -> None:
        """The first session of each, then the second of each, and so on."""
        kinds = DRIVERS[self._plan.driver].actions
        for turn in zip(*(_shuffled(unit, self._rng) for unit in group), strict=True):
            for unit, installation, (day, condition) in zip(group, installations, turn, strict=True):
                trial = self._trial(unit.series, condition, block, installation, day)
                planted, actions = _actions(unit.cell, kinds, trial.id, self._mint, self._rng)
                self.canaries.extend(planted)
                self.sessions.append(PlannedSession(trial, actions))

    def _add_pair(self, unit: _PairUnit, block: int, installation: str) -> None:
        trials = [self._trial(unit.series, unit.condition, block, installation, 0.0)]
        trials.append(self._trial(unit.series, unit.condition, block, installation, 0.0, after=1))
        halves = halves_of_pair(
            unit.pairing,
            (trials[0].id, trials[1].id),
            content=block > unit.pairing.pairs,
            mint=self._mint_address,
            rng=self._rng,
        )
        for trial, half in zip(trials, halves, strict=True):
            self.canaries.extend(half.canaries)
            planted = tuple(canary.id for canary in half.canaries)
            self.sessions.append(PlannedSession(replace(trial, arm=half.arm, planted=planted), half.actions))

    def _trial(
        self, series: str, condition: Condition, block: int, installation: str, day: float, after: int = 0
    ) -> Trial:
        """The next trial, or the one *after* it."""
        return Trial(
            id=f"t{len(self.sessions) + 1 + after:04}",
            series=series,
            condition=condition,
            block=block,
            installation=installation,
            device=condition.get("device") or self._plan.subject.device,
            status=TrialStatus.LOST,
            subject_day=day,
        )


def _blocks(series: Series) -> int:
    return series.pairing.blocks if series.pairing else max(_blocks_of(cell) for cell in series.cells)


def _blocks_of(cell: CellPlan) -> int:
    return max(1, cell.blocks // TWINS)


def _pair_units(series: Series, pairing: Pairing, block: int) -> list[_PairUnit]:
    """One pair of each condition; those of random against repeated addresses come last."""
    if block > pairing.blocks:
        return []
    return [
        _PairUnit(series.id, pairing, condition) for cell in series.cells for condition in cell.conditions
    ]


def _groups(series: str, cell: CellPlan, block: int, *, in_turns: bool) -> Iterator[tuple[_Unit, ...]]:
    """For each combination of the factors that an installation fixes, its installations of one block.

    What a reset does to the whole phone would undo another installation: those stay alone.
    """
    last = _blocks_of(cell)
    if block > last:
        return
    n = cell.blocks - TWINS * (last - 1) if block == last else TWINS
    kinds: dict[tuple[str | None, ...], list[Condition]] = defaultdict(list)
    for condition in cell.conditions:
        kinds[tuple(condition.get(factor) for factor in cell.installation)].append(condition)
    for conditions in kinds.values():
        unit = _Unit(series, cell, tuple((day, condition) for day in cell.days for condition in conditions))
        if not in_turns or any(condition.get(RESET) for condition in conditions):
            yield from ((unit,) for _ in range(n))
        else:
            yield (unit,) * n


def _shuffled(unit: _Unit, rng: Random) -> list[tuple[float, Condition]]:
    """Days in order; on each day the conditions in random order, as often as the day is named."""
    ordered: list[tuple[float, Condition]] = []
    for day in dict.fromkeys(unit.cell.days):
        today = [condition for when, condition in unit.sessions if when == day]
        rng.shuffle(today)
        ordered.extend((day, condition) for condition in today)
    return ordered


def _actions(
    cell: CellPlan, kinds: Mapping[str, CanaryKind], trial: str, mint: Mint, rng: Random
) -> tuple[Sequence[Canary], tuple[PlannedAction, ...]]:
    """Mint a canary for each action; the order of actions is the plan's."""
    planted = [mint(kinds[action], cell=trial, rng=rng) for action in cell.actions]
    actions = zip(cell.actions, planted, strict=True)
    return planted, tuple(PlannedAction(action, canary.id) for action, canary in actions)
