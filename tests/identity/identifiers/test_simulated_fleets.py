"""The rule on synthetic fleets whose truth is known: 15 places, 8 lifetimes, 11 decoys, 20 fleets each."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from hometruth.identity.identifiers import components, find_identifiers, search_identifiers
from hometruth.identity.identifiers.occurrences import Event
from hometruth.model.identifier import ComparisonKind, Found, IdentifierKind, Phase
from tests.identity.identifiers.fleets import PHASES, fleet, truth

FLEETS = range(20)


def score(seeds: Sequence[int], comparison: ComparisonKind, n_devices: int) -> tuple[float, float, float]:
    """Precision, recall and share of lifetimes that are right, over fleets."""
    right = found_n = true_n = lives_right = 0
    for seed in seeds:
        twins = comparison is ComparisonKind.TWINS
        found = find_identifiers(fleet(seed, n_devices, twins=twins), comparison)
        expected = truth()
        places = {item.place for item in found}
        right += len(places & expected.keys())
        found_n += len(places)
        true_n += len(expected)
        lives_right += sum(_lives(item) == expected.get(item.place) for item in found)
    return right / found_n, right / true_n, lives_right / right


def _lives(found: Found) -> str:
    return "account" if found.kind is IdentifierKind.ACCOUNT else found.lifetime.ends_with


def test_two_twins_give_every_identifier_its_lifetime_and_nothing_else() -> None:
    precision, recall, lifetimes = score(FLEETS, ComparisonKind.TWINS, 2)

    assert precision >= 0.99
    assert recall >= 0.99
    assert lifetimes >= 0.95


def test_no_two_devices_are_joined_and_each_is_one_component() -> None:
    for seed in FLEETS:
        found = find_identifiers(fleet(seed), ComparisonKind.TWINS)
        groups = components(found)

        assert [{session.device for session in group} for group in groups] in (
            [{"d0"}, {"d1"}],
            [{"d1"}, {"d0"}],
        )


def test_a_fleet_without_identifiers_has_none() -> None:
    for seed in FLEETS:
        assert find_identifiers(fleet(seed, with_identifiers=False), ComparisonKind.TWINS) == ()


def shuffled(events: list[Event], seed: int) -> list[Event]:
    """The same events, each said to come from a session drawn at random."""
    sessions = [event.session for event in events]
    Random(seed).shuffle(sessions)
    return [replace(event, session=session) for event, session in zip(events, sessions, strict=True)]


def test_with_shuffled_labels_nothing_is_found() -> None:
    for seed in FLEETS:
        assert find_identifiers(shuffled(list(fleet(seed)), seed), ComparisonKind.TWINS) == ()


@pytest.mark.parametrize("n_devices", [2, 5, 10])
def test_mixed_phones_need_the_shape_and_are_never_certain(n_devices: int) -> None:
    found = find_identifiers(fleet(1, n_devices, twins=False), ComparisonKind.MIXED)

    assert {item.place for item in found} <= truth().keys()
    assert len(found) >= 10
    assert not any(item.is_certain for item in found)


def test_one_device_takes_nothing_for_an_identifier_that_may_be_built_into_the_software() -> None:
    answer = search_identifiers(fleet(1, 1), ComparisonKind.ALONE)
    true = {place.path for place in truth()}
    found = {item.place.path for item in answer.found}
    undecided = {item.place.path for item in answer.undecided}

    assert not any(item.is_certain for item in answer.found)
    assert found <= true
    assert len(found) == 9
    assert undecided == {"body key", "header x-imei"}  # of a number that nothing changes it cannot tell


def test_a_reset_phone_is_its_own_twin() -> None:
    """One phone before and after its factory reset, the same phases in both lives."""
    life = PHASES[:-1]
    events = list(fleet(3, 1, phases=(*life, Phase.FACTORY_RESET, *life[1:])))
    halves = [
        replace(
            event,
            session=replace(
                event.session,
                device="before" if event.session.order < len(life) else "after",
                phase=Phase.BASE if event.session.phase is Phase.FACTORY_RESET else event.session.phase,
            ),
        )
        for event in events
    ]
    found = {item.place for item in find_identifiers(halves, ComparisonKind.TWINS)}
    missed = {lives for place, lives in truth().items() if place not in found}

    assert found <= truth().keys()
    assert missed == {"forever"}  # what outlives the reset is the same on both sides
