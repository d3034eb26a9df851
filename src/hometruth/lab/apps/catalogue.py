"""Every app of the lab, with the class that runs it."""

from collections.abc import Mapping
from types import MappingProxyType

from hometruth.lab.apps.app_process import AppProcess
from hometruth.lab.apps.browser import Browser
from hometruth.lab.apps.declare import App
from hometruth.lab.apps.mi_browser import MI_BROWSER, MI_BROWSER_PRO
from hometruth.lab.apps.mint_browser import MINT_BROWSER
from hometruth.lab.apps.music_player import MUSIC_PLAYER, MusicPlayer
from hometruth.lab.apps.system import SYSTEM, System

RUNS: Mapping[str, tuple[App, type[AppProcess]]] = MappingProxyType(
    {
        MINT_BROWSER.name: (MINT_BROWSER, Browser),
        MI_BROWSER.name: (MI_BROWSER, Browser),
        MI_BROWSER_PRO.name: (MI_BROWSER_PRO, Browser),
        MUSIC_PLAYER.name: (MUSIC_PLAYER, MusicPlayer),
        SYSTEM.name: (SYSTEM, System),
    }
)
APPS: Mapping[str, App] = MappingProxyType({name: app for name, (app, _) in RUNS.items()})
"""Apps by name; each says what it records, and why that is believed."""
