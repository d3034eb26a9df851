"""What pairs of sessions show, and do not, as reasons: numbers, and what they were held against."""

from hometruth.model import Effect, Reason, ReasonKind, Room, Rung


def shown(effect: Effect, needed: Rung, alpha: float) -> list[Reason]:
    """What contradicts a proposition that needs *needed*."""
    reasons = []
    if effect.by_coin:
        reasons.append(_lean(ReasonKind.DEPENDS, effect).plus(once_in_audits=1 / alpha))
    if needed is Rung.CONTENT or not effect.by_coin:
        reasons.append(_content(effect))
    out = effect.per_planted_byte
    if effect.rung is Rung.CONTENT and out is not None and out.low > 0:
        reasons.append(Reason.of(ReasonKind.DOSE, bytes_out=out.estimate, low=out.low, high=out.high))
    return reasons


def _lean(kind: ReasonKind, effect: Effect) -> Reason:
    return Reason.of(kind, endpoint=effect.endpoint, larger=effect.wins, pairs=effect.untied)


def _content(effect: Effect) -> Reason:
    if effect.by_barcode:
        return Reason.of(
            ReasonKind.LENGTHS_REPEATED,
            endpoint=effect.endpoint,
            session=effect.barcode_trial,
            p=effect.barcode_p,
            level=effect.barcode_level,
        )
    return Reason.of(
        ReasonKind.LARGER_IF_RANDOM,
        endpoint=effect.endpoint,
        e_value=effect.content_e_value,
        pairs=effect.content_pairs,
        needed=effect.content_threshold,
        p=effect.content_follow_p,
    )


def no_room(effect: Effect, room: Room) -> Reason:
    """What a bound says: which leak did not fit, in how many sessions, and what is not excluded."""
    smaller = [item for item in effect.room[effect.room.index(room) + 1 :] if item.trials_with_room]
    return _room(ReasonKind.NO_ROOM, effect, room).plus(
        smaller=tuple(
            Reason.of(
                ReasonKind.ROOM_FOR, leak=item.leak, size_bytes=item.size_bytes, n=item.trials_with_room
            )
            for item in smaller
        )
    )


def too_much_room(effect: Effect, room: Room, target: float) -> Reason:
    """Why silence at an endpoint bounds too little."""
    return _room(ReasonKind.TOO_MUCH_ROOM, effect, room).plus(target_percent=target)


def _room(kind: ReasonKind, effect: Effect, room: Room) -> Reason:
    return Reason.of(
        kind,
        endpoint=effect.endpoint,
        leak=room.leak,
        size_bytes=room.size_bytes,
        n=room.trials_with_room,
        of=effect.sessions,
        percent=room.bound_percent,
    )


def only_occurrence(effect: Effect) -> Reason:
    """That traffic depends on browsing, where a proposition about content needs more."""
    if effect.content_is_larger:
        return _lean(ReasonKind.LARGER_WITHOUT_DOSE, effect).plus(p=effect.content_follow_p)
    return _lean(ReasonKind.DEPENDS_ONLY, effect)


def no_control(endpoint: str | None, needed: Rung) -> Reason:
    """That the same test has not found anything where sending is admitted; None: at no endpoint."""
    return Reason.of(ReasonKind.PAIRED_CONTROL_MISSING, rung=needed.value, endpoint=endpoint)
