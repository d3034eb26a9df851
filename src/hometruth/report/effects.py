"""What endpoints depend on, as rows and as words: the result of sessions run in pairs."""

from collections.abc import Iterable
from math import isinf
from typing import TYPE_CHECKING

from hometruth.bounds import rounded_up
from hometruth.model import Audit, Condition, Effect, Room, Rung
from hometruth.report.catalogue import _
from hometruth.report.reasons import sentence_of, told
from hometruth.report.words import at_most

if TYPE_CHECKING:
    from hometruth.model.outputs import EffectJson, RoomJson

RUNG_MEANS = {
    Rung.NONE: _("nothing shown"),
    Rung.OCCURRENCE: _("depends on whether something is done"),
    Rung.CONTENT: _("carries the length, or the randomness, of what is visited"),
}
"""What each rung says of the traffic to an endpoint."""


def effect_row(effect: Effect) -> "EffectJson":
    """One effect as plain values; numbers in six digits, so that every machine writes the same ones."""
    out = effect.per_planted_byte
    return {
        "endpoint": effect.endpoint,
        "vendor": effect.vendor,
        "condition": effect.condition.as_dict(),
        "rung": effect.rung,
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
        "per_planted_byte": None
        if out is None
        else [_number(out.estimate), _number(out.low), _number(out.high)],
        "sessions": effect.sessions,
        "room": [_room_row(room) for room in effect.room],
        "lost_treated": effect.lost_treated,
        "lost_control": effect.lost_control,
        "objections": [sentence_of(objection) for objection in effect.objections],
    }


def effects_asked(audit: Audit) -> dict[Condition, tuple[Effect, ...]]:
    """The effects that the statements are about, under each condition that was run in pairs."""
    asked: dict[Condition, tuple[Effect, ...]] = {}
    for effect in audit.effects:
        asked[effect.condition] = (*asked.get(effect.condition, ()), *((effect,) if effect.vendor else ()))
    judged = {row.condition: row.effects for row in audit.verdicts if row.effects and row.condition.levels}
    return asked | judged


def shown_first(effects: Iterable[Effect]) -> Effect | None:
    """The effect that shows most, of those that show anything for certain; None if none does."""
    return most_telling(each for each in effects if each.rung is not Rung.NONE and each.is_sound)


def most_telling(effects: Iterable[Effect]) -> Effect | None:
    """The effect of the highest rung, by the coin rather than by a barcode; None without any."""
    order = list(Rung)
    return max(effects, key=lambda each: (order.index(each.rung), each.by_coin, each.e_value), default=None)


def effects_told(audit: Audit) -> tuple[Effect, ...]:
    """Effects worth a line: those of the vendor, and those at which anything was sent or shown."""
    return tuple(
        effect
        for effect in audit.effects
        if effect.vendor or effect.treated_bytes or effect.rung is not Rung.NONE
    )


def coin_words(effect: Effect) -> str:
    """``larger in 18 of 18 pairs (E = 23,080 of 12,000)``."""
    return _(
        "{lean} (E = {e_text} of {e_text2})",
        lean=effect.lean,
        e_text=e_text(effect.e_value),
        e_text2=e_text(effect.threshold),
    )


def room_words(room: Room) -> str:
    """``address: 4, at most 14.6 %``."""
    return _(
        "{leak}: {trials_with_room:,}, at most {at_most}",
        leak=room.leak,
        trials_with_room=room.trials_with_room,
        at_most=at_most(room.bound_percent),
    )


def barcode_words(effect: Effect) -> str:
    """Whether one session's ciphertexts repeat the lengths planted in it, and how surely."""
    if effect.by_barcode:
        return _(
            "repeats the lengths planted (session {barcode_trial}, p = {barcode_p:.1g})",
            barcode_trial=effect.barcode_trial,
            barcode_p=effect.barcode_p,
        )
    return _("does not repeat the lengths planted")


def dose_words(effect: Effect) -> str:
    """Bytes out per planted byte, with its interval; empty if there is none."""
    out = effect.per_planted_byte
    return (
        ""
        if out is None
        else _("{estimate:.2f} ({low:.2f} to {high:.2f})", estimate=out.estimate, low=out.low, high=out.high)
    )


def objection_words(effect: Effect) -> str:
    """Why silence at the endpoint proves nothing yet; empty if nothing speaks against it."""
    return told(effect.objections)


def e_text(value: float) -> str:
    """An e-value for people."""
    if value >= 1e6:
        return _("over a million")
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _room_row(room: Room) -> "RoomJson":
    return {
        "leak": room.leak,
        "size_bytes": _number(room.size_bytes),
        "sessions_with_room": room.trials_with_room,
        "bound_percent": rounded_up(room.bound_percent),
    }


def _number(value: float) -> float | None:
    """Six digits; None for what no number holds."""
    return None if isinf(value) else float(f"{value:.6g}")
