"""What the driver of real browsers is and takes, told without starting anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hometruth.experiment.drivers.base import Driver, DriverKind
from hometruth.handed_in import Table, Text
from hometruth.model import CanaryKind

if TYPE_CHECKING:
    from hometruth.experiment.plan import Plan

ACTIONS: Mapping[str, CanaryKind] = {
    "visit": CanaryKind.PAGE,
    "search": CanaryKind.SEARCH,
    "type": CanaryKind.TYPED,
    "click-link": CanaryKind.PAGE,
    "visit-in-tab": CanaryKind.PAGE,
    "visit-after-restart": CanaryKind.PAGE,
    "read-page": CanaryKind.PAGE_TEXT,
    "type-in-form": CanaryKind.FORM_FIELD,
}
"""What can be done in a browser's window, with the kind of canary each plants."""


class BrowserOptions(Table, frozen=True):
    """``[subject.options]`` of a browser."""

    browser: Literal["chromium", "firefox"]
    program: Text | None = None
    """Path of its executable; found on PATH by default."""
    idle_s: float = 10.0
    """How long it is left alone after the last action, before it is quit."""
    key_ms: int = 60
    """Between two keys: a fast typist. Suggestions are asked for while one types."""
    shown: bool = False
    """On the display of whoever runs it, instead of one of its own."""
    film: bool = False
    """Film the screen into the case."""


def _make(plan: Plan, folder: Path) -> Driver:
    from hometruth.experiment.drivers.browser import BrowserDriver  # noqa: PLC0415 - only runs need it

    assert isinstance(plan.options, BrowserOptions)
    return BrowserDriver(plan.options, folder)


BROWSER = DriverKind(
    _make, ACTIONS, BrowserOptions, keeps_installations=True, zones=("sites.example", "canary.example")
)
