"""Owners: the same seed gives the same person, and people differ as Zipf's law has it."""

from collections import Counter
from random import Random

import pytest

from hometruth.lab.android.profiles import PROFILES
from hometruth.lab.people.day import plan_day
from hometruth.lab.people.owner import FAVOURITES, make_owner
from hometruth.lab.people.world import SHELVES, Zipf

ROSTER = [make_owner(number, 7) for number in range(300)]


def test_the_same_seed_gives_the_same_person_and_another_gives_another() -> None:
    assert make_owner(5, 7) == ROSTER[5]
    assert make_owner(5, 8) != ROSTER[5]
    assert plan_day(ROSTER[5], 3) == plan_day(make_owner(5, 7), 3)
    assert plan_day(ROSTER[5], 3) != plan_day(ROSTER[5], 4)


def test_people_differ_in_phone_account_and_privacy() -> None:
    assert {owner.profile for owner in ROSTER} == set(PROFILES)
    assert 0.5 < sum(owner.account is not None for owner in ROSTER) / 300 < 0.7
    assert 0.3 < sum(owner.habits.incognito == 0 for owner in ROSTER) / 300 < 0.5
    assert len({owner.id for owner in ROSTER}) == 300
    assert all(owner.account is None or owner.account.startswith("synthetic-") for owner in ROSTER)


@pytest.mark.parametrize("sort", list(FAVOURITES))
def test_what_is_popular_is_a_favourite_of_more_people(sort: str) -> None:
    n = Counter(thing for owner in ROSTER for thing in owner.habits.favourites[sort])
    top = sum(n[SHELVES[sort].name(rank)] for rank in range(1, 4))
    tail = sum(n[SHELVES[sort].name(rank)] for rank in range(SHELVES[sort].size - 2, SHELVES[sort].size + 1))

    assert top > tail


def test_ranks_follow_zipfs_law() -> None:
    rng = Random(1)
    zipf = Zipf(10, 1.0)
    n = Counter(zipf.draw(rng) for _ in range(30_000))

    assert set(n) == set(range(1, 11))
    assert n[1] / n[2] == pytest.approx(2, rel=0.1)
    assert n[1] / n[10] == pytest.approx(10, rel=0.15)


def test_days_are_lived_awake_in_order_and_with_favourites() -> None:
    for owner in ROSTER[:30]:
        for day in range(5):
            doings = plan_day(owner, day)
            assert all(doing.after_s >= owner.habits.wakes_h * 3600 for doing in doings)
            assert all(doing.app == owner.browser for doing in doings if doing.incognito)
    dearest, done = Counter[str](), 0
    for owner in ROSTER:
        for doing in plan_day(owner, 0):
            if doing.action == "visit":
                dearest[str(doing.text == owner.habits.favourites["page"][0])] += 1
                done += 1
    assert dearest["True"] / done > 0.1


def test_nobody_goes_incognito_who_never_does() -> None:
    never = [owner for owner in ROSTER if owner.habits.incognito == 0][:20]
    always = [owner for owner in ROSTER if owner.habits.incognito > 0.3][:20]

    assert not any(doing.incognito for owner in never for doing in plan_day(owner, 1))
    assert any(doing.incognito for owner in always for doing in plan_day(owner, 1))
