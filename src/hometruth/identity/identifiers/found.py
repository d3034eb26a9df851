"""One identifier at one place."""

from collections.abc import Mapping
from dataclasses import dataclass

from hometruth.identity.identifiers.documented import Documented
from hometruth.identity.identifiers.event import Comparison, KnownValue, Place, Session
from hometruth.identity.identifiers.kind import Basis, Kind
from hometruth.identity.identifiers.lifetime import Lifetime


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """One identifier: the values at one place that stay within a device and differ between devices."""

    place: Place
    receiver: str
    kind: Kind
    basis: Basis
    """How the kind is known."""
    meaning: Documented | None
    """What a document says of the place, whether or not it was seen so."""
    lifetime: Lifetime
    sent: Mapping[str, frozenset[str]]
    """Session id to the tokens sent in it."""
    sessions: tuple[Session, ...]
    """Sessions in which it was sent."""
    comparison: Comparison
    is_certain: bool
    """False if only the shape of the value, or a document, speaks for it."""
    is_sent_once: bool
    """True if none of its values was sent a second time: that it stays the same was not seen."""
    known: tuple[KnownValue, ...]
    """The tester's own values that it turned out to be."""
    n_values: int
    evidence: tuple[str, ...]
    """Ids of some exchanges that carried it."""

    @property
    def devices(self) -> tuple[str, ...]:
        """Devices that it names."""
        return tuple(sorted({session.device for session in self.sessions}))

    @property
    def tokens(self) -> frozenset[str]:
        """All its values."""
        return frozenset().union(*self.sent.values())

    @property
    def is_not_the_devices(self) -> bool:
        """True if installations on one device sent different ones: so it names no device, whatever else."""
        return (
            self.comparison is Comparison.INSTALLATIONS
            and not self.known
            and len({session.device for session in self.sessions}) > 1
        )
