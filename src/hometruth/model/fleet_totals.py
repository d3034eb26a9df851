"""What a scan of many recordings comes to."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hometruth.model.scanned import Standing

if TYPE_CHECKING:
    from hometruth.model.outputs import FleetJson


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

    def as_json(self) -> "FleetJson":
        """The sums as other programs read them."""
        return {
            "inputs": dict(sorted(self.inputs.items())),
            "done_before": self.skipped,
            "exchanges": self.exchanges,
            "searched_bytes": self.searched_bytes,
            "unread_bytes": self.unread_bytes,
            "phantoms_sighted": self.phantoms,
            "findings": {str(each): self.standings[each] for each in Standing},
        }
