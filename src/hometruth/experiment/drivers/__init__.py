"""Drivers: one file per kind of subject, all with the same small protocol."""

from collections.abc import Callable, Mapping
from pathlib import Path

from hometruth.experiment.drivers.base import Driver
from hometruth.model import Subject

__all__ = ["DRIVERS", "Driver"]


def _lab(subject: Subject, folder: Path) -> Driver:
    from hometruth.experiment.drivers.lab import LabDriver  # noqa: PLC0415 - only runs need the lab

    return LabDriver(subject, folder)


DRIVERS: Mapping[str, Callable[[Subject, Path], Driver]] = {"lab": _lab}
"""Name in the plan to a maker of drivers: subject and a folder for what the subject itself keeps."""
