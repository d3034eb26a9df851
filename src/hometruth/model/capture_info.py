"""What a recording says of itself, and what is in it: what ``hometruth info`` tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hometruth.model.outputs import InfoJson


@dataclass(frozen=True, slots=True)
class Bodies:
    """Requests by what was recorded of their body."""

    present: int
    empty: int
    absent: int
    """There was one, or may have been, and the recorder did not keep it."""
    undecodable: int
    """Of those present: holds bytes that no layer opens, although its Content-Encoding is a known one."""
    opaque: int
    """Of those present: holds bytes that no layer opens, and says nothing of a Content-Encoding."""


@dataclass(frozen=True, slots=True)
class CaptureInfo:
    """One recording."""

    file: str
    format: str
    """Name of the reader."""
    recorder: str
    """Program and version, as the recording says itself; empty if it does not."""
    first: str | None
    """When the first request was sent, ISO 8601 UTC; None if no time is recorded."""
    last: str | None
    exchanges: int
    hosts: Mapping[str, int]
    """Requests by host, most first."""
    protocols: Mapping[str, int]
    bodies: Bodies
    websockets: int
    """Exchanges with WebSocket messages."""
    messages: tuple[int, int]
    """Of these, sent and received."""
    apps: Mapping[str, int]
    """Requests by sender, where the recorder knew."""
    names: Mapping[str, tuple[str, ...]]
    """Names asked of a resolver or told in a TLS handshake, each with what it leads on to (CNAME)."""
    gaps: Mapping[str, int]
    """By kind."""
    drops: tuple[str, ...]
    """What its recorder is known to leave out."""
    looked_into: tuple[str, ...]
    """What its recorder was told to look into, in order of time; empty if nothing was said."""

    def as_json(self) -> "InfoJson":
        """As other programs read it."""
        return {
            "file": self.file,
            "format": self.format,
            "recorder": self.recorder or None,
            "first": self.first,
            "last": self.last,
            "exchanges": self.exchanges,
            "hosts": len(self.hosts),
            "requests_by_host": dict(self.hosts),
            "protocols": dict(self.protocols),
            "bodies": {
                "present": self.bodies.present,
                "empty": self.bodies.empty,
                "absent": self.bodies.absent,
                "undecodable": self.bodies.undecodable,
                "opaque": self.bodies.opaque,
            },
            "websockets": self.websockets,
            "messages": {"sent": self.messages[0], "received": self.messages[1]},
            "apps": dict(self.apps),
            "names": {name: list(aliases) for name, aliases in self.names.items()},
            "gaps": dict(self.gaps),
            "drops": list(self.drops),
            "looked_into": list(self.looked_into),
        }
