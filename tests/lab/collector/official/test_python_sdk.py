"""``SensorsAnalyticsSDK`` from PyPI delivers every kind of event by every consumer."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hometruth.lab import CollectorHandle
from tests.lab.collector.official.conftest import Events, paths_of, stored_by

CLIENT = Path(__file__).with_name("python_client.py")


def held_by_sdk(collector: CollectorHandle, consumer: str) -> Events:
    """Run the SDK; the events it held."""
    command = [sys.executable, str(CLIENT), f"{collector.url}/sa?project=lab", consumer]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("consumer", "path"), [("default", "/sa"), ("batch", "/sa"), ("async", "/sa"), ("debug", "/debug")]
)
def test_stored_is_what_the_sdk_held(collector: CollectorHandle, consumer: str, path: str) -> None:
    held = held_by_sdk(collector, consumer)

    assert len(held) == 17
    assert stored_by(collector) == held
    assert paths_of(collector) == {path}


def test_a_dry_run_is_accepted_and_not_stored(collector: CollectorHandle) -> None:
    assert len(held_by_sdk(collector, "dry-run")) == 17
    assert stored_by(collector) == []
