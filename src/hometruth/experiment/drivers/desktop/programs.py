"""Programs of the machine that a browser is driven with, and which package has them."""

import shutil
from collections.abc import Mapping

from hometruth.errors import DriverError

PACKAGES: Mapping[str, str] = {
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "xdotool": "xdotool",
    "ffmpeg": "ffmpeg",
    "tesseract": "tesseract-ocr",
    "xclip": "xclip",
    "unshare": "util-linux",
    "mount": "mount",
    "chromium": "chromium",
    "firefox-esr": "firefox-esr",
}
"""Program to the package of Debian that has it."""


def missing() -> list[str]:
    """Programs that drive a browser, and are not on this machine."""
    return [name for name in ("Xvfb", "openbox", "xdotool", "ffmpeg", "tesseract") if not shutil.which(name)]


def need(*programs: str) -> None:
    """Raise `DriverError` unless all *programs* are there; it names Debian's packages."""
    absent = [name for name in programs if not shutil.which(name)]
    if absent:
        packages = " ".join(PACKAGES[name] for name in absent)
        are = "is" if len(absent) == 1 else "are"
        raise DriverError(f"{', '.join(absent)} {are} not on this machine; on Debian: apt install {packages}")
