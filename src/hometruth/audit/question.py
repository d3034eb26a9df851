"""What an audit needs to know besides the traffic."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hometruth.model import Canary, Claim, ExpectedFlow, Gap, Pairing, Subject, Trial
from hometruth.peel import LAYERS, Budget, Layer


@dataclass(frozen=True, slots=True)
class Question:
    """What an audit needs to know besides the traffic."""

    subject: Subject
    trials: tuple[Trial, ...]
    canaries: tuple[Canary, ...]
    claims: tuple[Claim, ...]
    expected: tuple[ExpectedFlow, ...] = ()
    salts: tuple[str, ...] = ()
    connections: tuple[Gap, ...] = ()
    """Connections that the recorder could not open."""
    asked_about: Mapping[str, int] | None = None
    """Hosts of which somebody chose whether they are looked into, and when (nanoseconds since the epoch);
    None where nobody was to be asked."""
    routed: frozenset[str] = frozenset()
    """Hosts that a real server answered although nothing left the machine."""
    zones: tuple[str, ...] = ()
    """Domains whose hosts the recorder answered, where it forwarded all others; none: it forwarded none."""
    looked_into: str = ""
    """What of the subject's traffic was opened, as words; empty if nobody said."""
    window: str = ""
    """How long each session was watched, as words."""
    pairings: tuple[Pairing, ...] = ()
    """Series whose sessions were run in pairs, to test what cannot be read."""
    unfinished: bool = False
    """True if nobody can tell whether the recording is whole: then silence proves nothing."""
    labelled_by: str = ""
    """Who said afterwards which session was what; empty if it was decided before."""
    recordings: tuple[str, ...] = ()
    """Names of the recordings that they labelled, in the order in which their exchanges are numbered."""
    altered: tuple[str, ...] = ()
    """How the recording differs from what the run left behind; anything forbids every verdict."""
    budget: Budget = field(default_factory=Budget)
    """Limits on examining one exchange."""
    layers: tuple[Layer, ...] = LAYERS
    """Formats that are tried, in order."""
