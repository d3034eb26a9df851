"""What a recording could not open, written down as it happens beside the flow file, one JSON object a line.

A flow file has no place for a connection that never became a flow: a client that refuses the recorder's
certificate, a host that could not be reached. Left out, such silence would look like innocence.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hometruth.errors import CaptureError
from hometruth.model import Gap, GapKind, Sender


@dataclass(frozen=True, slots=True)
class ConnectionFact:
    """One connection, or one conversation on it, that was not read."""

    kind: str
    """A `GapKind`."""
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
            sender=Sender(self.app, self.app_source or "the recorder") if self.app else None,
        )


CONNECTIONS_SUFFIX = ".connections.jsonl"
"""What the name of the file beside a recording ends in."""


def connections_file(flow_file: Path) -> Path:
    """Where the facts that belong to *flow_file* are kept."""
    return flow_file.with_name(flow_file.name + CONNECTIONS_SUFFIX)


class ConnectionLog:
    """Appends facts to the file beside *flow_file*; each is handed to the system before the call returns.

    A recording in which everything could be opened leaves no such file behind.
    """

    def __init__(self, flow_file: Path) -> None:
        self.path = connections_file(flow_file)
        self._file = self.path.open("ab", buffering=0)

    def add(self, fact: ConnectionFact) -> None:
        """Write one fact."""
        self._file.write(fact.as_line())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self.path.stat().st_size == 0:
            self.path.unlink()


def read_connections(flow_file: Path) -> list[Gap]:
    """Gaps noted beside a flow file while it was recorded; empty if nothing was.

    A damaged line (the recorder was killed while writing it) is a gap itself.

    Raises:
        CaptureError: If the file beside it exists and cannot be read.
    """
    path = connections_file(flow_file)
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as err:
        raise CaptureError(f"{path}: cannot be read: {err.strerror}") from err
    return list(_gaps(path.name, lines))


def _gaps(name: str, lines: list[bytes]) -> Iterator[Gap]:
    for number, line in enumerate(lines, 1):
        where = f"{name}:{number}"
        try:
            yield ConnectionFact(**json.loads(line)).as_gap(where)
        except (ValueError, TypeError, RecursionError):
            yield Gap(GapKind.UNREADABLE, where, "a damaged line", size_bytes=len(line))
