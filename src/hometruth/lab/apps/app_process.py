"""One running process of an app: consent, switch, account and session; what it stores outlives it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hometruth.errors import LabError
from hometruth.lab.android.clock import Timer
from hometruth.lab.apps.behaviour import SENSORS, AppState, sends_in
from hometruth.lab.apps.declare import END, START, App
from hometruth.lab.apps.surroundings import Surroundings
from hometruth.lab.apps.telemetry import SensorsTelemetry, Telemetry
from hometruth.lab.oem.declared import SENSORS_ONLY
from hometruth.lab.oem.mistat import CHANNEL as MISTAT
from hometruth.lab.oem.mistat import MiStat

SESSION_GAP_MS = 30_000
"""Time in the background after which a session is over: the SDK's default."""


@dataclass(frozen=True, slots=True)
class ActionOutcome:
    """How one action went."""

    at_ns: int
    """Real time at which it ended."""
    status: int | None
    """What the server answered; None if none did, or none was asked."""
    happened: bool


class AppProcess:
    """What every app does. Subclasses add what a person can do in it (`actions`)."""

    def __init__(
        self, app: App, version: str, phone: Surroundings, telemetry: Telemetry | None = None
    ) -> None:
        self._app = app
        self._version = version
        self._phone = phone
        self._incognito = False
        self._session_end: Timer | None = None
        self._session_over = False
        self._started_ms = phone.clock.now_ms
        self._kind = "as-found" if telemetry is None else "aggregate"
        self._telemetry: Telemetry = telemetry or SensorsTelemetry(app, version, phone, lambda: self.cell)
        has_mistat = telemetry is None and phone.channels != SENSORS_ONLY
        self._mistat = MiStat(app, version, phone, lambda: self.cell) if has_mistat else None
        self._telemetry.started(consented=self.cell.consent == "given")
        self.sync_account()
        self._begin(resumed=False)

    @property
    def app(self) -> App:
        """What it is."""
        return self._app

    @property
    def cell(self) -> AppState:
        """The real state of the app."""
        stored = self._phone.preferences
        absent = self._version in self._app.without_switch
        return self._app.cell(
            self._version,
            "incognito" if self._incognito else "normal",
            "absent" if absent else stored.get("enhanced_incognito", self._app.switch_default),
            stored.get("consent", self._app.consent_default),
            self._kind,
        )

    @property
    def is_session_over(self) -> bool:
        """True once the app was in the background for longer than the session gap."""
        return self._session_over

    @property
    def actions(self) -> Mapping[str, Callable[[str], ActionOutcome]]:
        """What a person can do in it, by name; each takes one text."""
        return {}

    def set_incognito(self, on: bool) -> None:
        """Switch between the private and the normal window."""
        if on and not self._app.user_agent:
            raise LabError(f"{self._app.title} has no incognito mode; browsers have")
        self._incognito = on
        self.sync_account()

    def set_switch(self, position: str) -> None:
        """Move the switch Enhanced Incognito Mode."""
        if self._version in self._app.without_switch:
            newer = next((name for name in self._app.versions if name not in self._app.without_switch), None)
            hint = f"; install {newer}" if newer else ""
            raise LabError(f"{self._app.title} {self._version} has no switch{hint}")
        if position not in {"on", "off"}:
            raise LabError(f"the switch can be 'on' or 'off', not {position!r}")
        self._phone.preferences["enhanced_incognito"] = position
        self.sync_account()

    def set_consent(self, answer: str) -> None:
        """Answer the question of the first start, or withdraw the answer in the settings."""
        before = self.cell.consent
        if answer == "none" and before != "none":
            raise LabError(f"consent is {before!r}; only clearing the app's data brings the question back")
        if answer not in {"none", "given", "withdrawn"}:
            raise LabError(f"consent can be 'given', 'withdrawn' or 'none', not {answer!r}")
        self._phone.preferences["consent"] = answer
        if answer == "given":
            self._telemetry.consented()
            self.sync_account()
            if before != "given":
                self._begin(resumed=False)
        elif answer == "withdrawn":
            self._telemetry.withdrawn()
            if self._mistat is not None:
                self._mistat.withdrawn()

    def sync_account(self) -> None:
        """Tell the telemetry who is signed in on the phone."""
        self._telemetry.account_is(self._phone.account(), sends=self.sends)

    def background(self) -> None:
        """Leave the screen; the session ends when the gap has passed."""
        if self._session_end is None:
            self._session_end = self._phone.clock.call_after(SESSION_GAP_MS, self._end_session)

    def foreground(self) -> None:
        """Come back to the screen."""
        if self._session_end is not None:
            self._session_end.cancel()
            self._session_end = None
        if self._session_over:
            self._session_over = False
            self._telemetry.resumed()
            self._begin(resumed=True)

    def kill(self) -> None:
        """End the process at once."""
        if self._session_end is not None:
            self._session_end.cancel()
        self._telemetry.stop()
        if self._mistat is not None:
            self._mistat.stop()

    @property
    def sends(self) -> bool:
        """Whether what happens now is recorded and sent."""
        return self._sends_to(SENSORS)

    def _sends_to(self, channel: str) -> bool:
        """The same rules for every channel; that this is so of MiStat is unverified."""
        cell = replace(self.cell, channel=channel)
        return sends_in(cell, self._app.rules, self._phone.mutations)

    def _record(self, name: str, *values: Any) -> None:
        if self.sends:
            self.sync_account()
            self._telemetry.record(self._app.kind(name), values)
        if self._mistat is not None and self._sends_to(MISTAT):
            self._mistat.record(self._app.kind(name), values)

    def _done(self) -> ActionOutcome:
        """What is seen of an action that needs no network."""
        return ActionOutcome(time.time_ns(), None, happened=True)

    def _begin(self, *, resumed: bool) -> None:
        if self._app.auto_tracks:
            self._started_ms = self._phone.clock.now_ms
            is_first = not self._phone.preferences.get("started_before", False)
            if self.sends:
                self._phone.preferences["started_before"] = True
            self._record(START.name, is_first, resumed)

    def _end_session(self) -> None:
        self._session_over = True
        if self._app.auto_tracks:
            self._record(END.name, (self._phone.clock.now_ms - self._started_ms) / 1000)
        self._telemetry.flush()
        if self._mistat is not None:
            self._mistat.flush()
