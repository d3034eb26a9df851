"""A browser that runs, with its windows."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hometruth.errors import DriverError
from hometruth.experiment.drivers.desktop.strays import StrayWatch
from hometruth.experiment.drivers.desktop.x_display import XDisplay, waited_for

WINDOW_S = 60.0
"""Within which a browser shows its first window; a loaded machine takes 10 s."""
STAYS_S = 0.5
QUITS_S = 15.0
"""Within which it is gone once its windows are closed; else it is told by a signal."""


@dataclass
class Running:
    """A browser's main process, and what belongs to it."""

    process: subprocess.Popen[bytes]
    display: XDisplay
    strays: StrayWatch

    def check(self) -> None:
        """Raise `DriverError` if it or its film has ended, or it was seen to go round the recorder."""
        self.display.check()
        if (code := self.process.poll()) is not None:
            raise DriverError(f"the browser ended by itself (exit code {code})")
        self.strays.check()

    def windows(self) -> list[str]:
        """Ids of its windows, the first one first.

        Raises:
            DriverError: If it has ended by itself.
        """
        self.check()
        return self.display.windows(self.process.pid)

    def first_window(self) -> str:
        """Id of its oldest window, as soon as one is there that stays: the very first may be replaced.

        Raises:
            DriverError: If it shows none, or has ended by itself.
        """
        shown: list[str] = []

        def stays() -> str | None:
            before, shown[:] = list(shown), self.windows()
            return shown[0] if shown and shown == before else None

        window = waited_for(stays, WINDOW_S, every_s=STAYS_S)
        if window is None:
            raise DriverError(f"no window of it showed within {WINDOW_S:.0f} s")
        return window

    def leave(self, shortcuts: Sequence[str]) -> bool:
        """Close its windows as a person does, until it is gone; False if it took a signal.

        Raises:
            DriverError: Like `check`, what happened while it ended included.
        """
        try:
            self.check()
            until = time.monotonic() + QUITS_S
            while self.process.poll() is None and time.monotonic() < until:
                for window in self.display.windows(self.process.pid)[:1]:
                    try:
                        self.display.focus(window)
                        self.display.keys(*shortcuts)
                    except DriverError:
                        break  # it went away while it was looked at
                waited_for(lambda: self.process.poll() is not None or None, 1.0)
            left = self.process.poll() is not None
        finally:
            self.kill()
        self.display.check()
        self.strays.check()
        return left

    def kill(self) -> None:
        """End whatever is left of it, politely first; it is watched until then."""
        self.strays.glance()
        try:
            self._end()
        finally:
            self.strays.close()

    def _end(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                break
            try:
                self.process.wait(QUITS_S)
            except subprocess.TimeoutExpired:
                continue
            if number is signal.SIGTERM:
                time.sleep(0.5)  # its helpers end with it
        self.process.wait(QUITS_S)


def started(
    command: Sequence[str], env: Mapping[str, str], display: XDisplay, said: Path, recorder: tuple[str, int]
) -> Running:
    """Start a browser and wait for its window.

    Args:
        said: File that takes what it writes to its standard streams.
        recorder: The only address that it may connect to.

    Raises:
        DriverError: If it does not start, or shows no window.
    """
    with said.open("ab") as output:
        try:
            process = subprocess.Popen(
                command,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        except OSError as err:
            raise DriverError(f"{command[0]} does not start: {err.strerror}") from err
    running = Running(process, display, StrayWatch(process.pid, recorder))
    try:
        running.first_window()
    except BaseException:  # whatever ends this, no browser may go on
        running.kill()
        raise
    return running
