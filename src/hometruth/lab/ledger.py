"""What a simulated phone really recorded and sent: the truth that tests hold against the findings.

The phone writes it as it goes, one JSON object per line, appended whole. The investigation never reads it.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hometruth.errors import LabError


@dataclass(frozen=True, slots=True)
class SentRequest:
    """One HTTP request of the phone, whether or not it got through."""

    session: int
    """Which session of the app made it, counted from 1 over the life of the phone."""
    at_ns: int
    """Real time at which it ended."""
    host: str
    method: str
    url: str
    events: tuple[dict[str, Any], ...] | None
    """The telemetry events it carried, None for any other request."""
    outcome: str
    """Status code in decimal, or the kind of network error."""
    clear: dict[str, str] | None = None
    """What stood readable beside enciphered events; None if the events themselves could be read."""

    @property
    def got_through(self) -> bool:
        """True if a server accepted it."""
        return self.outcome.startswith("2") and len(self.outcome) == 3


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One event that the app recorded, in the cell it really was in."""

    session: int
    at_ns: int
    event: dict[str, Any]
    cell: dict[str, str]
    channel: str = "sensors"
    """Where it was recorded for: ``sensors``, ``mistat`` or ``system``."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything one phone did."""

    requests: tuple[SentRequest, ...]
    recorded: tuple[RecordedEvent, ...]

    def delivered(self) -> list[dict[str, Any]]:
        """The telemetry events of every accepted request, in the order they were sent."""
        return [event for request in self.requests if request.got_through for event in request.events or ()]


class LedgerWriter:
    """Appends to a ledger; every line is one write, so a kill never leaves half of one behind another."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def request(self, sent: SentRequest) -> None:
        """Note a request."""
        self._append(
            "request",
            {
                "session": sent.session,
                "at_ns": sent.at_ns,
                "host": sent.host,
                "method": sent.method,
                "url": sent.url,
                "events": sent.events,
                "outcome": sent.outcome,
                "clear": sent.clear,
            },
        )

    def event(self, recorded: RecordedEvent) -> None:
        """Note an event."""
        self._append(
            "event",
            {
                "session": recorded.session,
                "at_ns": recorded.at_ns,
                "event": recorded.event,
                "cell": recorded.cell,
                "channel": recorded.channel,
            },
        )

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)

    def _append(self, kind: str, fields: Mapping[str, object]) -> None:
        os.write(self._fd, json.dumps({"kind": kind, **fields}).encode() + b"\n")


def read_ledger(path: Path) -> Ledger:
    """Read what the phone wrote so far; an unfinished last line (the phone was killed) is left out.

    Raises:
        LabError: If the file is missing or not a ledger.
    """
    requests, recorded = [], []
    for number, fields in enumerate(_lines(path), start=1):
        try:
            match fields.pop("kind"):
                case "request":
                    events = fields.pop("events")
                    requests.append(SentRequest(**fields, events=None if events is None else tuple(events)))
                case "event":
                    recorded.append(RecordedEvent(**fields))
        except (AttributeError, KeyError, TypeError) as err:
            raise LabError(f"{path}: line {number} is not a line of a ledger ({err})") from err
    return Ledger(tuple(requests), tuple(recorded))


def _lines(path: Path) -> Sequence[dict[str, Any]]:
    try:
        whole, _, _ = path.read_text("utf-8").rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]
    except OSError as err:
        raise LabError(f"{path}: no ledger there ({err.strerror}); the phone writes it as it starts") from err
    except ValueError as err:
        raise LabError(f"{path}: not a ledger ({err})") from err
