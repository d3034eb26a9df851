"""A proposition of likeness: what is sent here is what other products send under the same script."""

from collections import Counter

from hometruth.bounds import sessions_needed
from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.base import Kind, Presence, Violation
from hometruth.claims.kinds.content import ABSENT, found_kinds
from hometruth.claims.kinds.controls import option_levels
from hometruth.model import DECIDING_BITS, CanaryKind, Proposition, Reason, ReasonKind, Trial


def _others(proposition: Proposition, evidence: Evidence) -> tuple[Trial, ...]:
    """Attested sessions of the products compared with."""
    levels = option_levels(proposition, "as")
    return tuple(
        trial for trial in evidence.trials if trial.is_attested() and trial.condition.matches(levels)
    )


def _kinds_of_others(proposition: Proposition, evidence: Evidence) -> Counter[CanaryKind]:
    """Of each kind, in how many of those sessions it went to anybody, unexpectedly: their makers differ."""
    sessions = {trial.id for trial in _others(proposition, evidence)}
    seen = {
        (finding.canary.kind, trial)
        for finding in evidence.findings
        if not finding.expected and finding.evidence_bits >= DECIDING_BITS
        for trial in sessions.intersection(finding.trials)
    }
    return Counter(kind for kind, _ in seen)


def _speaks(proposition: Proposition, cell: Cell, _evidence: Evidence) -> bool:
    return not cell.condition.matches(option_levels(proposition, "as"))


def _compared(proposition: Proposition, _cell: Cell, evidence: Evidence) -> Reason | None:
    """Needs sessions of the products compared with."""
    return None if _others(proposition, evidence) else Reason.of(ReasonKind.NO_OTHER_PRODUCT)


def _only_here(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    """What is sent here and by none of the others, if those were watched for long enough to say so."""
    if len(_others(proposition, evidence)) < sessions_needed():
        return []
    theirs = _kinds_of_others(proposition, evidence)
    return [item for item in _found(proposition, cell, evidence) if _kind(item) not in theirs]


def _shared(proposition: Proposition, cell: Cell, evidence: Evidence) -> Presence | None:
    here = {_kind(item) for item in _found(proposition, cell, evidence)}
    theirs = _kinds_of_others(proposition, evidence)
    if not here or here - theirs.keys():
        return None
    n = len(_others(proposition, evidence))
    sessions = tuple((str(kind), theirs[kind]) for kind in sorted(here))
    return Presence(Reason.of(ReasonKind.SENT_BY_OTHERS, sessions=sessions, of=n))


def _too_short(proposition: Proposition, _cell: Cell, evidence: Evidence) -> list[Reason]:
    n = len(_others(proposition, evidence))
    if n >= sessions_needed():
        return []
    return [Reason.of(ReasonKind.OTHERS_TOO_SHORT, n=n, needed=sessions_needed())]


def _doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    return [*_too_short(proposition, cell, evidence), *ABSENT.doubts(proposition, cell, evidence)]


def _found(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    return [item for item in found_kinds(proposition, cell, evidence) if item.bits >= DECIDING_BITS]


def _kind(item: Violation) -> CanaryKind:
    assert item.finding is not None
    return item.finding.canary.kind


SAME_AS = Kind(
    violations=_only_here,
    silence=ReasonKind.NONE_UNLIKE_OTHERS,
    speaks_to=_speaks,
    pairs=_compared,
    presence=_shared,
    controls=ABSENT.controls,
    doubts=_doubts,
    needs=frozenset({"kinds", "as", "control"}),
)
"""Every kind of canary that is sent here is also sent, to whomever, by the products of option ``as``."""
