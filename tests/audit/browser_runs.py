"""Runs with real browsers: the bundled plan, few sessions, and by default nothing leaves the machine."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Literal

from hometruth.experiment import Plan
from hometruth.experiment.browser_plan import browser_plan
from hometruth.experiment.drivers.browser_kind import BrowserOptions
from hometruth.model import Condition

Browser = Literal["chromium", "firefox"]


def quick_plan(
    browser: Browser,
    *levels: Mapping[str, str],
    sessions: int = 1,
    actions: tuple[str, ...] = (),
    offline: bool = True,
) -> Plan:
    """`browser-suggest` for this machine's browser, with these conditions only and little idling."""
    options = BrowserOptions(browser=browser, idle_s=1.0, key_ms=20)
    plan = browser_plan(
        browser,
        name="browser-suggest",
        sessions=sessions,
        today=date(2026, 11, 29),
        options=options,
        offline=offline,
    )
    (series,) = plan.series
    (cell,) = series.cells
    conditions = tuple(Condition.of(each) for each in levels)
    cell = replace(cell, conditions=conditions, actions=actions or cell.actions)
    return replace(plan, phantoms=50, series=(replace(series, cells=(cell,)),))
