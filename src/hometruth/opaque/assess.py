"""All tests at all endpoints under one condition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from hometruth.model import Condition, Effect, Rung
from hometruth.opaque.barcode import barcode_p
from hometruth.opaque.dose import per_planted_byte
from hometruth.opaque.evalue import mean_e_value, score
from hometruth.opaque.halves import Half
from hometruth.opaque.objections import objections
from hometruth.opaque.pair import Pair
from hometruth.opaque.room import rooms

NOTHING = Half()


@dataclass(frozen=True, slots=True)
class _Test:
    """What all endpoints of a condition share."""

    condition: Condition
    pairs: Sequence[Pair]
    planned_pairs: int
    n_endpoints: int
    alpha: float
    rng: Random


def assess(
    condition: Condition,
    pairs: Sequence[Pair],
    halves: Mapping[str, Mapping[str, Half]],
    *,
    planned_pairs: int,
    alpha: float,
    rng: Random,
) -> list[Effect]:
    """One effect per group of endpoints, in the order of *halves*.

    Args:
        pairs: As planned so far, lost ones included.
        halves: Group of endpoints -> trial -> what it sent; all groups of the plan, silent ones too.
        planned_pairs: Where the stop rule ends; fixes Bonferroni's denominator of the barcode.
        alpha: Family-wise over the endpoints, for each rung.
        rng: For re-drawn barcodes.
    """
    test = _Test(condition, pairs, planned_pairs, len(halves), alpha, rng)
    return [_effect(name, sent, test) for name, sent in halves.items()]


def _effect(endpoint: str, sent: Mapping[str, Half], test: _Test) -> Effect:
    occurrence = [pair for pair in test.pairs if not pair.content]
    whole = [pair for pair in occurrence if pair.treated_valid and pair.control_valid]
    threshold = test.n_endpoints / test.alpha
    e_value, (wins, untied) = _coin(whole, sent)
    content = [pair for pair in test.pairs if pair.content and pair.treated_valid and pair.control_valid]
    content_e = _coin(content, sent)[0]
    level = test.alpha / (test.n_endpoints * test.planned_pairs)
    p, trial = _best_barcode(test.pairs, sent, level, test.rng)
    treated = [sent.get(pair.treated, NOTHING).size_bytes for pair in occurrence if pair.treated_valid]
    bits = [pair.planted_bits for pair in occurrence if pair.treated_valid]
    return Effect(
        endpoint=endpoint,
        condition=test.condition,
        rung=_rung(e_value >= threshold, p <= level or content_e >= threshold),
        pairs=len(whole),
        planned_pairs=test.planned_pairs,
        wins=wins,
        untied=untied,
        e_value=e_value,
        threshold=threshold,
        barcode_p=p,
        barcode_level=level,
        barcode_trial=trial,
        treated_bytes=sum(treated),
        per_planted_byte=per_planted_byte(
            [_sent(sent, pair.treated) - _sent(sent, pair.control) for pair in whole],
            [sum(pair.planted_bits) / 8 for pair in whole],
        ),
        room=tuple(rooms(treated, bits, missing=len(occurrence) - len(treated))),
        lost_treated=sum(not pair.treated_valid for pair in occurrence),
        lost_control=sum(not pair.control_valid for pair in occurrence),
        content_pairs=len(content),
        content_e_value=content_e,
        objections=tuple(objections(occurrence, sent, test.planned_pairs, e_value, threshold)),
    )


def _rung(occurrence: bool, content: bool) -> Rung:
    if content:
        return Rung.CONTENT
    return Rung.OCCURRENCE if occurrence else Rung.NONE


def _coin(pairs: Sequence[Pair], sent: Mapping[str, Half]) -> tuple[float, tuple[int, int]]:
    """The e-value averaged over the three features, and wins and untied pairs of the first."""
    halves = [(sent.get(pair.treated, NOTHING), sent.get(pair.control, NOTHING)) for pair in pairs]
    scores = [
        score(treated.size_bytes - control.size_bytes for treated, control in halves),
        score(len(treated.atoms) - len(control.atoms) for treated, control in halves),
        score(treated.largest - control.largest for treated, control in halves),
    ]
    return mean_e_value(scores), scores[0]


def _best_barcode(
    pairs: Sequence[Pair], sent: Mapping[str, Half], level: float, rng: Random
) -> tuple[float, str | None]:
    """Smallest p over the valid treated trials, and which trial it is."""
    best, trial = 1.0, None
    for pair in pairs:
        if pair.treated_valid and not pair.content:
            p = barcode_p(pair.barcode, sent.get(pair.treated, NOTHING).atoms, level=level, rng=rng)
            if p < best:
                best, trial = p, pair.treated
    return best, trial


def _sent(sent: Mapping[str, Half], trial: str) -> int:
    return sent.get(trial, NOTHING).size_bytes
