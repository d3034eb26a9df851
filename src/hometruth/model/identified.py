"""What recordings tell about identifiers: codes, what they join, what stays undecided, what was not read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hometruth.model.identifier import (
    Basis,
    ComparisonKind,
    Documented,
    FieldPlace,
    Found,
    IdentifierKind,
    KnownValue,
    Lifetime,
    Session,
)


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """Places that carry the same values."""

    found: tuple[Found, ...]
    """The place that tells most comes first, and speaks for the others."""

    @property
    def kind(self) -> IdentifierKind:
        """What it names."""
        return self.found[0].kind

    @property
    def basis(self) -> Basis:
        """How that is known."""
        return self.found[0].basis

    @property
    def meaning(self) -> Documented | None:
        """What documents say of it: of the place that speaks for it, else of any."""
        return next((item.meaning for item in self.found if item.meaning), None)

    @property
    def is_sent_once(self) -> bool:
        """True if none of its values was sent twice, anywhere."""
        return all(item.is_sent_once for item in self.found)

    @property
    def is_not_the_devices(self) -> bool:
        """True if installations on one device sent different ones."""
        return any(item.is_not_the_devices for item in self.found)

    @property
    def lifetime(self) -> Lifetime:
        """What it outlives."""
        return self.found[0].lifetime

    @property
    def is_certain(self) -> bool:
        """True if any place proves it."""
        return any(item.is_certain for item in self.found)

    @property
    def known(self) -> tuple[KnownValue, ...]:
        """The tester's own values that it is."""
        return tuple(dict.fromkeys(value for item in self.found for value in item.known))

    @property
    def receivers(self) -> tuple[str, ...]:
        """Who got it, sorted."""
        return tuple(sorted({item.receiver for item in self.found}))

    @property
    def hosts(self) -> tuple[str, ...]:
        """Where it was sent, sorted."""
        return tuple(sorted({item.place.host for item in self.found}))

    @property
    def apps(self) -> tuple[str, ...]:
        """What sent it, where that is known, sorted."""
        return tuple(sorted({item.place.app for item in self.found if item.place.app}))

    @property
    def tokens(self) -> frozenset[str]:
        """All its values."""
        return frozenset().union(*(item.tokens for item in self.found))

    @property
    def devices(self) -> tuple[str, ...]:
        """Devices that it names, sorted."""
        return tuple(sorted({device for item in self.found for device in item.devices}))

    @property
    def sessions(self) -> frozenset[str]:
        """Sessions in which it was sent."""
        return frozenset(session for item in self.found for session in item.sent)


