"""What a browser does while it is left is looked at too, and how it ended is told."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from hometruth.errors import DriverError
from hometruth.experiment.drivers.desktop import running, strays
from hometruth.experiment.drivers.desktop.running import Running
from hometruth.experiment.drivers.desktop.strays import StrayWatch
from hometruth.experiment.drivers.desktop.x_display import XDisplay
from tests.experiment.drivers.test_strays import CLIENT


class Windowless:
    """A screen on which a browser shows nothing; it ends when its input does, or never."""

    def __init__(self, process: subprocess.Popen[bytes], *, ends: bool) -> None:
        self.process, self.ends = process, ends
        self.n_looks = 0
        self.film_ends_after = 10_000
        """Times that it can be asked about its film before that has ended."""

    def check(self) -> None:
        """As a screen does."""
        self.n_looks += 1
        if self.n_looks > self.film_ends_after:
            raise DriverError("the film ended")

    def windows(self, process: int) -> list[str]:
        """None; whoever asks has begun to leave."""
        assert self.process.stdin is not None
        if self.ends and process:
            self.process.stdin.close()
            self.process.wait()
        return []


@contextmanager
def browser(port: int, recorder: int, *, ends: bool) -> Iterator[Running]:
    """What holds a connection to *port*, and may go nowhere but to *recorder*; looked at only in the end."""
    command = [sys.executable, "-c", CLIENT, "tcp", "127.0.0.1", str(port)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        screen = cast(XDisplay, Windowless(process, ends=ends))
        yield Running(process, screen, StrayWatch(process.pid, ("127.0.0.1", recorder)))


@pytest.fixture(autouse=True)
def _seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strays, "EVERY_S", 60.0)
    monkeypatch.setattr(running, "QUITS_S", 0.3)


@pytest.mark.parametrize("ends", [True, False])
def test_how_it_ended_is_told(ends: bool, port: int) -> None:
    with browser(port, port, ends=ends) as left:
        assert left.leave(()) is ends


def test_a_way_round_that_is_taken_while_it_is_left_is_told(port: int) -> None:
    with browser(port, 1, ends=False) as left, pytest.raises(DriverError, match=f"port {port}, round the"):
        left.leave(())


def test_a_film_that_ends_loses_the_session_also_while_it_is_left(port: int) -> None:
    with browser(port, port, ends=True) as left:
        cast(Windowless, left.display).film_ends_after = 1
        left.check()
        with pytest.raises(DriverError, match="the film ended"):
            left.check()
        with pytest.raises(DriverError, match="the film ended"):
            left.leave(())
    with browser(port, port, ends=True) as left:
        cast(Windowless, left.display).film_ends_after = 1
        with pytest.raises(DriverError, match="the film ended"):
            left.leave(())
