"""The token and its defect: starts closer together than 90 days keep it for good."""

from random import Random
from typing import Any
from uuid import UUID

import pytest

from hometruth.lab.apps.anonymous_id import anonymous_id_at_start

DAY_MS = 86_400_000


def tokens(days: list[float]) -> list[str]:
    """The token at a start on each of *days*."""
    preferences: dict[str, Any] = {}
    rng = Random(7)
    return [anonymous_id_at_start(preferences, 10**12 + round(day * DAY_MS), rng) for day in days]


def test_starts_on_days_0_30_60_91_and_120_keep_one_token() -> None:
    assert len(set(tokens([0, 30, 60, 91, 120]))) == 1


def test_a_year_of_daily_use_keeps_one_token() -> None:
    assert len(set(tokens(list(range(366))))) == 1


@pytest.mark.parametrize(("gap", "renewed"), [(89.99, False), (90, True), (91, True)])
def test_only_a_gap_of_ninety_days_renews_it(gap: float, renewed: bool) -> None:
    first, second = tokens([0, gap])

    assert (first != second) is renewed


def test_a_token_is_a_random_uuid() -> None:
    assert UUID(tokens([0])[0]).version == 4
