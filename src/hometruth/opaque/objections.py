"""Why nothing found proves nothing yet: lost trials, a missed spike, a run broken off, a suspicion."""

from collections.abc import Iterator, Mapping, Sequence

from hometruth.model import SUSPICIOUS_E, Reason, ReasonKind
from hometruth.opaque.evalue import mean_e_value, score
from hometruth.opaque.halves import Half
from hometruth.opaque.pair import Pair

MOST_LOST = 0.05
"""Share of trials that may be lost."""
UNEQUAL_P = 0.05
"""Losses this uneven between the halves by chance once in 20 runs: traffic may decide what is lost."""
SPIKE = 4 / 3
"""Bytes added per planted byte in our own check: base64."""


def objections(
    pairs: Sequence[Pair],
    sent: Mapping[str, Half],
    planned_pairs: int,
    e_value: float,
    threshold: float,
) -> Iterator[Reason]:
    """Objections to reading silence at one endpoint."""
    whole = [pair for pair in pairs if pair.treated_valid and pair.control_valid]
    treated, control = _lost(pairs)
    if told := loss(pairs):
        yield told
    if len(whole) + max(treated, control) < planned_pairs and e_value < threshold:
        yield Reason.of(ReasonKind.PAIRS_NOT_RUN, n=len(whole), of=planned_pairs)
    if SUSPICIOUS_E <= e_value < threshold:
        yield Reason.of(ReasonKind.PAIRS_SUSPICIOUS, e_value=e_value, needed=threshold)
    if whole and _spiked(whole, sent) < threshold:
        yield Reason.of(ReasonKind.SPIKE_MISSED)


def loss(pairs: Sequence[Pair]) -> Reason | None:
    """What is wrong with the trials that were lost, None if nothing: too many, or too unlike in the
    halves."""
    treated, control = _lost(pairs)
    if treated + control > MOST_LOST * 2 * len(pairs):
        return Reason.of(ReasonKind.TRIALS_LOST, n=treated + control, of=2 * len(pairs))
    if _unequal(treated, control):
        return Reason.of(ReasonKind.TRIALS_LOST_UNEVENLY, treated=treated, control=control)
    return None


def _lost(pairs: Sequence[Pair]) -> tuple[int, int]:
    return sum(not pair.treated_valid for pair in pairs), sum(not pair.control_valid for pair in pairs)


def _unequal(treated: int, control: int) -> bool:
    from scipy.stats import binomtest  # noqa: PLC0415 - a second of import

    return treated + control > 0 and binomtest(treated, treated + control).pvalue < UNEQUAL_P


def _spiked(pairs: Sequence[Pair], sent: Mapping[str, Half]) -> float:
    """The e-value if each treated half had sent what its control half did and all that was planted.

    Neighbouring control halves are set against each other, so that their noise counts.
    """
    nothing = Half()
    controls = [sent.get(pair.control, nothing).size_bytes for pair in pairs]
    spiked = [
        controls[n] + SPIKE * sum(pair.planted_bits) / 8 - controls[n - 1] for n, pair in enumerate(pairs)
    ]
    return mean_e_value([score(spiked)])
