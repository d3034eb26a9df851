"""Drivers: one file per kind of subject, all with the same small protocol."""

from collections.abc import Callable, Mapping
from pathlib import Path

from hometruth.experiment.drivers.base import Driver
from hometruth.experiment.plan import Plan

__all__ = ["DRIVERS", "Driver"]


def _lab(plan: Plan, folder: Path) -> Driver:
    from hometruth.experiment.drivers.lab import LabDriver  # noqa: PLC0415 - only runs need the lab

    return LabDriver(plan.subject, folder, devices=plan.devices)


DRIVERS: Mapping[str, Callable[[Plan, Path], Driver]] = {"lab": _lab}
"""Name in the plan to a maker of drivers: the plan and a folder for what the subject itself keeps."""
