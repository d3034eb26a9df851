"""Propositions held against sessions that were run in pairs: what cannot be read can still be judged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hometruth.bounds import TARGET_PERCENT
from hometruth.claims import pair_reasons as told
from hometruth.claims.doubts import doubts_beside_pairs
from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds import KINDS
from hometruth.claims.kinds.content import WHOEVER, attempts, stray_doubts
from hometruth.claims.kinds.controls import option_levels
from hometruth.claims.senders import sender_of_effect
from hometruth.claims.units import SESSIONS
from hometruth.model import (
    Arm,
    Bound,
    Claim,
    Effect,
    Proposition,
    Reason,
    ReasonKind,
    Room,
    Rung,
    VerdictKind,
)


@dataclass(frozen=True, slots=True)
class PairedVerdict:
    """What the pairs of one cell say of a proposition."""

    verdict: VerdictKind
    reasons: tuple[Reason, ...]
    effects: tuple[Effect, ...]
    bounds: tuple[Bound, ...] = ()
    found: int = 0


def without_sham(cell: Cell) -> Cell:
    """The cell without the halves in which nothing was planted: they cannot violate anything by content."""
    return replace(
        cell,
        planned=tuple(trial for trial in cell.planned if trial.arm is not Arm.SHAM),
        valid=tuple(trial for trial in cell.valid if trial.arm is not Arm.SHAM),
        attested=tuple(trial for trial in cell.attested if trial.arm is not Arm.SHAM),
    )


def judge_pairs(
    claim: Claim, proposition: Proposition, cell: Cell, evidence: Evidence
) -> PairedVerdict | None:
    """Judge *proposition* by the effects in *cell*; None if its sessions were not run in pairs."""
    needed = _needed(proposition)
    if needed is None or not any(trial.arm for trial in cell.planned):
        return None
    effects = _asked_about(proposition, cell, evidence)
    reached = [effect for effect in effects if effect.rung.reaches(needed)]
    sent_by = {effect.endpoint: sender_of_effect(claim, effect, cell, evidence) for effect in reached}
    proving = [effect for effect in reached if effect.is_sound and sent_by[effect.endpoint].to_app]
    if proving:
        reasons = tuple(
            reason
            for effect in proving
            for reason in (
                *told.shown(effect, needed, _alpha(cell, evidence)),
                sent_by[effect.endpoint].reason,
            )
        )
        return PairedVerdict(VerdictKind.CONTRADICTED, reasons, effects, found=len(proving))
    doubts = [
        *(_why_unsound(effect) for effect in reached if not effect.is_sound),
        *(
            reason
            for effect in reached
            if effect.is_sound
            for reason in (
                *told.shown(effect, needed, _alpha(cell, evidence)),
                sent_by[effect.endpoint].reason,
            )
        ),
        *_doubts(proposition, cell, evidence, effects, needed),
    ]
    room = _widest(effects, _leak(proposition))
    if room and room[1].bound_percent > _target(cell, evidence):
        doubts.append(told.too_much_room(*room, _target(cell, evidence)))
    if room is None and not doubts:
        doubts.append(Reason.of(ReasonKind.SPREAD))
    if doubts or room is None:
        return PairedVerdict(VerdictKind.INCONCLUSIVE, tuple(dict.fromkeys(doubts)), effects)
    reasons = (told.no_room(*room), Reason.of(ReasonKind.WATCHED, window=evidence.window))
    effect, widest = room
    bound = Bound(SESSIONS, effect.sessions, widest.trials_with_room, widest.bound_percent)
    return PairedVerdict(VerdictKind.CONSISTENT, reasons, effects, bounds=(bound,))


def _asked_about(proposition: Proposition, cell: Cell, evidence: Evidence) -> tuple[Effect, ...]:
    """The effects of the cell at endpoints that the proposition speaks of."""
    here = [effect for effect in _held(proposition, evidence) if effect.condition == cell.condition]
    if WHOEVER not in proposition.options:
        return tuple(effect for effect in here if effect.vendor)
    series = {trial.series for trial in cell.planned}
    named = {name for each in evidence.pairings if each.series in series for name in each.endpoints}
    return tuple(effect for effect in here if not named or effect.endpoint in named)


def _held(proposition: Proposition, evidence: Evidence) -> list[Effect]:
    """All effects; of a statement on what is sent to anybody, nobody's hosts are others'."""
    whoever = WHOEVER in proposition.options
    return [replace(effect, others=effect.others and not whoever) for effect in evidence.effects]


def _needed(proposition: Proposition) -> Rung | None:
    rungs = KINDS[proposition.kind].rungs
    return Rung(str(proposition.options.get("rung", rungs[0]))) if rungs else None


def _leak(proposition: Proposition) -> str:
    return str(proposition.options.get("leak", KINDS[proposition.kind].leak))


def _why_unsound(effect: Effect) -> Reason:
    if effect.others:
        return Reason.of(ReasonKind.OTHERS_IN_GROUP, endpoint=effect.endpoint)
    return Reason.of(ReasonKind.AT_ENDPOINT, endpoint=effect.endpoint, what=effect.loss)


def _doubts(
    proposition: Proposition, cell: Cell, evidence: Evidence, effects: Sequence[Effect], needed: Rung
) -> list[Reason]:
    """Why silence proves nothing yet, whatever room there was."""
    if not effects:
        return [Reason.of(ReasonKind.NO_VENDOR_ENDPOINT)]
    return [
        *doubts_beside_pairs(cell, evidence),
        *stray_doubts(proposition, cell, evidence),
        *attempts(proposition, cell, evidence),
        *(
            Reason.of(ReasonKind.AT_ENDPOINT, endpoint=effect.endpoint, what=objection, objection=True)
            for effect in effects
            for objection in effect.objections
        ),
        *(told.only_occurrence(effect) for effect in effects if _is_between(effect, needed)),
        *_control_doubts(proposition, cell, evidence, effects, needed),
    ]


def _is_between(effect: Effect, needed: Rung) -> bool:
    return effect.rung is not Rung.NONE and not effect.rung.reaches(needed)


def _control_doubts(
    proposition: Proposition, cell: Cell, evidence: Evidence, effects: Sequence[Effect], needed: Rung
) -> list[Reason]:
    """The same test must have found the same thing, at the same endpoint, where sending is admitted."""
    where, version = option_levels(proposition, "control"), cell.condition.get("version")
    shown = {
        effect.endpoint
        for effect in _held(proposition, evidence)
        if effect.condition != cell.condition
        and effect.condition.matches(where)
        and effect.condition.get("version") == version
        and effect.rung.reaches(needed)
        and effect.is_sound
    }
    used = {effect.endpoint for effect in effects if effect.treated_bytes}
    if untried := sorted(used - shown):
        return [told.no_control(endpoint, needed) for endpoint in untried]
    if not shown.intersection(effect.endpoint for effect in effects):
        return [told.no_control(None, needed)]
    return []


def _widest(effects: Sequence[Effect], leak: str) -> tuple[Effect, Room] | None:
    """The endpoint with most room for a leak of this size; all that were used if it may be spread over
    them."""
    used = [effect for effect in effects if effect.treated_bytes]
    if len(used) > 1 and not all(effect.vendor for effect in used):
        return None  # what was sent to all of them together is known of the vendor's only
    if len(used) > 1:
        names = " and ".join(effect.endpoint for effect in used)
        effects = [replace(used[0], endpoint=f"{names} together", room=used[0].vendor_room)]
    rooms = [(effect, room) for effect in effects for room in effect.room if room.leak == leak]
    return max(rooms, key=lambda item: item[1].bound_percent, default=None)


def _target(cell: Cell, evidence: Evidence) -> float:
    series = {trial.series for trial in cell.planned}
    return min(
        (pairing.target_percent for pairing in evidence.pairings if pairing.series in series),
        default=TARGET_PERCENT,
    )


def _alpha(cell: Cell, evidence: Evidence) -> float:
    series = {trial.series for trial in cell.planned}
    return max(pairing.alpha for pairing in evidence.pairings if pairing.series in series)
