"""What was planted and reached somebody else: it stands beside an all-clear, or contradicts a strict reading.

*Somebody else* is anyone but the vendor whose traffic was opened; and, where a proposition is about content,
the vendor for what it does not ask for. What the plan expects (the visit itself) is left out.
"""

from collections import defaultdict

from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds import KINDS, Violation
from hometruth.claims.kinds.content import most_told, sightings_in, unexpected, violation_of, what_is
from hometruth.claims.kinds.controls import option_kinds
from hometruth.model import Claim, Finding, InitiatorKind, Proposition, Reason, ReasonKind

MOST_NAMED = 3
"""Recipients named in one sentence; the others are counted."""


def sent_beside(claim: Claim, proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """What else was sent, to whom, in how many sessions: the most frequent first, the rest as a count."""
    sessions: dict[Reason, set[str]] = defaultdict(set)
    for finding in _unexpected(cell, evidence):
        if not _is_judged(finding, proposition):
            sessions[_told(claim, finding)] |= _ids(cell) & set(finding.trials)
    ranked = sorted(sessions.items(), key=lambda item: (-len(item[1]), str(item[0].facts)))
    named = [reason.plus(n=len(ids), of=len(cell.attested)) for reason, ids in ranked[:MOST_NAMED]]
    rest = ranked[MOST_NAMED:]
    if rest:
        n = sum(len(ids) for _, ids in rest)
        named.append(Reason.of(ReasonKind.MORE_SENT_TO, recipients=len(rest), times=n))
    return named


def contrary_to_strict(
    claim: Claim, proposition: Proposition, cell: Cell, evidence: Evidence
) -> list[Violation]:
    """What the app itself sent to somebody else, of the kinds asked for, if that is not excused."""
    return [
        violation_of(finding, trial)
        for finding in _unexpected(cell, evidence)
        if finding.canary.kind in option_kinds(proposition)
        and not finding.recipient.vendor_controlled
        and finding.initiator.is_app
        and not _is_excused(claim, finding)
        for trial in sorted(_ids(cell) & set(finding.trials))
        if sightings_in(finding, trial)
    ]


def _unexpected(cell: Cell, evidence: Evidence) -> list[Finding]:
    return unexpected(_ids(cell), evidence)


def _is_judged(finding: Finding, proposition: Proposition) -> bool:
    """True if the proposition's own rules count it, or if it is not about what the vendor was sent."""
    if not finding.recipient.vendor_controlled:
        return False
    asked = finding.canary.kind in option_kinds(proposition)
    by_page = finding.initiator.kind is InitiatorKind.PAGE
    return asked and not by_page if KINDS[proposition.kind].content else not (asked and by_page)


def _told(claim: Claim, finding: Finding) -> Reason:
    to = finding.recipient
    return Reason.of(
        ReasonKind.ALSO_SENT,
        what=what_is(finding.canary),
        data=str(finding.canary.kind),
        tells=most_told(finding),
        organisation=to.organisation,
        host=to.host,
        initiator=finding.initiator.kind.value,
        excused=_is_excused(claim, finding),
    )


def _is_excused(claim: Claim, finding: Finding) -> bool:
    return bool({finding.recipient.organisation, finding.recipient.host} & set(claim.excuses))


def _ids(cell: Cell) -> frozenset[str]:
    return frozenset(trial.id for trial in cell.attested)
