"""What pairs of sessions show, and do not, as sentences: an e-value on its own tells nobody anything."""

from hometruth.model import Effect, Room, Rung

LEAK_WORDS = {
    "everything": "all addresses that we planted (up to {size} a session)",
    "address": "one whole address (the shortest of its session, up to {size})",
    "128 bytes": "128 bytes",
    "32 bytes": "32 bytes",
}
"""Sizes of leak, as what did or did not fit."""


def shown(effect: Effect, needed: Rung, alpha: float) -> str:
    """What contradicts a proposition that needs *needed*."""
    parts = []
    if effect.by_coin:
        parts.append(_occurrence(effect, alpha))
    if needed is Rung.CONTENT or not effect.by_coin:
        parts.append(_content(effect))
    if dose := _dose(effect):
        parts.append(dose)
    return "; ".join(parts)


def _occurrence(effect: Effect, alpha: float) -> str:
    return (
        f"{_lean(effect)}; an app that sends nothing about browsing does this well, at any endpoint and in "
        f"any condition tested, at most once in {1 / alpha:,.0f} audits"
    )


def _lean(effect: Effect) -> str:
    how, where = effect.lean.split(" ", 1)
    return f"{where} the traffic to {effect.endpoint} was {how} in the half where we browsed"


def _content(effect: Effect) -> str:
    if effect.by_barcode:
        return (
            f"what was sent to {effect.endpoint} repeats the random lengths of the addresses visited, in "
            f"their "
            f"order (session {effect.barcode_trial}; by chance in at most one of {_odds(effect.barcode_p)}, "
            f"and one of {_odds(effect.barcode_level)} was needed): it carries how long they are, though it "
            "cannot be read"
        )
    return (
        f"what was sent to {effect.endpoint} was larger where addresses of equal length were random (E = "
        f"{_number(effect.content_e_value)} in {effect.content_pairs} pairs, "
        f"{_number(effect.content_threshold)} were needed), and the larger, the longer they were (p = "
        f"{effect.content_follow_p:.1g}): it carries what makes them different"
    )


def _dose(effect: Effect) -> str:
    out = effect.per_planted_byte
    if out is None or out.low <= 0:
        return ""
    return (
        f"each random byte that we planted made {out.estimate:.2f} (95 %: {out.low:.2f} to {out.high:.2f}) "
        "more bytes leave"
    )


def no_room(effect: Effect, room: Room) -> str:
    """What a bound says: which leak did not fit, in how many sessions, and what is not excluded."""
    n, what = effect.sessions, _leak(room)
    if room.trials_with_room:
        told = f"in {room.trials_with_room} of {n} sessions {effect.endpoint} had room for {what}"
    else:
        told = f"in none of {n} sessions did {effect.endpoint} have room for {what}"
    told += f": at most {room.bound_percent:.1f} % of sessions can have sent that (95 % confidence)"
    smaller = [item for item in effect.room[effect.room.index(room) + 1 :] if item.trials_with_room]
    if smaller:
        rest = ", ".join(f"for {_leak(item)} in {item.trials_with_room} of {n}" for item in smaller)
        told += f"; there was room {rest}: that visits are counted, or parts of them sent, is not excluded"
    return told


def too_much_room(effect: Effect, room: Room, target: float) -> str:
    """Why silence at an endpoint bounds too little."""
    return (
        f"in {room.trials_with_room} of {effect.sessions} sessions {effect.endpoint} had room for "
        f"{_leak(room)}, or was not seen, so up to {room.bound_percent:.1f} % of sessions can have sent "
        f"that, "
        f"and {target:g} % is the most for an all-clear; more pairs, more visits in each, or a key would "
        "settle it"
    )


def only_occurrence(effect: Effect) -> str:
    """That traffic depends on browsing, where a proposition about content needs more."""
    if effect.content_is_larger:
        return (
            f"{_lean(effect)}, and larger where addresses of equal length were random, but not the larger, "
            f"the longer they were (p = {effect.content_follow_p:.1g}): an app that learned in another way "
            "which half it was in would do the same, so that it holds what was visited was not shown"
        )
    return (
        f"{_lean(effect)}, so it depends on whether something is visited; that it holds what was visited was "
        "not shown, and occurrence alone contradicts no statement about content"
    )


def no_control(endpoint: str, needed: Rung) -> str:
    """That the same test has not found anything where sending is admitted."""
    return (
        f"no positive control: where sending is admitted, the same test does not show {needed.value} at "
        f"{endpoint}, so silence proves nothing; run the pairs there to their end"
    )


def _leak(room: Room) -> str:
    size = room.size_bytes
    return LEAK_WORDS[room.leak].format(size=f"{size / 1000:.1f} kB" if size >= 1000 else f"{size:.0f} bytes")


def _odds(probability: float) -> str:
    return f"{1 / probability:,.0f}" if probability > 1e-15 else "10^15"


def _number(e_value: float) -> str:
    return f"{e_value:,.0f}" if e_value < 1e15 else "over 10^15"
