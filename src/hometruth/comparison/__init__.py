"""Two recordings set against each other: which signals each session sends, and what differs surely."""

from hometruth.comparison.differences import ALPHA, differences
from hometruth.comparison.matching import Matched, match
from hometruth.comparison.signals import SignalBook

__all__ = ["ALPHA", "Matched", "SignalBook", "differences", "match"]
