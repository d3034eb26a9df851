"""The official SDKs, unmodified, as clients: what each held, and what the collector then stored."""

import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from hometruth.lab import CollectorHandle, read_dead_letters, read_events

PATIENCE_S = 20.0
"""How long events may be on their way; they take a second or two."""
Events = list[dict[str, Any]]


@pytest.fixture(scope="session")
def packages() -> Path:
    """The npm packages that ./test installs."""
    folder = Path(os.environ.get("HOMETRUTH_NPM", Path(sys.prefix) / "npm")) / "node_modules"
    if shutil.which("node") is None:
        pytest.skip("no node on PATH, so the official Node and Web SDKs were not tried")
    if not (folder / "sa-sdk-node").is_dir() or not (folder / "sa-sdk-javascript").is_dir():
        pytest.skip(f"no official SDKs in {folder}; ./test installs them where npm can, or set HOMETRUTH_NPM")
    return folder


def stored_by(collector: CollectorHandle, *, n: int = 0, patience_s: float = PATIENCE_S) -> Events:
    """Events stored, as sent, once there are *n* of them; none may have been refused."""
    deadline = time.monotonic() + patience_s
    while len(events := read_events(collector.db)) < n and time.monotonic() < deadline:
        time.sleep(0.05)
    assert read_dead_letters(collector.db) == []
    return [{key: value for key, value in event.items() if key != "_server"} for event in events]


def paths_of(collector: CollectorHandle) -> set[str]:
    """Endpoints that events came to."""
    return {event["_server"]["path"] for event in read_events(collector.db)}


def in_order(events: Events) -> Events:
    """Sorted by what identifies an event: browsers send several requests at once."""
    return sorted(events, key=lambda event: int(event["_track_id"]))
