"""Whether nameless traces can be put back to their people: rates, intervals, and what chance gives.

Also how many probes can be answered so that 95 % of the answers are right, and what is left to an attacker
who does not know whether the person is among the known ones at all.
"""

from collections.abc import Callable

import numpy as np

from hometruth.errors import TableError
from hometruth.identity.events import EventTable, Floats
from hometruth.identity.population import Population, interval, population_of
from hometruth.identity.traces import (
    CASES,
    FEW,
    SCORES,
    Matrix,
    Ranks,
    Scorer,
    Split,
    can_be_halved,
    coin,
    few_events,
    halves,
    one_session,
    rank,
    scoreboard,
    tfidf,
)
from hometruth.model.reidentification import Answered, Relink, Score, Scoreboard, SplitName

RIGHT = 0.95
N_DIVISIONS = 20
"""Times the probes are divided anew; the results are averaged."""


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


FALSE_ALARMS = 0.01
"""Strangers who may be taken for somebody known."""
MIN_PEOPLE = 20
"""Below this, half of the people are too few strangers to speak of one in a hundred at all."""
STRANGERS_DRAWN = 10
"""Times half of the people are made strangers; the results are averaged."""


def open_set(
    split: Split, scorer: Callable[[Matrix], Scorer], rng: np.random.Generator, times: int = STRANGERS_DRAWN
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


CURVE_SIZES = (10, 25, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
CURVE_PROBES = 4_000
"""Probes per size, over all sub-populations drawn of it; at least 3 sub-populations, at most 20."""
MAX_PROBES = 5_000
"""Probes tried; of more a random choice is taken, still against everybody."""
MAX_OPEN_SET = 3_000
"""People in the open-set test, drawn at random from more: it is run several times."""
SEED = 1


def measure_relink(events: EventTable, split: SplitName | None = None, *, seed: int = SEED) -> Relink:
    """Split everybody's events, and try to put the nameless half back.

    Args:
        split: Later half against earlier half, or by a coin; None takes halves if there are times.

    Raises:
        TableError: If there is only one person, or *split* does not fit the table.
    """
    if events.n_people < 2:
        raise TableError("the table has one person only; re-linking needs others to tell that person from")
    if split == "halves" and not events.has_times:
        raise TableError("halves need times: name their column with --time, or use --split coin")
    rng = np.random.default_rng(seed)
    name: SplitName = split or ("halves" if events.has_times else "coin")
    if not can_be_halved(events):
        if split is not None:
            raise TableError(
                "the table holds sets: nothing occurs twice for a person, so that halves have nothing in "
                "common; without --split a few points are tried instead"
            )
        population = population_of(events)
        return Relink(events.n_people, 0, None, {}, {}, None, None, _scoreboards(population, rng))
    whole = halves(events) if name == "halves" else coin(events, rng)
    if whole.n_people < 2 or not len(whole.owners):
        raise TableError(
            "fewer than two people have events in both halves; re-linking needs more events a person"
        )
    probes = _some_probes(whole, rng)
    return Relink(
        people=whole.n_people,
        probes=len(probes.owners),
        split=name,
        scores={score: _measured(probes, whole, scorer, rng) for score, scorer in SCORES.items()},
        curve=_curve(whole, rng),
        sessions=one_session(events, tfidf, rng) if name == "halves" else None,
        few=_few(probes, rng) if name == "coin" else None,
        scoreboard=(),
    )


def _measured(
    probes: Split, whole: Split, scorer: Callable[[Matrix], Scorer], rng: np.random.Generator
) -> Score:
    ranks = rank(probes, scorer)
    low, high = interval(ranks.right, rng)
    some = whole.only(_some(whole.n_people, MAX_OPEN_SET, rng))
    return Score(
        rank1=float(ranks.right.mean()),
        right=float(ranks.right.sum()),
        low=low,
        high=high,
        rank5=float(ranks.right_of_five.mean()),
        answered=answered_at(ranks, rng),
        open_set=open_set(some, scorer, rng),
    )


def _curve(split: Split, rng: np.random.Generator) -> dict[int, float]:
    found = {}
    for size in (size for size in CURVE_SIZES if size < split.n_people):
        times = int(np.clip(CURVE_PROBES // size, 3, 20))
        parts = [split.only(_some(split.n_people, size, rng)) for _ in range(times)]
        rates = [rank(part, tfidf).right.mean() for part in parts if len(part.owners)]
        if rates:
            found[size] = float(np.mean(rates))
    return found


def _few(probes: Split, rng: np.random.Generator) -> dict[int, dict[str, float]]:
    return {
        number: {
            name: float(few_events(probes, number, scorer, rng).mean()) for name, scorer in SCORES.items()
        }
        for number in FEW
    }


def _scoreboards(population: Population, rng: np.random.Generator) -> tuple[Scoreboard, ...]:
    tried = (scoreboard(population, points, wrong, rng) for points, wrong in CASES)
    return tuple(board for board in tried if board is not None)


def _some(n_people: int, most: int, rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    if n_people <= most:
        return np.arange(n_people)
    return np.sort(rng.choice(n_people, most, replace=False))


def _some_probes(split: Split, rng: np.random.Generator) -> Split:
    chosen = _some(len(split.owners), MAX_PROBES, rng)
    return Split(split.gallery, split.probes[chosen], split.owners[chosen])
