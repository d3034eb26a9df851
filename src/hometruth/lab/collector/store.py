"""What the collector keeps: every event received, every request refused, and its keys."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import astuple, dataclass
from typing import Any

from hometruth.errors import LabError
from hometruth.lab.collector.database import (
    Database,
    Db,
    StoreError,
    open_to_read,
    open_to_write,
    shown,
)
from hometruth.lab.collector.keys import KeyRing


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
    """The collector's side of the database: what is written in one transaction is on disk when it ends."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self._database: Database | None = open_to_write(db)

    @contextmanager
    def transaction(self) -> Iterator["EventStore"]:
        """All or nothing; after a failure the next one connects anew.

        Raises:
            StoreError: If nothing was kept.
        """
        try:
            if self._database is None:
                self._database = open_to_write(self._db)
            for statement in self._database.begin:
                self._database.run(statement)
            yield self
            self._database.run("COMMIT")
        except LabError as err:
            raise StoreError(str(err)) from err
        except BaseException:
            self.close()  # rolls back
            raise

    def keep(self, events: Sequence[dict[str, Any]], *, project: str, path: str, received_ns: int) -> None:
        """Store one request's events; a retried one is stored once."""
        rows = [
            (received_ns, project, path, _retry_key(project, event), json.dumps(event)) for event in events
        ]
        self._open.insert("events", "received_ns, project, path, retry_key, event", rows)

    def bury(self, letter: DeadLetter) -> None:
        """Keep a refused request."""
        columns = "received_ns, status, reason, method, target, body"
        self._open.insert("dead_letters", columns, [astuple(letter)])

    def keys(self) -> KeyRing:
        """The key pairs, made when first asked for."""
        query = "SELECT pkv, private_key FROM keys"
        rows = self._open.fetch(query)
        if not rows:
            self._open.insert("keys", "pkv, private_key", KeyRing.generate().dump())
            rows = self._open.fetch(query)
        return KeyRing.load(rows)

    def close(self) -> None:
        """Close the database; what was not committed is gone."""
        if self._database is not None:
            with suppress(self._database.errors):
                self._database.close()
            self._database = None

    @property
    def _open(self) -> Database:
        assert self._database is not None, "only inside a transaction"
        return self._database


def read_events(db: Db, *, after: int = 0, limit: int | None = None) -> list[dict[str, Any]]:
    """Events stored by a collector, in order of arrival; it may be running.

    Each is as received, plus one key ``_server`` with what the server added: ``id`` (counted up),
    ``received_ns``, ``project`` and ``path``.

    Args:
        db: The collector's file, or the URL of its PostgreSQL database.
        after: Only events with a greater ``_server.id``.
        limit: At most so many.

    Raises:
        LabError: If there is no collector's store.
    """
    at_most = "" if limit is None else f" LIMIT {limit:d}"
    return _events(db, f"WHERE id > ? ORDER BY id{at_most}", after)


def read_latest_events(db: Db, limit: int) -> list[dict[str, Any]]:
    """The last *limit* events, the latest first.

    Raises:
        LabError: If there is no collector's store.
    """
    return _events(db, f"ORDER BY id DESC LIMIT {limit:d}")


def read_events_by_id(db: Db, ids: Sequence[int]) -> list[dict[str, Any]]:
    """The events with these ``_server.id``, in order of arrival.

    Raises:
        LabError: If there is no collector's store.
    """
    return _events(db, f"WHERE id IN ({', '.join('?' for _ in ids)}) ORDER BY id", *ids)


def read_dead_letters(db: Db) -> list[DeadLetter]:
    """Requests a collector refused, in order of arrival.

    Raises:
        LabError: If there is no collector's store.
    """
    query = "SELECT received_ns, status, reason, method, target, body FROM dead_letters ORDER BY id"
    return [DeadLetter(*row) for row in _read(db, query)]


def _events(db: Db, which: str, *parameters: object) -> list[dict[str, Any]]:
    query = f"SELECT id, received_ns, project, path, event FROM events {which}"  # noqa: S608 - ours
    return [
        {**json.loads(event), "_server": {"id": row, "received_ns": at, "project": project, "path": path}}
        for row, at, project, path, event in _read(db, query, *parameters)
    ]


def _read(db: Db, query: str, *parameters: object) -> list[Any]:
    with closing(open_to_read(db)) as database:
        try:
            return database.fetch(query, parameters)
        except StoreError as err:
            raise LabError(f"{shown(db)}: no collector's store ({err}); start_collector makes one") from err


def _retry_key(project: str, event: dict[str, Any]) -> str | None:
    """What makes two arrivals the same event; None for SDKs whose events carry no ``_track_id``."""
    if "_track_id" not in event:
        return None
    return json.dumps([project, *(event.get(key) for key in ("distinct_id", "_track_id", "time", "event"))])
