"""What a scan of many recordings comes to."""

from collections import Counter
from dataclasses import dataclass, field

from hometruth.model.scanned import Standing


@dataclass(slots=True)
class FleetTotals:
    """Sums over all rows of a folder, whichever run wrote them."""

    inputs: Counter[str] = field(default_factory=Counter)
    """By what became of them: ``done``, ``unreadable``, ``crashed`` …"""
    skipped: int = 0
    """Done before this run."""
    exchanges: int = 0
    searched_bytes: int = 0
    unread_bytes: int = 0
    phantoms: int = 0
    """Sightings of what was never planted."""
    standings: Counter[Standing] = field(default_factory=Counter)
    """Findings, weighed by all that was searched."""
