"""Connections round the recorder are seen, those to it and those of others are not held against a browser."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from hometruth.errors import DriverError
from hometruth.experiment.drivers.desktop import strays as strays_module
from hometruth.experiment.drivers.desktop.strays import HAS_IPV6, Address, StrayWatch, _Process

CLIENT = """
import socket, sys
kind = socket.SOCK_DGRAM if sys.argv[1] == "udp" else socket.SOCK_STREAM
family = socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET
with socket.socket(family, kind) as held:
    held.connect((sys.argv[2], int(sys.argv[3])))
    print("connected", flush=True)
    sys.stdin.read()
"""


STARTER = """
import subprocess, sys
subprocess.run([sys.executable, "-c", *sys.argv[1:]], start_new_session=True)
"""


@contextmanager
def connected(kind: str, host: str, port: int, *, by_a_child: bool = False) -> Iterator[int]:
    """A session of its own that holds a connection; yields its id. A child has another session."""
    starter = ["-c", STARTER] if by_a_child else ["-c"]
    command = [sys.executable, *starter, CLIENT, kind, host, str(port)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield process.pid


@pytest.mark.parametrize(
    ("kind", "host"), [("tcp", "127.0.0.1"), ("udp", "127.0.0.1"), ("tcp", "::ffff:127.0.0.1")]
)
def test_where_it_leads_is_told(kind: str, host: str, port: int) -> None:
    with connected(kind, host, port) as session:
        watch = StrayWatch(session, ("127.0.0.1", 1))
        watch.look()
        watch.close()

    assert watch.found == ("127.0.0.1", port)


def test_the_recorder_name_look_ups_and_others_are_no_strays(port: int) -> None:
    with (
        socket.create_connection(("127.0.0.1", port)),
        connected("tcp", "127.0.0.1", port) as session,
        connected("udp", "127.0.0.1", 53) as asking,
    ):
        watches = [StrayWatch(session, ("127.0.0.1", port)), StrayWatch(asking, ("127.0.0.1", 1))]
        for watch in watches:
            watch.look()
            watch.close()

    assert [watch.found for watch in watches] == [None, None]


@pytest.mark.parametrize(("table", "strays"), [("udp6", []), ("tcp6", [HAS_IPV6])])
def test_asking_whether_there_is_a_way_by_ipv6_is_no_stray(
    table: str, strays: list[Address], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the kernel lists it (a machine without IPv6 lets nobody connect there)."""
    address, port = "60480120000060480000000088880000", f"{HAS_IPV6[1]:04X}"
    line = f"  1: {'0' * 32}:C000 {address}:{port} 01 00000000:00000000 00:00000000 00000000 0 0 4711 2 0 0"
    monkeypatch.setattr(strays_module, "_table", lambda _, name: ["head", line] if name == table else [])

    assert [to for _, to in strays_module._listed(cast(_Process, None))] == strays


def test_a_process_that_it_starts_in_another_session_is_its_own(port: int) -> None:
    with connected("tcp", "127.0.0.1", port, by_a_child=True) as session:
        watch = StrayWatch(session, ("127.0.0.1", 1))
        watch.look()
        watch.close()

    assert watch.found == ("127.0.0.1", port)


def test_a_socket_of_which_nobody_was_seen_to_be_the_holder_is_looked_at_again(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be the browser's: its process was just made, or had not opened it yet."""
    with connected("tcp", "127.0.0.1", port) as session:
        watch = StrayWatch(session, ("127.0.0.1", 1))
        watch.close()
        with monkeypatch.context() as patched:
            patched.setattr(StrayWatch, "_sockets_of", lambda *_: iter(()))
            watch.look()
        assert watch.found is None
        watch.look()

    assert watch.found == ("127.0.0.1", port)


def test_a_main_process_that_ends_while_it_is_looked_into_hides_nothing(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On its way out its files are root's, and nobody else may look."""

    def ends(folder: Path) -> Iterator[Path]:
        if folder.parts[-2:] == (str(session), "fd"):
            os.kill(session, signal.SIGKILL)
            os.waitid(os.P_PID, session, os.WEXITED | os.WNOWAIT)
            raise PermissionError(13, "Permission denied")
        return real(folder)

    real = Path.iterdir
    with connected("tcp", "127.0.0.1", port) as session:
        monkeypatch.setattr(Path, "iterdir", ends)
        watch = StrayWatch(session, ("127.0.0.1", 1))
        watch.glance()
        watch.close()

    watch.check()


def test_a_watch_that_ends_early_and_a_main_process_that_is_hidden_are_told(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(folder: Path) -> Iterator[Path]:
        if folder.name == "fd":
            raise PermissionError(13, "Permission denied")
        return real(folder)

    real = Path.iterdir
    with connected("tcp", "127.0.0.1", port) as session:
        watch = StrayWatch(session, ("127.0.0.1", 1))
        monkeypatch.setattr(Path, "iterdir", forbidden)
        watch.glance()
        watch.close()

    assert watch.found is None
    with pytest.raises(DriverError, match=r"could not be watched: .*Permission denied"):
        watch.check()
