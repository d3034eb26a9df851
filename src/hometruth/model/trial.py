"""Conditions, and the trials run under them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """An assignment of levels to factors, for example ``mode=incognito, switch=off``."""

    levels: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, levels: Mapping[str, str]) -> "Condition":
        """Build from a mapping; the order of factors is kept as given."""
        return cls(tuple(levels.items()))

    def as_dict(self) -> dict[str, str]:
        """The levels as a plain mapping."""
        return dict(self.levels)

    def get(self, factor: str) -> str | None:
        """Level of one factor, None if the condition does not speak of it."""
        return next((level for name, level in self.levels if name == factor), None)

    def matches(self, where: Mapping[str, tuple[str, ...]]) -> bool:
        """True if every factor in *where* has one of the levels listed for it."""
        mine = dict(self.levels)
        return all(mine.get(factor) in levels for factor, levels in where.items())

    def __str__(self) -> str:
        return ", ".join(f"{factor}={level}" for factor, level in self.levels) or "all"


@dataclass(frozen=True, slots=True)
class Attestation:
    """What a trial's level really was, and who says so."""

    factor: str
    level: str
    by: str


TESTERS_MARK = "mark"
"""An action that is none of the subject's: this computer notes in the recording what the coin decided."""


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """One action of a trial, as the driver observed it."""

    action: str
    canary: str | None
    """Id of the canary planted by it."""
    at_ns: int
    """When it was begun."""
    happened: bool
    detail: str = ""


class TrialStatus(StrEnum):
    """Whether a planned trial was run to its end."""

    DONE = "done"
    LOST = "lost"
    NOT_NEEDED = "not-needed"
    """Planned, and not run because the stop rule of its series had ended the series."""


class Arm(StrEnum):
    """What the coin decided for one half of a pair."""

    CANARIES = "canaries"
    """Visits to addresses of random length and characters."""
    SHAM = "sham"
    """The same taps, without a visit."""
    REPEATED = "repeated"
    """Visits to addresses as long as the other half's, of one repeated character."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One session under one condition."""

    id: str
    series: str
    """Part of the plan it belongs to (``matrix``, ``rotation``, ...)."""
    condition: Condition
    block: int
    installation: str
    """Installations differ in what the app stored; two trials with the same one share its identifiers."""
    device: str
    status: TrialStatus = TrialStatus.DONE
    started_ns: int | None = None
    ended_ns: int | None = None
    attested: tuple[Attestation, ...] = ()
    actions: tuple[ActionRecord, ...] = ()
    subject_day: float | None = None
    """Day on the subject's own clock at which the session ran, where the plan moves that clock."""
    note: str = ""
    arm: Arm | None = None
    """Its half of a pair, where the series is paired; no part of the condition: a secret of the test."""
    planted: tuple[str, ...] = ()
    """Canaries planned for it, in the order of the visits (paired series only)."""

    def is_attested(self) -> bool:
        """True if every factor of the condition was attested, by all who attest it, at the level intended."""
        seen: dict[str, set[str]] = {}
        for item in self.attested:
            seen.setdefault(item.factor, set()).add(item.level)
        return all(seen.get(factor) == {level} for factor, level in self.condition.levels)
