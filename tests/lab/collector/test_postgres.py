"""PostgreSQL in place of the file: a real server of this machine's packages, in a temporary folder."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from hometruth.errors import LabError
from hometruth.lab import read_dead_letters, read_events, start_collector
from tests.lab.collector.conftest import EVENT, plain
from tests.lab.collector.load import Load

psycopg = pytest.importorskip("psycopg", reason="no psycopg, the extra that PostgreSQL needs")
NAMES = count()


class Server:
    """A PostgreSQL that can be stopped and started."""

    def __init__(self, programs: Path, folder: Path, user: str | None) -> None:
        self._programs, self._folder, self._user = programs, folder, user
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._run("initdb", "--auth=trust", "--username=lab", "--no-sync", "--locale=C", "--encoding=UTF8")

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = f"-c listen_addresses=127.0.0.1 -c fsync=off -p {self.port} -k {self._folder}"
        self._run(
            "pg_ctl", "start", "--wait", "--silent", f"--options={options}", f"--log={self._folder}/log"
        )

    def stop(self) -> None:
        """Stop without waiting for clients."""
        self._run("pg_ctl", "stop", "--mode=fast", "--silent")

    def _run(self, program: str, *options: str) -> None:
        command = [str(self._programs / program), f"--pgdata={self._folder}/data", *options]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            user=self._user,
            cwd=self._folder,
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    found = [shutil.which("postgres"), *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/postgres")))]
    programs = next((Path(one).resolve().parent for one in found if one), None)
    if programs is None:
        pytest.skip("no PostgreSQL here (Debian: apt install postgresql), so it was not tried as a store")
    user = None
    with tempfile.TemporaryDirectory(prefix="hometruth-pg-") as folder:
        if os.geteuid() == 0:  # which PostgreSQL refuses to run as
            user = "nobody"
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        server = Server(programs, Path(folder), user)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def db(server: Server) -> str:
    """The URL of a database of its own."""
    name = f"lab{next(NAMES)}"
    with psycopg.connect(f"postgresql://lab@127.0.0.1:{server.port}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"postgresql://lab:secret@127.0.0.1:{server.port}/{name}"


def post(url: str, body: bytes) -> int:
    """Send a form; the status."""
    try:
        with urlopen(url, body) as answer:
            return int(answer.status)
    except HTTPError as err:
        with err:
            return err.code


def test_it_keeps_what_a_file_keeps(db: str) -> None:
    hostile = {
        **EVENT,
        "_track_id": 2,
        "distinct_id": "\ud800\x00",
        "properties": {"a": "'; DROP TABLE events; --"},
    }
    with start_collector(db) as collector:
        assert post(f"{collector.url}/sa?project=%00p", plain([EVENT, hostile])) == 200
        assert post(f"{collector.url}/sa?project=%00p", plain([EVENT])) == 200
        assert post(f"{collector.url}/sa", b"data=%21") == 400
        with urlopen(collector.operator_url) as answer:
            assert b"and 2 that nothing ties to anybody" in answer.read()
    stored = read_events(db)

    assert [{key: event[key] for key in event if key != "_server"} for event in stored] == [EVENT, hostile]
    assert [event["_server"]["project"] for event in stored] == ["\ufffdp", "\ufffdp"]
    assert read_events(db, after=stored[0]["_server"]["id"]) == stored[1:]
    assert [letter.body for letter in read_dead_letters(db)] == [b"data=%21"]


def test_two_collectors_write_to_one_database_and_hand_out_the_same_keys(db: str) -> None:
    with start_collector(db) as one, start_collector(db) as other:
        configs = []
        for n, collector in enumerate((one, other, one, other)):
            assert post(f"{collector.url}/sa", plain([{**EVENT, "_track_id": n}, EVENT])) == 200
            with urlopen(f"{collector.url}/config/Android.conf") as answer:
                configs.append(answer.read())

    assert [event["_track_id"] for event in read_events(db)] == [0, 1, 2, 3]
    assert len(set(configs)) == 1


def test_kill_9_of_the_collector_loses_and_doubles_nothing(db: str) -> None:
    collector = start_collector(db)
    load = Load(collector.url, n_clients=6, per_request=5)
    load.start()
    try:
        for _ in range(2):
            time.sleep(0.5)
            os.kill(collector.pid, signal.SIGKILL)
            collector.close()
            collector = start_collector(db)
            load.url = collector.url
    finally:
        load.stop()
        collector.close()
    stored = [event["_track_id"] for event in read_events(db)]

    assert len(stored) == len(set(stored))
    assert set(stored) == load.acknowledged == load.sent


def test_while_it_is_down_the_answer_is_503_and_then_all_is_well(server: Server, db: str) -> None:
    with start_collector(db) as collector:
        assert post(f"{collector.url}/sa", plain([EVENT])) == 200
        server.stop()
        try:
            assert post(f"{collector.url}/sa", plain([{**EVENT, "_track_id": 2}])) == 503
        finally:
            server.start()
        statuses = [post(f"{collector.url}/sa", plain([{**EVENT, "_track_id": 2}])) for _ in range(2)]

    assert statuses[-1] == 200
    assert [event["_track_id"] for event in read_events(db)] == [1, 2]


def test_what_cannot_be_reached_is_a_clear_error_without_the_password(db: str) -> None:
    missing = f"{db}_missing"
    with pytest.raises(LabError, match="cannot keep its events there") as caught:
        start_collector(missing)
    assert "secret" not in str(caught.value)
    with pytest.raises(LabError, match="no collector's store"):
        read_events(db)
