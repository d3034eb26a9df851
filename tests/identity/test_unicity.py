"""How few points single a person out: against slow counting, on controls, and on real data."""

from pathlib import Path

import numpy as np
import pytest

from hometruth.errors import TableError
from hometruth.identity.table import read_events
from hometruth.identity.unicity import (
    at_moments,
    count_holders,
    draw_points,
    measure_unicity,
    rarest_points,
    share_of_pairs,
    share_of_points,
    whole_sets,
)
from hometruth.model.reidentification import Unicity
from tests.identity.worlds import events_of, population_of, random_sets, slow_share

SETS = random_sets(120, 60, seed=3)


@pytest.mark.parametrize("stop_at", [None, 2])
@pytest.mark.parametrize("number", [1, 2, 4])
def test_holders_are_counted_as_by_asking_everybody(number: int, stop_at: int | None) -> None:
    population = population_of(SETS)
    rng = np.random.default_rng(5)
    points = np.array([rng.choice(60, number, replace=False) for _ in range(300)])
    counted = count_holders(population, points[population.support[points].all(axis=1)], stop_at)
    slow = np.array(
        [
            sum(set(row.tolist()) <= own for own in SETS)
            for row in points[population.support[points].all(axis=1)]
        ]
    )
    if stop_at is not None:
        assert (counted[slow >= stop_at] >= stop_at).all()
        counted, slow = np.minimum(counted, stop_at), np.minimum(slow, stop_at)

    assert counted.tolist() == slow.tolist()


def test_one_and_two_points_are_exact() -> None:
    population = population_of(SETS)

    assert share_of_points(population).mean() == pytest.approx(slow_share(SETS, 1))
    assert share_of_pairs(population).mean() == pytest.approx(slow_share(SETS, 2))


def test_pairs_cut_into_small_blocks_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hometruth.identity.unicity.PAIRS_AT_ONCE", 50)

    assert share_of_pairs(population_of(SETS)).mean() == pytest.approx(slow_share(SETS, 2))


def test_sampled_points_agree_with_all_of_them() -> None:
    drawn = draw_points(population_of(SETS), [1, 2, 3], 200, np.random.default_rng(1))

    for number in (1, 2, 3):
        assert drawn[number].shares.mean() == pytest.approx(slow_share(SETS, number), abs=0.01)


def test_candidates_and_points_in_small_blocks_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = draw_points(population_of(SETS), [3], 50, np.random.default_rng(1))[3].shares.mean()
    monkeypatch.setattr("hometruth.identity.unicity.CANDIDATES_AT_ONCE", 16)
    monkeypatch.setattr("hometruth.identity.unicity.POINTS_AT_ONCE", 100)
    cut = draw_points(population_of(SETS), [3], 50, np.random.default_rng(1))[3].shares.mean()

    assert cut == pytest.approx(whole, abs=0.02)


def test_people_with_fewer_points_count_among_all_and_as_others_only() -> None:
    # The third person has all points of the first: nobody is singled out by 1 and 2, eligible or not.
    drawn = draw_points(population_of([{0, 1}, {2}, {0, 1, 3}]), [2], 1, np.random.default_rng(1))[2]

    assert len(drawn.shares) == 2
    assert drawn.shares[0] == 0
    assert drawn.all_people == pytest.approx((0 + 1 + drawn.shares[1]) / 3)


def test_exact_numbers_have_all_people_too() -> None:
    found = measure_unicity(events_of([(0, 0), (0, 1), (1, 2), (2, 0), (2, 1), (2, 3)]))

    assert found.random[2].value == pytest.approx((0 + 2 / 3) / 2)
    assert found.random[2].all_people == pytest.approx((0 + 1 + 2 / 3) / 3)


def test_the_rarest_points_are_what_nobody_else_has() -> None:
    population = population_of([{0, 1}, {0, 2}, {0, 3}, {0}])

    assert rarest_points(population, 1) == 0.75
    assert rarest_points(population, 2) == 1
    assert whole_sets(population) == (4, 4)


def test_identical_sets_single_nobody_out() -> None:
    found = measure_unicity(events_of([(person, item) for person in range(30) for item in range(12)]))

    assert {random.value for random in found.random.values()} == {0}
    assert {random.high for random in found.random.values()} == {0}
    assert set(found.rarest.values()) == {0}
    assert (found.point_of_their_own, found.sets_of_their_own, found.different_sets) == (0, 0, 1)


