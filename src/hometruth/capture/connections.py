"""What a recording could not open, written down as it happens beside the flow file, one JSON object a line.

A flow file has no place for a connection that never became a flow: a client that refuses the recorder's
certificate, a host that could not be reached. Left out, such silence would look like innocence.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hometruth.errors import CaptureError
from hometruth.model import Gap, GapKind, Sender

READ_AFTER_ALL = "read"
"""Kind of a line that takes back those of unused connections to the same host in the same session."""
LOOKED_INTO = "looked-into"
"""Kind of a line that says what is looked into: all through or, where it names a host, that from then on."""
LEFT_CLOSED = "left-closed"
"""Kind of a line that says of a host that somebody was asked about it, and left it unopened."""
_SCOPE = frozenset({LOOKED_INTO, LEFT_CLOSED})


@dataclass(frozen=True, slots=True)
class ConnectionFact:
    """One connection, or one conversation on it, that was not read."""

    kind: str
    """A `GapKind`, `READ_AFTER_ALL`, `LOOKED_INTO` or `LEFT_CLOSED`."""
    host: str | None
    """Server name from the ClientHello, else the host the proxy was asked for; None if neither is known."""
    port: int | None
    at_ns: int
    """UTC, nanoseconds since the epoch."""
    reason: str
    trial: str | None
    sent_bytes: int | None = None
    """Of a connection that was let through (or, if it outlasts a session, of its part in one): everything
    from the client."""
    received_bytes: int | None = None
    """Likewise from the server."""
    bursts: list[list[int]] | None = None
    """Of application data from the client: milliseconds after ``at_ns``, bytes, TLS records."""
    app: str | None = None
    """Who sent it, where the recorder knew."""
    app_source: str | None = None

    def as_line(self) -> bytes:
        """As JSON; what is for other kinds of facts is left out."""
        told: dict[str, Any] = asdict(self)
        for name in ("sent_bytes", "received_bytes", "bursts", "app", "app_source"):
            if told[name] is None:
                del told[name]
        return json.dumps(told).encode() + b"\n"

    def as_gap(self, where: str) -> Gap:
        """The same fact as the rest of the project tells it."""
        detail = self.reason
        if self.sent_bytes is not None:
            detail += f": {self.sent_bytes:,} bytes up, {self.received_bytes or 0:,} down"
        return Gap(
            GapKind(self.kind),
            where,
            detail,
            size_bytes=self.sent_bytes,
            host=self.host,
            trial=self.trial,
            received_bytes=self.received_bytes,
            bursts=tuple(int(size) for _, size, _ in self.bursts or ()),
            at_ns=self.at_ns,
            sender=Sender(self.app, self.app_source or "the recorder") if self.app else None,
        )


CONNECTIONS_SUFFIX = ".connections.jsonl"
"""What the name of the file beside a recording ends in."""


def connections_file(flow_file: Path) -> Path:
    """Where the facts that belong to *flow_file* are kept."""
    return flow_file.with_name(flow_file.name + CONNECTIONS_SUFFIX)


def private(path: str, flags: int) -> int:
    """Opens a file that only its owner may read: recordings hold passwords."""
    return os.open(path, flags, 0o600)


class ConnectionLog:
    """Appends facts to the file beside *flow_file*; each is handed to the system before the call returns.

    A recording in which everything could be opened leaves no such file behind.
    """

    def __init__(self, flow_file: Path) -> None:
        self.path = connections_file(flow_file)
        handle = private(str(self.path), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._file = os.fdopen(handle, "ab", buffering=0)

    def add(self, fact: ConnectionFact) -> None:
        """Write one fact."""
        self._file.write(fact.as_line())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        lines = self.path.read_bytes().splitlines()
        if not any(_gaps(self.path.name, lines)) and not any(_scope(lines)):
            self.path.unlink()


def read_connections(flow_file: Path) -> list[Gap]:
    """Gaps noted beside a flow file while it was recorded; empty if nothing was.

    A damaged line (the recorder was killed while writing it) is a gap itself.

    Raises:
        CaptureError: If the file beside it exists and cannot be read.
    """
    return list(_gaps(connections_file(flow_file).name, _lines_of(flow_file)))


def read_scope(flow_file: Path) -> list[ConnectionFact]:
    """What was said beside a flow file of what is looked into, in order of time; empty if nothing was.

    Raises:
        CaptureError: If the file beside it exists and cannot be read.
    """
    return list(_scope(_lines_of(flow_file)))


def scope_in_words(flow_file: Path) -> tuple[str, ...]:
    """What was looked into, as it was said while it was recorded; empty if nothing was said.

    Raises:
        CaptureError: If the file beside it exists and cannot be read.
    """
    return tuple(
        f"{fact.host}: {fact.reason}" if fact.host else fact.reason for fact in read_scope(flow_file)
    )


def _lines_of(flow_file: Path) -> list[bytes]:
    path = connections_file(flow_file)
    try:
        return path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as err:
        raise CaptureError(f"{path}: cannot be read: {err.strerror}") from err


def _scope(lines: list[bytes]) -> Iterator[ConnectionFact]:
    for line in lines:
        with suppress(ValueError, TypeError, RecursionError):  # it is a gap, told by `read_connections`
            fact = ConnectionFact(**json.loads(line))
            if fact.kind in _SCOPE:
                yield fact


def _gaps(name: str, lines: list[bytes]) -> Iterator[Gap]:
    read: set[tuple[str | None, str | None]] = set()
    told: list[Gap] = []
    for number, line in reversed([*enumerate(lines, 1)]):
        where = f"{name}:{number}"
        try:
            fact = ConnectionFact(**json.loads(line))
            if fact.kind == READ_AFTER_ALL:
                read.add((fact.trial, fact.host))
            elif fact.kind in _SCOPE:
                continue
            elif fact.kind != GapKind.UNUSED or (fact.trial, fact.host) not in read:
                told.append(fact.as_gap(where))
        except (ValueError, TypeError, RecursionError):
            told.append(Gap(GapKind.UNREADABLE, where, "a damaged line", size_bytes=len(line)))
    return reversed(told)