class UndecidedReason(StrEnum):
    """Why it cannot be told."""

    ONE_INSTALLATION = "one installation"
    """Only one installation was recorded: a constant of the software looks the same."""
    ONE_DEVICE = "one device"
    """All installations on the only device sent it: the device's, or the same everywhere."""
    ONE_SENDER = "one sender"
    """Several devices were recorded, and only one of them filled in the place."""
    SENT_ONCE = "sent once"
    """Each device sent one of its own, once: an identifier, or the number of one record."""
    SHARED = "shared"
    """A document calls it the sender's, but the devices sent the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Undecided:
    """One code at one place."""

    place: FieldPlace
    receiver: str
    reason: UndecidedReason
    sent: Mapping[str, frozenset[str]]
    """Session id to the tokens sent in it."""
    sessions: tuple[Session, ...]
    meaning: Documented | None
    """What a document says of it."""
    hint: Documented | None
    """What its name usually stands for."""
    evidence: tuple[str, ...]
    """Ids of some exchanges that carried it."""

    @property
    def is_open(self) -> bool:
        """False if a document says that it is the software's or a record's."""
        return self.meaning is None or self.meaning.names.is_sender

    @property
    def tokens(self) -> frozenset[str]:
        """All its values."""
        return frozenset().union(*self.sent.values())


@dataclass(frozen=True, slots=True)
class OpenTie:
    """A code that nobody can tell to be an identifier, and that would join much if it is one."""

    group: tuple[Undecided, ...]
    """All its places."""
    is_in_both_windows: bool
    """The same value went out of a normal and of a private window."""
    receivers: tuple[str, ...]
    """Who got the same value, sorted."""

    @classmethod
    def of(cls, group: tuple[Undecided, ...]) -> "OpenTie | None":
        """What the code would join; None if nothing."""
        senders: dict[str, set[Session]] = {}
        receivers: dict[str, set[str]] = {}
        for item in group:
            for session in item.sessions:
                for token in item.sent[session.id]:
                    senders.setdefault(token, set()).add(session)
                    receivers.setdefault(token, set()).add(item.receiver)
        both = any(len({session.is_incognito for session in sent}) > 1 for sent in senders.values())
        most = max(receivers.values(), key=len, default=set())
        return cls(group, both, tuple(sorted(most))) if both or len(most) > 1 else None


class LinkKind(StrEnum):
    """What two things the same value ties together."""

    APPS = "two apps"
    HOSTS = "two hosts"
    INCOGNITO = "incognito and normal"
    TWO_INCOGNITO = "two incognito sessions"
    RESET = "before and after"
    ACCOUNT = "account and anonymous"
    DEVICES = "two devices"


@dataclass(frozen=True, slots=True)
class Link:
    """Two things that a receiver can join."""

    kind: LinkKind
    between: tuple[str, str]
    """The two things: apps, hosts, windows, sides of a phase, an account's place and an identifier's."""
    via: tuple[Found, ...]
    """Identifiers that are the same on both sides; of an account, those sent beside it."""
    n_devices: int
    """Devices on which it was seen."""
    exchange: str = ""
    """One that shows it, where a single record does."""

    @property
    def receivers(self) -> tuple[str, ...]:
        """Who must put together what they have; one can do it alone."""
        return tuple(sorted({item.receiver for item in self.via}))

    @property
    def is_certain(self) -> bool:
        """True if any of the identifiers is more than a shape."""
        return any(item.is_certain for item in self.via)


@dataclass(frozen=True, slots=True)
class Rotation:
    """What the schedule showed of one identifier."""

    promised_days: float
    days: tuple[float, ...]
    """Starts, on the device's own clock, of the device that was watched longest."""
    longest_gap_days: float
    oldest_days: float
    """Longest time between first and last sight of one value."""
    renewed_after_gap: bool | None
    """Whether it was new after a pause longer than promised; None if nobody tried."""

    @property
    def is_asked(self) -> bool:
        """True if the starts reach beyond the promise, with every gap below it."""
        return (
            len(self.days) > 1
            and self.days[-1] - self.days[0] > self.promised_days
            and self.longest_gap_days < self.promised_days
        )

    @property
    def outlives(self) -> bool:
        """True if a value was sent for longer than promised."""
        return self.oldest_days > self.promised_days


@dataclass(slots=True)
class Unread:
    """What the answer "no identifier" leaves out."""

    opaque_bytes: Counter[str] = field(default_factory=Counter)
    """Request bytes that no layer opens, by host."""
    dropped_bodies: Counter[str] = field(default_factory=Counter)
    """Bodies that the recorder did not keep, by host."""
    never_seen: Counter[str] = field(default_factory=Counter)
    """Connections that could not be opened, or that spoke something else, by host."""
    long_values: int = 0
    """Texts longer than `LONGEST_VALUE`."""
    other_gaps: int = 0
    """Limits of the peeling that were reached, and entries that are damaged."""

    def update(self, other: "Unread") -> None:
        """Add what another one counted."""
        self.opaque_bytes.update(other.opaque_bytes)
        self.dropped_bodies.update(other.dropped_bodies)
        self.never_seen.update(other.never_seen)
        self.long_values += other.long_values
        self.other_gaps += other.other_gaps


@dataclass(frozen=True, slots=True)
class Identified:
    """What names the device or the person, and what it joins."""

    comparison: ComparisonKind
    sessions: tuple[Session, ...]
    found: tuple[Found, ...]
    codes: tuple[Code, ...]
    rotations: Mapping[Code, Rotation]
    """Of the codes that were watched over days, held against a promised lifetime."""
    undecided: tuple[tuple[Undecided, ...], ...]
    """Codes that may or may not name somebody, each with all its places; open ones first."""
    sent_once: int
    """Values that look random, were sent once, and are shown nowhere."""
    declares_inputs: bool
    """True if what the tester typed and planted is known, and left out."""
    links: tuple[Link, ...]
    joined: tuple[frozenset[Session], ...]
    """Sessions that belong together, for all receivers together."""
    n_records: int
    unread: Unread

    @property
    def open_ties(self) -> tuple[OpenTie, ...]:
        """Undecided codes that would join normal and private windows, or several receivers."""
        ties = (OpenTie.of(group) for group in self.undecided if group[0].is_open)
        return tuple(tie for tie in ties if tie)
