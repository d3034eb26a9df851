"""Events of people as numbers: in memory, or part by part from a folder when there are too many.

A part holds all events of some people, so that whatever is asked of each person can be asked part by part.
What is then kept in memory is about people, items and their different pairs, not about events.
"""

import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hometruth.errors import TableError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ROWS_HELD = 2_000_000
"""Rows kept in memory, 64 MB; of more, all are written into parts."""
PARTS = 128
"""Into which people are dealt out; one at a time is in memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Rows of a table, in the order of the file."""

    user: Ints
    """Person of each row, 0 to n_people - 1, in order of first appearance."""
    item: Ints
    n_people: int
    n_items: int
    count: Ints | None = None
    """How often, at least 1; None if the table does not say."""
    time: Floats | None = None
    """Seconds since an epoch; None if the table does not say."""
    notes: tuple[str, ...] = ()
    """What was assumed about the table, for people."""

    @property
    def has_times(self) -> bool:
        """Whether the table says when."""
        return self.time is not None

    def parts(self) -> Iterator["Events"]:
        """All there is, at once."""
        yield self

    def with_items(self, renamed: Callable[["Events"], Ints], n_items: int) -> "Events":
        """The same events with other items."""
        return replace(self, item=renamed(self), n_items=n_items)


Rows = np.ndarray[tuple[int], np.dtype[np.void]]
KINDS = {"user": np.int32, "item": np.int32, "count": np.int64, "time": np.float64}
"""Of the numbers of a row, in its order."""


@contextmanager
def _keeping() -> Iterator[None]:
    """Name the folder where rows cannot be kept: the table is not to blame."""
    try:
        yield
    except OSError as err:
        raise TableError(
            f"{tempfile.gettempdir()}: rows that do not fit into memory cannot be kept there "
            f"({err.strerror}); name another folder with TMPDIR"
        ) from err


class EventPart:
    """Rows in a file without a name, which is gone when nobody needs it.

    Raises:
        TableError: If the temporary folder takes no more.
    """

    def __init__(self) -> None:
        with _keeping():
            # Unbuffered: what did not fit would be tried again when it is closed.
            self._file = tempfile.TemporaryFile(prefix="hometruth-", buffering=0)  # noqa: SIM115 - stays open
        weakref.finalize(self, self._file.close)

    def write(self, rows: Rows) -> None:
        """Append rows."""
        with _keeping():
            left = memoryview(rows.tobytes())
            while left:
                left = left[self._file.write(left) :]

    def read(self, layout: "np.dtype[np.void]") -> Rows:
        """All rows."""
        with _keeping():
            self._file.seek(0)
            return np.frombuffer(self._file.read(), layout)


@dataclass(frozen=True, slots=True, eq=False)
class StoredEvents:
    """The same in files, one for each part of the people; numbers only."""

    files: tuple[EventPart, ...]
    layout: "np.dtype[np.void]"
    """Of a row: user, item, and where known count and time."""
    n_people: int
    n_items: int
    units_a_second: float
    """Of the times in the files."""
    notes: tuple[str, ...] = ()

    @property
    def has_times(self) -> bool:
        """Whether the table says when."""
        return "time" in (self.layout.names or ())

    def parts(self) -> Iterator[Events]:
        """All events of some people, then of others, each part in the order of the table."""
        for file in self.files:
            yield self.events(file.read(self.layout))

    def events(self, rows: Rows) -> Events:
        """What these rows stand for."""
        names = self.layout.names or ()
        return Events(
            rows["user"].astype(np.int64),
            rows["item"].astype(np.int64),
            self.n_people,
            self.n_items,
            rows["count"] if "count" in names else None,
            rows["time"] / self.units_a_second if "time" in names else None,
            self.notes,
        )

    def with_items(self, renamed: Callable[[Events], Ints], n_items: int) -> "StoredEvents":
        """The same events with other items."""
        files = tuple(EventPart() for _ in self.files)
        for file, new in zip(self.files, files, strict=True):
            rows = file.read(self.layout)
            changed = rows.copy()
            changed["item"] = renamed(self.events(rows))
            new.write(changed)
        return replace(self, files=files, n_items=n_items)


EventTable: TypeAlias = Events | StoredEvents


class CodedRows:
    """Collects the rows of a table, and writes them into parts when they become too many."""

    def __init__(self) -> None:
        self.n_rows = 0
        self._layout: np.dtype[np.void] = np.dtype([])
        self._held: list[Rows] = []
        self._files: tuple[EventPart, ...] = ()

    def add(self, user: Ints, item: Ints, count: Ints | None, time: Floats | None) -> None:
        """Rows in the order of the table; *count* and *time* always or never."""
        columns = {"user": user, "item": item, "count": count, "time": time}
        given = {name: column for name, column in columns.items() if column is not None}
        self._layout = np.dtype([(name, KINDS[name]) for name in given])
        rows = np.empty(len(user), self._layout)
        for name, column in given.items():
            rows[name] = column
        self.n_rows += len(rows)
        self._held.append(rows)
        if self.n_rows > ROWS_HELD:
            self._deal()

    def _deal(self) -> None:
        self._files = self._files or tuple(EventPart() for _ in range(PARTS))
        for rows in self._held:
            part = rows["user"] % PARTS
            ends = np.cumsum(np.bincount(part, minlength=PARTS))
            dealt = np.split(rows[np.argsort(part, kind="stable")], ends[:-1])
            for file, some in zip(self._files, dealt, strict=True):
                file.write(some)
        self._held = []

    def events(
        self, n_people: int, n_items: int, notes: tuple[str, ...], units_a_second: float
    ) -> EventTable:
        """All rows, when there are no more."""
        stored = StoredEvents(self._files, self._layout, n_people, n_items, units_a_second, notes)
        if self._files:
            return stored
        rows, self._held = np.concatenate(self._held), []
        return stored.events(rows)
