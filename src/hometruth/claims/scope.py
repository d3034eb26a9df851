"""Whom a statement speaks of: a condition outside is the same proposition, and no verdict on the speaker."""

from hometruth.claims.evidence import Cell, Evidence
from hometruth.model import Claim, Condition, Subject

OUTSIDE = "same proposition, other version, and no verdict on the speaker"
"""What a verdict outside the scope is called, everywhere."""


def outside_scope(claim: Claim, cell: Cell, evidence: Evidence) -> tuple[str, ...]:
    """In what the cell lies outside the claim's scope, one phrase each; empty if it lies inside.

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
            f"{what} {level or 'not known'}, and the statement is about {', '.join(levels)}"
            for what, levels, level in restricted
            if levels and level not in levels
        ),
        *_outside_dates(claim, condition, subject),
    )


def _outside_dates(claim: Claim, condition: Condition, subject: Subject) -> tuple[str, ...]:
    """Versions that came out later (or, for a promise, earlier) than the statement allows.

    A date that is not known is excused where the scope names the very version.
    """
    scope, version = claim.scope, condition.get("version") or ""
    released = dict(subject.released).get(version)
    if released is None:
        unclear = (scope.since or scope.until) and not scope.versions
        return (f"version {version or 'not known'}, whose date is not known",) if unclear else ()
    phrases = []
    if scope.until and released > scope.until:
        phrases.append(f"version {version} of {released}, and the statement is of {scope.until}")
    if scope.since and released < scope.since:
        phrases.append(
            f"version {version} of {released}, and the statement is about those from {scope.since}"
        )
    return tuple(phrases)
