"""Claims and evidence to verdicts: one per proposition and cell, and one for each whole proposition."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from hometruth.claims.decide import Judged, decide
from hometruth.claims.evidence import Cell, Evidence, cells_of
from hometruth.claims.kinds import KINDS
from hometruth.model import Claim, Condition, Proposition, Reading, Trial, Verdict, VerdictKind

_SEVERITY = {
    VerdictKind.CONTRADICTED: 3,
    VerdictKind.INCONCLUSIVE: 2,
    VerdictKind.UNTESTED: 1,
    VerdictKind.CONSISTENT: 0,
}
WHOLE = Condition(())


def judge(claims: Iterable[Claim], evidence: Evidence) -> list[Judged]:
    """Judge every proposition of *claims*, cell by cell; the whole (empty condition) comes first."""
    return [
        judged
        for claim in claims
        for reading in claim.readings
        for proposition in reading.propositions
        for judged in _judge(claim, reading, proposition, evidence)
    ]


def _judge(claim: Claim, reading: Reading, proposition: Proposition, evidence: Evidence) -> list[Judged]:
    if KINDS[proposition.kind].untestable:
        return [_unjudged(claim, reading, proposition, evidence, str(proposition.options["reason"]))]
    rows = [
        judged
        for cell in _cells(proposition, evidence.trials)
        if (judged := decide(claim, reading, proposition, cell, evidence))
    ]
    if not rows:
        why = "no session of this run speaks to it"
        return [_unjudged(claim, reading, proposition, evidence, why)]
    return [_whole(rows), *rows]


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
            missing=tuple(line for cell in group for line in cell.missing),
        )
        for condition, group in groups.items()
    )


def _whole(rows: Sequence[Judged]) -> Judged:
    """The worst cell's verdict and, where all hold, the largest bound."""
    worst = max(rows, key=lambda row: (_SEVERITY[row.verdict.verdict], row.verdict.in_scope))
    kind = worst.verdict.verdict
    if kind is VerdictKind.UNTESTED and any(row.verdict.verdict is VerdictKind.CONSISTENT for row in rows):
        kind = VerdictKind.INCONCLUSIVE
    bounds = [row.verdict.bound_percent for row in rows if row.verdict.bound_percent is not None]
    widest = max(rows, key=lambda row: (row is worst, row.verdict.bound_percent or 0.0))
    if kind is VerdictKind.CONSISTENT:
        widest = max(rows, key=lambda row: row.verdict.bound_percent or 0.0)
    verdict = Verdict(
        claim=worst.verdict.claim,
        proposition=worst.verdict.proposition,
        reading=worst.verdict.reading,
        condition=WHOLE,
        verdict=kind,
        why=f"{widest.verdict.why} (worst of {len(rows)} conditions: {widest.verdict.condition})",
        subject_kind=worst.verdict.subject_kind,
        in_scope=worst.verdict.in_scope,
        unit=worst.verdict.unit,
        bound_percent=max(bounds) if bounds and kind is VerdictKind.CONSISTENT else None,
        findings=sum(row.verdict.findings for row in rows),
        trials=sum(row.verdict.trials for row in rows),
        proof=worst.verdict.proof,
    )
    return Judged(verdict, worst.finding, worst.sighting)


def _unjudged(
    claim: Claim, reading: Reading, proposition: Proposition, evidence: Evidence, why: str
) -> Judged:
    return Judged(
        Verdict(
            claim=claim.id,
            proposition=proposition.id,
            reading=reading.kind,
            condition=WHOLE,
            verdict=VerdictKind.UNTESTED,
            why=f"{evidence.subject.phrase}: {why}",
            subject_kind=evidence.subject.kind,
            in_scope=not claim.scope.products or evidence.subject.product in claim.scope.products,
        )
    )
