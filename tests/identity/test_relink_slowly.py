"""Scores, halves and ties once more, written plainly with dictionaries: the results agree to the person."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from hometruth.identity.events import Events
from hometruth.identity.relink import measure_relink

People = dict[int, Counter[int]]
Weights = Mapping[int, float]


def _hardly_different_people(n_people: int, seed: int) -> Events:
    """People of whom some are put back and some are not, with rows in no order and times that repeat."""
    rng = np.random.default_rng(seed)
    common = 1 / np.arange(1, 301)
    rows = []
    for person in range(n_people):
        chance = 0.5 * rng.dirichlet(np.full(300, 0.3)) + 0.5 * common / common.sum()
        size = int(rng.integers(20, 120))
        rows += [(person, item, rng.integers(0, 500)) for item in rng.choice(300, size, p=chance)]
    table = rng.permutation(np.array(rows))
    return Events(table[:, 0], table[:, 1], n_people, 300, time=table[:, 2].astype(np.float64))


def _halves(events: Events) -> tuple[People, People]:
    assert events.time is not None
    rows = defaultdict(list)
    for place, (user, item, time) in enumerate(zip(events.user, events.item, events.time, strict=True)):
        rows[int(user)].append((time, place, int(item)))
    known, nameless = {}, {}
    for user, own in rows.items():
        items = [item for _, _, item in sorted(own)]
        known[user] = Counter(items[: len(items) // 2])
        nameless[user] = Counter(items[len(items) // 2 :])
    return known, nameless


def _tfidf(known: People) -> Callable[[Counter[int], int], float]:
    people = Counter(item for own in known.values() for item in own)

    def unit(counts: Counter[int]) -> Weights:
        weights = {
            item: math.log(1 + times) * math.log((len(known) + 1) / people[item]) if item in people else 0.0
            for item, times in counts.items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values()))
        return {item: weight / length for item, weight in weights.items()}

    units = {user: unit(own) for user, own in known.items()}
    return lambda probe, user: sum(weight * units[user].get(item, 0) for item, weight in unit(probe).items())


def _jaccard(known: People) -> Callable[[Counter[int], int], float]:
    return lambda probe, user: len(probe.keys() & known[user].keys()) / len(probe.keys() | known[user].keys())


def _llr(known: People) -> Callable[[Counter[int], int], float]:
    together: Counter[int] = sum(known.values(), Counter())

    def score(probe: Counter[int], user: int) -> float:
        own = known[user]
        return sum(
            math.log(1 + 9 * (own[item] / own.total()) / (together[item] / together.total()))
            for item in probe.keys() & own.keys()
        )

    return score


@pytest.mark.parametrize(("name", "scorer"), [("tfidf", _tfidf), ("jaccard", _jaccard), ("llr", _llr)])
def test_the_same_people_are_put_back(name: str, scorer: Callable[[People], Callable[..., float]]) -> None:
    events = _hardly_different_people(80, seed=5)
    known, nameless = _halves(events)
    score = scorer(known)
    right = 0.0
    for user, probe in nameless.items():
        scores = {other: score(probe, other) for other in known}
        best = max(scores.values())
        level = [other for other, value in scores.items() if value >= best * (1 - 1e-12)]
        right += (user in level) / len(level)

    assert 1 < right < 60, "a test that could not fail"
    assert measure_relink(events).scores[name].right == pytest.approx(right)
