"""Drivers: one file per kind of subject, all with the same small protocol, and one line here."""

from collections.abc import Mapping

from hometruth.experiment.drivers.base import NO_OPTIONS, Driver, DriverKind
from hometruth.experiment.drivers.lab_kind import LAB

__all__ = ["DRIVERS", "NO_OPTIONS", "Driver", "DriverKind"]

DRIVERS: Mapping[str, DriverKind] = {
    "lab": LAB,
}
"""Name in a plan to what that driver is."""
