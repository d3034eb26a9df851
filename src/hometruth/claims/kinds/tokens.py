"""Propositions about tokens: are they random, do they rotate, do they tie sessions together?"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.base import Kind, Violation, installations
from hometruth.claims.kinds.content import sightings_in
from hometruth.claims.kinds.controls import (
    IDENTIFIER,
    SAME,
    Control,
    control_trials,
    option_levels,
    telemetry_controls,
)
from hometruth.claims.kinds.needed_pairs import (
    days_apart,
    of_one_installation,
    partner_sessions,
    two_installations,
)
from hometruth.claims.kinds.own_codes import asks_for_others, comparison_doubts
from hometruth.claims.told_apart import attested
from hometruth.model import CanaryKind, Condition, Identifier, Proposition, Reason, ReasonKind, Trial

ENOUGH_TO_COMPARE = 2
"""Sessions of a kind that are kept: one of them is another than the one that is compared."""
_Sessions = dict[tuple[str | None, ...], list[Trial]]


def _fields(proposition: Proposition) -> frozenset[str]:
    fields = proposition.options.get("fields", ())
    assert isinstance(fields, Sequence)
    return frozenset(str(field) for field in fields)


def _tokens(proposition: Proposition, evidence: Evidence) -> tuple[Identifier, ...]:
    """Identifiers in the fields asked for (all if none are named)."""
    fields = _fields(proposition)
    return tuple(item for item in evidence.identifiers if not fields or item.field in fields)


def _speaks(proposition: Proposition, cell: Cell, evidence: Evidence) -> bool:
    fields = _fields(proposition)
    return any(
        not fields or item.field in fields
        for trial in cell.attested
        for item in evidence.sent_in.get(trial.id, ())
    )


def _shared(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    """Identifiers of this cell that the same device also sent in the sessions of option ``with``."""
    violations = []
    for item, trial, other in _seen_twice(proposition, cell, evidence):
        if not evidence.senders.is_somebodys(item, trial):
            continue
        reason = Reason.of(ReasonKind.TOKEN_SHARED, identifier=item.kind, field=item.field)
        there = Condition(tuple(sorted(set(other.condition.levels) - set(trial.condition.levels))))
        example = Reason.of(
            ReasonKind.SESSIONS,
            sessions=(trial.id, other.id),
            there=evidence.subject.named(there).levels or None,
        )
        violations.append(_seen_again(item, trial, reason, example))
    return violations


def _seen_twice(
    proposition: Proposition, cell: Cell, evidence: Evidence
) -> Iterator[tuple[Identifier, Trial, Trial]]:
    """Identifiers of this cell, the session, and one of option ``with`` in which the device sent the same."""
    where = option_levels(proposition, "with")
    paired = _with_partner(proposition, cell, evidence)
    sent: dict[str, list[tuple[Identifier, _Sessions]]] = defaultdict(list)
    for item in _tokens(proposition, evidence):
        if here := paired.sending(item):
            others = _by_software(item, where, evidence)
            for trial in here:
                sent[trial.id].append((item, others))
    for trial in paired.attested:
        for item, others in sent[trial.id]:
            if other := _elsewhere(trial, others):
                yield item, trial, other


def _with_partner(proposition: Proposition, cell: Cell, evidence: Evidence) -> Cell:
    """The cell without sessions that have nothing to be compared with."""

    def is_paired(trial: Trial) -> bool:
        return bool(partner_sessions(proposition, trial, evidence))

    return replace(
        cell,
        planned=tuple(filter(is_paired, cell.planned)),
        valid=tuple(filter(is_paired, cell.valid)),
        attested=tuple(filter(is_paired, cell.attested)),
    )


def _common_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt for each field whose value came again, but may be the model's or the software's."""
    fields = {
        (item.field, item.recipient)
        for item, trial, _ in _seen_twice(proposition, cell, evidence)
        if not evidence.senders.is_somebodys(item, trial)
    }
    return [Reason.of(ReasonKind.TOKEN_COMMON, field=field, host=host) for field, host in sorted(fields)]


def _seen_again(item: Identifier, trial: Trial, reason: Reason, example: Reason | None = None) -> Violation:
    """An equal value, worth what two equal values are worth by chance: of a constant, next to nothing."""
    return Violation(trial.id, item.bits, reason, example=example, lasts=True)


def _by_software(item: Identifier, where: dict[str, tuple[str, ...]], evidence: Evidence) -> _Sessions:
    """The first sessions under the levels *where* that sent *item*: by what ran, and by installation too."""
    found: _Sessions = defaultdict(list)
    for trial in sorted(attested(item, evidence.attested), key=lambda trial: trial.id):
        if trial.condition.matches(where):
            for place in (_software(trial), (*_software(trial), trial.installation)):
                if len(found[place]) < ENOUGH_TO_COMPARE:
                    found[place].append(trial)
    return found


def _software(trial: Trial) -> tuple[str | None, ...]:
    """The device, and what ran on it: only sessions alike in it are compared."""
    return (trial.device, *map(trial.condition.get, SAME))


def _elsewhere(here: Trial, sessions: _Sessions) -> Trial | None:
    """Another session of the same device that sent the same identifier; same installation first."""
    alike = _software(here)
    others = (*sessions[*alike, here.installation], *sessions[alike])
    return next((trial for trial in others if trial.id != here.id), None)


