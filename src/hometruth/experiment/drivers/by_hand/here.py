"""A browser of this machine that plays the device: a line for a terminal starts it, in one profile.

The profile is the same at every start: a window that forgot its mark with each would be another one.
"""

import shlex
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hometruth.experiment.drivers.by_hand.hand_log import HandLog
from hometruth.experiment.drivers.by_hand.phone_page import HOST
from hometruth.experiment.drivers.desktop.firefox import Firefox

LIKE_CHROMIUM: Mapping[str, tuple[str, ...]] = {
    "Chromium": ("chromium", "chromium-browser"),
    "Chrome": ("google-chrome", "google-chrome-stable"),
    "Edge": ("microsoft-edge", "microsoft-edge-stable"),
    "Brave": ("brave-browser", "brave"),
    "Opera": ("opera",),
}
"""Products that take Chromium's switches, and what their programs are called on Linux."""
FIREFOX = "Firefox"
PREFIX = "hometruth-browser-"


@dataclass(frozen=True, slots=True)
class BrowserHere:
    """How it is started.

    Args:
        product: What is tested: no other browser may play it.
    """

    product: str
    log: HandLog

    @property
    def is_known(self) -> bool:
        """True if there is a line for it."""
        return self.product in LIKE_CHROMIUM or self.product == FIREFOX

    @property
    def is_told_to_trust(self) -> bool:
        """True if its line says which certificate it is to trust; into others it is installed."""
        return self.product in LIKE_CHROMIUM

    def line(self, proxy: str, pin: str | None) -> str:
        """The line, for a shell; empty if none is known.

        Args:
            proxy: Its URL.
            pin: Of the key that it is to trust; None for a start without that.
        """
        if not self.is_known:
            return ""
        profile = self._profile()
        if self.product == FIREFOX:
            firefox = Firefox()
            firefox.set_up(profile, proxy)
            words = firefox.command(Path(_on_path(firefox.programs)), profile, proxy)
        else:
            words = [
                *(_on_path(LIKE_CHROMIUM[self.product]), f"--user-data-dir={profile}", "--disable-quic"),
                *(f"--proxy-server={proxy}", "--proxy-bypass-list=<-loopback>"),
                *((f"--ignore-certificate-errors-spki-list={pin}",) if pin else ()),
            ]
        return shlex.join([*words, f"http://{HOST}/"])

    def remove(self) -> None:
        """Its profile; what a browser that still runs writes there again stays."""
        if profile := self._made():
            shutil.rmtree(profile, ignore_errors=True)

    def _profile(self) -> Path:
        """Made once for a run, also where that is gone on with."""
        if profile := self._made():
            return profile
        profile = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.log.add("profile", path=str(profile))
        return profile

    def _made(self) -> Path | None:
        told = self.log.last("profile")
        profile = Path(str(told["path"])) if told else None
        return profile if profile and profile.name.startswith(PREFIX) and profile.is_dir() else None


def _on_path(programs: tuple[str, ...]) -> str:
    """What it is called on this machine; by its usual name where it is not found."""
    return next(filter(shutil.which, programs), programs[0])
