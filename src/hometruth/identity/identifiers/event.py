"""Plain records of what was sent: everything about identifiers is answered from these alone.

Source of the data model and of the rules in this folder: the project's own measurements on simulated twins,
repeated in `tests/identity/identifiers/test_simulated_fleets.py`.
"""

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


class Comparison(StrEnum):
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


@dataclass(frozen=True, slots=True)
class Event:
    """One record that was sent: an element of a batch, or all the rest of an exchange."""

    session: Session
    app: str
    host: str
    receiver: str
    """Organisation behind the host, else its registrable domain."""
    exchange: str
    time_ns: int | None
    fields: tuple[tuple[str, str], ...]
    """Where in the request, and the text there; a place may hold several."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
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
