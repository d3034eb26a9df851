"""Whom a statement speaks of: a condition outside is the same proposition, and no verdict on the speaker."""

from hometruth.claims.evidence import Cell, Evidence
from hometruth.model import Claim, Condition, Reason, ReasonKind, Subject


def outside_scope(claim: Claim, cell: Cell, evidence: Evidence) -> tuple[Reason, ...]:
    """In what the cell lies outside the claim's scope, one reason each; empty if it lies inside.

    Of what the scope restricts, an unknown level lies outside.
    """
    scope, subject, condition = claim.scope, evidence.subject, cell.condition
    restricted = (
        ("product", scope.products, subject.product_of(condition.get("app"))),
        ("version", scope.versions, condition.get("version")),
        ("device", scope.devices, condition.get("device") or subject.device),
        ("region", scope.regions, condition.get("region") or subject.region),
    )
    return (
        *(
            Reason.of(ReasonKind.OTHER_LEVEL, factor=what, level=level or None, spoken_of=levels)
            for what, levels, level in restricted
            if levels and level not in levels
        ),
        *_outside_dates(claim, condition, subject),
    )


def _outside_dates(claim: Claim, condition: Condition, subject: Subject) -> tuple[Reason, ...]:
    """Versions that came out later (or, for a promise, earlier) than the statement allows.

    A date that is not known is excused where the scope names the very version.
    """
    scope, version = claim.scope, condition.get("version")
    released = dict(subject.released).get(version or "")
    if released is None:
        unclear = (scope.since or scope.until) and not scope.versions
        return (Reason.of(ReasonKind.UNDATED, version=version),) if unclear else ()
    reasons = []
    if scope.until and released > scope.until:
        reasons.append(Reason.of(ReasonKind.LATER, version=version, released=released, until=scope.until))
    if scope.since and released < scope.since:
        reasons.append(Reason.of(ReasonKind.EARLIER, version=version, released=released, since=scope.since))
    return tuple(reasons)
