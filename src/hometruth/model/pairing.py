"""How a paired series is run and tested: decided, and sealed, before the run."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Pairing:
    """How the pairs of a series are run and tested."""

    series: str
    """Id of the series in the plan."""
    pairs: int
    """Pairs for each condition; the stop rule may end them earlier."""
    visits: int
    """Addresses visited in each treated half."""
    content_pairs: int
    """Pairs of random against repeated addresses, run only where they are needed; 0: none."""
    alpha: float
    """Family-wise over groups of endpoints and conditions, for each rung."""
    endpoints: tuple[str, ...]
    """Groups of endpoints; whatever fits none is one group more."""
    target_percent: float
    """Largest bound that is called consistent."""
    shortest_path: int = 16
    """Characters: the least that an address visited has after its host."""

    @property
    def blocks(self) -> int:
        """Pairs of both kinds."""
        return self.pairs + self.content_pairs

    def scaled(self, blocks: int) -> "Pairing":
        """The same with at most *blocks* pairs of each kind."""
        return replace(self, pairs=min(self.pairs, blocks), content_pairs=min(self.content_pairs, blocks))
