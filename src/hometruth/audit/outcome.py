"""What goes to those who examine exchanges, and what comes back."""

from typing import NamedTuple

from hometruth.model import Exchange, Gap, Sighting


class Outcome(NamedTuple):
    """What one exchange holds of the canaries, as `Examined` has it, without its values."""

    sightings: tuple[Sighting, ...]
    gaps: tuple[Gap, ...]
    searched_bytes: int
    parts: tuple[Sighting, ...] = ()
    n_values: int = 0


Batch = list[Exchange | Gap]
Outcomes = list[Outcome | Gap]