def test_the_start_of_a_session_is_its_first_different_items() -> None:
    # Two sessions of the first person (a gap of over 30 minutes), one of the second; a repeat counts once.
    rows = [(0, 0), (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 3)]
    times = [0.0, 60, 120, 120 + 1801, 0, 1800, 3600]
    starts = measure_unicity(events_of(rows, times=times)).session_start

    assert starts is not None
    assert {number: (start.value, start.eligible) for number, start in starts.items()} == {
        1: (pytest.approx(1 / 3), 3),
        2: (0, 2),
        3: (1, 1),
    }
    assert starts[2].median_holders == 2


def test_an_item_on_another_day_is_another_point() -> None:
    rows = [(0, 0), (1, 0), (0, 1), (1, 1), (1, 0)]
    events = events_of(rows, times=[0.0, 86_399, 90_000, 3_600 * 47, 86_399 + 1])

    assert measure_unicity(events).random[1].value == 0
    assert measure_unicity(at_moments(events, "day")).random[1].value == pytest.approx((0 + 1 / 3) / 2)
    assert measure_unicity(at_moments(events, "hour")).random[1].value == 1
    with pytest.raises(TableError, match="need times"):
        at_moments(events_of(rows), "day")


def test_the_order_of_rows_does_not_matter_to_sessions() -> None:
    rows = [(0, 1), (1, 1), (0, 0), (1, 3), (1, 0)]
    times = [120.0, 60, 0, 90, 0]
    starts = measure_unicity(events_of(rows, times=times)).session_start

    assert starts is not None
    assert [start.value for start in starts.values()] == [0, 0, 1]


def test_the_same_seed_gives_the_same_numbers() -> None:
    events = events_of([(person, item) for person, items in enumerate(SETS) for item in items])

    assert measure_unicity(events) == measure_unicity(events)
    assert measure_unicity(events).random != measure_unicity(events, seed=2).random


EXACT = {
    "listening_lastfm2k": (0.119238, 0.477784, 1884, 0.843552, 1892, 1892),
    "apps_frappe": (0.180259, 0.518415, 606, 0.557464, 688, 706),
    "pages_msweb": (0.000133, 0.010500, 22716, 0.000520, 9500, 11233),
}
SAMPLED = {
    "listening_lastfm2k": {3: 0.757, 4: 0.893, 5: 0.950, 7: 0.988, 10: 0.998},
    "apps_frappe": {3: 0.769, 4: 0.906, 5: 0.959, 7: 0.995, 10: 0.996},
    "pages_msweb": {3: 0.066, 4: 0.179, 5: 0.353, 7: 0.712, 10: 0.962},
}
RAREST = {
    "listening_lastfm2k": {1: 0.844, 2: 0.987, 4: 0.998},
    "apps_frappe": {1: 0.557, 2: 0.833, 4: 0.970},
    "pages_msweb": {1: 0.0005, 2: 0.047, 4: 0.329},
}
ALL_PEOPLE_AT_4 = {"listening_lastfm2k": 0.891, "apps_frappe": 0.698, "pages_msweb": 0.060}
CURVES = {
    "listening_lastfm2k": {100: 0.979, 200: 0.962, 500: 0.943, 1000: 0.916},
    "apps_frappe": {100: 0.963},
    "pages_msweb": {1000: 0.600, 10000: 0.296},
}


@pytest.fixture(scope="module")
def measured(shared: Path) -> dict[str, Unicity]:
    return {name: measure_unicity(read_events(shared / "data" / f"{name}.csv.gz")) for name in EXACT}


@pytest.mark.shared
@pytest.mark.parametrize("name", EXACT)
def test_exact_numbers_on_real_data(measured: dict[str, Unicity], name: str) -> None:
    found = measured[name]

    assert (
        round(found.random[1].value, 6),
        round(found.random[2].value, 6),
        found.eligible[2],
        round(found.point_of_their_own, 6),
        found.sets_of_their_own,
        found.different_sets,
    ) == EXACT[name]
    for number, value in RAREST[name].items():
        assert found.rarest[number] == pytest.approx(value, abs=0.0005)


@pytest.mark.shared
@pytest.mark.parametrize("name", SAMPLED)
def test_sampled_numbers_on_real_data(measured: dict[str, Unicity], name: str) -> None:
    found = measured[name]

    for number, value in SAMPLED[name].items():
        random = found.random[number]
        assert not random.exact
        assert random.low <= value <= random.high or random.value == pytest.approx(value, abs=0.02)
    assert found.random[4].all_people == pytest.approx(ALL_PEOPLE_AT_4[name], abs=0.02)
    for size, value in CURVES[name].items():
        assert found.curve[size] == pytest.approx(value, abs=0.03)
