"""What tests of drivers share."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.experiment.drivers.adb_stand_in import NO_ADB, StandIn, quicken, stand_in


@pytest.fixture
def port() -> Iterator[int]:
    """Somewhere on loopback that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        number: int = server.getsockname()[1]
        yield number


@contextmanager
def _attached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_wireguard: bool = False
) -> Iterator[StandIn]:
    if not shutil.which("adb"):
        pytest.skip(NO_ADB)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    quicken(monkeypatch)
    with stand_in(tmp_path / "phone", has_wireguard=has_wireguard) as there:
        for name, value in there.env.items():
            monkeypatch.setenv(name, value)
        yield there


@pytest.fixture
def phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A stand-in phone at a real `adb`, and a state folder of its own."""
    with _attached(tmp_path, monkeypatch) as there:
        yield there


@pytest.fixture
def with_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """The same with the WireGuard app."""
    with _attached(tmp_path, monkeypatch, has_wireguard=True) as there:
        yield there
