"""A collector of its own, and a plain HTTP client for it."""

import http.client
import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
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


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[CollectorHandle]:
    with start_collector(tmp_path / "collector.sqlite") as collector:
        yield collector


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
