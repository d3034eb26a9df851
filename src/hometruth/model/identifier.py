"""What names a device, an installation or a person: one identifier, where it stands and how long it lives."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """What the tester did before a session."""

    BASE = "base"
    """Nothing: the session goes on from the one before."""
    IDLE = "idle"
    """Waited, as long as the other phases take: what changes here changes by itself."""
    RESTART = "restart"
    INCOGNITO = "incognito"
    """Opened a private window; the next session of another phase is in a normal one again."""
    CLEAR_DATA = "clear-data"
    REINSTALL = "reinstall"
    REINSTALL_ALL = "reinstall-all"
    """Every app of the vendor at once: ends what they share."""
    AD_ID_RESET = "ad-id-reset"
    CLOCK = "clock"
    """Set the clock on, as part of a schedule whose gaps are all shorter than the promised lifetime."""
    CLOCK_GAP = "clock-gap"
    """Set the clock on by more than the promised lifetime, without a start in between."""
    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    FACTORY_RESET = "factory-reset"


RESETS = (
    Phase.CLEAR_DATA,
    Phase.REINSTALL,
    Phase.REINSTALL_ALL,
    Phase.AD_ID_RESET,
    Phase.CLOCK,
    Phase.FACTORY_RESET,
)
"""After which a value may be gone, in the order in which its lifetime is named."""


class ComparisonKind(StrEnum):
    """What the devices are to each other; decides whether a finding reads "is" or "looks like"."""

    TWINS = "twins"
    """Clean devices of the same image, fed the same inputs."""
    INSTALLATIONS = "installations"
    """Fresh installations on one device: what they share may be the device's, or the same everywhere."""
    MIXED = "mixed"
    """Different devices, which differ in much that names nobody."""
    ALONE = "alone"
    """One device: only the shape of a value speaks."""


@dataclass(frozen=True, slots=True)
class Session:
    """One session of one device, under one phase."""

    id: str
    device: str
    phase: Phase
    order: int
    """Position among the sessions of its device."""
    day: float | None = None
    """Day on the device's own clock, where the tester moved it."""

    @property
    def is_incognito(self) -> bool:
        """True for a private window."""
        return self.phase is Phase.INCOGNITO


@dataclass(frozen=True, slots=True, order=True)
class FieldPlace:
    """Where a value stands, whichever request it stands in."""

    app: str
    host: str
    path: str
    """Part of the request and path inside it; ``[]`` for a position, ``{}`` for a random-looking name."""


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value of the tester's own device or person, recognised where it stood, in whatever form."""

    name: str
    """Name the tester gave it."""
    kind: str
    """``account``, ``device-id`` or ``known``."""
    form: str
    """``plain``, or the digest."""


class Names(StrEnum):
    """What a code names by the documents."""

    INSTALLATION = "installation"
    SESSION = "session"
    SOFTWARE = "software"
    """The program: the same in every installation."""
    RECORD = "record"
    """One request: new each time."""

    @property
    def is_sender(self) -> bool:
        """True if it names who sent it, at least for a session."""
        return self in {Names.INSTALLATION, Names.SESSION}


@dataclass(frozen=True, slots=True)
class Documented:
    """What a document says of the code at a place."""

    names: Names
    says: str
    """The document's meaning, in our words."""
    source: str


class IdentifierKind(StrEnum):
    """What an identifier names, told from what it outlives."""

    ADVERTISING = "advertising"
    VENDOR = "vendor-scoped"
    INSTALLATION = "installation"
    SESSION = "session"
    DEVICE = "device"
    ACCOUNT = "account"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """How the kind is known."""

    OWN = "own value"
    """It is a value whose meaning the tester told."""
    OBSERVED = "observed"
    """From what ended it and what did not, in these recordings."""
    DOCUMENTED = "documented"
    """A public document says so, and these recordings do not speak against it."""
    NONE = "none"
    """It is not known."""


SESSION, FOREVER, UNKNOWN = "session", "forever", "unknown"


@dataclass(frozen=True, slots=True)
class Kept:
    """On how many devices a value was the same before and after."""

    kept: int
    asked: int
    """Devices that filled in the place on both sides."""

    @property
    def is_gone(self) -> bool:
        """True if it was gone on most devices."""
        return self.asked > 0 and self.kept * 2 < self.asked

    def __str__(self) -> str:
        return f"{self.kept}/{self.asked}"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """What the values of one identifier survived."""

    ends_with: str
    """``session``, the phase after which it is gone, ``forever`` (all that was tried), ``unknown``."""
    survived: tuple[tuple[Phase, Kept], ...]
    incognito: Kept
    """Same value in a private window as before it."""
    between_incognito: Kept
    """Same value in two private windows, one after the other."""

    def kept(self, phase: Phase) -> Kept:
        """What is known of one boundary."""
        return dict(self.survived).get(phase, Kept(0, 0))


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """One identifier: the values at one place that stay within a device and differ between devices."""

    place: FieldPlace
    receiver: str
    kind: IdentifierKind
    basis: Basis
    """How the kind is known."""
    meaning: Documented | None
    """What a document says of the place, whether or not it was seen so."""
    lifetime: Lifetime
    sent: Mapping[str, frozenset[str]]
    """Session id to the tokens sent in it."""
    sessions: tuple[Session, ...]
    """Sessions in which it was sent."""
    comparison: ComparisonKind
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
            self.comparison is ComparisonKind.INSTALLATIONS
            and not self.known
            and len({session.device for session in self.sessions}) > 1
        )


LONGEST_VALUE = 4096
"""Characters; longer texts are pages and lists, and are counted as not looked into."""
