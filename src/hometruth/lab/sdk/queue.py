"""Events that wait on the phone: a SQLite table, so that a killed app loses nothing."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hometruth.lab.sdk.wire import java_hash, to_json

MAX_QUEUE_BYTES = 32 * 1024 * 1024
"""The SDK's default cache size."""
DROPPED_WHEN_FULL = 100
"""Rows given up, oldest first, when the cache is full."""


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """One event in the queue."""

    row: int
    stored: dict[str, Any]
    """The event, or what it was encrypted to."""
    event: dict[str, Any]
    """The event itself. A real phone forgets it once it is encrypted; the lab's ledger needs it."""


class EventQueue:
    """Events in the order they were recorded; each row carries its own check, as in the SDK."""

    def __init__(self, path: Path, *, max_bytes: int = MAX_QUEUE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)  # closed by any
        # What must survive is a killed process, not a power cut; the operating system keeps written pages.
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS events"
            " (id INTEGER PRIMARY KEY AUTOINCREMENT, data TEXT NOT NULL, hash INTEGER NOT NULL)"
        )
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS plain_copies (id INTEGER PRIMARY KEY, data TEXT NOT NULL)"
        )

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM events").fetchone()[0])

    def add(self, event: dict[str, Any], sealed: dict[str, Any] | None = None) -> None:
        """Append *event*, or what it was *sealed* to; a full queue first gives up its oldest rows."""
        if self._size_bytes() >= self._max_bytes:
            oldest = "SELECT id FROM events ORDER BY id LIMIT ?"
            self._delete([row for (row,) in self._db.execute(oldest, (DROPPED_WHEN_FULL,)).fetchall()])
        data = to_json(event if sealed is None else sealed)
        row = self._db.execute("INSERT INTO events (data, hash) VALUES (?, ?)", (data, java_hash(data)))
        if sealed is not None:
            copy = (row.lastrowid, to_json(event))
            self._db.execute("INSERT INTO plain_copies (id, data) VALUES (?, ?)", copy)

    def first(self, limit: int) -> list[QueuedEvent]:
        """The oldest *limit* events; rows whose check fails are deleted, as the SDK does."""
        rows = self._db.execute(
            "SELECT events.id, events.data, hash, coalesce(plain_copies.data, events.data)"
            " FROM events LEFT JOIN plain_copies USING (id) ORDER BY id LIMIT ?",
            (limit,),
        ).fetchall()
        damaged = [row for row, data, check, _ in rows if java_hash(data) != check]
        self._delete(damaged)
        return [
            QueuedEvent(row, json.loads(data), json.loads(event))
            for row, data, _, event in rows
            if row not in damaged
        ]

    def remove(self, events: Sequence[QueuedEvent]) -> None:
        """Delete events that are delivered or given up."""
        self._delete([waiting.row for waiting in events])

    def clear(self) -> None:
        """Delete every event."""
        self._db.execute("DELETE FROM events")
        self._db.execute("DELETE FROM plain_copies")

    def close(self) -> None:
        """Close the file; what waits stays in it."""
        self._db.close()

    def __del__(self) -> None:
        # An app that is stopped just lets go of its queue, and Python 3.13 complains of files left open.
        if hasattr(self, "_db"):
            self._db.close()

    def _delete(self, rows: Sequence[int]) -> None:
        for table in ("events", "plain_copies"):
            self._db.executemany(f"DELETE FROM {table} WHERE id = ?", [(row,) for row in rows])  # noqa: S608 - ours

    def _size_bytes(self) -> int:
        used = "SELECT (page_count - freelist_count) * page_size FROM"
        pragmas = "pragma_page_count(), pragma_freelist_count(), pragma_page_size()"
        return int(self._db.execute(f"{used} {pragmas}").fetchone()[0])
