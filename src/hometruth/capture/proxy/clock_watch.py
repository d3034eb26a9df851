"""Whether the clock of this machine ran on evenly while it recorded: all that is recorded goes by it.

Marks and sessions are cut by the clock of the day. Where it is set, or the machine sleeps, times before and
after do not belong together, and nothing was recorded in between.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

POLL_S = 1.0
UNEVEN_NS = 2_000_000_000
"""Seconds that leap, and clocks that are set right little by little (adjtime), stay below it between two
looks, and so does a machine too busy to look."""


class ClockWatch:
    """Compares the clock of the day with one that nobody sets, and that stands still while a machine sleeps.

    Args:
        note: Told when they parted: the moment, in nanoseconds since the epoch, and what to say.
    """

    def __init__(self, note: Callable[[int, str], None]) -> None:
        self._note = note
        self._ahead_ns: int | None = None

    def looked(self, day_ns: int, steady_ns: int) -> None:
        """Take in what both clocks show at one moment."""
        ahead_ns = day_ns - steady_ns
        before_ns, self._ahead_ns = self._ahead_ns, ahead_ns
        if before_ns is None or abs(jump_ns := ahead_ns - before_ns) < UNEVEN_NS:
            return
        told = f"from {_time(day_ns - jump_ns)} to {_time(day_ns)}"
        if jump_ns > 0:
            self._note(
                day_ns,
                f"this machine slept {told}, or its clock was set ahead: nothing was recorded in between",
            )
        else:
            self._note(day_ns, f"the clock of this machine was set back {told}: those times are there twice")


@asynccontextmanager
async def even_clock(note: Callable[[int, str], None]) -> AsyncIterator[None]:
    """Look at the clocks while the context lasts."""
    watch = ClockWatch(note)

    async def look() -> None:
        while True:
            watch.looked(time.time_ns(), time.monotonic_ns())
            await asyncio.sleep(POLL_S)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        watch.looked(time.time_ns(), time.monotonic_ns())


def _time(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns // 1_000_000_000, UTC).isoformat(timespec="seconds")
