"""What a policy says of each transfer, and whether a gate saw enough to say that there is no leak."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from hometruth.model import Condition, GateControl, Obstacle, ObstacleKind, Ruling, Sight, Transfer
from hometruth.policy.load import (
    NO_LIMIT,
    SOMETHING,
    Permission,
    Policy,
    SightLimits,
    fits_name,
    goes_to,
    holds_under,
)


def decide(transfer: Transfer, policy: Policy, known: Collection[str], today: date) -> Transfer:
    """The same transfer, with what the policy says of it.

    Args:
        known: Fingerprints of the baseline. What is known whole excuses a digest of it, never the other way.
        today: In UTC.
    """
    if transfer.ruling is Ruling.OWN_HOST:
        return transfer
    if allowed := next((each for each in policy.allow if _covers(each, transfer)), None):
        return replace(transfer, ruling=Ruling.ALLOWED, why=allowed.reason)
    handling = policy.handling_of(transfer)
    if handling == "note":
        return transfer
    waivers = [each for each in policy.waiver if _covers(each, transfer)]
    for each in waivers:
        if today <= each.until:
            return replace(
                transfer, ruling=Ruling.WAIVED, why=f"{each.reason} ({each.owner}, until {each.until})"
            )
    over = f"the waiver of {waivers[0].owner} ended on {waivers[0].until}" if waivers else ""
    if any(each in known for each in (transfer.fingerprint, *transfer.more_telling)):
        return replace(transfer, ruling=Ruling.IN_BASELINE, why=over)
    return replace(transfer, ruling=Ruling.LEAK if handling == "leak" else transfer.ruling, why=over)


def controls_of(
    policy: Policy, transfers: Iterable[Transfer], conditions: Iterable[Condition]
) -> Iterator[GateControl]:
    """Where canaries that must be seen were delivered; weak evidence is enough where its place is allowed.

    Args:
        conditions: Under which something was recorded. Under each its controls must arrive: silence under one
            says nothing of another.
    """
    arrived = [
        each
        for each in transfers
        if each.ruling is not Ruling.WEAK and not each.delivered.is_attempt and each.is_addressed
    ]
    conditions = tuple(conditions)
    for control in (*policy.control, *(() if SOMETHING in policy.control else (SOMETHING,))):
        where = [each for each in conditions if control in policy.controls_under(each)]
        seen = [
            each
            for each in arrived
            if fits_name(each.canary, control.canary) and goes_to(control.to, each.host)
        ]
        if where:
            yield GateControl(
                control.canary,
                control.to,
                tuple(sorted({each.recipient for each in seen})),
                tuple(each for each in where if each not in {one.condition for one in seen}),
            )


def obstacles(
    policy: Policy,
    sight: Sight,
    transfers: Iterable[Transfer],
    controls: Sequence[GateControl],
    today: date,
) -> list[Obstacle]:
    """Why it cannot be said that there is no leak; nothing if it can."""
    return [
        *unseen(policy.limits, sight),
        *_undecided(policy, transfers),
        *(
            Obstacle(ObstacleKind.NO_CONTROL, each.canary, condition, detail=", ".join(each.to))
            for each in controls
            for condition in each.missing
        ),
        *(
            Obstacle(ObstacleKind.EXPIRED, each.canary, detail=f"{each.owner}, {each.until}")
            for each in policy.waiver
            if today > each.until
        ),
    ]


def _undecided(policy: Policy, transfers: Iterable[Transfer]) -> Iterator[Obstacle]:
    counts = Counter(each.ruling for each in transfers if policy.handling_of(each) == "refuse")
    for ruling, kind in ((Ruling.ATTEMPT, ObstacleKind.ATTEMPT), (Ruling.WEAK, ObstacleKind.WEAK)):
        if counts[ruling]:
            yield Obstacle(kind, seen=counts[ruling])


def unseen(limits: SightLimits, sight: Sight) -> list[Obstacle]:
    """Why too little was seen to say that there is no leak; nothing if it was enough."""
    found = [Obstacle(ObstacleKind.UNREADABLE, file, detail=why) for file, why in sight.unreadable]
    if sight.phantoms:
        found.append(Obstacle(ObstacleKind.PHANTOM, seen=sight.phantoms))
    if sight.exchanges < limits.exchanges:
        found.append(Obstacle(ObstacleKind.EMPTY, seen=sight.exchanges, limit=limits.exchanges))
    for condition, number in sight.seen.items():
        if not number and condition.levels:
            found.append(Obstacle(ObstacleKind.EMPTY, under=condition, limit=1))
    if sight.opaque_share > limits.opaque_share:
        found.append(Obstacle(ObstacleKind.OPAQUE, seen=sight.opaque_share, limit=limits.opaque_share))
    for kind, number in sorted(sight.gaps.items()):
        most = limits.gaps.get(kind, None if kind in NO_LIMIT else 0)
        if most is not None and number > most:
            found.append(Obstacle(ObstacleKind.GAPS, str(kind), seen=number, limit=most))
    return found


def _covers(permission: Permission, transfer: Transfer) -> bool:
    return (
        fits_name(transfer.canary, permission.canary)
        and goes_to(permission.to, transfer.host)
        and permission.kind in (None, transfer.kind)
        and permission.part in (None, transfer.part)
        and (permission.field is None or fits_name(transfer.path, permission.field))
        and transfer.tells.is_within(permission.tells)
        and holds_under(permission.under, transfer.condition)
    )
