"""Home screen, folders, status bar, settings: published is that they are recorded; all names are invented."""

from collections.abc import Callable, Mapping

from hometruth.lab.apps.app_process import ActionOutcome, AppProcess
from hometruth.lab.apps.behaviour import Rule
from hometruth.lab.apps.declare import AUTO_TRACKED, CLICK, VIEW, App, EventKind, NameSource
from hometruth.lab.apps.mint_browser import CONSENT_RULES
from hometruth.lab.oem.declared import DIALLER, PACKAGES, PROMOTED

HOME = "com.miui.home.launcher.Launcher"
STATUS_BAR = "com.android.systemui.statusbar.StatusBar"
SETTINGS = "com.android.settings.MiuiSettings"
"""Names of screens, all invented in the style of Android's."""
CALL_S = 95
"""How long a call lasts on the phone's clock. Invented."""
_FORBES = (
    "Forbes, 2020-04-30: folders opened and screens swiped to are recorded, status bar and settings included"
)

FOLDER_OPEN = EventKind("launcher_folder_open", ("folder_name",), _FORBES, NameSource.INVENTED)
SCREEN_SWIPE = EventKind("launcher_screen_swipe", ("to_screen",), _FORBES, NameSource.INVENTED)
STATUS_BAR_OPEN = EventKind("status_bar_open", ("notification",), _FORBES, NameSource.INVENTED)
SETTINGS_OPEN = EventKind("settings_page_open", ("page_name",), _FORBES, NameSource.INVENTED)

SYSTEM = App(
    name="system",
    title="Launcher and settings",
    versions=("2020.04",),
    project="global_system",
    project_basis=NameSource.INVENTED,
    rules=(*CONSENT_RULES, Rule({}, sends=True, source=_FORBES)),
    events=(FOLDER_OPEN, SCREEN_SWIPE, STATUS_BAR_OPEN, SETTINGS_OPEN, *AUTO_TRACKED),
    without_switch=frozenset({"2020.04"}),
    auto_tracks=True,
)
"""Stands for launcher, status bar and settings, which are several apps on a real phone. Version invented."""


class System(AppProcess):
    """The process of the launcher; whatever it shows has a name, and each name is recorded."""

    @property
    def actions(self) -> Mapping[str, Callable[[str], ActionOutcome]]:
        """What a person can do on the phone itself."""
        return {
            "open-folder": self.open_folder,
            "open-promoted-folder": self.open_promoted_folder,
            "swipe-screen": self.swipe_screen,
            "tap-screen": self.tap_screen,
            "open-status-bar": self.open_status_bar,
            "open-settings": self.open_settings,
            "call": self.call,
        }

    def open_folder(self, folder: str) -> ActionOutcome:
        """Open a folder of apps."""
        self._record(CLICK.name, "folder_icon", "FolderIcon", folder, HOME, "Home")
        self._record(FOLDER_OPEN.name, folder)
        return self._done()

    def open_promoted_folder(self, folder: str) -> ActionOutcome:
        """Open a folder in which the vendor promotes apps."""
        seen = self.open_folder(folder)
        self._phone.front.promoted_folder(folder, PROMOTED)
        return seen

    def swipe_screen(self, screen: str) -> ActionOutcome:
        """Swipe to another page of the home screen."""
        self._record(SCREEN_SWIPE.name, screen)
        self._record(VIEW.name, HOME, screen)
        return self._done()

    def tap_screen(self, element: str) -> ActionOutcome:
        """Touch something on the screen."""
        self._record(CLICK.name, "icon_title", "TextView", element, HOME, "Home")
        return self._done()

    def open_status_bar(self, notification: str) -> ActionOutcome:
        """Pull the status bar down; a notification is there."""
        self._record(STATUS_BAR_OPEN.name, notification)
        self._record(VIEW.name, STATUS_BAR, notification)
        self._phone.front.shown(PACKAGES[self._app.name].name, STATUS_BAR)
        return self._done()

    def open_settings(self, page: str) -> ActionOutcome:
        """Open a page of the settings."""
        self._record(SETTINGS_OPEN.name, page)
        self._record(VIEW.name, SETTINGS, page)
        self._phone.front.shown(PACKAGES[self._app.name].name, SETTINGS)
        return self._done()

    def call(self, _number: str) -> ActionOutcome:
        """Make a call; no app reports it, but its screen shows for as long as it lasts."""
        self._phone.front.shown(DIALLER.name, DIALLER.main_screen)
        self._phone.clock.advance(CALL_S * 1000)
        self._phone.front.shown(PACKAGES[self._app.name].name, HOME)
        return self._done()
