"""What the collector keeps: a SQLite file with every event received, and every request it refused.

An answer of 200 means the events are on disk: each request is one transaction, committed with a full sync
first.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hometruth.errors import LabError
from hometruth.lab.collector.keys import KeyRing

SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY,
    received_ns INTEGER NOT NULL,
    project TEXT NOT NULL,
    path TEXT NOT NULL,
    retry_key TEXT UNIQUE,
    event TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS dead_letters (
    id INTEGER PRIMARY KEY,
    received_ns INTEGER NOT NULL,
    status INTEGER NOT NULL,
    reason TEXT NOT NULL,
    method TEXT NOT NULL,
    target TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS keys (
    pkv INTEGER PRIMARY KEY,
    private_key BLOB NOT NULL
);
"""
"""``retry_key`` is NULL for events without ``_track_id``: to SQLite NULLs are distinct, so none is merged."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A request the collector refused."""

    received_ns: int
    status: int
    reason: str
    method: str
    target: str
    """Path and query."""
    body: bytes


class EventStore:
    """The collector's side of the file."""

    def __init__(self, db: Path) -> None:
        self._keys: KeyRing | None = None
        try:
            self._db = sqlite3.connect(db, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(SCHEMA)
        except sqlite3.Error as err:
            raise LabError(f"{db}: the collector cannot keep its events there ({err})") from err

    def keep(self, events: Sequence[dict[str, Any]], *, project: str, path: str, received_ns: int) -> None:
        """Store one request's events, on disk before this returns; a retried one is stored once."""
        rows = [
            (received_ns, project, path, _retry_key(project, event), json.dumps(event)) for event in events
        ]
        columns = "received_ns, project, path, retry_key, event"
        self._transaction(f"INSERT OR IGNORE INTO events ({columns}) VALUES (?, ?, ?, ?, ?)", rows)  # noqa: S608

    def bury(self, letter: DeadLetter) -> None:
        """Keep a refused request."""
        row = (letter.received_ns, letter.status, letter.reason, letter.method, letter.target, letter.body)
        columns = "received_ns, status, reason, method, target, body"
        self._transaction(f"INSERT INTO dead_letters ({columns}) VALUES (?, ?, ?, ?, ?, ?)", [row])  # noqa: S608

    def keys(self) -> KeyRing:
        """The key pairs of this store, made when first asked for."""
        if self._keys is None:
            rows = self._db.execute("SELECT pkv, private_key FROM keys").fetchall()
            if not rows:
                made = KeyRing.generate().dump()
                self._transaction("INSERT OR IGNORE INTO keys (pkv, private_key) VALUES (?, ?)", made)
                rows = self._db.execute("SELECT pkv, private_key FROM keys").fetchall()
            self._keys = KeyRing.load(rows)
        return self._keys

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _transaction(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany(statement, rows)
            self._db.execute("COMMIT")
        except sqlite3.Error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise


def read_events(db: Path, *, after: int = 0) -> list[dict[str, Any]]:
    """Events stored by a collector, in order of arrival; it may be running.

    Each is as received, plus one key ``_server`` with what the server added: ``id`` (counted up),
    ``received_ns``, ``project`` and ``path``.

    Args:
        db: The collector's file.
        after: Only events with a greater ``_server.id``.

    Raises:
        LabError: If the file is missing or not a collector's.
    """
    query = "SELECT id, received_ns, project, path, event FROM events WHERE id > ? ORDER BY id"
    with _reading(db) as connection:
        return [
            {**json.loads(event), "_server": {"id": row, "received_ns": at, "project": project, "path": path}}
            for row, at, project, path, event in connection.execute(query, (after,))
        ]


def read_dead_letters(db: Path) -> list[DeadLetter]:
    """Requests a collector refused, in order of arrival.

    Raises:
        LabError: If the file is missing or not a collector's.
    """
    query = "SELECT received_ns, status, reason, method, target, body FROM dead_letters ORDER BY id"
    with _reading(db) as connection:
        return [DeadLetter(*row) for row in connection.execute(query)]


@contextmanager
def _reading(db: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{db.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            yield connection
    except sqlite3.Error as err:
        raise LabError(f"{db}: no collector's store ({err}); start_collector makes one") from err


def _retry_key(project: str, event: dict[str, Any]) -> str | None:
    """What makes two arrivals the same event; None for SDKs whose events carry no ``_track_id``."""
    if "_track_id" not in event:
        return None
    return json.dumps([project, *(event.get(key) for key in ("distinct_id", "_track_id", "time", "event"))])
