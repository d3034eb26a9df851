"""How much one exchange may cost. Every limit that is reached becomes a gap."""

import time
from collections.abc import Callable

from hometruth.model import Budget

TICKS = 64
"""Values between two looks at the clock, and before the first, which starts it: a look may cost more than all
of a small exchange."""


class Meter:
    """What is left of a budget while one exchange is peeled."""

    def __init__(self, budget: Budget, clock: Callable[[], float] = time.process_time) -> None:
        self.budget = budget
        self.bytes_left = budget.output_bytes
        self.pieces_left = budget.pieces
        self.late = False
        """True once the time was over."""
        self._clock = clock
        self._end: float | None = None
        self._ticks = 0

    @property
    def reason(self) -> str:
        """Why there is no room any more."""
        if self.late:
            return f"this machine needs more than the {self.budget.time_s:g} s that one exchange may take"
        if self.pieces_left <= 0:
            return "more values inside than one exchange may have"
        return "more bytes inside than one exchange may produce"

    def room_for(self, size_bytes: int) -> int:
        """Bytes that peeling a value of this size may produce."""
        self._tick()
        return min(self.bytes_left, max(self.budget.free_bytes, size_bytes * self.budget.ratio))

    def take(self, size_bytes: int) -> bool:
        """Account for one more piece; False if there is no room for it."""
        self._tick()
        if self.pieces_left <= 0 or size_bytes > self.bytes_left or self.late:
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

    def _tick(self) -> None:
        self._ticks += 1
        if self._ticks % TICKS:
            return
        if self._end is None:
            self._end = self._clock() + self.budget.time_s
        elif self._clock() > self._end:
            self.late = True
