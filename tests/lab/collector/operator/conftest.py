"""A collector for each test: the operator's pages remember whom they have seen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hometruth.lab import CollectorHandle, start_collector


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[CollectorHandle]:
    with start_collector(tmp_path / "collector.sqlite") as collector:
        yield collector
