"""One simulated phone: what survives a restart, the apps, and everything a person can do with it."""

import re
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hometruth.errors import LabError
from hometruth.lab.android.network import Wire
from hometruth.lab.apps.app_process import ActionOutcome, AppProcess
from hometruth.lab.apps.behaviour import FACTORS
from hometruth.lab.apps.browser import Browser
from hometruth.lab.apps.catalogue import APPS
from hometruth.lab.oem.declared import CHANNELS, SENSORS_ONLY, new_imei, new_serial
from hometruth.lab.phones.installed import Installed
from hometruth.lab.phones.setup import Setup
from hometruth.lab.phones.watching import Watching
from hometruth.lab.sdk.variants import ERA, NETWORKS, VARIANTS

DEFAULT_APP = "mint-browser"
FIRST_SPACE = "first"
KEPT_BY_FACTORY_RESET = ("boots", "sessions", "resets", "imei", "serial", "channels")
"""The lab's own numbering, of which nothing is ever sent; the hardware's numbers; what the firmware holds."""


class Handset:
    """The phone; each public method is a thing its owner does, and answers with what the phone then shows."""

    def __init__(self, setup: Setup, network: Callable[[], Wire] | None = None) -> None:
        """Switch it on.

        Args:
            setup: What it is given.
            network: Makes the connections of each process, instead of the set-up's proxy.

        Raises:
            LabError: If there is no such phone, or it cannot keep its state.
        """
        self._parts = setup.parts(network)
        self._stored = self._parts.stored
        self._make_ids()
        self._apps = self._all_apps()
        self._watching = Watching(self._parts)
        self._watching.start()

    def identity(self) -> dict[str, str]:
        """What the owner can read in the phone's settings."""
        profile = self._parts.profile
        return {
            "model": profile.model,
            "android_id": self._stored["android_id"],
            "advertising_id": self._stored["advertising_id"],
            "imei": self._stored["imei"],
            "serial": self._stored["serial"],
            "miui_version": profile.miui_version,
            "region": profile.region,
            "language": profile.language,
            "carrier": profile.carrier,
        }

    def screen(self) -> dict[str, Any]:
        """What the phone shows."""
        front = self._front
        cell = front.process.cell if front.process is not None else None
        return {
            "version": front.version,
            "running": cell is not None,
            "mode": cell and cell.mode,
            "switch": cell and cell.switch,
            "consent": cell and cell.consent,
            "account": self._stored.get("account"),
            "session": self._stored.get("sessions", 0),
            "clock_ms": self._parts.clock.now_ms,
            "app": front.app.name,
            "telemetry": self._stored.get("telemetry", "as-found"),
            "network": self._parts.connected_to(),
            "resets": self._stored.get("resets", {}),
            "sdk": self._stored.get("sdk", ERA.name),
            "channels": self._stored.get("channels", SENSORS_ONLY),
        }

    def install(self, version: str, app: str = DEFAULT_APP) -> dict[str, Any]:
        """Install an app, or another version over it; its data stay. Later actions are meant for it."""
        self._app(app).install(version)
        self._parts.front.left()
        self._bring_to_front(app)
        return self.screen()

    def clear_data(self) -> dict[str, Any]:
        """Clear the app's data: a new installation of it; the phone's own ids and account stay."""
        self._count("clear-data")
        self._front.clear()
        self._parts.front.left()
        return self.screen()

    def reinstall(self) -> dict[str, Any]:
        """Uninstall the app and install the same version again: as clearing its data, on this Android."""
        if self._front.version is None:
            raise LabError("no app is installed; install a version first")
        self._count("reinstall")
        self._front.clear()
        self._parts.front.left()
        return self.screen()

    def restart(self) -> dict[str, Any]:
        """Switch the phone off and on: every app's process ends, everything stored stays."""
        self._count("restart")
        for app in self._apps.values():
            app.kill()
        self._parts.front.left()
        self._stored["boots"] = self._stored["boots"] + 1
        return self.screen()

    def reset_advertising_id(self) -> dict[str, str]:
        """Reset the advertising id in the settings; nothing else."""
        self._count("reset-advertising-id")
        self._stored["advertising_id"] = self._new_uuid()
        return self.identity()

    def factory_reset(self) -> dict[str, str]:
        """Delete everything: apps and data, account, ANDROID_ID, advertising id; hardware numbers stay."""
        self._count("factory-reset")
        self._watching.clear()
        for app in self._apps.values():
            app.clear()
        shutil.rmtree(self._spaces, ignore_errors=True)
        for key in set(self._stored) - set(KEPT_BY_FACTORY_RESET):
            del self._stored[key]
        for budget in self._parts.folder.glob("aggregate-budget-*.json"):
            budget.unlink()
        self._make_ids()
        self._apps = self._all_apps()
        self._watching.start()
        return self.identity()

    def use_space(self, name: str) -> dict[str, Any]:
        """Go to another space, with apps' data of its own; a new name opens an empty one."""
        if not re.fullmatch(r"[\w-]+", name, re.ASCII):
            raise LabError(f"no space can be called {name!r}; use letters, digits and dashes")
        here = self._stored.get("space", FIRST_SPACE)
        if name != here:
            for app in self._apps.values():
                app.kill()
                app.cancel()
                app.move(self._spaces / here, self._spaces / name)
            self._parts.front.left()
            self._stored["space"] = name
            self._apps = self._all_apps()
        return self.screen()

    def set_telemetry(self, telemetry: str) -> dict[str, Any]:
        """Make all apps report as they were found to, or as the vendor said: aggregated."""
        if telemetry not in FACTORS["telemetry"]:
            raise LabError(f"no telemetry {telemetry!r}; choose from {', '.join(FACTORS['telemetry'])}")
        for app in self._apps.values():
            app.kill()
            app.cancel()
        self._parts.front.left()
        self._stored["telemetry"] = telemetry
        return self.screen()

    def set_sdk(self, sdk: str) -> dict[str, Any]:
        """Have all apps carry another generation of the SDK, as an update of them would; their data stay."""
        if sdk not in VARIANTS:
            raise LabError(f"no SDK {sdk!r}; choose from {', '.join(VARIANTS)}")
        for app in self._apps.values():
            app.kill()
        self._stored["sdk"] = sdk
        return self.screen()

    def set_network(self, network: str) -> dict[str, Any]:
        """Connect the phone to another kind of network, or to none."""
        if network not in NETWORKS:
            raise LabError(f"no network {network!r}; choose from {', '.join(NETWORKS)}")
        self._stored["network"] = network
        return self.screen()

    def set_channels(self, channels: str) -> dict[str, Any]:
        """Give the phone Sensors Analytics alone, MiStat too, or the system's own analytics as well."""
        if channels not in CHANNELS:
            raise LabError(f"no channels {channels!r}; choose from {', '.join(CHANNELS)}")
        for app in self._apps.values():
            app.kill()
        self._watching.stop()
        self._stored["channels"] = channels
        self._watching.start()
        return self.screen()

    def launch(self, app: str | None = None) -> dict[str, Any]:
        """Start the app, or bring it back to the front; any other goes to the background."""
        chosen = self._front if app is None else self._app(app)
        chosen.launch()
        self._bring_to_front(chosen.app.name)
        self._parts.front.opened(chosen.app.name)
        return self.screen()

    def set_consent(self, answer: str) -> dict[str, Any]:
        """Answer the app's question, or withdraw the answer."""
        self._running.set_consent(answer)
        return self.screen()

    def set_incognito(self, on: bool) -> dict[str, Any]:
        """Change the app's window; a new process starts in the normal one."""
        self._running.set_incognito(on)
        return self.screen()

    def set_switch(self, position: str) -> dict[str, Any]:
        """Move the app's switch."""
        self._running.set_switch(position)
        return self.screen()

    def visit(self, url: str) -> dict[str, Any]:
        """Load a page."""
        return self.use("visit", url)

    def search(self, words: str, engine: str | None) -> dict[str, Any]:
        """Search for something."""
        app = self._running
        if not isinstance(app, Browser):
            raise LabError(f"{app.app.title} has no search engine; a browser has")
        return self._observed(app.search(_text(words), engine))

    def use(self, action: str, text: str) -> dict[str, Any]:
        """Do one of the things that the app offers."""
        app = self._running
        if action not in app.actions:
            raise LabError(f"{app.app.title} offers no {action!r} (has: {', '.join(app.actions)})")
        return self._observed(app.actions[action](_text(text)))

    def sign_in(self, account: str) -> dict[str, Any]:
        """Sign in to a Mi account in the phone's settings; apps that run hear of it."""
        if not account:
            raise LabError("an account needs a name")
        self._stored["account"] = _text(account)
        self._parts.front.signed_in(account)
        self._sync_accounts()
        return self.screen()

    def sign_out(self) -> dict[str, Any]:
        """Sign out of the Mi account."""
        self._stored["account"] = None
        self._sync_accounts()
        return self.screen()

    def background(self) -> dict[str, Any]:
        """Go to the home screen; the app goes on in the background."""
        self._running.background()
        self._parts.front.left()
        return self.screen()

    def kill(self) -> dict[str, Any]:
        """End the app's process, if it runs: nothing more happens in it, what it stored stays."""
        self._front.kill()
        self._parts.front.left()
        return self.screen()

    def advance(self, seconds: float) -> dict[str, Any]:
        """Let time pass on the phone."""
        if seconds < 0:
            raise LabError(f"time cannot pass backwards ({seconds} s); set_clock can go back")
        self._parts.clock.advance(round(seconds * 1000))
        return self.screen()

    def set_clock(self, epoch_ms: int) -> dict[str, Any]:
        """Set the phone's wall clock."""
        self._parts.clock.jump(epoch_ms)
        return self.screen()

    def badge(self) -> dict[str, str]:
        """The state the running app shows: version, mode, switch and consent."""
        return self._running.cell.as_dict()

    def close(self) -> None:
        """Turn the phone off."""
        for app in self._apps.values():
            app.kill()
        self._watching.stop()
        self._stored["clock_ms"] = self._parts.clock.now_ms
        self._parts.ledger.close()

    @property
    def _spaces(self) -> Path:
        """Where the data of the other spaces are."""
        return self._parts.folder / "spaces"

    @property
    def _front(self) -> Installed:
        return self._apps[self._stored.get("app", DEFAULT_APP)]

    @property
    def _running(self) -> AppProcess:
        if self._front.process is None:
            raise LabError("the app is not running; launch it first")
        return self._front.process

    def _app(self, name: str) -> Installed:
        if name not in self._apps:
            raise LabError(f"no app {name!r}; choose from {', '.join(self._apps)}")
        return self._apps[name]

    def _all_apps(self) -> dict[str, Installed]:
        apps = {name: Installed(name, self._parts) for name in APPS}
        for app in apps.values():
            app.telemetry()  # a weekly job that was due before the phone was switched off is due again
        return apps

    def _bring_to_front(self, name: str) -> None:
        if self._front.app.name != name and self._front.process is not None:
            self._front.process.background()
        self._stored["app"] = name

    def _make_ids(self) -> None:
        rng = self._parts.rng
        self._stored.setdefault("android_id", f"{rng.getrandbits(64):016x}")
        if "imei" not in self._stored:
            self._stored["imei"], self._stored["serial"] = new_imei(rng), new_serial(rng)
        if "advertising_id" not in self._stored:
            self._stored["advertising_id"] = self._new_uuid()

    def _new_uuid(self) -> str:
        return str(uuid.UUID(int=self._parts.rng.getrandbits(128), version=4))

    def _count(self, what: str) -> None:
        """One more reset, as the screen shows it."""
        resets = self._stored.get("resets", {})
        self._stored["resets"] = {**resets, what: resets.get(what, 0) + 1}

    def _sync_accounts(self) -> None:
        for app in self._apps.values():
            if app.process is not None:
                app.process.sync_account()

    def _observed(self, seen: ActionOutcome) -> dict[str, Any]:
        return {
            "at_ns": seen.at_ns,
            "happened": seen.happened,
            "status": seen.status,
            "mode": self._running.cell.mode,
        }


def _text(value: str) -> str:
    """*value*, if a person could have typed it."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as err:
        raise LabError(f"{value!r} is not text that can be typed: {err.reason}") from err
    return value
