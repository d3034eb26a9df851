"""The phone's clock: it stands still until it is moved, and timers run as it passes them."""

import heapq
import itertools
from collections.abc import Callable


class Timer:
    """A call that will be made when its time has come, unless it is cancelled."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call: Callable[[], None] | None = call

    def cancel(self) -> None:
        """Never run; harmless if it ran already."""
        self._call = None

    def run(self) -> None:
        """Make the call, once."""
        call, self._call = self._call, None
        if call is not None:
            call()


class Clock:
    """Wall clock and timers of one phone.

    Timers count the time the phone was up, as Android's do: setting the wall clock to another day fires none.
    """

    def __init__(self, now_ms: int) -> None:
        self._up_ms = 0
        self._boot_ms = now_ms
        self._timers: list[tuple[int, int, Timer]] = []
        self._order = itertools.count()

    @property
    def now_ms(self) -> int:
        """Wall clock, milliseconds since 1970."""
        return self._boot_ms + self._up_ms

    def call_after(self, delay_ms: int, call: Callable[[], None]) -> Timer:
        """Make *call* once *delay_ms* have passed."""
        timer = Timer(call)
        heapq.heappush(self._timers, (self._up_ms + delay_ms, next(self._order), timer))
        return timer

    def advance(self, delta_ms: int) -> None:
        """Let time pass; timers that fall due run in order, each at its own time."""
        until_ms = self._up_ms + delta_ms
        while self._timers and self._timers[0][0] <= until_ms:
            due_ms, _, timer = heapq.heappop(self._timers)
            self._up_ms = max(self._up_ms, due_ms)
            timer.run()
        self._up_ms = max(self._up_ms, until_ms)

    def jump(self, now_ms: int) -> None:
        """Set the wall clock, forwards or backwards."""
        self._boot_ms = now_ms - self._up_ms
