"""The SDK inside an app: identities, super properties, what it records, and the ways to switch it off."""

import json
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from hometruth.lab.android.clock import Clock
from hometruth.lab.sdk.event import BIND, SIGN_UP, UNBIND, Occasion, Person, event_of
from hometruth.lab.sdk.outbox import Access, Outbox
from hometruth.lab.sdk.queue import EventQueue
from hometruth.lab.sdk.remote_config import RemoteConfig, Settings
from hometruth.lab.sdk.variants import ERA, Variant

FAREWELL = "$AppDataTrackingClose"
"""The last event before silence. Source: sdk-now, `disableSDK`."""
CONFIG_CHANGED = "$AppRemoteConfigChanged"
LOGIN_ID, ANDROID_ID, ANONYMOUS_ID = "$identity_login_id", "$identity_android_id", "$identity_anonymous_id"


@dataclass(frozen=True, slots=True)
class Options:
    """How an app starts its SDK."""

    server_url: str
    presets: Mapping[str, Any]
    """Properties of the device that every event carries (``$os``, ``$device_id``, ...)."""
    variant: Variant = ERA
    android_id: str = ""
    """Of today's SDK: goes into ``identities``."""
    app_id: str = ""
    """Of today's SDK: names the app to remote configuration."""
    disabled: bool = False
    """Of today's SDK: start silent, until `Analytics.enable` is called."""


class Analytics:
    """One initialised SDK, living as long as the app's process.

    Args:
        preferences: The SDK's stored values; survive the process.
        on_record: Told of every event as it enters the queue.
    """

    def __init__(
        self,
        options: Options,
        *,
        queue: EventQueue,
        preferences: MutableMapping[str, Any],
        clock: Clock,
        rng: Random,
        access: Access,
        on_record: Callable[[dict[str, Any]], None],
    ) -> None:
        self._variant = options.variant
        self._preferences = preferences
        self._presets = options.presets
        self._clock = clock
        self._rng = rng
        self._on_record = on_record
        self._network = access.network
        self._android_id = options.android_id
        self._disabled = options.disabled
        self._remote: RemoteConfig | None = None
        if self._variant.is_of_today:
            self._remote = RemoteConfig(
                options.server_url,
                app_id=options.app_id,
                preferences=preferences,
                clock=clock,
                rng=rng,
                needs_key=self._variant.encrypts,
                fetch=access.fetch,
                changed=self._config_changed,
            )
        self._outbox = Outbox(
            options.server_url,
            self._variant,
            queue=queue,
            clock=clock,
            rng=rng,
            access=access,
            remote=self._remote,
            is_closed=options.disabled,
        )
        preferences.setdefault("first_day", self._today())

    @property
    def distinct_id(self) -> str:
        """The account if signed in, else the anonymous id."""
        return self._person().distinct_id

    def identify(self, anonymous_id: str) -> None:
        """Set the id used while nobody is signed in."""
        self._preferences["anonymous_id"] = anonymous_id

    def register_super_properties(self, properties: Mapping[str, Any]) -> None:
        """Properties every later event carries."""
        self._preferences["super_properties"] = dict(properties)

    def session_begins(self) -> None:
        """The process, or a new session in it, begins: today's SDK looks for a new configuration."""
        if self._remote is not None and not self._disabled:
            if self._remote.settings.disable_sdk:
                self._outbox.flush()
            self._remote.check()

    def login(self, account: str) -> None:
        """Tie the anonymous id to *account* with a ``$SignUp`` event, sent at once; only if not tied yet."""
        if account == self._preferences.get("login_id"):
            return
        self._preferences["login_id"] = account
        if account != self._preferences["anonymous_id"]:
            self._record(SIGN_UP, "$SignUp", {})

    def logout(self) -> None:
        """Go back to the anonymous id; no event."""
        self._preferences["login_id"] = None

    def bind(self, key: str, value: str) -> None:
        """Tie one more name to the person, such as ``$identity_email``; an event of its own."""
        self._preferences["bound"] = {**self._bound, key: value}
        self._record(BIND, "$BindID", {})

    def unbind(self, key: str, value: str) -> None:
        """Take a name off the person again; the event names it, and nothing else."""
        self._preferences["bound"] = {name: bound for name, bound in self._bound.items() if name != key}
        self._record(UNBIND, "$UnbindID", {}, identities={key: value})

    def track(self, event: str, properties: Mapping[str, Any], *, method: str = "code") -> None:
        """Record one event; *method* is ``autoTrack`` for what the SDK itself watches."""
        self._record("track", event, properties, method)

    def flush(self) -> None:
        """Send what waits."""
        self._outbox.flush()

    def discard(self) -> None:
        """Forget what waits; nothing is sent any more until something is recorded again."""
        self._outbox.discard()

    def disable(self) -> None:
        """``disableSDK``: say so in an event, send everything that waits, and then fall silent."""
        if not self._disabled:
            self.track(FAREWELL, {})
            self.flush()
            self._disabled = self._outbox.is_closed = True
            self.stop()

    def enable(self) -> None:
        """``enableSDK``: record and send again."""
        if self._disabled:
            self._disabled = self._outbox.is_closed = False
            self._outbox.flush_later_if_any()
            self.session_begins()

    def stop(self) -> None:
        """Call off everything pending; what waits stays in the queue."""
        self._outbox.stop()
        if self._remote is not None:
            self._remote.stop()

    @property
    def _bound(self) -> Mapping[str, str]:
        return dict(self._preferences.get("bound", {}))

    def _person(self, identities: Mapping[str, str] | None = None) -> Person:
        anonymous_id, login_id = self._preferences["anonymous_id"], self._preferences.get("login_id")
        if identities is None:
            identities = {ANDROID_ID: self._android_id, ANONYMOUS_ID: anonymous_id, **self._bound}
            identities |= {LOGIN_ID: login_id} if login_id else {}
        return Person(anonymous_id, login_id, identities)

    def _record(
        self,
        kind: str,
        name: str,
        properties: Mapping[str, Any],
        method: str = "code",
        *,
        identities: Mapping[str, str] | None = None,
    ) -> None:
        if self._disabled or (self._remote is not None and self._remote.settings.drops(name)):
            return
        occasion = Occasion(
            track_id=self._rng.getrandbits(32) - 0x8000_0000,
            time_ms=self._clock.now_ms,
            type=kind,
            name=name,
            method=method,
            properties=properties,
            super_properties=self._preferences.get("super_properties", {}),
            presets=self._presets,
            network=self._network(),
            is_first_day=self._preferences["first_day"] == self._today(),
            person=self._person(identities),
        )
        event = event_of(self._variant, occasion)
        self._outbox.put(event)
        self._on_record(event)
        self._outbox.flush_in_time(at_once=kind == SIGN_UP)

    def _config_changed(self, settings: Settings) -> None:
        told = json.dumps(settings.as_config(), separators=(",", ":"), ensure_ascii=False)
        self.track(CONFIG_CHANGED, {"$app_remote_config": told})
        self.flush()

    def _today(self) -> str:
        return datetime.fromtimestamp(self._clock.now_ms / 1000, UTC).date().isoformat()
