"""How much one exchange may cost. Every limit that is reached becomes a gap."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits on peeling one exchange; the defaults leave real telemetry far below them."""

    output_bytes: int = 64 << 20
    """Bytes that all layers together may produce: what memory can hold comfortably."""
    ratio: int = 250
    """Times that one decompression may grow its input; text rarely grows more than 20 times."""
    free_bytes: int = 1 << 20
    """Output of one decompression that is fine whatever the ratio."""
    pieces: int = 200_000
    """Values: about what an event batch of 20 MB holds."""
    depth: int = 32
    """Layers inside each other."""


class Meter:
    """What is left of a budget while one exchange is peeled."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.bytes_left = budget.output_bytes
        self.pieces_left = budget.pieces

    def room_for(self, size_bytes: int) -> int:
        """Bytes that peeling a value of this size may produce."""
        return min(self.bytes_left, max(self.budget.free_bytes, size_bytes * self.budget.ratio))

    def take(self, size_bytes: int) -> bool:
        """Account for one more piece; False if there is no room for it."""
        if self.pieces_left <= 0 or size_bytes > self.bytes_left:
            return False
        self.pieces_left -= 1
        self.bytes_left -= size_bytes
        return True

    def take_all(self, size_bytes: int, pieces: int) -> bool:
        """Account for many pieces at once; False, and nothing taken, if there is no room for all."""
        if pieces > self.pieces_left or size_bytes > self.bytes_left:
            return False
        self.pieces_left -= pieces
        self.bytes_left -= size_bytes
        return True
