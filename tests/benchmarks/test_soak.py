"""A sample of each soak: what ends a program at the worst moment loses nothing and is said."""

import shutil
from pathlib import Path

import pytest
from benchmarks.soak import soak
from benchmarks.soak_rounds import ROUNDS

from tests.experiment.drivers.adb_stand_in import NO_ADB

SECONDS = 1.0
"""A round that has begun is finished: one takes up to ten seconds, so each gets one or few."""
SAMPLED = sorted(ROUNDS.keys() - {"run", "fleet"})
"""`run` does what `demo` does, with another plan; tests/audit/fleet kills workers and fleets."""


@pytest.mark.parametrize("name", SAMPLED)
def test_a_sample_of_each_soak(name: str, tmp_path: Path) -> None:
    if name == "phone" and not shutil.which("adb"):
        pytest.skip(NO_ADB)
    rows = soak(name, tmp_path / "soak.jsonl", seed=7, rounds=5, seconds=SECONDS)

    assert rows
    assert [row["told"] for row in rows if not row["ok"]] == []


def test_a_soak_goes_on_where_it_stopped(tmp_path: Path) -> None:
    log = tmp_path / "soak.jsonl"
    first = soak("tamper", log, seed=1, rounds=1, seconds=60)
    with log.open("ab") as file:
        file.write(b'{"name": "tamper", "se')  # killed while writing
    second = soak("tamper", log, seed=2, rounds=1, seconds=60)

    assert soak("tamper", log, seed=1, rounds=1, seconds=60) == first
    assert second[0]["seed"] == 2
