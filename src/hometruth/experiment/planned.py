"""Sessions before they are run."""

from dataclasses import dataclass

from hometruth.model import Trial


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """One action to be done, and the id of the canary it plants."""

    action: str
    canary: str | None
    """None if it plants none."""
    wait_s: float = 0.0
    """Time on the subject's clock that passes before it."""


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """One trial before it is run. ``trial.status`` is LOST until somebody ran it."""

    trial: Trial
    actions: tuple[PlannedAction, ...]
