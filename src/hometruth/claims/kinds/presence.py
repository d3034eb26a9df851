"""Propositions of presence: what a researcher saw is there, or is there under some condition only."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from hometruth.bounds import TARGET_PERCENT, lower_bound_percent, sessions_needed
from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.base import OBSERVED, Kind, Presence, Violation
from hometruth.claims.kinds.content import ABSENT, found_kinds, sightings_in, violation_of
from hometruth.claims.kinds.controls import (
    READABLE,
    option_kinds,
    option_levels,
    option_texts,
    telemetry_controls,
)
from hometruth.claims.kinds.own_codes import account_doubts, lookalike_doubts
from hometruth.model import DECIDING_BITS, CanaryKind, Finding, Proposition, Reason, ReasonKind, Trial

EVERY_PERCENT = 100 - TARGET_PERCENT
"""Share of sessions, as a lower bound, from which on something that was seen may be called the rule."""


def _asked(proposition: Proposition) -> tuple[str, ...]:
    """What has to be seen: every action, else every kind and known value, else readable telemetry as such."""
    return option_texts(proposition, "actions") or _named(proposition) or (READABLE,)


def _named(proposition: Proposition) -> tuple[str, ...]:
    """Every kind and known value; none if telemetry that can be read at all is asked for."""
    return (*sorted(option_kinds(proposition)), *_known(proposition))


def _seen(proposition: Proposition, cell: Cell, evidence: Evidence) -> Iterator[tuple[str, Violation]]:
    """What was seen of what is asked for, with an exhibit for each session."""
    if not _named(proposition):
        sdks = option_texts(proposition, "sdks")
        for trial in cell.attested:
            for contact in evidence.telemetry.get(trial.id, ()):
                if contact.records and (not sdks or contact.recipient.sdk in sdks):
                    reason = Reason.of(ReasonKind.READABLE_TELEMETRY, endpoint=contact.endpoint)
                    if sdks:
                        reason = reason.plus(sdk=contact.recipient.sdk)
                    yield READABLE, Violation(trial.id, OBSERVED, reason, contact.exchange)
                    break
        return
    actions = option_texts(proposition, "actions")
    by = {record.canary: record.action for trial in cell.attested for record in trial.actions}
    for what, item in _found(proposition, cell, evidence):
        assert item.finding is not None
        if not actions:
            yield what, item
        elif (action := by.get(item.finding.canary.id)) in actions:
            yield str(action), item


def _found(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[tuple[str, Violation]]:
    """What was certainly found, at the hosts asked for, and in one request where that is asked for."""
    fields = option_texts(proposition, "fields")
    found = _perhaps(proposition, cell, evidence)
    bits = _bits_together(found)
    sure = [(what, item) for what, item in found if max(item.bits, bits[what]) >= DECIDING_BITS]
    return _in_one_request(sure, _named(proposition), fields) if "together" in proposition.options else sure


def _perhaps(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[tuple[str, Violation]]:
    """What was found at the hosts asked for, however weak the evidence."""
    hosts, fields = option_texts(proposition, "hosts"), option_texts(proposition, "fields")
    return [
        (what, violation_of(finding, trial.id, fields))
        for trial in cell.attested
        for finding in evidence.vendor_findings.get(trial.id, ())
        if not hosts or finding.recipient.host in hosts
        if sightings_in(finding, trial.id, fields)
        for what in _names(proposition, finding)
    ]


def _bits_together(found: list[tuple[str, Violation]]) -> dict[str, float]:
    """What the sightings of each known value are worth together: of several sessions they add up."""
    best: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for what, item in found:
        if not item.lasts and item.finding is not None and item.finding.canary.personal:
            best[what][item.trial] = max(best[what][item.trial], item.bits)
    return defaultdict(float, {what: sum(sessions.values()) for what, sessions in best.items()})


def _weak(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt where what is asked for was seen, if not surely: then nobody can say that it was not sent."""
    if not _named(proposition):
        return []
    found = _perhaps(proposition, cell, evidence)
    bits = _bits_together(found)
    sure = {what for what, item in found if max(item.bits, bits[what]) >= DECIDING_BITS}
    weak = [item for what, item in found if what not in sure]
    if not weak:
        return []
    n = len({item.trial for item in weak})
    return [
        weak[0].reason.plus(n=n, of=len(cell.attested), unit="sessions"),
        Reason.of(ReasonKind.WEAK, bits=max(item.bits for item in weak), needed=DECIDING_BITS),
    ]


