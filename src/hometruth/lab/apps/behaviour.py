"""In which cells an app sends, and how a test makes it send, or fall silent, where it did not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from hometruth.errors import LabError

SENSORS = "sensors"
FACTORS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "version": ("3.4.0", "3.4.3", "3.4.4", "12.1.3", "12.1.4", "2020.04"),
        "mode": ("normal", "incognito"),
        "switch": ("on", "off", "absent"),
        "consent": ("none", "given", "withdrawn"),
        "app": ("mint-browser", "mi-browser", "mi-browser-pro", "music-player", "system"),
        "telemetry": ("as-found", "aggregate"),
        "channel": (SENSORS, "mistat"),
    }
)
"""What a cell is made of, and the levels each factor has."""


@dataclass(frozen=True, slots=True)
class AppState:
    """One combination of levels: what the app's real state is while something happens."""

    version: str
    mode: str
    switch: str
    consent: str
    app: str = "mint-browser"
    telemetry: str = "as-found"
    """``as-found``: what was found in 2020; ``aggregate``: what the vendor said it was."""
    channel: str = SENSORS
    """Which of the services that an app reports to is asked about."""

    def as_dict(self) -> dict[str, str]:
        """The levels that change while an app is used, as a plain mapping."""
        return {"version": self.version, "mode": self.mode, "switch": self.switch, "consent": self.consent}

    def matches(self, where: Mapping[str, str]) -> bool:
        """True if every factor in *where* has that level here."""
        mine = {**self.as_dict(), "app": self.app, "telemetry": self.telemetry, "channel": self.channel}
        return all(mine[factor] == level for factor, level in where.items())


@dataclass(frozen=True, slots=True)
class Rule:
    """Cells that match *where* send, or do not; *source* says why this is believed."""

    where: Mapping[str, str]
    sends: bool
    source: str


@dataclass(frozen=True, slots=True)
class Mutation:
    """Force recording on or off in every cell that matches *where*; later mutations win over earlier ones.

    Tests use it to make the phone honest in one cell, or leak in one.
    """

    where: Mapping[str, str]
    sends: bool

    def __post_init__(self) -> None:
        for factor, level in self.where.items():
            if level not in FACTORS.get(factor, ()):
                levels = ", ".join(f"{name}={'|'.join(known)}" for name, known in FACTORS.items())
                raise LabError(f"mutation: no cell has {factor}={level!r}; choose from {levels}")


def sends_in(cell: AppState, rules: Sequence[Rule], mutations: Sequence[Mutation] = ()) -> bool:
    """Whether actions in *cell* are recorded and sent: the last matching mutation, else the first rule.

    Raises:
        LabError: If no rule speaks of the cell.
    """
    for mutation in reversed(mutations):
        if cell.matches(mutation.where):
            return mutation.sends
    for rule in rules:
        if cell.matches(rule.where):
            return rule.sends
    raise LabError(f"no rule says whether {cell} sends")
