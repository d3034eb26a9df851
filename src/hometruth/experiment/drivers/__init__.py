"""Drivers: one file per kind of subject, all with the same small protocol, and one line here."""

from collections.abc import Mapping

from hometruth.experiment.drivers.adb_kind import ADB
from hometruth.experiment.drivers.base import (
    NO_OPTIONS,
    Driver,
    DriverKind,
    Joins,
    LedByHand,
    LedRecorder,
    Onlooker,
    ReachedAt,
)
from hometruth.experiment.drivers.browser_kind import BROWSER
from hometruth.experiment.drivers.guided_kind import GUIDED
from hometruth.experiment.drivers.lab_kind import LAB

__all__ = [
    "DRIVERS",
    "NO_OPTIONS",
    "Driver",
    "DriverKind",
    "Joins",
    "LedByHand",
    "LedRecorder",
    "Onlooker",
    "ReachedAt",
]

DRIVERS: Mapping[str, DriverKind] = {
    "lab": LAB,
    "browser": BROWSER,
    "adb": ADB,
    "guided": GUIDED,
}
"""Name in a plan to what that driver is."""
