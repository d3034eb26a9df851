"""Group sightings into findings."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from hometruth.findings.expected import is_expected
from hometruth.model import (
    Canary,
    Condition,
    Delivery,
    Exchange,
    ExpectedFlow,
    Finding,
    Initiator,
    InitiatorKind,
    Recipient,
    Sender,
    Sighting,
    Trial,
    TrialStatus,
)

NO_TRIAL = Condition((("trial", "none"),))
"""Condition of what was recorded outside any trial."""


InitiatorOf = Callable[[Canary, Exchange, Collection[str]], Initiator]
"""Whose doing it is that an exchange carries a canary, given the visits by which the action gave it away."""


class _Key(NamedTuple):
    canary: str
    host: str
    condition: Condition
    expected: bool
    delivered: Delivery
    initiator: InitiatorKind


def attribute(
    sightings: Iterable[Sighting],
    trials: Sequence[Trial],
    flows: Sequence[ExpectedFlow],
    *,
    recipients: Mapping[str, Recipient],
    senders: Mapping[str, Sender],
    initiator_of: InitiatorOf,
) -> list[Finding]:
    """Group *sightings* into findings, one per canary, recipient, condition and what `_Key` tells apart.

    Args:
        trials: Every trial planned, including those without sightings: they are the denominator.
        flows: The expected flows, as sealed.
        recipients: Recipient of each exchange, by exchange id.
        senders: Sender of each exchange, by exchange id.
        initiator_of: Tells whose doing a sighting is.

    Returns:
        Findings sorted by host, condition and canary id.
    """
    by_id = {trial.id: trial for trial in trials}
    planted = {action.canary: action for trial in trials for action in trial.actions}
    done = Counter(trial.condition for trial in trials if trial.status is TrialStatus.DONE)
    sightings = list(sightings)
    expected = [is_expected(each, flows, planted.get(each.canary.id)) for each in sightings]
    visits: dict[str, set[str]] = defaultdict(set)
    for sighting, is_visit in zip(sightings, expected, strict=True):
        if is_visit:
            visits[sighting.canary.id].add(sighting.exchange.id)
    groups: dict[_Key, list[Sighting]] = defaultdict(list)
    evidence: dict[_Key, Initiator] = {}
    for sighting, is_visit in zip(sightings, expected, strict=True):
        canary, exchange = sighting.canary, sighting.exchange
        trial = by_id.get(_trial_id(sighting))
        condition = trial.condition if trial else NO_TRIAL
        initiator = initiator_of(canary, exchange, visits[canary.id])
        key = _Key(canary.id, exchange.host, condition, is_visit, exchange.delivered, initiator.kind)
        groups[key].append(sighting)
        evidence.setdefault(key, initiator)
    return [
        _finding(key, groups[key], done[key.condition], recipients, senders, evidence[key])
        for key in sorted(groups, key=lambda key: (key.host, key.condition, *key))
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
    initiator: Initiator,
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
        initiator=initiator,
        evidence_bits=max(sighting.evidence_bits for sighting in sightings),
        senders=tuple(dict.fromkeys(senders[sighting.exchange.id] for sighting in sightings)),
    )
