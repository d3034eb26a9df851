"""Claims and evidence to verdicts: one per proposition and cell, and one for each whole proposition."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from hometruth.bounds import rounded_up, together, upper_bound_percent
from hometruth.claims.decide import decide
from hometruth.claims.evidence import Cell, Evidence, cells_of
from hometruth.claims.kinds import KINDS
from hometruth.model import (
    Bound,
    Claim,
    Condition,
    Fact,
    Proposition,
    Reading,
    Reason,
    ReasonKind,
    Subject,
    Trial,
    Verdict,
    VerdictKind,
)

_SEVERITY = {
    VerdictKind.CONTRADICTED: 3,
    VerdictKind.INCONCLUSIVE: 2,
    VerdictKind.UNTESTED: 1,
    VerdictKind.CONSISTENT: 0,
}
WHOLE = Condition(())
_BESIDE = frozenset({ReasonKind.ALSO_SENT, ReasonKind.MORE_SENT_TO})
_COUNTS = ("n", "of", "times", "recipients")


def judge(claims: Iterable[Claim], evidence: Evidence) -> list[Verdict]:
    """Judge every proposition of *claims*, cell by cell; the whole (empty condition) comes first."""
    return [
        _told(verdict, evidence)
        for claim in claims
        for reading in claim.readings
        for proposition in reading.propositions
        for verdict in _judge(claim, reading, proposition, evidence)
    ]


def _told(verdict: Verdict, evidence: Evidence) -> Verdict:
    """A verdict says, whatever it is, that the run did not end, that the recordings were labelled afterwards,
    and that hosts were left unopened on purpose."""
    told = [Reason.of(ReasonKind.UNFINISHED)] if evidence.unfinished else []
    if evidence.labelled_by:
        told.append(Reason.of(ReasonKind.LABELLED, by=evidence.labelled_by))
    if evidence.not_looked_into:
        told.append(Reason.of(ReasonKind.OTHER_HOSTS, n=len(evidence.not_looked_into)))
    if evidence.unasked:
        told.append(Reason.of(ReasonKind.UNASKED_HOSTS, n=len(evidence.unasked)))
    missing = tuple(reason for reason in told if reason not in verdict.reasons)
    return replace(verdict, reasons=(*verdict.reasons, *missing)) if missing else verdict


def _judge(claim: Claim, reading: Reading, proposition: Proposition, evidence: Evidence) -> list[Verdict]:
    if KINDS[proposition.kind].untestable:
        stated = Reason.of(ReasonKind.NOT_TESTABLE, stated=str(proposition.options["reason"]))
        return [_unjudged(claim, reading, proposition, evidence, stated)]
    rows = [
        verdict
        for cell in _cells(proposition, evidence.trials)
        if (verdict := decide(claim, reading, proposition, cell, evidence))
    ]
    if not rows:
        return [_unjudged(claim, reading, proposition, evidence, Reason.of(ReasonKind.NO_SESSION))]
    return [_whole(proposition, rows, evidence.subject), *rows]


def _cells(proposition: Proposition, trials: Sequence[Trial]) -> tuple[Cell, ...]:
    spoken_of = tuple(
        trial
        for trial in trials
        if trial.condition.matches(proposition.where) and _is_spoken_of(proposition, trial)
    )
    cells = cells_of(spoken_of)
    project = KINDS[proposition.kind].project
    return _joined(cells, project) if project else cells


def _is_spoken_of(proposition: Proposition, trial: Trial) -> bool:
    """Paired sessions only by name: half of them plant nothing, which would dilute any other count."""
    return trial.series in proposition.series or (not proposition.series and trial.arm is None)


def _joined(cells: Sequence[Cell], project: Callable[[Condition], Condition]) -> tuple[Cell, ...]:
    """Join cells whose conditions differ only in what *project* drops."""
    groups: dict[Condition, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[project(cell.condition)].append(cell)
    return tuple(
        Cell(
            condition=condition,
            planned=tuple(trial for cell in group for trial in cell.planned),
            valid=tuple(trial for cell in group for trial in cell.valid),
            attested=tuple(trial for cell in group for trial in cell.attested),
            missing=tuple(reason for cell in group for reason in cell.missing),
        )
        for condition, group in groups.items()
    )


def _whole(proposition: Proposition, rows: Sequence[Verdict], subject: Subject) -> Verdict:
    """The worst cell's verdict and, where all hold, the largest bound.

    Only conditions in scope decide; where none is, there is no verdict, and what was seen is counted. Each
    bound is widened so that all of them hold together at 95 % confidence.
    """
    outside = rows
    rows = [row for row in rows if row.in_scope]
    if not rows:
        return _other_version(proposition, outside)
    worst = max(rows, key=lambda row: _SEVERITY[row.verdict])
    kind = worst.verdict
    if kind is VerdictKind.UNTESTED and any(row.verdict is VerdictKind.CONSISTENT for row in rows):
        kind = VerdictKind.INCONCLUSIVE
    bounds = _together(rows) if kind is VerdictKind.CONSISTENT else ()
    widest = max(rows, key=lambda row: (row is worst, row.bound_percent or 0.0))
    if kind is VerdictKind.CONSISTENT:
        widest = max(rows, key=lambda row: row.bound_percent or 0.0)
    reasons = [
        *(_with_all_others(widest.reasons, rows) if kind is VerdictKind.CONSISTENT else widest.reasons),
        Reason.of(
            ReasonKind.WORST_OF, conditions=len(rows), condition=subject.named(widest.condition).levels
        ),
    ]
    decides = next((bound for bound in bounds if bound.unit == worst.unit), None)
    if decides and len(rows) > 1:
        reasons.append(
            Reason.of(ReasonKind.TOGETHER, conditions=len(rows), percent=decides.percent, unit=decides.unit)
        )
    return replace(
        worst,
        condition=WHOLE,
        verdict=kind,
        reasons=tuple(reasons),
        bound_percent=None if decides is None else rounded_up(decides.percent),
        bounds=bounds,
        findings=sum(row.findings for row in rows),
        trials=sum(row.trials for row in rows),
        effects=widest.effects,
    )


def _with_all_others(reasons: Sequence[Reason], rows: Sequence[Verdict]) -> list[Reason]:
    """What is told of the deciding condition, with what reached somebody else in any of them."""
    own = [reason for reason in reasons if reason.kind not in _BESIDE]
    beside = [reason for row in rows for reason in row.reasons if reason.kind in _BESIDE]
    return [*own[:1], *_added_up(beside), *own[1:]]


def _added_up(beside: Iterable[Reason]) -> list[Reason]:
    """The same thing sent to the same recipient under several conditions, told once."""
    counted: dict[Reason, dict[str, int]] = {}
    for reason in beside:
        numbers = {name: fact for name, fact in reason.facts if isinstance(fact, int) and name in _COUNTS}
        same = Reason(reason.kind, tuple(item for item in reason.facts if item[0] not in numbers))
        total = counted.setdefault(same, dict.fromkeys(numbers, 0))
        for name, number in numbers.items():
            total[name] += number
    return [reason.plus(**numbers) for reason, numbers in counted.items()]


def _other_version(proposition: Proposition, rows: Sequence[Verdict]) -> Verdict:
    """In how many conditions it was seen, or the contrary, and in what they differ from the scope."""
    sought, kind = VerdictKind.CONTRADICTED, ReasonKind.CONTRARY_ELSEWHERE
    if KINDS[proposition.kind].presence:
        sought, kind = VerdictKind.CONSISTENT, ReasonKind.SEEN_ELSEWHERE
    seen = [row for row in rows if row.observed is sought]
    outside = tuple(dict.fromkeys(reason for row in rows for reason in _outside(row)))
    shown = seen[0] if seen else rows[0]
    return replace(
        shown,
        condition=WHOLE,
        reasons=(
            Reason.of(kind, n=len(seen), of=len(rows)),
            Reason.of(ReasonKind.OUT_OF_SCOPE, outside=outside),
        ),
        observed=None,
        findings=sum(row.findings for row in rows),
        trials=sum(row.trials for row in rows),
        effects=(),
    )


def _outside(row: Verdict) -> Iterator[Fact]:
    """In what one condition lies outside the scope."""
    for reason in row.reasons:
        if reason.kind is ReasonKind.OUT_OF_SCOPE:
            outside = reason.as_dict()["outside"]
            assert isinstance(outside, tuple)
            yield from outside


def _together(rows: Sequence[Verdict]) -> tuple[Bound, ...]:
    """For each unit the largest bound of *rows*, at the confidence with which all of them hold at once."""
    bounded = [row.bounds for row in rows if row.bounds]
    confidence = together(len(bounded))
    widened = [
        replace(
            bound,
            percent=upper_bound_percent(bound.missing, bound.n, confidence),
            confidence=confidence,
        )
        for bounds in bounded
        for bound in bounds
        if bound.n > bound.missing
    ]
    units = dict.fromkeys(bound.unit for bound in widened)
    return tuple(
        max((bound for bound in widened if bound.unit == unit), key=lambda bound: bound.percent)
        for unit in units
    )


def _unjudged(
    claim: Claim, reading: Reading, proposition: Proposition, evidence: Evidence, reason: Reason
) -> Verdict:
    spoken_of = _speaks_of(claim, evidence.subject)
    return Verdict(
        claim=claim.id,
        proposition=proposition.id,
        reading=reading.kind,
        condition=WHOLE,
        verdict=VerdictKind.UNTESTED if spoken_of else VerdictKind.OTHER_VERSION,
        subject_kind=evidence.subject.kind,
        in_scope=spoken_of,
        reasons=(reason,),
    )


def _speaks_of(claim: Claim, subject: Subject) -> bool:
    """True if any product of the subject is one that the claim is about."""
    products = {subject.product, *(product for _, product in subject.products)}
    return not claim.scope.products or bool(products & set(claim.scope.products))
