"""A public statement in testable form, and what the evidence says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hometruth.model.effect import Effect
from hometruth.model.trial import Condition


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
    until: str = ""
    """ISO date of the statement: later versions are another matter."""


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
    """``vendor`` or ``researcher``."""
    who: str
    date: str
    statement: str
    source: tuple[str, ...]
    readings: tuple[Reading, ...]
    quote: str = ""
    archived: str = "not archived"
    scope: Scope = field(default_factory=Scope)


class VerdictKind(StrEnum):
    """Never *true*: silence in a capture proves little."""

    CONTRADICTED = "CONTRADICTED"
    CONSISTENT = "CONSISTENT"
    INCONCLUSIVE = "INCONCLUSIVE"
    UNTESTED = "UNTESTED"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence says of one proposition under one condition (or of the whole: empty condition)."""

    claim: str
    proposition: str
    reading: ReadingKind
    condition: Condition
    verdict: VerdictKind
    why: str
    subject_kind: str
    """``simulated`` or ``real``."""
    in_scope: bool
    bound_percent: float | None = None
    """With 95 % confidence at most this share of sessions violates it (CONSISTENT only)."""
    unit: str = "sessions"
    """What the bound counts: independent ``sessions`` or ``installations``."""
    findings: int = 0
    trials: int = 0
    proof: str | None = None
    """Id of the exchange that proves it most shortly."""
    effects: tuple[Effect, ...] = ()
    """What it rests on where sessions were run in pairs."""
