"""All tests at all endpoints under one condition.

Error control: each rung may be reached falsely with probability alpha at most, over all endpoints and
conditions together. Occurrence is reached by the coin alone, at `tests / alpha`. Content can be reached in
two ways, by the barcode or by pairs of random against repeated addresses, so each of the two has half of
alpha. The latter also have to send the more, the more was planted: a coin that the app learned of otherwise
makes it busier in one half, and says nothing of lengths.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from hometruth.model import Condition, Effect, Room, Rung
from hometruth.opaque.barcode import barcode_p
from hometruth.opaque.evidence import FOLLOWS_LEVEL, follow_p, mean_e_value, per_planted_byte, score
from hometruth.opaque.objections import loss, objections, rooms
from hometruth.opaque.pairs import Half, Pair

NOTHING = Half()
WAYS_TO_CONTENT = 2
"""The barcode, and random against repeated addresses: alpha is split between them."""


@dataclass(frozen=True, slots=True)
class _Test:
    """What all endpoints of a condition share."""

    condition: Condition
    pairs: Sequence[Pair]
    planned_pairs: int
    tests: int
    alpha: float
    rng: Random

    @property
    def threshold(self) -> float:
        """What the coin's e-value has to reach for occurrence."""
        return self.tests / self.alpha

    @property
    def content_threshold(self) -> float:
        """What the e-value of random against repeated addresses has to reach for content."""
        return WAYS_TO_CONTENT * self.threshold

    @property
    def barcode_level(self) -> float:
        """What the barcode of one trial has to reach for content."""
        return self.alpha / (WAYS_TO_CONTENT * self.tests * self.planned_pairs)


def assess(
    condition: Condition,
    pairs: Sequence[Pair],
    halves: Mapping[str, Mapping[str, Half]],
    *,
    planned_pairs: int,
    alpha: float,
    rng: Random,
    tests: int | None = None,
) -> list[Effect]:
    """One effect per group of endpoints, in the order of *halves*.

    Args:
        pairs: As planned so far, lost ones included.
        halves: Group of endpoints -> trial -> what it sent; all groups of the plan, silent ones too.
        planned_pairs: Where the stop rule ends; fixes Bonferroni's denominator of the barcode.
        alpha: Family-wise over the tests, for each rung.
        rng: For re-drawn barcodes.
        tests: Groups of endpoints times conditions of the plan (K); only the groups if there is but one
        condition.
    """
    test = _Test(condition, pairs, planned_pairs, tests or len(halves), alpha, rng)
    return [_effect(name, sent, test) for name, sent in halves.items()]


def _effect(endpoint: str, sent: Mapping[str, Half], test: _Test) -> Effect:
    occurrence = [pair for pair in test.pairs if not pair.content]
    whole = [pair for pair in occurrence if pair.treated_valid and pair.control_valid]
    e_value, (wins, untied) = coin(whole, sent)
    content = [pair for pair in test.pairs if pair.content and pair.treated_valid and pair.control_valid]
    content_e = coin(content, sent)[0]
    follows = content_follow_p(content, sent)
    level = test.barcode_level
    p, trial = _best_barcode(test.pairs, sent, level, test.rng)
    by_random_addresses = content_e >= test.content_threshold and follows <= FOLLOWS_LEVEL
    return Effect(
        endpoint=endpoint,
        condition=test.condition,
        rung=_rung(e_value >= test.threshold, p <= level or by_random_addresses),
        pairs=len(whole),
        planned_pairs=test.planned_pairs,
        wins=wins,
        untied=untied,
        e_value=e_value,
        threshold=test.threshold,
        barcode_p=p,
        barcode_level=level,
        barcode_trial=trial,
        treated_bytes=sum(_sent(sent, pair.treated) for pair in occurrence if pair.treated_valid),
        per_planted_byte=per_planted_byte(
            _differences(whole, sent), [sum(pair.planted_bits) / 8 for pair in whole]
        ),
        room=room_in(test.pairs, [sent]),
        lost_treated=sum(not pair.treated_valid for pair in occurrence),
        lost_control=sum(not pair.control_valid for pair in occurrence),
        content_pairs=len(content),
        content_e_value=content_e,
        content_threshold=test.content_threshold,
        content_follow_p=follows,
        content_follow_level=FOLLOWS_LEVEL,
        sessions=len(occurrence),
        loss=loss(occurrence),
        objections=tuple(objections(occurrence, sent, test.planned_pairs, e_value, test.threshold)),
    )


def room_in(pairs: Sequence[Pair], sent: Sequence[Mapping[str, Half]]) -> tuple[Room, ...]:
    """The room for leaks in what several groups of endpoints were sent together."""
    occurrence = [pair for pair in pairs if not pair.content]
    valid = [pair for pair in occurrence if pair.treated_valid]
    sizes = [sum(_sent(group, pair.treated) for group in sent) for pair in valid]
    bits = [pair.planted_bits for pair in valid]
    return tuple(rooms(sizes, bits, missing=len(occurrence) - len(valid)))


def _rung(occurrence: bool, content: bool) -> Rung:
    if content:
        return Rung.CONTENT
    return Rung.OCCURRENCE if occurrence else Rung.NONE


def coin(pairs: Sequence[Pair], sent: Mapping[str, Half]) -> tuple[float, tuple[int, int]]:
    """The e-value averaged over the three features, and wins and untied pairs of the first."""
    halves = [(sent.get(pair.treated, NOTHING), sent.get(pair.control, NOTHING)) for pair in pairs]
    scores = [
        score(treated.size_bytes - control.size_bytes for treated, control in halves),
        score(len(treated.atoms) - len(control.atoms) for treated, control in halves),
        score(treated.largest - control.largest for treated, control in halves),
    ]
    return mean_e_value(scores), scores[0]


def content_follow_p(pairs: Sequence[Pair], sent: Mapping[str, Half]) -> float:
    """How likely these pairs' differences in bytes grow with what was planted as they do, by chance."""
    return follow_p(_differences(pairs, sent), [pair.planted_bits for pair in pairs])


def _differences(pairs: Sequence[Pair], sent: Mapping[str, Half]) -> list[int]:
    """Bytes of the treated halves minus those of the control halves."""
    return [_sent(sent, pair.treated) - _sent(sent, pair.control) for pair in pairs]


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


def may_stop(
    pairs: Sequence[Pair],
    halves: Iterable[Mapping[str, Half]],
    *,
    tests: int,
    alpha: float,
    content: bool = False,
) -> bool:
    """True if one of the groups of endpoints went over the line of its rung.

    The number of pairs planned ends a rung otherwise. The barcode ends none: it costs no pair of its own,
    and the coin is wanted beside it.

    Args:
        halves: For each group, trial -> what it sent.
        tests: Groups of endpoints times conditions of the plan (K).
        content: Look at the pairs of random against repeated addresses, instead of those against a sham.
    """
    line = (WAYS_TO_CONTENT if content else 1) * tests / alpha
    whole = [pair for pair in pairs if pair.content is content and pair.treated_valid and pair.control_valid]
    return any(
        coin(whole, sent)[0] >= line and (not content or content_follow_p(whole, sent) <= FOLLOWS_LEVEL)
        for sent in halves
    )
