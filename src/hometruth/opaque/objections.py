"""What nothing found leaves open: lost trials, a missed spike, a run broken off, a suspicion.

And bounds that need no model of the noise: a trial that sent fewer bytes than a leak has did not send it.
"""

from collections.abc import Iterator, Mapping, Sequence

from hometruth.bounds import CONFIDENCE
from hometruth.model import SUSPICIOUS_E, Reason, ReasonKind, Room
from hometruth.opaque.evidence import mean_e_value, score
from hometruth.opaque.pairs import Half, Pair

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


FIXED_LEAKS = (128, 32)
"""Bytes: an address cut short, and a digest."""


def rooms(sent_bytes: Sequence[int], planted_bits: Sequence[Sequence[float]], missing: int = 0) -> list[Room]:
    """For each size of leak, in how many treated trials it would have fitted, and the bound on the share.

    Args:
        sent_bytes: Bytes to the endpoint, one number a treated trial.
        planted_bits: Entropy of each address planted in that trial: no compression gets below it.
        missing: Trials without a result: each may have had room.
    """
    everything = [sum(bits) / 8 for bits in planted_bits]
    address = [min(bits, default=0.0) / 8 for bits in planted_bits]
    leaks: list[tuple[str, Sequence[float]]] = [("everything", everything), ("address", address)]
    leaks += [(f"{size} bytes", [float(size)] * len(sent_bytes)) for size in FIXED_LEAKS]
    return [_room(name, sizes, sent_bytes, missing) for name, sizes in leaks]


def _room(leak: str, sizes: Sequence[float], sent_bytes: Sequence[int], missing: int) -> Room:
    fitting = sum(sent >= size for sent, size in zip(sent_bytes, sizes, strict=True)) + missing
    n = len(sent_bytes) + missing
    return Room(leak, max(sizes, default=0.0), fitting, share_bound_percent(fitting, n))


def share_bound_percent(hits: int, n: int) -> float:
    """Largest share of sessions, in per cent, that fits *hits* in *n* (Clopper-Pearson, 95 %)."""
    from scipy.stats import binomtest  # noqa: PLC0415 - a second of import

    if n == 0:
        return 100.0
    interval = binomtest(hits, n, alternative="less").proportion_ci(CONFIDENCE, method="exact")
    return 100.0 * float(interval.high)
