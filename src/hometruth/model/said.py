"""One record of telemetry as it was sent, small enough to be kept of every request."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

SHOWN_BYTES = 24
"""Longer values are kept as a digest: enough to compare them, whatever they hold."""


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


def _kept(data: bytes) -> str:
    if len(data) <= SHOWN_BYTES:
        return data.decode("utf-8", "backslashreplace")
    return f"sha256:{hashlib.sha256(data).hexdigest()[:16]}"
