"""``sa-sdk-node`` from npm delivers every kind of event, alone and in batches, zipped and not."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from hometruth.lab import CollectorHandle
from tests.lab.collector.official.conftest import Events, paths_of, stored_by

CLIENT = Path(__file__).with_name("node_client.js")


def held_by_sdk(packages: Path, collector: CollectorHandle, *options: str) -> Events:
    """Run the SDK; the events it held."""
    command = ["node", "--no-deprecation", str(CLIENT), f"{collector.url}/sa?project=lab", *options]
    environment = {**os.environ, "NODE_PATH": str(packages)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("options", "path"),
    [
        (["track", "gzip"], "/sa"),
        (["track", "plain"], "/sa"),
        (["track", "gzip", "5"], "/sa"),
        (["debug", "gzip"], "/debug"),
    ],
)
def test_stored_is_what_the_sdk_held(
    packages: Path, collector: CollectorHandle, options: list[str], path: str
) -> None:
    held = held_by_sdk(packages, collector, *options)

    assert len(held) == 10
    assert stored_by(collector) == held
    assert paths_of(collector) == {path}


def test_a_dry_run_is_accepted_and_not_stored(packages: Path, collector: CollectorHandle) -> None:
    assert len(held_by_sdk(packages, collector, "dryRun", "gzip")) == 10
    assert stored_by(collector) == []
