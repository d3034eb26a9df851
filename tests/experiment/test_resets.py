"""Which reset lies between two looks at a phone, by count and by effect."""

from dataclasses import replace

import pytest

from hometruth.experiment.drivers.resets import RESETS, Shown, level_between

BEFORE = Shown("android", "advertising", {"restart": 2}, asks=False)
EFFECTS = {
    "restart": BEFORE,
    "reset-advertising-id": replace(BEFORE, advertising_id="new"),
    "clear-data": replace(BEFORE, asks=True),
    "reinstall": replace(BEFORE, asks=True),
    "factory-reset": Shown("new", "new", {}, asks=True),
}


def counted(shown: Shown, *levels: str) -> Shown:
    counts = dict(BEFORE.counts)
    for level in levels:
        counts[level] = counts.get(level, 0) + 1
    return replace(shown, counts=counts)


def test_nothing_done_is_no_reset() -> None:
    assert level_between(BEFORE, BEFORE) == "none"


@pytest.mark.parametrize("level", list(RESETS))
def test_a_reset_is_known_by_count_and_effect(level: str) -> None:
    assert level_between(BEFORE, counted(EFFECTS[level], level)) == level


@pytest.mark.parametrize("level", ["factory-reset", "clear-data", "reinstall", "reset-advertising-id"])
def test_a_count_without_the_effect_is_not_attested(level: str) -> None:
    assert level_between(BEFORE, counted(BEFORE, level)) is None


@pytest.mark.parametrize("level", ["restart", "clear-data", "reset-advertising-id"])
def test_the_effect_of_a_greater_reset_is_not_attested_as_a_lesser(level: str) -> None:
    assert level_between(BEFORE, counted(EFFECTS["factory-reset"], level)) is None


def test_two_resets_at_once_are_not_attested() -> None:
    assert level_between(BEFORE, counted(EFFECTS["clear-data"], "clear-data", "restart")) is None