def _known(proposition: Proposition) -> tuple[str, ...]:
    return option_texts(proposition, "known")


def _names(proposition: Proposition, finding: Finding) -> list[str]:
    """Which of the things asked for a finding is."""
    canary = finding.canary
    kinds = [str(canary.kind)] if canary.kind in option_kinds(proposition) else []
    is_known = canary.personal and canary.id in _known(proposition)
    return kinds + ([canary.id] if is_known else [])


def _in_one_request(
    found: list[tuple[str, Violation]], asked: tuple[str, ...], fields: tuple[str, ...]
) -> list[tuple[str, Violation]]:
    """Only sessions in which one request held everything asked for."""
    requests: dict[str, dict[str, set[str]]] = defaultdict(lambda: {what: set() for what in asked})
    for what, item in found:
        assert item.finding is not None
        requests[item.trial][what] |= {
            one.exchange.id for one in sightings_in(item.finding, item.trial, fields)
        }
    joint = {trial for trial, held in requests.items() if set.intersection(*held.values())}
    return [(what, item) for what, item in found if item.trial in joint]


class _Witnessed(NamedTuple):
    """What was seen of each thing asked for."""

    in_any: dict[str, set[str]]
    """Sessions in which it was seen at all."""
    in_whole: dict[str, set[str]]
    """Those of them that count: where every one is spoken of, nothing is missing that was done there."""
    exhibits: list[Violation]


def _sessions(proposition: Proposition, cell: Cell, evidence: Evidence) -> _Witnessed:
    seen: dict[str, dict[str, set[str]]] = {what: defaultdict(set) for what in _asked(proposition)}
    exhibits: list[Violation] = []
    for what, item in _seen(proposition, cell, evidence):
        seen[what][item.trial].add(item.finding.canary.id if item.finding else "")
        exhibits.append(item)
    planted: dict[tuple[str, str], set[str]] = defaultdict(set)
    if _asks_for_every(proposition):
        for trial in cell.attested:
            for record in trial.actions:
                if record.happened and record.canary:
                    planted[record.action, trial.id].add(record.canary)
    whole = {
        what: {trial for trial, canaries in trials.items() if planted[what, trial] <= canaries}
        for what, trials in seen.items()
    }
    return _Witnessed({what: set(trials) for what, trials in seen.items()}, whole, exhibits)


def _shown(proposition: Proposition, cell: Cell, evidence: Evidence) -> Presence:
    in_any, sessions, exhibits = _sessions(proposition, cell, evidence)
    missing = tuple(what for what, trials in in_any.items() if not trials)
    together = "together" in proposition.options
    if missing:
        return Presence(
            None,
            Reason.of(
                ReasonKind.PRESENCE_MISSING,
                what=missing,
                together=together,
                hosts=option_texts(proposition, "hosts"),
            ),
        )
    n = len(_did(proposition, cell.attested))
    rarest = min(len(trials) for trials in sessions.values())
    best = min(exhibits, key=_length)
    if _asks_for_every(proposition) and lower_bound_percent(rarest, n) < EVERY_PERCENT:
        return Presence(None)
    shown = Reason.of(
        ReasonKind.PRESENCE_SHOWN,
        what=tuple(sessions),
        together=together,
        n=rarest,
        of=n,
        more_than_percent=lower_bound_percent(rarest, n),
        example=best.reason,
    )
    return Presence(shown, exhibit=best)


def _length(item: Violation) -> tuple[int, str]:
    return (len(item.sighting.value.steps) if item.sighting else 0, item.exchange or "")


