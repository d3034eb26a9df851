"""Two cases, or two settings within one, set against each other: observe both, match, test."""

from collections.abc import Sequence
from pathlib import Path

from hometruth.audit.judging import conclude
from hometruth.audit.observe import observe
from hometruth.audit.question import Question
from hometruth.case import Case, check_intact, open_case
from hometruth.case_audit import question_of, recording_of
from hometruth.comparison import ALPHA, SignalBook, differences, match
from hometruth.comparison.matching import Where, chosen, is_valid
from hometruth.errors import CaseError
from hometruth.model import Audit, Comparison, Condition, Side, Verdict


def compare(
    folder_a: Path, folder_b: Path, *, where_a: Where | None = None, where_b: Where | None = None
) -> Comparison:
    """What the sessions of B send that those of A do not, and the other way round.

    Args:
        folder_a: A case; *folder_b* another one, or the same one narrowed to other levels.
        where_a: Factor to levels that the sessions of A must have; likewise *where_b*.

    Raises:
        CaseError: If a case is incomplete or altered, nothing matches, or a side has to be narrowed.
    """
    where_a, where_b = where_a or {}, where_b or {}
    same_run = folder_a.resolve() == folder_b.resolve()
    case_a, case_b = open_case(folder_a), open_case(folder_b)
    for case in (case_a, case_b):
        check_intact(case.folder)
    question_a = question_of(case_a)
    question_b = question_a if same_run else question_of(case_b)
    matched, only_a, only_b = match(question_a.trials, question_b.trials, where_a, where_b)
    if not matched:
        raise CaseError(
            "the two sides share no condition, so nothing can be compared; "
            f"A has {_some(only_a)}; B has {_some(only_b)}"
        )
    audit_a, book_a = _observed(case_a, question_a)
    audit_b, book_b = (audit_a, book_a) if same_run else _observed(case_b, question_b)
    changes = differences(
        matched,
        (book_a.by_session(audit_a.findings), book_b.by_session(audit_b.findings)),
        (book_a.opaque(), book_b.opaque()),
    )
    return Comparison(
        a=_side(folder_a, question_a, audit_a, where_a),
        b=_side(folder_b, question_b, audit_b, where_b),
        same_run=same_run,
        alpha=ALPHA,
        n_tests=len(changes),
        changes=changes,
        only_a=tuple(only_a),
        only_b=tuple(only_b),
        verdicts=() if same_run else _verdicts(audit_a, audit_b),
    )


def _observed(case: Case, question: Question) -> tuple[Audit, SignalBook]:
    book = SignalBook()
    return conclude(observe(recording_of(case), question, book=book), question), book


def _side(folder: Path, question: Question, audit: Audit, where: Where) -> Side:
    planned = chosen(question.trials, where)
    valid = [trial for trial in planned if is_valid(trial)]
    conditions = {trial.condition for trial in planned}
    rows = [row for row in audit.coverage if row.condition in conditions]
    return Side(
        name=folder.name,
        subject=f"{audit.subject.phrase} ({audit.subject.product})",
        where=Condition(tuple((factor, "|".join(levels)) for factor, levels in where.items())),
        sessions=len(valid),
        lost=len(planned) - len(valid),
        read_bytes=sum(row.read_bytes for row in rows),
        opaque_bytes=sum(row.opaque_bytes for row in rows),
    )


def _verdicts(a: Audit, b: Audit) -> tuple[tuple[Verdict, Verdict], ...]:
    """Whole propositions that both cases judged, and differently."""
    before = {(v.proposition, v.reading): v for v in a.verdicts if not v.condition.levels}
    after = {(v.proposition, v.reading): v for v in b.verdicts if not v.condition.levels}
    pairs = [(before[key], after[key]) for key in before if key in after]
    return tuple((old, new) for old, new in pairs if old.verdict is not new.verdict)


def _some(conditions: Sequence[str]) -> str:
    return "; ".join(conditions[:3]) + (" …" if len(conditions) > 3 else "") or "no session"
