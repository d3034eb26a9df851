"""What all parts of a run by hand share: pages, log, the session under way, and waiting for a person."""

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hometruth.errors import DriverError
from hometruth.experiment.drivers.base import LOOPBACK, LedRecorder
from hometruth.experiment.drivers.by_hand.desk import DeskBoard, DeskStep
from hometruth.experiment.drivers.by_hand.hand_log import HandLog
from hometruth.experiment.drivers.by_hand.here import BrowserHere
from hometruth.experiment.drivers.by_hand.phone_page import PhoneState
from hometruth.experiment.drivers.by_hand.windows import HandSite
from hometruth.experiment.drivers.guided_kind import GuidedOptions
from hometruth.model import Attestation

POLL_S = 0.1
QUIET_S = 120.0
"""Without anything from the device the desk says that there is no hurry."""
SLEPT_S = 60.0
"""By which the clock of the day has jumped ahead of the one that stands still while a computer sleeps."""
CLOSES_BEFORE_S = 3.0
"""Before the end of the drain, a page that comes back by itself is no longer too early."""
END, DONE, YES, NO, SKIP, FORGOT, UPDATED = "end", "done", "yes", "no", "skip", "forgot", "updated"
BY_DESK = "what the person said at the desk"
Answer = TypeVar("Answer")


@dataclass
class InHand:
    """The session that is under way."""

    trial: str
    host: str
    levels: tuple[Attestation, ...]
    left: list[str]
    """Actions that are yet to be done."""
    has_window: bool
    """False for one half of a pair: there is no window, and no visit."""


class HandRun:
    """One run.

    Args:
        folder: Takes the log of the run, and pictures of the screen.
        product: What is tested.
    """

    def __init__(self, options: GuidedOptions, folder: Path, desk: DeskBoard, product: str) -> None:
        self.options = options
        self.product = product
        self.folder = folder
        self.desk = desk
        self.log: HandLog
        """From `GuidedDriver.routes` on."""
        self.site = HandSite(drain_s=options.drain_s)
        self.phone = PhoneState(on_picture=self._took)
        self.way: LedRecorder | None = None
        self.proxy_port = 0
        """Of the recorder, where the device is connected to."""
        self.session: InHand | None = None
        self.is_over = False
        """True once the person, or the owner of the device, has ended it."""
        self.pictures: list[str] = []
        """Of the screen, in the session under way or the last one."""
        self._n_refused = 0
        self._heard = time.monotonic()
        self._clocks = self.ahead()

    @property
    def here(self) -> BrowserHere:
        """The browser that plays the device, where it is one of this machine."""
        return BrowserHere(self.product, self.log)

    def line(self, way: LedRecorder) -> str:
        """By which it is started; empty where a device comes, and where no line is known."""
        is_here = self.options.wireguard is None and self.options.listen in LOOPBACK
        return self.here.line(way.url, way.key_pin()) if is_here and self.options.certificate else ""

    def heard(self) -> None:
        """Something came from the device."""
        self._heard = time.monotonic()

    def starts(self, session: InHand) -> None:
        """A session begins: from now on, it counts if this computer sleeps."""
        self.session = session
        self._clocks = self.ahead()

    def until(self, answer: Callable[[], Answer | None], name: str) -> Answer:
        """What it answers, once it does."""
        while not (found := answer()):
            self.poll(name)
        return found

    def button(self, number: int, name: str) -> str:
        """The button that is pressed; one that ends the run raises `DriverError`."""
        pressed = self.until(lambda: self.desk.taken(number), name)
        if pressed == END:
            self.end()
        return pressed

    def end(self) -> None:
        """Raise `DriverError`: the person at the desk has ended it."""
        self.is_over = True
        self.session = None
        raise DriverError("ended at the desk")

    def poll(self, name: str) -> None:
        """Let a moment pass; tell the desk what the site saw of it.

        Raises:
            DriverError: In a session: the computer has slept, or the owner of the device has stopped it.
        """
        time.sleep(POLL_S)
        way = self.held()
        way.check()
        while self.site.news:
            told = self.site.news.pop(0)
            self.log.add("note", name=told.name, **dict(told.facts))
            self.desk.note(told.name, told.look, **dict(told.facts))
        for address in way.refused[self._n_refused :]:
            self._n_refused += 1
            self.desk.note("other_device", "wrong", address=address)
        slept, self._clocks = self.ahead() - self._clocks, self.ahead()
        if slept > SLEPT_S:
            self.desk.note("slept", "wrong", minutes=f"{slept / 60:.0f}")
            if self.session:
                raise DriverError(f"this computer slept for {slept / 60:.0f} min in it")
        if self.session and way.is_declined:
            self.is_over = True
            self.desk.note("stopped", "wrong")
            raise DriverError("the owner of the device stopped it")
        if time.monotonic() - self._heard > QUIET_S and name != "drain":
            self.heard()
            self.desk.note("no_hurry")

    def drain(self, lasts: float) -> None:
        """Let the device alone for so many seconds."""
        name = "drain" if self.ready().has_window else "rest"
        began = time.monotonic()
        while (passed := time.monotonic() - began) < lasts:
            if lasts - passed < CLOSES_BEFORE_S:
                self.site.closing()
            self.desk.show(DeskStep(name, drain=(lasts, passed)))
            self.poll("drain")
        self.site.closing()

    def ahead(self) -> float:
        """Of the clock of the day before the one that stands still while this computer sleeps, in seconds."""
        return time.time() - time.monotonic()

    def _took(self, picture: bytes, ending: str) -> None:
        """Keep a picture of the screen."""
        name = f"screen-{self.session.trial if self.session else 'before'}-{self.phone.n_pictures}.{ending}"
        handle = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(picture)
        digest = hashlib.sha256(picture).hexdigest()
        self.pictures.append(f"screen {name}, SHA-256 {digest}")
        self.log.add("picture", name=name, sha256=digest)
        self.desk.note("picture", "seen", name=name)

    def held(self) -> LedRecorder:
        """The recorder."""
        assert self.way is not None  # `lead_in` comes first
        return self.way

    def ready(self) -> InHand:
        """The session under way; `DriverError` if there is none."""
        if self.session is None:
            raise DriverError("no session is under way")
        return self.session
