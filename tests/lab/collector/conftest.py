"""A collector, empty for each test, and a plain HTTP client for it."""

import http.client
import json
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from hometruth.lab import CollectorHandle, start_collector

EVENT = {
    "_track_id": 1,
    "time": 1588550400000,
    "type": "track",
    "distinct_id": "d",
    "event": "e",
    "properties": {},
}

Asks = Callable[..., "Answer"]


class Answer:
    """Status, headers and body of a response."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()


def plain(events: Any, **fields: str) -> bytes:
    """A form body as the Node SDK would write it: base64 of JSON, no gzip."""
    data = quote(b64encode(json.dumps(events).encode()), safe="")
    return "&".join([f"data_list={data}", *(f"{name}={value}" for name, value in fields.items())]).encode()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[CollectorHandle]]:
    """The collectors of a file of tests: one, and another one for each that a test has closed."""
    collectors: list[CollectorHandle] = []
    yield collectors
    for collector in collectors:
        collector.close()


@pytest.fixture
def collector(running: list[CollectorHandle], tmp_path_factory: pytest.TempPathFactory) -> CollectorHandle:
    """A collector that has stored and refused nothing yet."""
    if not running or running[-1]._process.poll() is not None:
        running.append(start_collector(tmp_path_factory.mktemp("collector") / "collector.sqlite"))
    collector = running[-1]
    assert isinstance(collector.db, Path)
    with closing(sqlite3.connect(collector.db, timeout=30)) as database, database:
        database.execute("DELETE FROM events")
        database.execute("DELETE FROM dead_letters")
    return collector


@pytest.fixture
def ask(collector: CollectorHandle) -> Iterator[Asks]:
    """Sends one request over a connection that is kept."""
    connection = http.client.HTTPConnection(urlsplit(collector.url).netloc, timeout=30)

    def ask(
        method: str, target: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        connection.request(method, target, body, dict(headers or {}))
        return Answer(connection.getresponse())

    yield ask
    connection.close()
