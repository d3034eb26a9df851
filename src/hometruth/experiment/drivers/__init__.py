"""Drivers: one file per kind of subject, all with the same small protocol, and one line here."""

from collections.abc import Mapping

from hometruth.experiment.drivers.base import NO_OPTIONS, Driver, DriverKind, Onlooker
from hometruth.experiment.drivers.browser_kind import BROWSER
from hometruth.experiment.drivers.lab_kind import LAB

__all__ = ["DRIVERS", "NO_OPTIONS", "Driver", "DriverKind", "Onlooker"]

DRIVERS: Mapping[str, DriverKind] = {
    "lab": LAB,
    "browser": BROWSER,
}
"""Name in a plan to what that driver is."""
