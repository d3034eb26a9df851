"""What an app tells about its user's actions: to the SDK, event by event, as it was found."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from hometruth.lab.android.network import NetworkError
from hometruth.lab.apps.anonymous_id import anonymous_id_at_start
from hometruth.lab.apps.behaviour import Cell
from hometruth.lab.apps.declare import App, Basis, EventKind
from hometruth.lab.apps.mint_browser import SUPER_PROPERTIES
from hometruth.lab.apps.surroundings import Surroundings
from hometruth.lab.sdk.analytics import Analytics, Answer, Undelivered
from hometruth.lab.sdk.queue import EventQueue


class Telemetry(Protocol):
    """One of the ways in which an app can report; told of everything only where the cell sends."""

    def started(self, *, consented: bool) -> None:
        """The app's process is up."""

    def consented(self) -> None:
        """The user said yes."""

    def withdrawn(self) -> None:
        """The user took it back."""

    def account_is(self, account: str | None, *, sends: bool) -> None:
        """Who is signed in on the phone, and whether the app sends at all now."""

    def record(self, kind: EventKind, values: Sequence[Any]) -> None:
        """The user did something."""

    def flush(self) -> None:
        """The session is over."""

    def stop(self) -> None:
        """The process ends at once."""


class SensorsTelemetry:
    """Every action is an event of its own, with the time and everything known of the phone (as found)."""

    def __init__(self, app: App, version: str, phone: Surroundings, cell: Callable[[], Cell]) -> None:
        self._app = app
        self._version = version
        self._phone = phone
        self._cell = cell
        self._queue = EventQueue(phone.data_dir / "sensorsdata.sqlite")
        self._sdk: Analytics | None = None

    def started(self, *, consented: bool) -> None:
        """Start the SDK; what an earlier process left unsent leaves too, whatever the answer is by then."""
        if consented or len(self._queue):
            self._started_sdk()

    def consented(self) -> None:
        """Start the SDK."""
        self._started_sdk()

    def withdrawn(self) -> None:
        """Delete what waits."""
        self._started_sdk().discard()

    def account_is(self, account: str | None, *, sends: bool) -> None:
        """Sign the SDK in or out."""
        if account is None:
            if self._sdk is not None:
                self._sdk.logout()
        elif sends:
            self._started_sdk().login(account)

    def record(self, kind: EventKind, values: Sequence[Any]) -> None:
        """Record one event."""
        method = "autoTrack" if kind.names is Basis.SDK else "code"
        properties = dict(zip(kind.parameters, values, strict=True))
        self._started_sdk().track(kind.name, properties, method=method)

    def flush(self) -> None:
        """Send what waits."""
        if self._sdk is not None:
            self._sdk.flush()

    def stop(self) -> None:
        """Timers are gone, the queue stays on disk."""
        if self._sdk is not None:
            self._sdk.stop()
        self._queue.close()

    def _started_sdk(self) -> Analytics:
        """The SDK, initialised on first use as the app does it."""
        if self._sdk is None:
            phone, profile = self._phone, self._phone.profile
            token = anonymous_id_at_start(phone.preferences, phone.clock.now_ms, phone.rng)
            self._sdk = Analytics(
                server_url=self._app.telemetry_url(profile.region),
                queue=self._queue,
                preferences=phone.sdk_preferences,
                presets=self._presets(),
                clock=phone.clock,
                rng=phone.rng,
                upload=self._upload,
                on_record=lambda event: phone.on_record(event, self._cell()),
            )
            self._sdk.identify(token)
            values = (token, 1, "AndroidApp", profile.miui_version, profile.region, profile.language)
            self._sdk.register_super_properties(dict(zip(SUPER_PROPERTIES.parameters, values, strict=True)))
        return self._sdk

    def _upload(self, url: str, body: bytes, events: Sequence[dict[str, Any]]) -> Answer:
        headers = [
            ("Host", urlsplit(url).netloc),
            ("Content-Length", str(len(body))),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("User-Agent", self._phone.profile.dalvik_user_agent),
            ("Connection", "Keep-Alive"),
            ("Accept-Encoding", "gzip"),
        ]
        try:
            reply = self._phone.web("POST", url, headers, body, events)
        except NetworkError as err:
            raise Undelivered from err
        return Answer(reply.status, reply.location)

    def _presets(self) -> dict[str, Any]:
        profile = self._phone.profile
        return {
            "$os": "Android",
            "$os_version": profile.android_version,
            "$manufacturer": profile.manufacturer,
            "$model": profile.model,
            "$screen_width": profile.screen_width,
            "$screen_height": profile.screen_height,
            "$app_version": self._version,
            "$carrier": profile.carrier,
            "$device_id": self._phone.android_id,
            "$wifi": True,
            "$network_type": "WIFI",
        }
