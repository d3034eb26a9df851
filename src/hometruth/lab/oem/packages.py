"""What is installed on the phone, by Android's names. All invented, in the style of such names.

Some may be the real ones; none was verified.
"""

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
        "mint-browser": Package("com.mi.globalbrowser.mini", "com.mi.globalbrowser.mini.BrowserActivity"),
        "mi-browser": Package("com.android.browser", "com.android.browser.BrowserActivity"),
        "mi-browser-pro": Package("com.mi.globalbrowser", "com.mi.globalbrowser.BrowserActivity"),
        "music-player": Package("com.miui.player", "com.miui.player.ui.MusicBrowserActivity"),
        "system": Package("com.miui.home", "com.miui.home.launcher.Launcher"),
    }
)
"""By the lab's name of the app."""

DIALLER = Package("com.android.incallui", "com.android.incallui.InCallActivity")
"""Shown while a call lasts."""
ANALYTICS = "com.miui.analytics"
"""The system's own analytics. Source: decompiled code bears this name."""
PREINSTALLED = (ANALYTICS, PACKAGES["system"].name, DIALLER.name)
"""There from the factory, beside the apps that the owner installs."""
PROMOTED = ("com.example.promoted.game", "com.example.promoted.shop")
"""What lies in a folder of promoted apps."""
