"""What tests with real browsers need of the machine."""

import shutil
from collections.abc import Mapping

import pytest

NEEDED = ("Xvfb", "openbox", "xdotool", "ffmpeg", "tesseract")
EXECUTABLES: Mapping[str, tuple[str, ...]] = {
    "chromium": ("chromium", "chromium-browser"),
    "firefox": ("firefox-esr", "firefox"),
}


def skip_without(browser: str) -> None:
    """Skip, and say what is missing."""
    absent = [name for name in NEEDED if not shutil.which(name)]
    if not any(shutil.which(name) for name in EXECUTABLES[browser]):
        absent.append(browser)
    if absent:
        pytest.skip(f"not on this machine: {', '.join(absent)}")
