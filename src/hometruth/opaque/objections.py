"""What nothing found leaves open: lost trials, a missed spike, a run broken off, a suspicion.

And bounds that need no model of the noise: a trial that sent fewer bytes than a leak has did not send it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import exp, inf, isnan, log, pi

from hometruth.model import SUSPICIOUS_E, Interval, Reason, ReasonKind, Room
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


CONFIDENCE = 0.95
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


MOST_LOG = 700.0
"""Largest exponent that a float can hold."""


def coin_e_value(wins: int, n: int) -> float:
    """Wealth after *n* pairs without ties of which the treated half was larger in *wins*.

    ``2^n B(wins + 1/2, n - wins + 1/2) / pi``; infinite beyond what a float holds.

    Raises:
        ValueError: If *wins* is outside 0..n.
    """
    from scipy.special import betaln  # noqa: PLC0415 - a second of import that most commands need not pay

    if not 0 <= wins <= n:
        raise ValueError(f"{wins} wins of {n} pairs")
    exponent = n * log(2) + float(betaln(wins + 0.5, n - wins + 0.5)) - log(pi)
    return inf if exponent > MOST_LOG else exp(exponent)


def score(differences: Iterable[float]) -> tuple[int, int]:
    """Wins and untied pairs of the differences, treated half minus control half."""
    untied = [difference for difference in differences if difference]
    return sum(difference > 0 for difference in untied), len(untied)


def mean_e_value(scores: Sequence[tuple[int, int]]) -> float:
    """Average over several bets on the same coins: an e-value again, however they depend on each other."""
    return sum(coin_e_value(wins, n) for wins, n in scores) / len(scores)


CONFIDENCE = 0.95


FOLLOWS_LEVEL = 0.01
"""Differences that know nothing of what was planted follow it this well once in a hundred."""


FEWEST_TO_FOLLOW = 5


def per_planted_byte(differences: Sequence[float], planted_bytes: Sequence[float]) -> Interval | None:
    """Median over the pairs of bytes out per planted byte, with the interval that order statistics give.

    None if there are too few pairs for any interval.
    """
    from scipy.stats import quantile_test  # noqa: PLC0415 - a second of import

    ratios = sorted(d / planted for d, planted in zip(differences, planted_bytes, strict=True) if planted)
    if not ratios:
        return None
    interval = quantile_test(ratios, q=0.0, p=0.5).confidence_interval(CONFIDENCE)
    low, high = float(interval.low), float(interval.high)
    if isnan(low) or isnan(high):
        return None
    half = len(ratios) // 2
    median = ratios[half] if len(ratios) % 2 else (ratios[half - 1] + ratios[half]) / 2
    return Interval(median, low, high)


def follow_p(differences: Sequence[float], planted: Sequence[Sequence[float]]) -> float:
    """Probability that *differences* rank this much like what was planted, by chance alone.

    Like all that was planted in each pair, or like what one of the visits planted, the first of each pair,
    the second and so on: an app may tell a single one. Each of the two ways has half (Bonferroni), the
    visits share theirs. Spearman's rank correlation, one-sided; 1 if there are too few pairs.
    """
    if len(differences) < FEWEST_TO_FOLLOW:
        return 1.0
    visits = list(zip(*planted, strict=False))
    alone = [_rank_p(differences, visit) for visit in visits]
    in_all = _rank_p(differences, [sum(each) for each in planted])
    return min(1.0, 2 * in_all, 2 * len(visits) * min(alone, default=1.0))


def _rank_p(differences: Sequence[float], planted: Sequence[float]) -> float:
    """One-sided p of the rank correlation; 1 if nothing varies: then nothing can follow."""
    from scipy.stats import spearmanr  # noqa: PLC0415 - a second of import

    if len(set(differences)) == 1 or len(set(planted)) == 1:
        return 1.0
    return float(spearmanr(differences, planted, alternative="greater").pvalue)
