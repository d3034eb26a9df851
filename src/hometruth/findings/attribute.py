"""Group sightings into findings."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from hometruth.findings.expected import is_expected
from hometruth.model import (
    Canary,
    Condition,
    Delivery,
    ExpectedFlow,
    Finding,
    Recipient,
    Sender,
    Sighting,
    Trial,
    TrialStatus,
)

NO_TRIAL = Condition((("trial", "none"),))
"""Condition of what was recorded outside any trial."""


class _Key(NamedTuple):
    canary: str
    host: str
    condition: Condition
    expected: bool
    delivered: Delivery


def attribute(
    sightings: Iterable[Sighting],
    trials: Sequence[Trial],
    flows: Sequence[ExpectedFlow],
    *,
    recipients: Mapping[str, Recipient],
    senders: Mapping[str, Sender],
) -> list[Finding]:
    """Group *sightings* into findings, one per canary, recipient, condition, expectedness and delivery.

    Args:
        trials: Every trial planned, including those without sightings: they are the denominator.
        flows: The expected flows, as sealed.
        recipients: Recipient of each exchange, by exchange id.
        senders: Sender of each exchange, by exchange id.

    Returns:
        Findings sorted by host, condition and canary id.
    """
    by_id = {trial.id: trial for trial in trials}
    planted = {action.canary: action for trial in trials for action in trial.actions if action.happened}
    done = Counter(trial.condition for trial in trials if trial.status is TrialStatus.DONE)
    groups: dict[_Key, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        trial = by_id.get(_trial_id(sighting))
        condition = trial.condition if trial else NO_TRIAL
        expected = is_expected(sighting, flows, planted.get(sighting.canary.id))
        exchange = sighting.exchange
        key = _Key(sighting.canary.id, exchange.host, condition, expected, exchange.delivered)
        groups[key].append(sighting)
    return [
        _finding(key, groups[key], done[key.condition], recipients, senders)
        for key in sorted(
            groups, key=lambda key: (key.host, key.condition, key.canary, key.expected, key.delivered)
        )
    ]


def _trial_id(sighting: Sighting) -> str:
    """The trial a sighting speaks of: the minted value's own cell, else where it was recorded."""
    return sighting.canary.cell or sighting.exchange.trial or ""


def _finding(
    key: _Key,
    sightings: list[Sighting],
    n_trials: int,
    recipients: Mapping[str, Recipient],
    senders: Mapping[str, Sender],
) -> Finding:
    canary: Canary = sightings[0].canary
    return Finding(
        canary=canary,
        recipient=recipients[sightings[0].exchange.id],
        condition=key.condition,
        sightings=tuple(sightings),
        trials=tuple(sorted({_trial_id(sighting) for sighting in sightings})),
        n_trials=n_trials,
        expected=key.expected,
        delivered=key.delivered,
        evidence_bits=max(sighting.evidence_bits for sighting in sightings),
        senders=tuple(dict.fromkeys(senders[sighting.exchange.id] for sighting in sightings)),
    )
