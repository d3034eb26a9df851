"""Fixtures for tests of commands."""

from collections.abc import Iterator

import pytest

from tests.cli.forked import Forking, forking


@pytest.fixture(scope="session")
def commands() -> Iterator[Forking]:
    """Runs commands in processes of their own, without a start of Python for each."""
    with forking() as server:
        yield server
