"""What differs between two recordings of the same plan, or between two settings in one."""

from dataclasses import dataclass
from enum import StrEnum

from hometruth.model.claim import Verdict
from hometruth.model.trial import Condition


class SignalKind(StrEnum):
    """What can be there in a session, or not."""

    CONTENT = "content"
    """Something planted, at a recipient that the action itself does not explain."""
    EVENT = "event"
    """A telemetry event of this name."""
    FIELD = "field"
    """A field of this path in what is sent to the recipient."""
    ENDPOINT = "endpoint"
    """Any request to this host and path."""
    UNREADABLE = "unreadable"
    """More unreadable bytes to this recipient than half of all sessions sent."""


@dataclass(frozen=True, slots=True, order=True)
class Signal:
    """One thing that a session sends or does not send."""

    kind: SignalKind
    recipient: str
    """Host, or registrable domain where the host itself is different in every session."""
    what: str


class Direction(StrEnum):
    """How B differs from A."""

    APPEARED = "appeared"
    """In no session of A."""
    DISAPPEARED = "disappeared"
    """In no session of B."""
    MORE = "more"
    LESS = "less"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Change:
    """One signal under one condition that both sides share."""

    signal: Signal
    series: str
    condition: Condition
    """What both sides have in common; the levels compared are left out."""
    seen_a: int
    n_a: int
    """Installations; sessions, where each has an installation of its own."""
    seen_b: int
    n_b: int
    p_value: float
    """Fisher's exact test, two-sided."""
    settled: bool
    """True if it is below the family-wise level divided by the number of tests."""

    @property
    def direction(self) -> Direction:
        """How the share differs, settled or not."""
        a, b = self.seen_a * self.n_b, self.seen_b * self.n_a
        if a == b:
            return Direction.SAME
        if a < b:
            return Direction.MORE if self.seen_a else Direction.APPEARED
        return Direction.LESS if self.seen_b else Direction.DISAPPEARED


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two sides."""

    name: str
    subject: str
    where: Condition
    """Levels it was narrowed to."""
    sessions: int
    lost: int
    """Planned sessions without a valid result; they are in no count."""
    read_bytes: int
    opaque_bytes: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs, and how surely."""

    a: Side
    b: Side
    same_run: bool
    """True if both sides come from one run, whose sessions were in random order."""
    alpha: float
    """Chance of calling anything changed if nothing is, over all tests together."""
    n_tests: int
    changes: tuple[Change, ...]
    """Every signal and condition tested, settled changes first."""
    only_a: tuple[str, ...]
    """Conditions that have no counterpart."""
    only_b: tuple[str, ...]
    bare: bool = False
    """True if a side is a recording of which nobody said what it is."""
    labelled_by: str = ""
    """Who said afterwards which session was what; empty if both sides decided it before."""
    verdicts: tuple[tuple[Verdict, Verdict], ...] = ()
    """Whole propositions whose verdicts differ."""
