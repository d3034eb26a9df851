"""What stays and what changes: the token, the account, the ANDROID_ID."""

from typing import Any

import pytest

from hometruth.lab import Phone
from tests.lab.conftest import STORY_MS, MakePhone, World

DAY_MS = 86_400_000


def use_on(phone: Phone, day: float) -> None:
    """One short session on that day."""
    phone.set_clock(STORY_MS + round(day * DAY_MS))
    phone.launch()
    phone.visit(f"https://day-{day}.example/")
    phone.advance(15)
    phone.kill()


def tokens(events: list[dict[str, Any]]) -> list[str]:
    """The token of each session, in order."""
    return [event["properties"]["uuid"] for event in events if event["event"] == "page_load_event_finish"]


def test_starts_less_than_ninety_days_apart_keep_the_token(world: World, ready_phone: MakePhone) -> None:
    phone = ready_phone()
    phone.kill()
    for day in (0, 30, 60, 91, 120):
        use_on(phone, day)
    seen = tokens(world.arrived())

    assert len(seen) == 5
    assert len(set(seen)) == 1


def test_one_gap_of_ninety_one_days_renews_the_token(world: World, ready_phone: MakePhone) -> None:
    phone = ready_phone()
    phone.kill()
    for day in (0, 91):
        use_on(phone, day)
    first, second = tokens(world.arrived())

    assert first != second


def test_clearing_data_renews_the_token_but_not_the_android_id(world: World, ready_phone: MakePhone) -> None:
    phone = ready_phone()
    use_on(phone, 0)
    phone.clear_data()
    assert phone.launch().consent == "none"
    phone.set_consent("given")
    use_on(phone, 1)
    events = world.arrived()

    assert len(set(tokens(events))) == 2
    assert {event["properties"]["$device_id"] for event in events} == {phone.identity.android_id}


def test_signing_in_ties_the_account_to_the_token_for_good(world: World, ready_phone: MakePhone) -> None:
    phone = ready_phone()
    phone.sign_in("someone")
    phone.visit("https://a.example/")
    phone.sign_out()
    phone.visit("https://b.example/")
    phone.advance(15)
    signup, *events = world.arrived()
    token = signup["original_id"]

    assert (signup["type"], signup["event"], signup["distinct_id"]) == ("track_signup", "$SignUp", "someone")
    assert [event["distinct_id"] for event in events] == ["someone", "someone", token, token]
    assert {event["properties"]["uuid"] for event in events} == {token}


def test_a_new_installation_is_tied_to_the_account_again(world: World, ready_phone: MakePhone) -> None:
    """The account belongs to the phone; clearing the app's data does not sign out."""
    phone = ready_phone()
    phone.sign_in("someone")
    phone.clear_data()
    phone.launch()
    phone.set_consent("given")
    first, second = world.arrived()

    assert first["distinct_id"] == second["distinct_id"] == "someone"
    assert first["original_id"] != second["original_id"]


def test_signing_in_where_nothing_is_sent_is_told_later(world: World, ready_phone: MakePhone) -> None:
    phone = ready_phone("3.4.3")
    phone.set_incognito(True)
    phone.set_switch("off")
    phone.sign_in("someone")
    assert world.arrived() == []

    phone.set_incognito(False)
    assert [event["event"] for event in world.arrived()] == ["$SignUp"]


def test_an_update_keeps_the_data(ready_phone: MakePhone) -> None:
    phone = ready_phone("3.4.0")
    phone.install("3.4.3")

    assert phone.launch().consent == "given"
    assert phone.badge() == {"version": "3.4.3", "mode": "normal", "switch": "on", "consent": "given"}


@pytest.mark.parametrize(("seeds", "same"), [((5, 5), True), ((5, 6), False), ((None, None), False)])
def test_ids_repeat_only_with_the_seed(
    world: World, ready_phone: MakePhone, seeds: tuple[int | None, int | None], same: bool
) -> None:
    del ready_phone
    ids = []
    for number, seed in enumerate(seeds):
        with World(world.collector, world.recorder, world.folder / str(number), [], 0).phone(
            seed=seed
        ) as phone:
            ids.append(phone.identity.android_id)

    assert (ids[0] == ids[1]) is same
