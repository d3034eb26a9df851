"""What a policy says of each transfer, and whether a gate saw enough to say that there is no leak."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from hometruth.model import GapKind, GateControl, Obstacle, ObstacleKind, Ruling, Transfer
from hometruth.policy.load import NO_LIMIT, MustBeSeen, Permission, Policy, fits_name, goes_to, holds_under


@dataclass(frozen=True, slots=True)
class Sight:
    """How much a gate saw."""

    exchanges: int
    sent_bytes: int
    opaque_bytes: int
    gaps: Mapping[GapKind, int]
    unreadable: tuple[tuple[str, str], ...] = ()
    """Recordings that cannot be read, each with why."""
    phantoms: int = 0


def decide(transfer: Transfer, policy: Policy, known: Collection[str], today: date) -> Transfer:
    """The same transfer, with what the policy says of it.

    Args:
        known: Fingerprints of the baseline.
        today: In UTC.
    """
    if transfer.ruling is Ruling.OWN_HOST:
        return transfer
    if allowed := next((each for each in policy.allow if _covers(each, transfer)), None):
        return replace(transfer, ruling=Ruling.ALLOWED, why=allowed.reason)
    if policy.handling_of(transfer.ruling) == "note":
        return transfer
    waivers = [each for each in policy.waiver if _covers(each, transfer)]
    for each in waivers:
        if today <= each.until:
            return replace(
                transfer, ruling=Ruling.WAIVED, why=f"{each.reason} ({each.owner}, until {each.until})"
            )
    over = f"the waiver of {waivers[0].owner} ended on {waivers[0].until}" if waivers else ""
    if transfer.fingerprint in known:
        return replace(transfer, ruling=Ruling.IN_BASELINE, why=over)
    is_leak = policy.handling_of(transfer.ruling) == "leak"
    return replace(transfer, ruling=Ruling.LEAK if is_leak else transfer.ruling, why=over)


def control_of(wanted: MustBeSeen, transfers: Iterable[Transfer]) -> GateControl:
    """Where a canary that must be seen was delivered; weak evidence is enough where its place is allowed."""
    seen = {
        each.recipient
        for each in transfers
        if each.ruling is not Ruling.WEAK and not each.delivered.is_attempt
        if fits_name(each.canary, wanted.canary) and goes_to(wanted.to, each.recipient)
    }
    return GateControl(wanted.canary, wanted.to, tuple(sorted(seen)))


def obstacles(
    policy: Policy,
    sight: Sight,
    transfers: Iterable[Transfer],
    controls: Sequence[GateControl],
    today: date,
) -> list[Obstacle]:
    """Why it cannot be said that there is no leak; nothing if it can."""
    return [
        *_unseen(policy, sight),
        *_undecided(policy, transfers),
        *(
            Obstacle(ObstacleKind.NO_CONTROL, each.canary, detail=", ".join(each.to))
            for each in controls
            if not each.seen_at and sight.exchanges
        ),
        *(
            Obstacle(ObstacleKind.EXPIRED, each.canary, detail=f"{each.owner}, {each.until}")
            for each in policy.waiver
            if today > each.until
        ),
    ]


def _undecided(policy: Policy, transfers: Iterable[Transfer]) -> Iterator[Obstacle]:
    counts = Counter(each.ruling for each in transfers)
    for ruling, kind in ((Ruling.ATTEMPT, ObstacleKind.ATTEMPT), (Ruling.WEAK, ObstacleKind.WEAK)):
        if counts[ruling] and policy.handling_of(ruling) == "refuse":
            yield Obstacle(kind, seen=counts[ruling])


def _unseen(policy: Policy, sight: Sight) -> list[Obstacle]:
    found = [Obstacle(ObstacleKind.UNREADABLE, file, detail=why) for file, why in sight.unreadable]
    if sight.phantoms:
        found.append(Obstacle(ObstacleKind.PHANTOM, seen=sight.phantoms))
    if sight.exchanges < policy.limits.exchanges:
        found.append(Obstacle(ObstacleKind.EMPTY, seen=sight.exchanges, limit=policy.limits.exchanges))
    share = sight.opaque_bytes / sight.sent_bytes if sight.sent_bytes else 0.0
    if share > policy.limits.opaque_share:
        found.append(Obstacle(ObstacleKind.OPAQUE, seen=share, limit=policy.limits.opaque_share))
    for kind, number in sorted(sight.gaps.items()):
        most = policy.limits.gaps.get(kind, None if kind in NO_LIMIT else 0)
        if most is not None and number > most:
            found.append(Obstacle(ObstacleKind.GAPS, str(kind), number, most))
    return found


def _covers(permission: Permission, transfer: Transfer) -> bool:
    return (
        fits_name(transfer.canary, permission.canary)
        and goes_to(permission.to, transfer.recipient)
        and permission.kind in (None, transfer.kind)
        and permission.part in (None, transfer.part)
        and (permission.field is None or fits_name(transfer.path, permission.field))
        and holds_under(permission.under, transfer.condition)
    )
