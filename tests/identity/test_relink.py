"""Putting nameless traces back: on controls, by hand, and on real data."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from hometruth.errors import TableError
from hometruth.identity.population import make_population
from hometruth.identity.relink import answered_at, measure_relink, threshold
from hometruth.identity.table import read_events
from hometruth.identity.traces import (
    SCORES,
    Ranks,
    Split,
    coin,
    halves,
    jaccard,
    likelihood,
    margins,
    rank,
    scoreboard,
    tfidf,
)
from hometruth.model.reidentification import Relink
from tests.identity.worlds import creatures_of_habit, events_of, held

HABITS = creatures_of_habit(60, 80, seed=4)


def _matrix(rows: Sequence[Sequence[float]]) -> sparse.csr_array:
    return sparse.csr_array(np.array(rows, np.float64))


def test_people_of_habit_are_put_back() -> None:
    found = measure_relink(HABITS)

    assert (found.people, found.probes, found.split) == (60, 60, "halves")
    assert found.chance == pytest.approx(1 / 60)
    for score in found.scores.values():
        assert score.rank1 > 0.9
        assert score.low <= score.rank1 <= score.high
        assert score.right == pytest.approx(score.rank1 * 60)


@pytest.mark.parametrize("scorer", SCORES)
def test_shuffled_labels_fall_to_chance(scorer: str) -> None:
    split = halves(HABITS)
    rng = np.random.default_rng(8)
    rates = [
        rank(Split(split.gallery, split.probes, rng.permutation(split.owners)), SCORES[scorer]).right.mean()
        for _ in range(100)
    ]

    assert np.mean(rates) == pytest.approx(1 / 60, abs=0.007)


def test_shuffled_items_fall_to_chance() -> None:
    rng = np.random.default_rng(9)
    rates = []
    for _ in range(20):
        items = HABITS.item.reshape(60, 80).copy()
        later = items[:, 40:].ravel()
        rng.shuffle(later)
        items[:, 40:] = later.reshape(60, 40)
        rates.append(rank(halves(dataclasses.replace(HABITS, item=items.ravel())), tfidf).right.mean())

    assert np.mean(rates) == pytest.approx(1 / 60, abs=0.015)


def test_people_all_alike_share_the_first_place() -> None:
    rows = [(person, item) for person in range(10) for item in (0, 1, 0, 1)]
    found = measure_relink(events_of(rows, times=[0.0, 1, 2, 3] * 10))

    assert {round(score.rank1, 9) for score in found.scores.values()} == {0.1}
    assert {score.answered.share for score in found.scores.values()} == {0}


def test_the_scores_by_hand() -> None:
    gallery = _matrix([[3, 1, 0], [0, 1, 0]])
    probe = _matrix([[1, 1, 5]])
    rare, common = np.log(3 / 1), np.log(3 / 2)
    known = np.array([np.log(4) * rare, np.log(2) * common])
    asked = np.array([np.log(2) * rare, np.log(2) * common])
    cosine = known @ asked / np.linalg.norm(known) / np.linalg.norm(asked)
    alone = asked[1] / np.linalg.norm(asked)

    assert tfidf(gallery)(probe)[0] == pytest.approx([cosine, alone])
    assert jaccard(gallery)(probe)[0] == pytest.approx([2 / 3, 1 / 3])
    assert likelihood(gallery)(probe)[0] == pytest.approx(
        [np.log(1 + 9 * 0.75 / 0.6) + np.log(1 + 9 * 0.25 / 0.4), np.log(1 + 9 * 1 / 0.4)]
    )


def test_ties_share_and_five_are_counted() -> None:
    gallery = _matrix([[1, 0]] * 4 + [[0, 1]] * 4)
    ranks = rank(Split(gallery, _matrix([[1, 0], [0, 1]]), np.array([0, 0])), jaccard)

    assert ranks.right.tolist() == [0.25, 0]
    assert ranks.right_of_five.tolist() == [1, 0.25]
    assert ranks.margin.tolist() == [0, 0]


def test_blocks_of_probes_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rank(halves(HABITS), tfidf).right.tolist()
    monkeypatch.setattr("hometruth.identity.traces.SCORES_AT_ONCE", 130)

    assert rank(halves(HABITS), tfidf).right.tolist() == whole


def test_the_earlier_half_is_rounded_down_and_in_time_order() -> None:
    split = halves(events_of([(0, 0), (0, 1), (0, 2), (1, 2), (1, 1)], times=[3.0, 2, 1, 5, 5]))

    assert split.gallery.toarray().tolist() == [[0, 0, 1], [0, 0, 1]]
    assert split.probes.toarray().tolist() == [[1, 1, 0], [0, 1, 0]]


def test_who_has_one_event_only_is_not_known() -> None:
    split = halves(events_of([(0, 0), (1, 0), (1, 1), (2, 0), (2, 1)], times=[0.0, 0, 1, 0, 1]))

    assert split.n_people == 2
    assert split.owners.tolist() == [0, 1]


def test_a_coin_divides_counts_without_losing_any() -> None:
    events = events_of([(0, 0), (0, 1), (1, 0)], counts=[100, 7, 50])
    split = coin(events, np.random.default_rng(1))

    assert (split.gallery + split.probes).toarray().tolist() == [[100, 7], [50, 0]]
    assert 30 < split.gallery.toarray()[0, 0] < 70


def test_margins() -> None:
    assert margins(np.array([[1.0, 4, 3], [0, 0, 0], [2, 2, 1]])).tolist() == [0.25, 0, 0]


def test_the_threshold_is_the_least_margin_that_keeps_the_answers_right() -> None:
    margin, right = np.array([0.9, 0.8, 0.7, 0.6]), np.array([1.0, 1, 0, 1])

    assert threshold(margin, right, 0.95) == 0.8
    assert threshold(margin, right, 0.75) == 0.6
    assert threshold(margin, 1 - right, 0.95) == float("inf")


def test_equal_margins_are_answered_together() -> None:
    assert threshold(np.array([0.5, 0.5, 0.5]), np.array([1.0, 0, 1]), 0.95) == float("inf")


def test_a_threshold_is_not_chosen_on_those_it_is_used_on() -> None:
    """With margins that say nothing, luck on one half does not carry over to the other."""
    rng = np.random.default_rng(1)
    right = (rng.random(400) < 0.5).astype(np.float64)
    answered = answered_at(Ranks(right, right, rng.random(400)), rng)

    assert answered.share < 0.1
    assert answered.right is None or answered.right < 0.75


def test_sets_are_not_halved() -> None:
    rows = [(person, item) for person in range(30) for item in range(person, person + 12)]
    found = measure_relink(events_of(rows))

    assert (found.split, found.scores) == (None, {})
    assert [(board.points, board.wrong) for board in found.scoreboard] == [
        (4, 0),
        (4, 1),
        (8, 0),
        (8, 2),
        (10, 3),
    ]


def test_sets_with_times_are_not_halved_either() -> None:
    rows = [(person, item) for person in range(30) for item in range(person, person + 12)]

    assert measure_relink(events_of(rows, times=range(len(rows)))).split is None


def test_a_repeated_row_does_not_make_a_set_more() -> None:
    rows = [(person, item) for person in range(30) for item in range(person, person + 12)]

    assert measure_relink(events_of([*rows, rows[0]])).split is None


def test_the_scoreboard_finds_nobody_among_people_all_alike() -> None:
    rows = np.array([(person, item) for person in range(50) for item in range(10)])
    board = scoreboard(make_population(rows[:, 0], rows[:, 1], 50, 10), 4, 0, np.random.default_rng(1))

    assert board is not None
    assert board.rank1 == pytest.approx(1 / 50)
    assert board.answered == 0
    assert (board.people, board.tried) == (50, 2_000)  # several traces of each, as there are so few


def test_of_many_people_one_trace_each_is_tried() -> None:
    rows = np.array([(person, item) for person in range(1_500) for item in range(4)])
    population = make_population(rows[:, 0], rows[:, 1], 1_500, 4)
    board = scoreboard(population, 4, 0, np.random.default_rng(1))

    assert board is not None
    assert (board.people, board.tried) == (1_500, 1_500)


@pytest.mark.parametrize(
    ("events", "split", "words"),
    [
        (events_of([(0, 0), (0, 0)]), None, "one person only"),
        (events_of([(0, 0), (1, 0), (1, 0)]), "halves", "halves need times"),
        (events_of([(0, 0), (1, 0), (1, 0)], times=[0.0, 0, 1]), None, "more events a person"),
        (events_of([(0, 0), (0, 1), (1, 0), (1, 2)], times=[0.0, 1, 0, 1]), "halves", "holds sets"),
        (events_of([(0, 0), (0, 1), (1, 0), (1, 2)]), "coin", "holds sets"),
    ],
)
def test_what_cannot_be_measured_is_said(events: object, split: object, words: str) -> None:
    with pytest.raises(TableError, match=words):
        measure_relink(events, split)  # type: ignore[arg-type]


def test_no_pair_is_ever_returned() -> None:
    """Nothing in the result is as long as there are people, so that nothing can say who is who."""
    found = dataclasses.asdict(measure_relink(HABITS))

    def longest(thing: object) -> int:
        if isinstance(thing, dict):
            return max([len(thing), *(longest(value) for value in thing.values())])
        if isinstance(thing, list | tuple):
            return max([len(thing), *(longest(value) for value in thing)], default=0)
        return 0

    assert longest(found) < 20


@pytest.fixture(scope="module")
def lastfm(shared: Path) -> Relink:
    return measure_relink(read_events(shared / "data" / "listening_lastfm2k.csv.gz"))


@pytest.mark.shared
def test_listeners_are_put_back_by_a_coin_split(lastfm: Relink) -> None:
    assert (lastfm.people, lastfm.split) == (1892, "coin")
    assert lastfm.scores["tfidf"].rank1 == pytest.approx(0.997, abs=0.01)
    assert lastfm.scores["jaccard"].rank1 == pytest.approx(0.997, abs=0.01)
    assert lastfm.scores["llr"].rank1 == pytest.approx(0.99, abs=0.01)
    assert lastfm.scores["tfidf"].answered.share > 0.98
    assert {size: lastfm.curve[size] for size in (100, 500, 1000)} == {
        100: pytest.approx(1, abs=0.03),
        500: pytest.approx(0.996, abs=0.03),
        1000: pytest.approx(0.995, abs=0.03),
    }


@pytest.mark.shared
def test_listeners_are_put_back_by_a_few_plays(lastfm: Relink) -> None:
    assert lastfm.few is not None
    by = {name: [lastfm.few[number][name] for number in (1, 2, 3, 5, 10, 20)] for name in ("tfidf", "llr")}

    assert by["tfidf"] == pytest.approx([0.20, 0.47, 0.66, 0.82, 0.93, 0.97], abs=0.03)
    assert by["llr"] == pytest.approx([0.26, 0.63, 0.80, 0.93, 0.98, 0.99], abs=0.03)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("listening_lastfm2k", [0.929, 0.690, 0.995, 0.912, 0.957]),
        ("apps_frappe", [0.946, 0.708, 0.998, 0.963, 0.973]),
    ],
)
def test_the_scoreboard_on_real_sets(shared: Path, name: str, expected: list[float]) -> None:
    events = held(shared / "data" / f"{name}.csv.gz")
    population = make_population(events.user, events.item, events.n_people, events.n_items)
    rng = np.random.default_rng(1)
    boards = [scoreboard(population, *case, rng) for case in ((4, 0), (4, 1), (8, 0), (8, 2), (10, 3))]

    assert [board.rank1 for board in boards if board is not None] == pytest.approx(expected, abs=0.03)