def _not_random(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    """Tokens that two installations share, or that hold a value known beforehand."""
    violations = []
    for item in _tokens(proposition, evidence):
        here = cell.sending(item)
        owners = {evidence.trial[name].installation for name in item.trials if name in evidence.trial}
        if here and len(owners) > 1:
            reason = Reason.of(ReasonKind.TOKEN_NOT_OWN, field=item.field, installations=len(owners))
            violations.append(_seen_again(item, here[0], reason))
    return violations + _derived(proposition, cell, evidence)


def _derived(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    fields = _fields(proposition)
    return [
        Violation(
            trial.id,
            sighting.evidence_bits,
            Reason.of(
                ReasonKind.TOKEN_DERIVED,
                field=sighting.value.path,
                data=str(finding.canary.kind),
                form=sighting.form.name,
            ),
            sighting.exchange.id,
            finding,
            sighting,
            lasts=True,
        )
        for trial in cell.attested
        for finding in evidence.vendor_findings.get(trial.id, ())
        if finding.canary.kind in (CanaryKind.ACCOUNT, CanaryKind.DEVICE_ID, CanaryKind.KNOWN)
        for sighting in sightings_in(finding, trial.id)
        if any(sighting.value.path.endswith(f".{field}") for field in fields)
    ]


def _too_old(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    """Tokens still in use more than the promised number of days after their first sighting."""
    named = [
        item
        for item in _tokens(proposition, evidence)
        if _fields(proposition)
        or all(map(partial(evidence.senders.is_somebodys, item), attested(item, evidence.attested)))
    ]
    others = evidence.own_codes if asks_for_others(proposition) else ()
    return [
        *_older(proposition, cell, named, unnamed=False),
        *_older(proposition, cell, [item for item in others if item not in named], unnamed=True),
    ]


def _older(
    proposition: Proposition, cell: Cell, items: Iterable[Identifier], *, unnamed: bool
) -> Iterator[Violation]:
    limit = proposition.options["days"]
    assert isinstance(limit, int | float)
    for item in items:
        for trials in _by_installation(cell.sending(item)).values():
            first, last = trials[0], trials[-1]
            assert first.subject_day is not None and last.subject_day is not None
            if last.subject_day - first.subject_day > limit:
                days = tuple(trial.subject_day for trial in trials)
                reason = Reason.of(ReasonKind.TOKEN_OLD, field=item.field, days=days, unnamed=unnamed)
                yield _seen_again(item, last, reason)


def _by_installation(trials: Iterable[Trial]) -> dict[str, list[Trial]]:
    groups: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        if trial.subject_day is not None:
            groups[trial.installation].append(trial)
    return {
        name: sorted(group, key=lambda trial: trial.subject_day or 0.0)
        for name, group in groups.items()
        if group
    }


def _token_seen_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt unless every valid session sent a token: a session without one says nothing of rotation."""
    seen = {name for item in _tokens(proposition, evidence) for name in item.trials}
    if without := [trial.id for trial in cell.valid if trial.id not in seen]:
        return [Reason.of(ReasonKind.TOKEN_NOT_SEEN, n=len(without), of=len(cell.valid), session=without[0])]
    return []


def _watch_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt, too, unless every installation was watched for longer than the promised time."""
    limit = proposition.options["days"]
    assert isinstance(limit, int | float)
    days: dict[str, list[float]] = defaultdict(list)
    for trial in cell.valid:
        days[trial.installation].append(trial.subject_day or 0.0)
    short = [name for name, seen in days.items() if max(seen) - min(seen) <= limit]
    doubts = _token_seen_doubts(proposition, cell, evidence)
    if asks_for_others(proposition):
        doubts += comparison_doubts(cell, evidence)
    if short:
        doubts.append(Reason.of(ReasonKind.INSTALLATIONS_WATCH_SHORT, n=len(short), of=len(days), days=limit))
    return doubts


def _identifier_controls(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Control]:
    """Readable telemetry, and in it, where sending is admitted, identifiers that we recognise."""
    named = {name for item in _tokens(proposition, evidence) for name in item.trials}
    trials = control_trials(proposition, cell, evidence)
    seen = Control(IDENTIFIER, sum(trial.id in named for trial in trials), len(trials))
    return [*telemetry_controls(proposition, cell, evidence), seen]


NOT_LINKED_TO = Kind(
    violations=_shared,
    silence=ReasonKind.NONE_SHARED,
    pairs=of_one_installation,
    narrow=_with_partner,
    controls=_identifier_controls,
    doubts=_common_doubts,
    needs=frozenset({"with", "control"}),
    takes=frozenset({"fields"}),
)
"""No identifier sent here is also sent by the same device in the sessions of option ``with``.

Counted are sessions whose installation has such another session, of the same version; without any, nothing is
tested.

What another installation of the same app and version on that device did not differ in counts only if the
tester told it: it may be the model's or the software's.
"""

RANDOM_TOKENS = Kind(
    violations=_not_random,
    silence=ReasonKind.ALL_DIFFERENT,
    unit="installations",
    count=installations,
    speaks_to=_speaks,
    pairs=two_installations,
    doubts=_token_seen_doubts,
    needs=frozenset({"fields"}),
)
"""Tokens are made at random for each installation."""

ROTATES_WITHIN = Kind(
    violations=_too_old,
    silence=ReasonKind.NONE_TOO_OLD,
    unit="installations",
    count=installations,
    pairs=days_apart,
    doubts=_watch_doubts,
    needs=frozenset({"days"}),
    takes=frozenset({"fields", "others"}),
)
"""Tokens are replaced within ``days`` of the subject's own clock.

All identifiers if no ``fields`` are named, but for what may be the model's or the software's; with option
``others`` those fields, and any other code that an installation keeps.
"""
