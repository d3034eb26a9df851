"""Starting and stopping a collector."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from hometruth.errors import LabError
from hometruth.lab import read_events, start_collector
from hometruth.lab.collector import handle


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])
def test_any_host_but_loopback_is_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(LabError, match="loopback only"):
        start_collector(tmp_path / "c.sqlite", host=host)
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_a_clear_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(LabError, match=f"cannot listen on 127.0.0.1 port {port}"):
            start_collector(tmp_path / "c.sqlite", port=port)


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite").write_bytes(b"hello world, this is not a database" * 100)

    with pytest.raises(LabError, match=r"c\.sqlite: the collector cannot keep its events there"):
        start_collector(tmp_path / "c.sqlite")
    with pytest.raises(LabError, match=r"c\.sqlite: no collector's store"):
        read_events(tmp_path / "c.sqlite")


def test_a_missing_store_is_a_clear_error_and_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"none\.sqlite: no collector's store"):
        read_events(tmp_path / "none.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_closing_ends_the_process(tmp_path: Path) -> None:
    with start_collector(tmp_path / "c.sqlite") as collector:
        pid = collector.pid
        assert collector.url.startswith("http://127.0.0.1:")

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_events_after_an_id_are_those_that_came_later(tmp_path: Path) -> None:
    with start_collector(tmp_path / "c.sqlite") as collector:
        assert read_events(collector.db) == []
        assert read_events(collector.db, after=10) == []


def test_a_start_that_is_interrupted_leaves_no_process_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []

    def interrupted(process: "subprocess.Popen[str]") -> str:
        begun.append(process.pid)
        raise KeyboardInterrupt

    monkeypatch.setattr(handle, "_address_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        start_collector(tmp_path / "c.sqlite")

    (pid,) = begun
    assert not Path(f"/proc/{pid}").exists()
