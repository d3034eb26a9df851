"""Sightings and trials to findings: who got what under which condition, how often."""

from hometruth.findings.attribute import attribute
from hometruth.findings.expected import is_expected

__all__ = ["attribute", "is_expected"]
