"""One exchange seen as contact with a recipient, without its content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from hometruth.model.exchange import Delivery
from hometruth.model.recipient import Recipient, Sender


@dataclass(frozen=True, slots=True)
class Said:
    """A record: the name of its event, and its properties."""

    event: str
    fields: tuple[tuple[str, str], ...]
    """Property and value, sorted; a long value as ``sha256:...``."""

    @classmethod
    def of(cls, event: str, fields: Mapping[str, bytes]) -> "Said":
        """Build from the bytes that were sent."""
        return cls(event, tuple(sorted((name, _kept(data)) for name, data in fields.items())))


@dataclass(frozen=True, slots=True)
class RandomField:
    """A field whose value looks drawn by dice."""

    name: str
    """Part of the request and path in it, ``[]`` for a position."""
    digest: str
    """Of the value, to compare it with others."""
    size_bytes: int
    """Bytes that the value stands for, however it is spelt."""
    specified: bool = False
    """True if a specification asks for a random value there."""


@dataclass(frozen=True, slots=True)
class Contact:
    """That something was sent, to whom, in which trial, and how readable it was."""

    exchange: str
    recipient: Recipient
    endpoint: str
    """Host and path: positive controls must concern the same one."""
    trial: str | None
    """Session it speaks of: the one whose planted values it carries, else the one it was recorded in."""
    at_ns: int | None
    scheme: str
    offered_tls: tuple[str, ...]
    records: int
    """Telemetry records (one per event) that could be read; 0 if it is no telemetry or is opaque."""
    read_bytes: int
    opaque_bytes: int
    sender: Sender
    recorded_in: str | None = None
    """The session during which it was recorded; another one if it is a late upload."""
    project: str = ""
    """Project in the address, by which one collector keeps its senders apart; empty if it names none."""
    events: tuple[str, ...] = ()
    """Names of the events that its records tell of, where they name any."""
    said: tuple[Said, ...] = ()
    """The records that could be read, with their properties."""
    digest: str = ""
    """Of all that these records say; empty if there are none. A retry has that of what it repeats."""
    delivered: Delivery = Delivery.YES
    random: tuple[RandomField, ...] = ()
    """Random fields in it, where it went to the vendor or by an analytics SDK."""
    domain: str = ""
    """Domain that the pages visited have in common, where it stands by itself in what the vendor was told."""

    @property
    def stream(self) -> str:
        """Endpoint and project: what one sender's requests have in common."""
        return f"{self.endpoint} project={self.project}" if self.project else self.endpoint

    @property
    def is_late(self) -> bool:
        """True if it was recorded in another session than the one it speaks of."""
        return self.recorded_in is not None and self.recorded_in != self.trial


SHOWN_BYTES = 24
"""Longer values are kept as a digest: enough to compare them, whatever they hold."""


def _kept(data: bytes) -> str:
    if len(data) <= SHOWN_BYTES:
        return data.decode("utf-8", "backslashreplace")
    return f"sha256:{hashlib.sha256(data).hexdigest()[:16]}"
