"""A public statement in testable form, and what the evidence says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hometruth.model.effect import Effect
from hometruth.model.finding import Finding
from hometruth.model.reason import Reason
from hometruth.model.trial import Condition
from hometruth.model.value import Sighting


class Wording(StrEnum):
    """How close the statement is to the speaker's own words."""

    QUOTED = "quoted"
    SUMMARISED = "summarised"
    INFERRED = "inferred"


class ReadingKind(StrEnum):
    """Ordinary: what a fair listener takes the words to say. Strict: what they say at their narrowest."""

    ORDINARY = "ordinary"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Scope:
    """What the speaker spoke of. An empty tuple does not restrict."""

    products: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    """ISO 3166 codes of the countries."""
    since: str = ""
    """ISO date: versions that came out before it are another matter (a promise speaks of what comes)."""
    until: str = ""
    """ISO date, usually that of the statement: versions that came out after it are another matter."""


@dataclass(frozen=True, slots=True)
class Proposition:
    """A statement over conditions that traffic can contradict."""

    id: str
    kind: str
    """One of the kinds in `claims`: ``absent``, ``no-identifier``, ``rotates-within``, ..."""
    says: str
    """The proposition as a sentence."""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Conditions it speaks of: factor to levels."""
    series: tuple[str, ...] = ()
    """Parts of the plan that test it; empty: all."""
    options: Mapping[str, object] = field(default_factory=dict)
    """Parameters of the kind, checked when the claim is loaded."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a claim."""

    kind: ReadingKind
    propositions: tuple[Proposition, ...]
    wording: Wording
    note: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement somebody made, with where it was read."""

    id: str
    side: str
    """``vendor`` or ``researcher``; ``tester`` for a question that nobody answered yet."""
    who: str
    date: str
    statement: str
    source: tuple[str, ...]
    readings: tuple[Reading, ...]
    quote: str = ""
    archived: str = "not archived"
    scope: Scope = field(default_factory=Scope)
    excuses: tuple[str, ...] = ()
    """Recipients, by organisation or host, of whom it says that they receive something."""
    short: str = ""
    """The statement in so few words that it fits on one line; empty where it has no short form."""

    @property
    def is_asked(self) -> bool:
        """True if nobody said it: it is the tester's own question."""
        return self.side == "tester"


class VerdictKind(StrEnum):
    """Never *true*: silence in a capture proves little."""

    CONTRADICTED = "CONTRADICTED"
    CONSISTENT = "CONSISTENT"
    INCONCLUSIVE = "INCONCLUSIVE"
    UNTESTED = "UNTESTED"
    OTHER_VERSION = "other version"
    """No verdict: not what the speaker spoke of (product, version, device, region, date)."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How much may have gone unnoticed, counted in one unit: the units are never mixed."""

    unit: str
    """``actions``, ``sessions`` or ``installations``."""
    n: int
    """How many were watched, less what the control shows would have been missed."""
    missing: int
    """How many of them have no valid result: each counts as one that does otherwise."""
    percent: float
    """With that confidence at most this share of them does otherwise."""
    confidence: float = 0.95
    """Higher where several bounds shall hold at once at 95 %."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict for people who were not there, and what to say to those who doubt it."""

    plain: str
    """What was asked, done and seen, in one paragraph of plain words."""
    proof: str
    """The shortest proof, or what stands in its place."""
    objection: str
    """The strongest thing to be said against the verdict."""
    answer: str
    """What can be answered, and what cannot."""
    check: tuple[str, ...]
    """How to check it by hand: commands and steps; ``CASE`` stands for the folder of the case."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence says of one proposition under one condition (or of the whole: empty condition)."""

    claim: str
    proposition: str
    reading: ReadingKind
    condition: Condition
    verdict: VerdictKind
    subject_kind: str
    """``simulated`` or ``real``."""
    in_scope: bool
    """False if it is the same proposition on another product, version...: then there is no verdict."""
    reasons: tuple[Reason, ...] = ()
    """Why, as data, in the order in which it is told."""
    why: str = ""
    """The reasons as a sentence about the subject; made in `report`."""
    bound_percent: float | None = None
    """With 95 % confidence at most this share of ``unit`` violates it (CONSISTENT only)."""
    unit: str = "sessions"
    """What the bound counts: independent ``sessions`` or ``installations``."""
    findings: int = 0
    trials: int = 0
    proof: str | None = None
    """Id of the exchange that proves it most shortly."""
    finding: Finding | None = None
    sighting: Sighting | None = None
    """What was read in that exchange, where it is a planted or known value, and the finding it belongs to."""
    bounds: tuple[Bound, ...] = ()
    """The bound per action, session and installation (CONSISTENT only)."""
    explanation: Explanation | None = None
    effects: tuple[Effect, ...] = ()
    """What it rests on where sessions were run in pairs."""
    observed: VerdictKind | None = None
    """What it would be if the speaker had spoken of this condition: counted, printed nowhere."""
