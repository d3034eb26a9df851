"""Two trials, and what the coin decided between them."""

from dataclasses import dataclass

from hometruth.opaque.barcode import Barcode


@dataclass(frozen=True, slots=True)
class Pair:
    """Two trials that differ only by what the coin decided."""

    treated: str
    """Id of the trial with the canary visits."""
    control: str
    treated_valid: bool
    control_valid: bool
    barcode: Barcode
    planted_bits: tuple[float, ...]
    """Entropy of each address planted."""
    content: bool = False
    """True if the control half visits addresses of the same lengths, of one repeated character."""
