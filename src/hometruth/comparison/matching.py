"""Which sessions of one side are set against which of the other."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hometruth.errors import CaseError
from hometruth.model import Arm, Condition, Trial, TrialStatus


@dataclass(frozen=True, slots=True)
class Matched:
    """One condition that both sides share, with the valid sessions of each."""

    series: str
    condition: Condition
    a: tuple[Trial, ...]
    b: tuple[Trial, ...]


Where = Mapping[str, tuple[str, ...]]
_Cells = Mapping[tuple[str, Condition], Mapping[Condition, Sequence[Trial]]]


def chosen(trials: Iterable[Trial], where: Where) -> list[Trial]:
    """Planned sessions at the levels asked for; of pairs, the halves with canaries."""
    return [
        trial
        for trial in trials
        if trial.condition.matches(where)
        and trial.arm in (None, Arm.CANARIES)
        and trial.status is not TrialStatus.NOT_NEEDED
    ]


def is_valid(trial: Trial) -> bool:
    """True if it ran to its end, under the settings planned, and every action was seen to happen."""
    return (
        trial.status is TrialStatus.DONE
        and trial.is_attested()
        and all(action.happened for action in trial.actions)
    )


def match(
    a: Sequence[Trial], b: Sequence[Trial], where_a: Where, where_b: Where
) -> tuple[list[Matched], list[str], list[str]]:
    """Conditions that both sides share, and those that only one has.

    What differs by intention is left out of the condition: the factors that a side was narrowed by, and those
    of which the sides have no level in common.

    Raises:
        CaseError: If a side has no session at its levels, shares one with the other, or has several
            conditions for one of the other, so that it must be narrowed.
    """
    a, b = _some(a, where_a, "A"), _some(b, where_b, "B")
    if any(trial is other for trial in a for other in b):
        raise CaseError("both sides hold the same sessions; narrow each with --a and --b FACTOR=LEVEL")
    dropped = {*where_a, *where_b, *_disjoint(a, b)}
    cells_a, cells_b = _cells(a, dropped), _cells(b, dropped)
    matched = []
    for key in sorted(cells_a.keys() & cells_b.keys()):
        sides = [_only(cells[key], name, dropped) for cells, name in ((cells_a, "A"), (cells_b, "B"))]
        matched.append(Matched(*key, *(tuple(filter(is_valid, side)) for side in sides)))
    return (
        matched,
        [_told(key) for key in sorted(cells_a.keys() - cells_b.keys())],
        [_told(key) for key in sorted(cells_b.keys() - cells_a.keys())],
    )


def _some(trials: Sequence[Trial], where: Where, side: str) -> list[Trial]:
    found = chosen(trials, where)
    if not found:
        wanted = ", ".join(f"{factor}={'|'.join(levels)}" for factor, levels in where.items()) or "any level"
        have = ", ".join(
            f"{factor}={'|'.join(sorted(levels))}" for factor, levels in sorted(_levels(trials).items())
        )
        raise CaseError(f"no session of side {side} has {wanted} (have: {have or 'no sessions'})")
    return found


def _disjoint(a: Iterable[Trial], b: Iterable[Trial]) -> set[str]:
    levels_a, levels_b = _levels(a), _levels(b)
    return {
        factor
        for factor in levels_a.keys() | levels_b.keys()
        if not levels_a.get(factor, set()) & levels_b.get(factor, set())
    }


def _levels(trials: Iterable[Trial]) -> dict[str, set[str]]:
    levels: dict[str, set[str]] = defaultdict(set)
    for trial in trials:
        for factor, level in trial.condition.levels:
            levels[factor].add(level)
    return levels


def _cells(trials: Iterable[Trial], dropped: set[str]) -> _Cells:
    cells: dict[tuple[str, Condition], dict[Condition, list[Trial]]] = defaultdict(lambda: defaultdict(list))
    for trial in trials:
        kept = tuple((factor, level) for factor, level in trial.condition.levels if factor not in dropped)
        cells[trial.series, Condition(kept)][trial.condition].append(trial)
    return cells


def _only(cells: Mapping[Condition, Sequence[Trial]], side: str, dropped: set[str]) -> Sequence[Trial]:
    if len(cells) == 1:
        return next(iter(cells.values()))
    choices = "; ".join(
        ", ".join(f"{factor}={level}" for factor, level in condition.levels if factor in dropped)
        for condition in sorted(cells)
    )
    option = f"--{side.lower()}"
    raise CaseError(
        f"side {side} has {len(cells)} conditions for one of the other ({choices}); "
        f"choose one with {option} FACTOR=LEVEL"
    )


def _told(key: tuple[str, Condition]) -> str:
    series, condition = key
    return f"{series}: {condition}"
