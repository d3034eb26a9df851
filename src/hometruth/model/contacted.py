"""Who was contacted: every recipient of a recording, and what known endpoints were sent."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from hometruth.model.asked_name import AskedName
from hometruth.model.coverage import Gap

if TYPE_CHECKING:
    from hometruth.model.outputs import ContactedJson, KnownFieldJson


class Party(StrEnum):
    """Whose host it is, seen from what was visited."""

    THIRD = "third"
    """Somebody else's than what was visited, or than what the person calls their own."""
    UNKNOWN = "unknown"
    """The recording shows no visit, and nobody said whose is whose."""
    OWN = "own"
    """Visited as a page, of the same domain or organisation as one, or called own."""


@dataclass(frozen=True, slots=True)
class KnownField:
    """A value that a known endpoint was sent, and why we believe that it is of this kind."""

    capture: str
    entry: int
    adapter: str
    company: str
    kind: str
    part: str
    path: str
    value: str
    reason: str
    recipient: str
    endpoint: str
    """Host and path."""

    def as_json(self, shown: str) -> "KnownFieldJson":
        """The field as other programs read it, with its value masked or not."""
        return {
            "capture": self.capture,
            "entry": self.entry,
            "adapter": self.adapter,
            "company": self.company,
            "kind": self.kind,
            "part": self.part,
            "path": self.path,
            "value": shown,
            "reason": self.reason,
            "recipient": self.recipient,
        }


@dataclass(frozen=True, slots=True)
class Contacted:
    """One recipient."""

    host: str
    organisation: str | None
    """None if nobody knows who runs it."""
    domain: str
    party: Party
    sdks: tuple[str, ...]
    """Recognised by protocol."""
    requests: int
    sent_bytes: int
    """Of requests, and messages that the client sent."""
    read_bytes: int
    opaque_bytes: int
    dropped: int
    """Bodies that the recorder did not keep."""
    refused: int
    """Connections that were not opened."""
    kinds: tuple[str, ...]
    """Kinds of data that it was sent, where its endpoints are known."""
    first_ns: int | None
    service: str | None = None
    """What it does with what it is told, where that matters."""
    behind: str | None = None
    """Name of another domain that this host's own leads on to (CNAME), where the recording has the answer:
    who answers is whoever runs that one."""
    behind_organisation: str | None = None
    """Who that is; None if nobody knows."""

    @property
    def group(self) -> str:
        """Under which it is listed: the organisation, or the registrable domain."""
        return self.organisation or self.domain

    @property
    def first_seen(self) -> str | None:
        """ISO date and time, UTC."""
        if self.first_ns is None:
            return None
        return datetime.fromtimestamp(self.first_ns // 1_000_000_000, UTC).isoformat(timespec="seconds")

    def as_json(self) -> "ContactedJson":
        """The recipient as other programs read it."""
        return {
            "host": self.host,
            "organisation": self.organisation,
            "domain": self.domain,
            "party": self.party,
            "sdks": list(self.sdks),
            "service": self.service,
            "requests": self.requests,
            "sent_bytes": self.sent_bytes,
            "read_bytes": self.read_bytes,
            "opaque_bytes": self.opaque_bytes,
            "dropped": self.dropped,
            "refused": self.refused,
            "kinds": list(self.kinds),
            "first_seen": self.first_seen,
            "behind": self.behind,
            "behind_organisation": self.behind_organisation,
        }


@dataclass(frozen=True, slots=True)
class Contacts:
    """Everybody who was contacted, grouped by organisation, own hosts last."""

    recipients: tuple[Contacted, ...]
    fields: tuple[KnownField, ...]
    exchanges: int
    exchanges_known: int
    """Of them, those to known endpoints."""
    gaps: tuple[Gap, ...]
    names: tuple[AskedName, ...] = ()
    """Names that were asked of resolvers, each once for every kind and resolver."""
