"""What a kind of proposition consists of."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.controls import Control
from hometruth.model import Condition, Finding, Proposition, Reason, ReasonKind, Rung, Sighting, Trial

OBSERVED = math.inf
"""Evidence bits of something observed directly (that a request was sent), which no chance explains."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One observation that contradicts a proposition."""

    trial: str
    bits: float
    reason: Reason
    """What was seen; the same for every observation of the same thing."""
    exchange: str | None = None
    finding: Finding | None = None
    sighting: Sighting | None = None
    example: Reason | None = None
    """Where it was seen in this very observation."""
    lasts: bool = False
    """True if the value outlives a session: that it is seen again, or collides again, proves no more."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether something that a proposition says is there was seen."""

    shown: Reason | None
    """What was seen, None if nothing."""
    absent: Reason | None = None
    """What is missing if it was not seen."""
    exhibit: Violation | None = None
    """The observation that shows it most shortly."""


Violations = Callable[[Proposition, Cell, Evidence], list[Violation]]
Doubts = Callable[[Proposition, Cell, Evidence], list[Reason]]
"""Reasons why silence in this cell proves nothing yet; each says what would settle it."""
Controls = Callable[[Proposition, Cell, Evidence], list[Control]]
"""What shows that sending would have been noticed."""


def always(_proposition: Proposition, _cell: Cell, _evidence: Evidence) -> bool:
    """Every cell is spoken of."""
    return True


def no_doubts(_proposition: Proposition, _cell: Cell, _evidence: Evidence) -> list[Reason]:
    """Nothing beyond the general rules."""
    return []


def no_controls(_proposition: Proposition, _cell: Cell, _evidence: Evidence) -> list[Control]:
    """What was sent is judged, not silence."""
    return []


def sessions(trials: Sequence[Trial]) -> int:
    """Independent units: one per session."""
    return len(trials)


def installations(trials: Sequence[Trial]) -> int:
    """Independent units: one per installation (a token belongs to one, however many sessions it has)."""
    return len({trial.installation for trial in trials})


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of proposition."""

    violations: Violations
    silence: ReasonKind
    """What can be said if nothing violates it."""
    unit: str = "sessions"
    count: Callable[[Sequence[Trial]], int] = sessions
    speaks_to: Callable[[Proposition, Cell, Evidence], bool] = always
    controls: Controls = no_controls
    doubts: Doubts = no_doubts
    presence: Callable[[Proposition, Cell, Evidence], Presence | None] | None = None
    """For kinds that may ask for presence; gives None where the cell is not asked for any."""
    project: Callable[[Condition], Condition] | None = None
    """Cells that differ only in dropped factors are judged together (a switch, compared with itself)."""
    narrow: Callable[[Proposition, Cell, Evidence], Cell] | None = None
    """The part of the cell whose silence is counted: one position of a switch, the sessions that sent."""
    needs: frozenset[str] = field(default_factory=frozenset)
    """Options that the proposition must give."""
    takes: frozenset[str] = field(default_factory=frozenset)
    """Options that it may give."""
    own_options: Mapping[str, Any] = field(default_factory=dict)
    """Options that no other kind has, with the type of each; it may give them unless it ``needs`` them."""
    rungs: tuple[Rung, ...] = ()
    """What paired sessions have to show to contradict it: the first, unless the proposition says one of the
    others. Empty if they cannot."""
    leak: str = ""
    """The smallest leak that it forbids unless it says otherwise: how large a leak must have had no room."""
    pairs: Callable[[Proposition, Cell, Evidence], Reason | None] | None = None
    """For kinds that compare sessions: what is missing, where the cell holds none of the pairs."""
    content: bool = False
    """True if it says of planted values that they are not sent: strictly read, to nobody at all."""
    untestable: bool = False
    """True if no wire can tell."""
