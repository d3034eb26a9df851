"""Questions to resolvers: who asked for which name, of whom, when, and what the answer was."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hometruth.model.recipient import Sender

if TYPE_CHECKING:
    from hometruth.model.outputs import AskedJson


@dataclass(frozen=True, slots=True)
class AskedName:
    """One question of one DNS message (RFC 1035)."""

    name: str
    """Lower case, without the dot at its end."""
    kind: str
    """Type of record that was asked for: ``A``, ``AAAA``, ``HTTPS``…"""
    resolver: str
    """Address, or name, of whoever was asked."""
    at_ns: int | None
    """UTC, nanoseconds since the epoch."""
    aliases: tuple[str, ...] = ()
    """Names that the answer leads on to (CNAME), in its order."""
    answered: bool = False
    """True if an answer holds a record of the kind asked for."""
    times: int = 1
    """How often it was asked, where questions are added up; the rest is then the first one's."""
    trial: str | None = None
    sender: Sender | None = None

    @property
    def first_asked(self) -> str | None:
        """ISO date and time, UTC."""
        if self.at_ns is None:
            return None
        return datetime.fromtimestamp(self.at_ns // 1_000_000_000, UTC).isoformat(timespec="seconds")

    def as_json(self) -> "AskedJson":
        """The question as other programs read it."""
        return {
            "name": self.name,
            "kind": self.kind,
            "resolver": self.resolver,
            "at_ns": self.at_ns,
            "aliases": list(self.aliases),
            "answered": self.answered,
            "times": self.times,
            "sent_by": self.sender.app if self.sender else None,
            "trial": self.trial,
        }
