"""What the lab's driver is and takes, told without loading the lab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hometruth.experiment.drivers.base import Driver, DriverKind
from hometruth.model import CanaryKind

if TYPE_CHECKING:
    from pathlib import Path

    from hometruth.experiment.plan import Plan

ACTIONS: Mapping[str, CanaryKind] = {
    "visit": CanaryKind.PAGE,
    "search": CanaryKind.SEARCH,
    "visit-adult": CanaryKind.PAGE,
    "reader-mode": CanaryKind.PAGE,
    "share-page": CanaryKind.PAGE,
    "add-quick-dial": CanaryKind.PAGE,
    "open-quick-dial": CanaryKind.PAGE,
    "download": CanaryKind.DOWNLOAD,
    "search-video": CanaryKind.SEARCH,
    "watch-video": CanaryKind.ITEM,
    "read-item": CanaryKind.ITEM,
    "play": CanaryKind.SONG,
    "search-song": CanaryKind.SEARCH,
    "add-to-playlist": CanaryKind.SONG,
    "open-folder": CanaryKind.FOLDER,
    "open-promoted-folder": CanaryKind.FOLDER,
    "swipe-screen": CanaryKind.SCREEN,
    "tap-screen": CanaryKind.SCREEN,
    "open-status-bar": CanaryKind.SCREEN,
    "open-settings": CanaryKind.SCREEN,
}
"""What can be done on a simulated phone, with the kind of canary each plants."""


def _make(plan: Plan, folder: Path) -> Driver:
    from hometruth.experiment.drivers.lab import LabDriver  # noqa: PLC0415 - only runs need the lab

    return LabDriver(plan.subject, folder, devices=plan.devices)


LAB = DriverKind(_make, ACTIONS, simulating=True, keeps_installations=True)
