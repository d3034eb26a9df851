"""What a case says: from its folder to an audit, whether it was run just now or years ago."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from hometruth.audit.judging import audit
from hometruth.audit.new_case import at_any_time, labelled_connections, labelled_recording, recordings_of
from hometruth.audit.question import Question
from hometruth.canaries import load_canaries
from hometruth.capture import read_capture
from hometruth.capture.connections import read_connections, read_scope
from hometruth.case import Case, check_intact, differences, has_manifest, open_case
from hometruth.claims import parse_claims
from hometruth.experiment import Plan, parse_plan
from hometruth.model import Audit, Exchange, Gap, Trial


def rejudge(folder: Path, *, altered: bool = False) -> Audit:
    """Judge a case again from its raw traffic alone; writes nothing.

    A case without a manifest is judged by what it has: what was seen was seen, but silence proves nothing,
    and every verdict says so.

    Args:
        altered: Look at a case that is not as its run left it; all verdicts are then INCONCLUSIVE at most.

    Raises:
        CaseError: If the case is incomplete, what was sealed was changed, or the manifest disagrees.
    """
    case = open_case(folder)
    folder = case.folder
    if not altered:
        check_intact(folder)
    question = replace(
        question_of(case),
        altered=differences(folder) if altered else (),
        unfinished=not has_manifest(folder),
    )
    return audit(recording_of(case), question)


def audit_case(case: Case) -> Audit:
    """The audit of a case: everything it needs is in the folder."""
    return audit(recording_of(case), question_of(case))


def question_of(case: Case) -> Question:
    """What the case's plan asks of its traffic."""
    plan = plan_of(case)
    canaries, salts = load_canaries(case.canaries)
    trials = case.trials()
    return Question(
        subject=plan.subject,
        trials=trials,
        canaries=canaries,
        salts=salts,
        claims=parse_claims(case.claims.read_text("utf-8"), str(case.claims)),
        expected=at_any_time(plan.expected) if plan.sessions else plan.expected,
        connections=labelled_connections(case, plan)
        if plan.sessions
        else _since_first(trials, read_connections(case.traffic)),
        asked_about={fact.host: fact.at_ns for fact in read_scope(case.traffic) if fact.host}
        if plan.app_hosts
        else None,
        zones=tuple(case.facts().get("zones", "").split()),
        routed=frozenset(case.facts().get("routed", "").split()),
        looked_into=case.facts().get("looked_into", ""),
        window=plan.window,
        pairings=plan.pairings,
        labelled_by=plan.labelled_by,
        recordings=recordings_of(plan),
    )


def _since_first(trials: Iterable[Trial], noted: Iterable[Gap]) -> tuple[Gap, ...]:
    """Without what was noted before the first session began (a preflight): that is of none."""
    first_ns = min((trial.started_ns for trial in trials if trial.started_ns), default=0)
    return tuple(gap for gap in noted if gap.trial or gap.at_ns is None or gap.at_ns >= first_ns)


def plan_of(case: Case) -> Plan:
    """The plan of a case, as it was sealed."""
    return parse_plan(case.plan.read_text("utf-8"), str(case.plan))


def recording_of(case: Case) -> Iterable[Exchange | Gap]:
    """What was recorded. A subject that sent nothing at all leaves an empty file, which is no capture."""
    if case.recordings.is_dir():
        return labelled_recording(case, plan_of(case))
    if case.traffic.stat().st_size == 0:
        return ()
    # By name, not by path: verdicts must come out the same wherever the case lies.
    return read_capture(case.traffic, name=case.traffic.name)