def _nothing(_proposition: Proposition, _cell: Cell, _evidence: Evidence) -> list[Violation]:
    return []


def _speaks(proposition: Proposition, cell: Cell, evidence: Evidence) -> bool:
    """Readable telemetry is asked for only where there is some: silence is neither."""
    if not _named(proposition):
        return any(trial.id in evidence.telemetry for trial in cell.attested)
    return bool(_did(proposition, cell.attested))


def _did(proposition: Proposition, trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """Sessions in which every action asked for was done: what was never done cannot be missing."""
    asked = set(option_texts(proposition, "actions"))
    return tuple(trial for trial in trials if asked <= {record.action for record in trial.actions})


def _sessions_that_did(proposition: Proposition, cell: Cell, _evidence: Evidence) -> Cell:
    """The cell without valid sessions of other actions."""
    valid = {trial.id for trial in cell.valid}
    did = {trial.id for trial in _did(proposition, cell.planned)}
    return replace(
        cell,
        planned=tuple(trial for trial in cell.planned if trial.id in did or trial.id not in valid),
        valid=tuple(trial for trial in cell.valid if trial.id in did),
        attested=tuple(trial for trial in cell.attested if trial.id in did),
    )


def _outside(proposition: Proposition, cell: Cell, _evidence: Evidence) -> bool:
    """True where the condition says that ``when`` does not hold; one that is silent about it says nothing."""
    when = option_levels(proposition, "when")
    return not cell.condition.matches(when) and any(
        cell.condition.get(factor) not in (None, *levels) for factor, levels in when.items()
    )


def _unknown_forms(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt, where an identifier is missing, while a code that nobody explains may be that very one."""
    kinds = option_kinds(proposition)
    doubts = lookalike_doubts(cell, evidence) if CanaryKind.DEVICE_ID in kinds else []
    return [*doubts, *account_doubts(proposition, cell, evidence)] if CanaryKind.ACCOUNT in kinds else doubts


def _asks_for_every(proposition: Proposition) -> bool:
    return proposition.options.get("every") is True


def _doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt, too, where something was shown that is said of every session, and not in enough of them."""
    return [
        *_weak(proposition, cell, evidence),
        *_not_every(proposition, cell, evidence),
        *_unknown_forms(proposition, cell, evidence),
    ]


def _not_every(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    if not _asks_for_every(proposition):
        return []
    seen = _sessions(proposition, cell, evidence)
    if not all(seen.in_any.values()):
        return []
    n = min(len(trials) for trials in seen.in_whole.values())
    of = len(_did(proposition, cell.attested))
    told = Reason.of(
        ReasonKind.SHOWN_IN_SOME, n=n, of=of, target_percent=EVERY_PERCENT, needed=sessions_needed()
    )
    return [told if seen.in_whole == seen.in_any else told.plus(partly=True)]


PRESENT = Kind(
    violations=_nothing,
    silence=ReasonKind.NOT_SEEN,
    speaks_to=_speaks,
    presence=_shown,
    narrow=_sessions_that_did,
    controls=telemetry_controls,
    doubts=_doubts,
    needs=frozenset({"kinds", "control"}),
    takes=frozenset({"actions", "every", "fields", "hosts", "known", "sdks", "together"}),
)
"""What is named reaches the vendor: shown once, it is CONSISTENT; its absence has to be earned.

With ``every`` a lower bound of `EVERY_PERCENT` is asked for, and in a session all that was done there. With
``fields`` it must stand in one of these. That an identifier is absent is not earned while a code was sent
that may be one in a form that the tester does not know.
"""

ONLY_WHEN = Kind(
    violations=found_kinds,
    content=True,
    silence=ReasonKind.NONE_SENT,
    speaks_to=_outside,
    controls=ABSENT.controls,
    doubts=ABSENT.doubts,
    needs=frozenset({"kinds", "when", "control"}),
)
"""These kinds of canary reach the vendor under the condition ``when`` only; that they do is not said."""
