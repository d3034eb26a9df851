"""Who the operator finds: people, by the identifiers that come together."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hometruth.lab.collector.operator import people
from hometruth.lab.collector.operator.people import People
from hometruth.lab.collector.store import EventStore


class Arrivals:
    """A store, and who is found in it."""

    def __init__(self, db: Path) -> None:
        self.store = EventStore(db)
        self.people = People(db)

    def __call__(self, *events: dict[str, Any]) -> list[tuple[str | None, int]]:
        """Store more events; account and number of events of each person, those with most events first."""
        with self.store.transaction() as store:
            whole = [{"type": "track", "event": "e", **event} for event in events]
            store.keep(whole, project="p", path="/sa", received_ns=1)
        found = [(person.account, len(person.events)) for person in self.people.found()]
        return sorted(found, key=lambda one: (-one[1], str(one[0])))


@pytest.fixture
def arrive(tmp_path: Path) -> Iterator[Arrivals]:
    arrivals = Arrivals(tmp_path / "c.sqlite")
    yield arrivals
    arrivals.store.close()


SIGN_UP = {"type": "track_signup", "event": "$SignUp", "distinct_id": "anna", "original_id": "r1"}


def test_different_random_ids_are_different_people(arrive: Arrivals) -> None:
    assert arrive({"distinct_id": "r1"}, {"distinct_id": "r2"}, {"distinct_id": "r1"}) == [
        (None, 2),
        (None, 1),
    ]


def test_a_sign_in_names_what_came_before_and_after(arrive: Arrivals) -> None:
    assert arrive({"distinct_id": "r1"}, {"distinct_id": "r1"}) == [(None, 2)]
    assert arrive(SIGN_UP) == [("anna", 3)]
    assert arrive({"distinct_id": "anna"}) == [("anna", 4)]


def test_the_random_id_in_the_properties_ties_them_without_a_sign_in(arrive: Arrivals) -> None:
    """The super property ``uuid`` repeats it in every event."""
    assert arrive({"distinct_id": "r1"}, {"distinct_id": "anna", "properties": {"uuid": "r1"}}) == [(None, 2)]


def test_clearing_the_data_does_not_help_against_the_hardware_id(arrive: Arrivals) -> None:
    device = {"properties": {"$device_id": "a1b2"}}

    assert arrive(SIGN_UP | device, {"distinct_id": "r9"} | device) == [("anna", 2)]


def test_people_seen_apart_become_one_when_an_event_holds_both(arrive: Arrivals) -> None:
    assert arrive({"distinct_id": "r1"}, {"distinct_id": "r2"}) == [(None, 1), (None, 1)]
    both = {"$identity_cookie_id": "r1", "$identity_anonymous_id": "r2"}
    assert arrive({"distinct_id": "x", "identities": both}) == [(None, 3)]
    assert arrive({"distinct_id": "r2"}) == [(None, 4)]


def test_values_of_different_kinds_are_not_mixed_up(arrive: Arrivals) -> None:
    assert len(arrive({"distinct_id": "a"}, {"distinct_id": "b", "properties": {"$device_id": "a"}})) == 2


@pytest.mark.parametrize("value", ["", 0, None, [], {"a": 1}])
def test_what_is_no_identifier_joins_nobody(arrive: Arrivals, value: Any) -> None:
    odd = {"properties": {"uuid": value}, "identities": value, "time": value}

    assert len(arrive({"distinct_id": "a", **odd}, {"distinct_id": "b", **odd})) == 2
    assert len(arrive({"properties": value, "distinct_id": value})) == 2


def test_a_long_history_is_read_in_pieces(arrive: Arrivals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "CHUNK", 3)

    assert arrive(*({"distinct_id": "r"} for _ in range(10))) == [(None, 10)]


def test_mistat_and_the_system_s_analytics_are_joined_by_the_device(arrive: Arrivals) -> None:
    by_sensors = {"distinct_id": "r1", "properties": {"$device_id": "a1b2"}}
    by_mistat = {"type": "mistat", "form": {"device_id": "a1b2"}}
    by_system = {"type": "spock", "header": {"b": "a1b2", "a": "imei", "g": "ad"}, "properties": {}}
    of_another = {"type": "spock", "header": {"b": "c3d4"}, "properties": {}}

    assert arrive(by_sensors, by_mistat, by_system, of_another) == [(None, 3), (None, 1)]


def test_the_account_at_sign_in_names_what_the_system_saw(arrive: Arrivals) -> None:
    seen = {"type": "spock", "header": {"a": "imei", "g": "ad"}, "properties": {"package": "p"}}
    signed_in = {**seen, "header": {"a": "imei"}, "properties": {"account": "anna", "serial": "s"}}

    assert arrive(seen, signed_in, seen) == [("anna", 3)]


def test_no_event_of_an_sdk_can_pass_for_another_channel(arrive: Arrivals) -> None:
    """A property that happens to be called account names nobody."""
    assert arrive({"distinct_id": "r1", "properties": {"account": "x"}, "header": {"a": "i"}}) == [(None, 1)]
    assert arrive({"distinct_id": "r2", "properties": {"account": "x"}, "header": {"a": "i"}}) == [
        (None, 1),
        (None, 1),
    ]
