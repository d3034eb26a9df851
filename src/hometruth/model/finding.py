"""Findings: who got which canary under which condition, how often."""

from dataclasses import dataclass

from hometruth.model.canary import Canary, CanaryKind
from hometruth.model.exchange import Delivery
from hometruth.model.recipient import NOBODY_LOOKED, Initiator, Recipient, Sender, is_own_site
from hometruth.model.trial import Condition
from hometruth.model.value import Sighting


@dataclass(frozen=True, slots=True)
class Finding:
    """One canary at one recipient under one condition, with every sighting.

    For a minted canary the condition is that of the trial it was minted for (the value itself says so, hours
    later and through any queue); for a known value it is that of the trial the exchange was recorded in.
    """

    canary: Canary
    recipient: Recipient
    condition: Condition
    sightings: tuple[Sighting, ...]
    trials: tuple[str, ...]
    """Ids of the trials in which it was seen, sorted."""
    n_trials: int
    """Trials run under that condition: the denominator."""
    expected: bool
    """True if every sighting is one of the sealed expected flows."""
    evidence_bits: float
    """Best single sighting: the same value seen again is the same coincidence again."""
    senders: tuple[Sender, ...] = ()
    delivered: Delivery = Delivery.YES
    """Of every sighting: what was only tried to send is a finding of its own."""
    initiator: Initiator = NOBODY_LOOKED
    """Whose doing every sighting is; the evidence is that of the first."""

    @property
    def is_visit(self) -> bool:
        """True at the page's own site, the first time or another: asking for it tells nobody anything."""
        host = self.recipient.host
        return (
            self.canary.kind is CanaryKind.PAGE
            and is_own_site(host)
            and self.canary.value.lower() in host.split(".")
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a receiver holds a canary although nothing that was read carried it there: an answer says so."""

    canary: Canary
    recipient: Recipient
    sightings: tuple[Sighting, ...]
    """In answers; never in a request."""
    trial: str
    """The session that the canary belongs to, else the one that the answer was recorded in."""
    evidence_bits: float


@dataclass(frozen=True, slots=True)
class Identifier:
    """A value that singles out a device, an installation, a session or a person."""

    value: str
    kind: str
    """``installation``, ``device``, ``account`` or ``unknown``."""
    field: str
    """Where it was read: a path inside the event."""
    recipient: str
    trials: tuple[str, ...]
    source: str
    """Why the field is believed to be an identifier."""
    bits: float = 0.0
    """What it is worth that two sessions sent the same one: of a word or a constant, next to nothing."""
    is_own: bool = False
    """True if it is a value that the tester told, so the device's or the person's, whoever else sends it."""
