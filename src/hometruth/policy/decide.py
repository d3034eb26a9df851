"""What a policy says of each transfer, and whether a gate saw enough to say that there is no leak."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from hometruth.model import (
    Condition,
    GateControl,
    Obstacle,
    ObstacleKind,
    Party,
    Ruling,
    SentField,
    Sight,
    Transfer,
    Unnamed,
)
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

S = TypeVar("S", bound=SentField)


def decide(sent: S, policy: Policy, known: Collection[str], today: date) -> S:
    """The same transfer, or what nobody named, with what the policy says of it.

    Args:
        known: Fingerprints of the baseline. What is known whole excuses a digest of it, never the other way.
        today: In UTC.
    """
    if sent.ruling is Ruling.OWN_HOST:
        return sent
    if allowed := next((each for each in policy.allow if _covers(each, sent)), None):
        return replace(sent, ruling=Ruling.ALLOWED, why=allowed.reason)
    if isinstance(sent, Unnamed) and sent.party is Party.OWN:
        return replace(sent, ruling=Ruling.OWN_HOST)
    handling = _handling_of(sent, policy)
    if handling == "note":
        return sent
    waivers = [each for each in policy.waiver if _covers(each, sent)]
    for each in waivers:
        if today <= each.until:
            return replace(
                sent, ruling=Ruling.WAIVED, why=f"{each.reason} ({each.owner}, until {each.until})"
            )
    over = f"the waiver of {waivers[0].owner} ended on {waivers[0].until}" if waivers else ""
    if any(each in known for each in (sent.fingerprint, *sent.more_telling)):
        return replace(sent, ruling=Ruling.IN_BASELINE, why=over)
    return replace(sent, ruling=Ruling.LEAK if handling == "leak" else sent.ruling, why=over)


def _handling_of(sent: SentField, policy: Policy) -> str:
    if isinstance(sent, Unnamed):
        return policy.handling_of_sent(sent)
    assert isinstance(sent, Transfer)
    return policy.handling_of(sent)


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
    everything: Iterable[SentField],
    controls: Sequence[GateControl],
    today: date,
) -> list[Obstacle]:
    """Why it cannot be said that there is no leak; nothing if it can."""
    return [
        *unseen(policy.limits, sight),
        *_undecided(policy, everything),
        *(
            Obstacle(ObstacleKind.NO_CONTROL, each.canary, condition, detail=", ".join(each.to))
            for each in controls
            for condition in each.missing
        ),
        *(
            Obstacle(
                ObstacleKind.EXPIRED, each.canary or each.unnamed or "", detail=f"{each.owner}, {each.until}"
            )
            for each in policy.waiver
            if today > each.until
        ),
    ]


UNDECIDED = {
    Ruling.ATTEMPT: ObstacleKind.ATTEMPT,
    Ruling.WEAK: ObstacleKind.WEAK,
    Ruling.UNNAMED: ObstacleKind.UNNAMED,
}


def _undecided(policy: Policy, everything: Iterable[SentField]) -> Iterator[Obstacle]:
    counts = Counter(each.ruling for each in everything if _handling_of(each, policy) == "refuse")
    for ruling, kind in UNDECIDED.items():
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


def _covers(permission: Permission, sent: SentField) -> bool:
    return (
        _is_of(permission, sent)
        and goes_to(permission.to, sent.host)
        and permission.part in (None, sent.part)
        and (permission.field is None or fits_name(sent.path, permission.field))
        and holds_under(permission.under, sent.condition)
    )


def _is_of(permission: Permission, sent: SentField) -> bool:
    """True if it speaks of this canary, or of what looks like this."""
    if isinstance(sent, Unnamed):
        pattern = permission.unnamed
        return pattern is not None and any(
            fits_name(each, pattern) for each in (sent.kind, sent.kind.category)
        )
    assert isinstance(sent, Transfer)
    return (
        permission.canary is not None
        and fits_name(sent.canary, permission.canary)
        and permission.kind in (None, sent.kind)
        and sent.tells.is_within(permission.tells)
    )
