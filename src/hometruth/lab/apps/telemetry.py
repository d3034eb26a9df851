"""What an app tells about its user's actions: to the SDK, event by event, as it was found."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from hometruth.lab.android.network import NetworkError
from hometruth.lab.apps.anonymous_id import anonymous_id_at_start
from hometruth.lab.apps.behaviour import AppState
from hometruth.lab.apps.declare import App, EventKind, NameSource
from hometruth.lab.apps.mint_browser import SUPER_PROPERTIES
from hometruth.lab.apps.surroundings import Surroundings
from hometruth.lab.oem.declared import PACKAGES
from hometruth.lab.sdk.analytics import Analytics, Options
from hometruth.lab.sdk.outbox import Access, ServerAnswer, Undelivered
from hometruth.lab.sdk.queue import EventQueue
from hometruth.lab.sdk.remote_config import Fetched
from hometruth.lab.sdk.variants import OFFLINE


class Telemetry(Protocol):
    """One of the ways in which an app can report; told of everything only where the cell sends."""

    def started(self, *, consented: bool) -> None:
        """The app's process is up."""

    def resumed(self) -> None:
        """A new session begins in the same process."""

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
    """Every action is an event of its own, with the time and everything known of the phone (as found).

    With today's SDK, consent is its own switch (invented: no app of the vendor is known to do it): it starts
    disabled until there is consent, and a withdrawal calls ``disableSDK``, with all that this call sends.
    """

    def __init__(self, app: App, version: str, phone: Surroundings, cell: Callable[[], AppState]) -> None:
        self._app = app
        self._version = version
        self._phone = phone
        self._cell = cell
        self._queue = EventQueue(phone.data_dir / "sensorsdata.sqlite")
        self._sdk: Analytics | None = None

    def started(self, *, consented: bool) -> None:
        """Start the SDK; in the era, what an earlier process left unsent leaves too, whatever the answer."""
        if self._phone.sdk.is_of_today:
            self._started_sdk(disabled=not consented)
        elif consented or len(self._queue):
            self._started_sdk()

    def resumed(self) -> None:
        """Today's SDK looks for its configuration."""
        if self._sdk is not None:
            self._sdk.session_begins()

    def consented(self) -> None:
        """Start the SDK, or switch it on."""
        self._started_sdk().enable()

    def withdrawn(self) -> None:
        """Today's SDK takes its leave; that of the era has no such call, and the app deletes what waits."""
        if self._phone.sdk.is_of_today:
            self._started_sdk().disable()
        else:
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
        method = "autoTrack" if kind.names is NameSource.SDK else "code"
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

    def _started_sdk(self, *, disabled: bool = False) -> Analytics:
        """The SDK, initialised on first use as the app does it."""
        if self._sdk is None:
            phone, profile = self._phone, self._phone.profile
            token = anonymous_id_at_start(phone.preferences, phone.clock.now_ms, phone.rng)
            options = Options(
                server_url=self._app.telemetry_url(profile.region),
                presets=self._presets(),
                variant=phone.sdk,
                android_id=phone.android_id,
                app_id=PACKAGES[self._app.name].name,
                disabled=disabled,
            )
            self._sdk = Analytics(
                options,
                queue=self._queue,
                preferences=phone.sdk_preferences,
                clock=phone.clock,
                rng=phone.rng,
                access=Access(self._upload, self._fetch, phone.network),
                on_record=lambda event: phone.on_record(event, self._cell()),
            )
            self._sdk.identify(token)
            online = int(phone.network() != OFFLINE)
            values = (token, online, "AndroidApp", profile.miui_version, profile.region, profile.language)
            self._sdk.register_super_properties(dict(zip(SUPER_PROPERTIES.parameters, values, strict=True)))
            self._sdk.session_begins()
        return self._sdk

    def _upload(self, url: str, body: bytes, events: Sequence[dict[str, Any]]) -> ServerAnswer:
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
        return ServerAnswer(reply.status, reply.location)

    def _fetch(self, url: str) -> Fetched:
        headers = [
            ("User-Agent", self._phone.profile.dalvik_user_agent),
            ("Host", urlsplit(url).netloc),
            ("Connection", "Keep-Alive"),
            ("Accept-Encoding", "gzip"),
        ]
        try:
            reply = self._phone.web("GET", url, headers)
        except NetworkError:
            return Fetched(None)
        return Fetched(reply.status, reply.body)

    def _presets(self) -> dict[str, Any]:
        return self._presets_of_today() if self._phone.sdk.is_of_today else self._presets_of_the_era()

    def _presets_of_today(self) -> dict[str, Any]:
        profile = self._phone.profile
        return {
            "$os": "Android",
            "$os_version": profile.android_version,
            "$manufacturer": profile.manufacturer,
            "$brand": profile.manufacturer.lower(),
            "$model": profile.model,
            "$screen_width": profile.screen_width,
            "$screen_height": profile.screen_height,
            "$app_version": self._version,
            "$app_id": PACKAGES[self._app.name].name,
            "$app_name": self._app.title,
            "$timezone_offset": 0,
            "$device_id": self._phone.android_id,
        }

    def _presets_of_the_era(self) -> dict[str, Any]:
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
        }
