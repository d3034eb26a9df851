"""What is installed on the phone, by Android's names, none of which was published."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Package:
    """An app as Android knows it."""

    name: str
    main_screen: str
    """The screen that shows when it is opened."""


PACKAGES: Mapping[str, Package] = MappingProxyType(
    {
        name: Package(package, f"{package}.MainActivity")
        for name, package in {
            "mint-browser": "com.mi.globalbrowser.mini",
            "mi-browser": "lab.mi.browser",
            "mi-browser-pro": "lab.mi.browser.pro",
            "music-player": "lab.miui.music",
            "system": "lab.miui.system",
        }.items()
    }
)
"""By the lab's name of the app. Mint's is from memory, not verified; the others are invented."""

DIALLER = Package("lab.miui.dialler", "lab.miui.dialler.InCallActivity")
"""Shown while a call lasts. Invented."""
ANALYTICS = "com.miui.analytics"
"""The system's own analytics. Source: decompiled code bears this name."""
PREINSTALLED = (ANALYTICS, PACKAGES["system"].name, DIALLER.name)
"""There from the factory, beside the apps that the owner installs."""
PROMOTED = ("com.example.promoted.game", "com.example.promoted.shop")
"""What lies in a folder of promoted apps. Invented."""
