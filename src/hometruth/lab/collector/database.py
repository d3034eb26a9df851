"""The two databases a collector can keep its events in: a SQLite file, or PostgreSQL by URL.

SQLite unless told otherwise; why not DuckDB was measured: docs/explanation/lab.md. A Path is a SQLite file, a
string the URL of a PostgreSQL database, for more than one collector at once.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hometruth.errors import LabError

if TYPE_CHECKING:
    import psycopg

Db = Path | str
POSTGRES = ("postgresql://", "postgres://")
CONNECT_S = 10
"""How long PostgreSQL may take to answer a connection."""
TABLES = """
CREATE TABLE IF NOT EXISTS events (
    id {counted},
    received_ns BIGINT NOT NULL,
    project TEXT NOT NULL,
    path TEXT NOT NULL,
    retry_key TEXT UNIQUE,
    event TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS dead_letters (
    id {counted},
    received_ns BIGINT NOT NULL,
    status INTEGER NOT NULL,
    reason TEXT NOT NULL,
    method TEXT NOT NULL,
    target TEXT NOT NULL,
    body {binary} NOT NULL
);
CREATE TABLE IF NOT EXISTS keys (
    pkv INTEGER PRIMARY KEY,
    private_key {binary} NOT NULL
);
"""
"""``event`` is JSON in ASCII. ``retry_key`` is NULL for events without ``_track_id``: NULLs are distinct."""


class StoreError(Exception):
    """The database failed; the message is its own."""


def parse_db(text: str) -> Db:
    """What a person wrote: the URL of a PostgreSQL database, or a path."""
    return text if text.startswith(POSTGRES) else Path(text)


@dataclass(frozen=True)
class Database:
    """An open connection, speaking SQL with ``?`` for parameters."""

    connection: "sqlite3.Connection | psycopg.Connection[Any]"
    errors: type[Exception]
    begin: tuple[str, ...]
    """How a transaction that writes starts: alone, so that ids are in the order of commits."""
    is_postgres: bool

    def run(self, sql: str) -> None:
        """Execute a statement without parameters."""
        self.fetch(sql, (), wanted=False)

    def fetch(self, sql: str, parameters: Sequence[object] = (), *, wanted: bool = True) -> list[Any]:
        """Rows of a query.

        Raises:
            StoreError: If the database fails.
        """
        try:
            with closing(self.connection.cursor()) as cursor:
                cursor.execute(self._spelled(sql), parameters)
                return cursor.fetchall() if wanted else []
        except self.errors as err:
            raise StoreError(str(err)) from err

    def insert(self, table: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
        """Insert rows, without those whose key is there already.

        Raises:
            StoreError: If the database fails.
        """
        marks = ", ".join("?" for _ in columns.split(","))
        sql = f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 - ours
        try:
            with closing(self.connection.cursor()) as cursor:
                cursor.executemany(self._spelled(sql), [self._storable(row) for row in rows])
        except self.errors as err:
            raise StoreError(str(err)) from err

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _spelled(self, sql: str) -> Any:
        return sql.replace("?", "%s") if self.is_postgres else sql

    def _storable(self, row: Sequence[object]) -> Sequence[object]:
        if not self.is_postgres:
            return row
        # Its texts cannot hold NUL; only a project or a path may, never an event.
        return [value.replace("\0", "\ufffd") if isinstance(value, str) else value for value in row]


def open_to_write(db: Db) -> Database:
    """Connect, and make the tables.

    Raises:
        LabError: If it cannot be used.
    """
    try:
        if isinstance(db, str):
            database = _postgres(db)
            schema = TABLES.format(counted="BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", binary="BYTEA")
            # Two collectors that start at once would both find no table and both make it.
            database.run("SELECT pg_advisory_lock(8106)")
            database.run(schema)
            database.run("SELECT pg_advisory_unlock(8106)")
            return database
        connection = sqlite3.connect(db, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.executescript(TABLES.format(counted="INTEGER PRIMARY KEY", binary="BLOB"))
        except sqlite3.Error:
            connection.close()
            raise
        return Database(connection, sqlite3.Error, ("BEGIN IMMEDIATE",), is_postgres=False)
    except (sqlite3.Error, StoreError) as err:
        raise LabError(f"{shown(db)}: the collector cannot keep its events there ({err})") from err


def open_to_read(db: Db) -> Database:
    """Connect to what a collector made; it may be running.

    Raises:
        LabError: If it is missing, or cannot be reached.
    """
    try:
        if isinstance(db, str):
            return _postgres(db)
        connection = sqlite3.connect(f"{db.absolute().as_uri()}?mode=ro", uri=True)
        return Database(connection, sqlite3.Error, (), is_postgres=False)
    except (sqlite3.Error, StoreError) as err:
        raise LabError(f"{shown(db)}: no collector's store ({err}); start_collector makes one") from err


def shown(db: Db) -> str:
    """The database's name for people: a URL without its password."""
    if not isinstance(db, str):
        return str(db)
    scheme, _, rest = db.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _postgres(url: str) -> Database:
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError as err:
        raise StoreError("needs psycopg: pip install 'hometruth[postgres]'") from err
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_S)
    except psycopg.Error as err:
        raise StoreError(str(err).strip()) from err
    begin = ("BEGIN", "LOCK TABLE events, dead_letters, keys IN SHARE ROW EXCLUSIVE MODE")
    return Database(connection, psycopg.Error, begin, is_postgres=True)
