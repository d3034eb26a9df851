"""What differs surely: Fisher's exact test for every signal and condition, Bonferroni over all of them.

Which signals are tested depends on both sides together only, never on which side has them; Fisher's test is
conditional on just that. So the level holds although nobody named the signals before.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from statistics import median

from hometruth.comparison.matching import Matched
from hometruth.model import Change, Signal, SignalKind, Trial

ALPHA = 0.001
"""Family-wise, as in the test of opaque flows."""

Signals = Mapping[str, frozenset[Signal]]
Opaque = Mapping[str, Mapping[str, int]]


def differences(
    matched: Sequence[Matched],
    signals: tuple[Signals, Signals],
    opaque: tuple[Opaque, Opaque],
    *,
    alpha: float = ALPHA,
) -> tuple[Change, ...]:
    """Every signal under every shared condition, settled changes first, then the unsettled, then the same.

    Args:
        signals: Of side A and of side B, by session.
        opaque: Unreadable bytes of side A and of side B, by host and session.
    """
    changes = [change for cell in matched for change in _cell(cell, signals, opaque)]
    level = alpha / len(changes) if changes else 0.0
    told = [replace(change, settled=change.p_value <= level) for change in changes]
    return tuple(sorted(told, key=_order))


def _order(change: Change) -> tuple[bool, float, str, str, Signal]:
    return (not change.settled, change.p_value, change.series, str(change.condition), change.signal)


def _cell(cell: Matched, signals: tuple[Signals, Signals], opaque: tuple[Opaque, Opaque]) -> list[Change]:
    if not cell.a or not cell.b:
        return []
    by_unit = [_units(side, found) for side, found in zip((cell.a, cell.b), signals, strict=True)]
    for side, unit_signals, loud in zip((cell.a, cell.b), by_unit, _loud(cell, opaque), strict=True):
        for trial in side:
            unit_signals[trial.installation] |= loud.get(trial.id, frozenset())
    everything = sorted(frozenset().union(*by_unit[0].values(), *by_unit[1].values()))
    return [_change(cell, signal, by_unit[0], by_unit[1]) for signal in everything]


def _units(trials: Sequence[Trial], signals: Signals) -> dict[str, frozenset[Signal]]:
    """What each installation sent in any of its sessions: a server may pick installations."""
    units: dict[str, frozenset[Signal]] = defaultdict(frozenset)
    for trial in trials:
        units[trial.installation] |= signals.get(trial.id, frozenset())
    return units


def _loud(cell: Matched, opaque: tuple[Opaque, Opaque]) -> list[dict[str, frozenset[Signal]]]:
    """Sessions of either side that sent more unreadable bytes to a host than the median of both together."""
    loud: list[dict[str, frozenset[Signal]]] = [defaultdict(frozenset), defaultdict(frozenset)]
    for host in sorted(opaque[0].keys() | opaque[1].keys()):
        sizes = [
            {trial.id: found.get(host, {}).get(trial.id, 0) for trial in side}
            for side, found in zip((cell.a, cell.b), opaque, strict=True)
        ]
        middle = median([*sizes[0].values(), *sizes[1].values()])
        signal = Signal(SignalKind.UNREADABLE, host, f"more than {middle:,.0f} unreadable bytes")
        for side, found_sizes in zip(loud, sizes, strict=True):
            for trial, size in found_sizes.items():
                if size > middle:
                    side[trial] |= {signal}
    return loud


def _change(
    cell: Matched, signal: Signal, a: Mapping[str, frozenset[Signal]], b: Mapping[str, frozenset[Signal]]
) -> Change:
    seen_a, seen_b = (sum(signal in found for found in side.values()) for side in (a, b))
    p_value = _fisher(seen_a, len(a), seen_b, len(b))
    return Change(
        signal=signal,
        series=cell.series,
        condition=cell.condition,
        seen_a=seen_a,
        n_a=len(a),
        seen_b=seen_b,
        n_b=len(b),
        p_value=p_value,
        settled=False,
    )


@cache
def _fisher(seen_a: int, n_a: int, seen_b: int, n_b: int) -> float:
    from scipy.stats import fisher_exact  # noqa: PLC0415 - a second of import

    return float(fisher_exact([[seen_a, n_a - seen_a], [seen_b, n_b - seen_b]]).pvalue)
