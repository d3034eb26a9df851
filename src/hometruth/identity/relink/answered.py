"""How many probes can be answered so that 95 % of the answers are right."""

from dataclasses import dataclass

import numpy as np

from hometruth.identity.population import Floats
from hometruth.identity.relink.ranks import Ranks

RIGHT = 0.95
N_DIVISIONS = 20
"""Times the probes are divided anew; the results are averaged."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a careful attacker gets, who stays silent when in doubt."""

    share: float
    """Probes answered, of all."""
    right: float | None
    """Answers that were right; None if nothing was answered."""


def answered_at(ranks: Ranks, rng: np.random.Generator, right: float = RIGHT) -> Answered:
    """Choose the least margin on half of the probes, answer the other half with it, and the other way round.

    A threshold chosen on the probes it is used on would flatter the attacker.
    """
    n_probes = len(ranks.right)
    answers, hits = 0, 0.0
    for _ in range(N_DIVISIONS):
        order = rng.permutation(n_probes)
        one, other = order[: n_probes // 2], order[n_probes // 2 :]
        for chosen_on, used_on in ((one, other), (other, one)):
            least = threshold(ranks.margin[chosen_on], ranks.right[chosen_on], right)
            answered = used_on[ranks.margin[used_on] >= least]
            answers += len(answered)
            hits += float(ranks.right[answered].sum())
    return Answered(answers / (N_DIVISIONS * n_probes), hits / answers if answers else None)


def threshold(margin: Floats, right: Floats, wanted: float) -> float:
    """The least margin from which on at least *wanted* of the answers are right; infinite if none does."""
    order = np.argsort(-margin, kind="stable")
    margin, share = margin[order], np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    # Equal margins are answered together or not at all.
    last_of_equal = np.append(margin[1:] != margin[:-1], True) if len(margin) else np.empty(0, bool)
    good = np.flatnonzero((share >= wanted) & last_of_equal)
    return float(margin[good[-1]]) if len(good) else float("inf")
