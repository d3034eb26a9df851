"""What the driver of real browsers is and takes, told without starting anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hometruth.errors import PlanError
from hometruth.experiment.drivers.base import Driver, DriverKind
from hometruth.handed_in import Table, Text
from hometruth.model import SITE, SITES, CanaryKind, Condition

if TYPE_CHECKING:
    from hometruth.experiment.plan import Plan

ACTIONS: Mapping[str, CanaryKind] = {
    "visit": CanaryKind.PAGE,
    "search": CanaryKind.SEARCH,
    "type": CanaryKind.TYPED,
    "click-link": CanaryKind.PAGE,
    "visit-in-tab": CanaryKind.PAGE,
    "visit-after-restart": CanaryKind.PAGE,
    "visit-after-clearing": CanaryKind.PAGE,
    "read-page": CanaryKind.PAGE_TEXT,
    "type-in-form": CanaryKind.FORM_FIELD,
    "copy": CanaryKind.CLIPBOARD,
}
"""What can be done in a browser's window, with the kind of canary each plants."""


LEVELS: Mapping[str, tuple[str, ...]] = {
    "mode": ("normal", "private"),
    "suggest": ("on", "off"),
    "profile": ("fresh", "kept"),
}
"""What can be set of a browser, besides its version, and settings and policies by their names."""


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


def _check(plan: Plan, condition: Condition) -> None:
    """Raise `PlanError` for what no browser can be set to: no session of it would be attested."""
    for name, level in condition.levels:
        if level not in LEVELS.get(name, (level,)):
            raise PlanError(
                f"plan {plan.id}: a browser has no {name} {level!r} (have: {', '.join(LEVELS[name])})"
            )
        if name not in (*LEVELS, "version") and "." not in name:
            raise PlanError(
                f"plan {plan.id}: a browser has no factor {name!r} (have: {', '.join(LEVELS)}, version, "
                "policy.NAME, and settings by their names, which have a dot)"
            )


def _make(plan: Plan, folder: Path) -> Driver:
    from hometruth.experiment.drivers.browser import BrowserDriver  # noqa: PLC0415 - only runs need it
    from hometruth.experiment.drivers.desktop.policies import PROGRAMS, policies_of  # noqa: PLC0415 - likewise
    from hometruth.experiment.drivers.desktop.programs import need  # noqa: PLC0415 - likewise

    assert isinstance(plan.options, BrowserOptions)
    cells = [cell for series in plan.series for cell in series.cells]
    for cell in cells:
        for condition in cell.conditions:
            _check(plan, condition)
    if any("copy" in cell.actions for cell in cells):
        need("xclip")
    if any(policies_of(condition.levels) for cell in cells for condition in cell.conditions):
        need(*PROGRAMS)
    return BrowserDriver(plan.options, folder)


BROWSER = DriverKind(_make, ACTIONS, BrowserOptions, keeps_installations=True, zones=(SITES, SITE))
