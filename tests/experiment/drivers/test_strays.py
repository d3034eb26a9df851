"""Connections round the recorder are seen, those to it and those of others are not held against a browser."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hometruth.experiment.drivers.desktop.strays import StrayWatch

CLIENT = """
import socket, sys
kind = socket.SOCK_DGRAM if sys.argv[1] == "udp" else socket.SOCK_STREAM
family = socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET
with socket.socket(family, kind) as held:
    held.connect((sys.argv[2], int(sys.argv[3])))
    print("connected", flush=True)
    sys.stdin.read()
"""


@contextmanager
def connected(kind: str, host: str, port: int) -> Iterator[int]:
    """A session of its own that holds a connection; yields its id."""
    command = [sys.executable, "-c", CLIENT, kind, host, str(port)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield process.pid


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number: int = server.getsockname()[1]
        yield number


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
