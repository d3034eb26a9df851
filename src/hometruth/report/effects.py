"""What endpoints depend on, as rows and as words: the result of sessions run in pairs."""

from math import isinf

from hometruth.model import Audit, Effect, Room, Rung
from hometruth.report.reasons import sentence_of, told
from hometruth.report.words import percent

RUNG_MEANS = {
    Rung.NONE: "nothing shown",
    Rung.OCCURRENCE: "depends on whether something is visited",
    Rung.CONTENT: "carries the length, or the randomness, of what is visited",
}
"""What each rung says of the traffic to an endpoint."""


def effect_row(effect: Effect) -> dict[str, object]:
    """One effect as plain values; numbers in six digits, so that every machine writes the same ones."""
    out = effect.per_planted_byte
    return {
        "endpoint": effect.endpoint,
        "vendor": effect.vendor,
        "condition": effect.condition.as_dict(),
        "rung": effect.rung.value,
        "pairs": effect.pairs,
        "planned_pairs": effect.planned_pairs,
        "wins": effect.wins,
        "untied": effect.untied,
        "e_value": _number(effect.e_value),
        "threshold": _number(effect.threshold),
        "barcode_p": _number(effect.barcode_p),
        "barcode_level": _number(effect.barcode_level),
        "barcode_trial": effect.barcode_trial,
        "content_pairs": effect.content_pairs,
        "content_e_value": _number(effect.content_e_value),
        "content_threshold": _number(effect.content_threshold),
        "content_follow_p": _number(effect.content_follow_p),
        "content_follow_level": _number(effect.content_follow_level),
        "treated_bytes": effect.treated_bytes,
        "per_planted_byte": out and [_number(out.estimate), _number(out.low), _number(out.high)],
        "sessions": effect.sessions,
        "room": [_room_row(room) for room in effect.room],
        "lost_treated": effect.lost_treated,
        "lost_control": effect.lost_control,
        "objections": [sentence_of(objection) for objection in effect.objections],
    }


def effects_told(audit: Audit) -> tuple[Effect, ...]:
    """Effects worth a line: those of the vendor, and those at which anything was sent or shown."""
    return tuple(
        effect
        for effect in audit.effects
        if effect.vendor or effect.treated_bytes or effect.rung is not Rung.NONE
    )


def coin_words(effect: Effect) -> str:
    """``larger in 18 of 18 pairs (E = 23,080 of 12,000)``."""
    return f"{effect.lean} (E = {e_text(effect.e_value)} of {e_text(effect.threshold)})"


def room_words(room: Room) -> str:
    """``address: 4, at most 14.6 %``."""
    return f"{room.leak}: {room.trials_with_room:,}, at most {percent(room.bound_percent)}"


def barcode_words(effect: Effect) -> str:
    """Whether one session's ciphertexts repeat the lengths planted in it, and how surely."""
    if effect.by_barcode:
        return f"repeats the lengths planted (session {effect.barcode_trial}, p = {effect.barcode_p:.1g})"
    return "does not repeat the lengths planted"


def dose_words(effect: Effect) -> str:
    """Bytes out per planted byte, with its interval; empty if there is none."""
    out = effect.per_planted_byte
    return "" if out is None else f"{out.estimate:.2f} ({out.low:.2f} to {out.high:.2f})"


def objection_words(effect: Effect) -> str:
    """Why silence at the endpoint proves nothing yet; empty if nothing speaks against it."""
    return told(effect.objections)


def e_text(value: float) -> str:
    """An e-value for people."""
    if value >= 1e6:
        return "over a million"
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _room_row(room: Room) -> dict[str, object]:
    return {
        "leak": room.leak,
        "size_bytes": _number(room.size_bytes),
        "sessions_with_room": room.trials_with_room,
        "bound_percent": round(room.bound_percent, 2),
    }


def _number(value: float) -> float | None:
    """Six digits; None for what no number holds."""
    return None if isinf(value) else float(f"{value:.6g}")
