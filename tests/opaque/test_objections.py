"""Bounds from room, and how much leaves for each byte planted."""

from random import Random

import pytest

from hometruth.opaque.evidence import per_planted_byte
from hometruth.opaque.objections import rooms


def test_sixty_silent_sessions_bound_every_leak_below_five_percent() -> None:
    found = rooms([0] * 60, [[8000.0] * 20] * 60)

    assert [room.leak for room in found] == ["everything", "address", "128 bytes", "32 bytes"]
    assert {round(room.bound_percent, 2) for room in found} == {4.87}
    assert found[0].size_bytes == 20_000


def test_background_leaves_room_for_small_leaks_and_none_for_large_ones() -> None:
    everything, address, cut, digest = rooms([500] * 60, [[8000.0] * 20] * 60)

    assert everything.trials_with_room == address.trials_with_room == 0
    assert cut.trials_with_room == digest.trials_with_room == 60
    assert cut.bound_percent == 100


def test_a_trial_without_a_result_may_have_had_room() -> None:
    assert rooms([0] * 59, [[8000.0]] * 59, missing=1)[0].trials_with_room == 1


def test_no_trial_bounds_nothing() -> None:
    assert rooms([], [])[0].bound_percent == 100


def test_bytes_per_planted_byte_has_an_interval_once_six_pairs_are_run() -> None:
    rng = Random(1)
    planted = [rng.uniform(20_000, 28_000) for _ in range(40)]
    out = [1.38 * size + rng.gauss(0, 3000) for size in planted]
    found = per_planted_byte(out, planted)

    assert found is not None
    assert found.low < 1.38 < found.high
    assert found.high - found.low < 0.2
    assert per_planted_byte(out[:4], planted[:4]) is None
    assert per_planted_byte([], []) is None
    assert found.estimate == pytest.approx(1.38, abs=0.05)
