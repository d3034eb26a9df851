"""The attacker who does not know whether the person is among the known ones at all."""

from collections.abc import Callable

import numpy as np

from hometruth.identity.relink.ranks import rank
from hometruth.identity.relink.scores import Scorer
from hometruth.identity.relink.split import Matrix, Split

FALSE_ALARMS = 0.01
"""Strangers who may be taken for somebody known."""
MIN_PEOPLE = 20
"""Below this, half of the people are too few strangers to speak of one in a hundred at all."""
N_DIVISIONS = 10


def open_set(
    split: Split, scorer: Callable[[Matrix], Scorer], rng: np.random.Generator, times: int = N_DIVISIONS
) -> float | None:
    """Share of probes of known people found and right, at 1 % false alarms among as many strangers.

    Half of the people, drawn at random, are known; the rest are strangers. An answer is given from the margin
    on that one stranger in a hundred reaches. The mean of several divisions; None for too few people.
    """
    if split.n_people < MIN_PEOPLE:
        return None
    found = []
    for _ in range(times):
        known = np.zeros(split.n_people, bool)
        known[rng.choice(split.n_people, split.n_people // 2, replace=False)] = True
        people = np.flatnonzero(known)
        ours = rank(split.only(people), scorer)
        strangers = np.flatnonzero(~known[split.owners])
        if not len(ours.right) or not len(strangers):
            continue
        # Whose they are is asked by nothing but `right`, which is not used for strangers.
        theirs = rank(
            Split(split.gallery[people], split.probes[strangers], np.zeros(len(strangers), np.int64)), scorer
        )
        least = np.quantile(theirs.margin, 1 - FALSE_ALARMS)
        found.append(float((ours.right * (ours.margin > least)).mean()))
    return float(np.mean(found)) if found else None
