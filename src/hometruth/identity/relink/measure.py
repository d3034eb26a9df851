"""Whether nameless traces can be put back to their people: rates, intervals, and what chance gives."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hometruth.errors import TableError
from hometruth.identity.bootstrap import interval
from hometruth.identity.population import Population, make_population
from hometruth.identity.relink.answered import Answered, answered_at
from hometruth.identity.relink.open_set import open_set
from hometruth.identity.relink.ranks import rank
from hometruth.identity.relink.scoreboard import CASES, Scoreboard, scoreboard
from hometruth.identity.relink.scores import SCORES, Scorer, tfidf
from hometruth.identity.relink.split import Matrix, Split, can_be_halved, coin, halves
from hometruth.identity.relink.traces import FEW, few_events, one_session
from hometruth.identity.table import Events

SplitName = Literal["halves", "coin"]

CURVE_SIZES = (10, 25, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
CURVE_PROBES = 4_000
"""Probes per size, over all sub-populations drawn of it; at least 3 sub-populations, at most 20."""
MAX_PROBES = 5_000
"""Probes tried; of more a random choice is taken, still against everybody."""
MAX_OPEN_SET = 3_000
"""People in the open-set test, drawn at random from more: it is run several times."""
SEED = 1


@dataclass(frozen=True, slots=True)
class Score:
    """How one way to compare traces did."""

    rank1: float
    """Share of probes whose best match is the right person; ties share."""
    right: float
    """The same as a number of probes."""
    low: float
    high: float
    rank5: float
    answered: Answered
    open_set: float | None
    """Found and right at 1 % false alarms, half of the people being strangers; None for too few people."""


@dataclass(frozen=True, slots=True)
class Relink:
    """How often nameless traces were put back, among these people."""

    people: int
    """Of whom something is known: the closed set."""
    probes: int
    split: SplitName | None
    """None for sets, which cannot be halved: see `scoreboard`."""
    scores: dict[str, Score]
    curve: dict[int, float]
    """Size of a random sub-population to the rank 1 of tfidf in it."""
    sessions: dict[str, tuple[float, int]] | None
    """Different items in one later session to the share put back, and the sessions; None without times."""
    few: dict[int, dict[str, float]] | None
    """A few random events of the other half to the share put back by each score; None with times."""
    scoreboard: tuple[Scoreboard, ...]

    @property
    def chance(self) -> float:
        """What guessing gives."""
        return 1 / self.people


def measure_relink(events: Events, split: SplitName | None = None, *, seed: int = SEED) -> Relink:
    """Split everybody's events, and try to put the nameless half back.

    Args:
        split: Later half against earlier half, or by a coin; None takes halves if there are times.

    Raises:
        TableError: If there is only one person, or *split* does not fit the table.
    """
    if events.n_people < 2:
        raise TableError("the table has one person only; re-linking needs others to tell that person from")
    if split == "halves" and events.time is None:
        raise TableError("halves need times: name their column with --time, or use --split coin")
    rng = np.random.default_rng(seed)
    name: SplitName = split or ("halves" if events.time is not None else "coin")
    if not can_be_halved(events):
        if split is not None:
            raise TableError(
                "the table holds sets: nothing occurs twice for a person, so that halves have nothing in "
                "common; without --split a few points are tried instead"
            )
        population = make_population(events.user, events.item, events.n_people, events.n_items)
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
