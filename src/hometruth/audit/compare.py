"""Two cases, two settings within one, or two bare recordings set against each other: observe, match, test."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hometruth.audit.case_audit import question_of, recording_of
from hometruth.audit.judging import conclude
from hometruth.audit.observe import observe
from hometruth.audit.question import Question
from hometruth.canaries import load_canaries
from hometruth.capture import read_capture, read_connections
from hometruth.case import check_intact, open_case
from hometruth.comparison import ALPHA, SignalBook, differences, match
from hometruth.comparison.matching import Where, chosen, is_valid
from hometruth.errors import CanaryError, CaseError
from hometruth.model import (
    Audit,
    Comparison,
    Condition,
    Exchange,
    Gap,
    Side,
    Subject,
    Trial,
    Verdict,
)

UNLABELLED = "recording"
"""The one session of a recording that nobody labelled."""


@dataclass(frozen=True, slots=True)
class _Source:
    """One side's sessions, and where what they sent is recorded."""

    name: str
    subject: str
    """What is compared, in words."""
    question: Question
    items: Callable[[], Iterable[Exchange | Gap]]


def compare(
    path_a: Path,
    path_b: Path,
    *,
    where_a: Where | None = None,
    where_b: Where | None = None,
    canaries: Path | None = None,
) -> Comparison:
    """What the sessions of B send that those of A do not, and the other way round.

    Args:
        path_a: A case, or a recording of any format that is read, which is then one session; *path_b* another
            one, or the same case narrowed to other levels.
        where_a: Factor to levels that the sessions of A must have; likewise *where_b*.
        canaries: What was planted in recordings; a case holds its own.

    Raises:
        CaseError: If a case is incomplete or altered, nothing matches, or a side has to be narrowed.
        CaptureError: If a recording cannot be read.
        CanaryError: If the canaries cannot be read, or both sides are cases.
    """
    where_a, where_b = where_a or {}, where_b or {}
    same_run = path_a.resolve() == path_b.resolve()
    if canaries and path_a.is_dir() and path_b.is_dir():
        raise CanaryError(f"{canaries}: cases hold their own canaries; leave --canaries out")
    source_a = _source(path_a, canaries)
    source_b = source_a if same_run else _source(path_b, canaries)
    question_a, question_b = source_a.question, source_b.question
    matched, only_a, only_b = match(question_a.trials, question_b.trials, where_a, where_b)
    if not matched:
        raise CaseError(
            "the two sides share no condition, so nothing can be compared; "
            f"A has {_some(only_a)}; B has {_some(only_b)}"
        )
    audit_a, book_a = _observed(source_a)
    audit_b, book_b = (audit_a, book_a) if same_run else _observed(source_b)
    changes = differences(
        matched,
        (book_a.by_session(audit_a.findings), book_b.by_session(audit_b.findings)),
        (book_a.opaque(), book_b.opaque()),
    )
    return Comparison(
        a=_side(source_a, audit_a, where_a),
        b=_side(source_b, audit_b, where_b),
        same_run=same_run,
        bare=path_a.is_file() or path_b.is_file(),
        labelled_by=question_a.labelled_by or question_b.labelled_by,
        alpha=ALPHA,
        n_tests=len(changes),
        changes=changes,
        only_a=tuple(only_a),
        only_b=tuple(only_b),
        verdicts=() if same_run else _verdicts(audit_a, audit_b),
    )


def _source(path: Path, canaries: Path | None) -> _Source:
    if not path.exists():
        raise CaseError(f"{path}: there is no such case, and no such recording")
    if path.is_file():
        return _recording(path, canaries)
    case = open_case(path)
    check_intact(case.folder)
    question = question_of(case)
    subject = f"{question.subject.phrase} ({question.subject.product})"
    return _Source(path.name, subject, question, lambda: recording_of(case))


def _recording(path: Path, canaries: Path | None) -> _Source:
    """A recording as one session of an unknown subject: that is all that is known of it."""

    def items() -> Iterator[Exchange | Gap]:
        for item in read_capture(path):
            yield replace(item, trial=UNLABELLED)

    planted, salts = load_canaries(canaries) if canaries else ((), ())
    trial = Trial(UNLABELLED, UNLABELLED, Condition(()), 1, installation=UNLABELLED, device="")
    question = Question(
        subject=Subject("real", "recording", vendor="", product="", device=""),
        trials=(trial,),
        canaries=tuple(replace(canary, cell=None) for canary in planted),
        salts=salts,
        claims=(),
        connections=tuple(replace(gap, trial=UNLABELLED) for gap in read_connections(path)),
    )
    return _Source(path.name, "a recording, of which nobody said what it is", question, items)


def _observed(source: _Source) -> tuple[Audit, SignalBook]:
    book = SignalBook()
    return conclude(observe(source.items(), source.question, book=book), source.question), book


def _side(source: _Source, audit: Audit, where: Where) -> Side:
    planned = chosen(source.question.trials, where)
    valid = [trial for trial in planned if is_valid(trial)]
    conditions = {trial.condition for trial in planned}
    rows = [row for row in audit.coverage if row.condition in conditions]
    return Side(
        name=source.name,
        subject=source.subject,
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
