"""What was done on a phone, and what one request said that left it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hometruth.model import Canary, Condition, Exchange, Sighting

if TYPE_CHECKING:
    from hometruth.model.outputs import DoneJson, LeftJson

NAME = "event"
"""The key that names a record."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a known protocol, as it was sent."""

    name: str
    fields: Mapping[str, str]
    """Every other field by its path in the record."""


@dataclass(frozen=True, slots=True)
class Departure:
    """One request that left, decoded."""

    exchange: Exchange
    sdk: str | None
    chain: tuple[str, ...]
    """Layers around the records, or around the planted value, outermost first."""
    records: tuple[Record, ...]
    leaves: tuple[tuple[str, str], ...]
    """Path and value of readable fields, where no record was recognised."""
    sightings: tuple[Sighting, ...]
    own: bool
    """True if it is the action itself: the planted value went to the host it was meant for."""
    opaque_bytes: int
    organisation: str | None = None
    """Who runs the host, where the table of organisations knows it."""

    @property
    def at_ns(self) -> int | None:
        """When it left."""
        return self.exchange.started_ns

    def as_json(self) -> "LeftJson":
        """Everything, for programs."""
        exchange = self.exchange
        return {
            "what": "left",
            "at_ns": self.at_ns,
            "method": exchange.method,
            "url": exchange.url,
            "host": exchange.host,
            "organisation": self.organisation,
            "status": exchange.status,
            "error": exchange.error,
            "sdk": self.sdk,
            "chain": list(self.chain),
            "records": [{NAME: record.name, **record.fields} for record in self.records],
            "fields": [list(leaf) for leaf in self.leaves],
            "planted": [
                {
                    "id": item.canary.id,
                    "kind": item.canary.kind,
                    "form": item.form.name,
                    "part": item.value.part,
                    "path": item.value.path,
                    "chain": list(item.value.chain),
                }
                for item in self.sightings
            ],
            "is_the_action": self.own,
            "opaque_bytes": self.opaque_bytes,
        }


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done."""

    at_ns: int
    text: str
    planted: tuple[Canary, ...] = ()
    note: str = ""
    """What is to be said on the right if nothing left."""
    condition: Condition | None = None
    """Under which it was done, as far as that was noted."""

    def as_json(self) -> "DoneJson":
        """For programs."""
        return {
            "what": "done",
            "at_ns": self.at_ns,
            "text": self.text,
            "condition": self.condition.as_dict() if self.condition else None,
            "planted": [{"id": one.id, "kind": one.kind, "value": one.value} for one in self.planted],
        }
