"""Remote configuration: what the server tells the SDK, among it the key to encrypt with.

Rules of sa-sdk-android 6.8.4 (`SensorsDataRemoteManager`): asked for when a process or a session starts,
without a version if a key is needed and missing, else once a random 24 to 48 hours have passed; three tries
30 s apart; 304 and 404 end them, 205 and failures do not. The key holds at once, the rest at once or from the
next start on. Real SDKs count the hours since the phone was switched on; here the wall clock counts, since
moving it is how time passes in the lab.
"""

import json
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import asdict, dataclass
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from hometruth.lab.android.clock import Clock, Timer
from hometruth.lab.sdk.encryption import PublicKey, key_in

MIN_HOURS, MAX_HOURS = 24, 48
HOUR_MS = 3_600_000
TRIES = 3
TRY_EVERY_MS = 30_000
ENDS_TRYING = frozenset({304, 404})
"""Nothing new, or nothing there; 205 means that the server is not ready yet."""
AS_CODED = -1
"""``autoTrackMode``: whatever the app itself switched on."""
AUTO_TRACK_BITS: Mapping[str, int] = {"$AppStart": 1, "$AppEnd": 2, "$AppClick": 4, "$AppViewScreen": 8}


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer of the server; status None if none came."""

    status: int | None
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the server may change in the field."""

    version: str = ""
    disable_debug_mode: bool = False
    auto_track_mode: int = AS_CODED
    disable_sdk: bool = False
    event_blacklist: tuple[str, ...] | None = None
    new_version: str = ""
    effect_mode: int = 0

    @classmethod
    def parse(cls, config: Mapping[str, Any]) -> "Settings":
        """Read them from a configuration, with the SDK's defaults."""
        configs = _configs_in(config)
        names = configs.get("event_blacklist")
        return cls(
            version=str(config.get("v", "")),
            disable_debug_mode=configs.get("disableDebugMode") is True,
            auto_track_mode=_whole(configs.get("autoTrackMode"), AS_CODED),
            disable_sdk=configs.get("disableSDK") is True,
            event_blacklist=tuple(map(str, names)) if isinstance(names, list) else None,
            new_version=str(configs.get("nv", "")),
            effect_mode=_whole(configs.get("effect_mode"), 0),
        )

    def as_config(self) -> dict[str, Any]:
        """The same as a configuration, in the SDK's order and without keys."""
        configs = {
            "disableDebugMode": self.disable_debug_mode,
            "autoTrackMode": self.auto_track_mode,
            "disableSDK": self.disable_sdk,
            **({} if self.event_blacklist is None else {"event_blacklist": list(self.event_blacklist)}),
            "nv": self.new_version,
            "effect_mode": self.effect_mode,
        }
        return {"v": self.version, "configs": configs}

    def drops(self, name: str) -> bool:
        """Whether an event of that name is not recorded at all."""
        if self.disable_sdk or name in (self.event_blacklist or ()):
            return True
        bit = AUTO_TRACK_BITS.get(name)
        return bit is not None and self.auto_track_mode != AS_CODED and not self.auto_track_mode & bit


class RemoteConfig:
    """The SDK's side of remote configuration in one process.

    Args:
        server_url: Where events go; the configuration lies beside it.
        preferences: What outlives the process: the last configuration, the key, when it was asked for.
        needs_key: Whether the SDK is to encrypt.
        fetch: GET one address.
        changed: Told of every configuration that came, before it may take effect.
    """

    def __init__(
        self,
        server_url: str,
        *,
        app_id: str,
        preferences: MutableMapping[str, Any],
        clock: Clock,
        rng: Random,
        needs_key: bool,
        fetch: Callable[[str], Fetched],
        changed: Callable[[Settings], None] = lambda _settings: None,
    ) -> None:
        self._server_url = server_url
        self._app_id = app_id
        self._preferences = preferences
        self._clock = clock
        self._rng = rng
        self._needs_key = needs_key
        self._fetch = fetch
        self._changed = changed
        self._timer: Timer | None = None
        self.settings = Settings.parse(preferences.get("remote_config", {}))
        """What is in effect now."""

    @property
    def key(self) -> PublicKey | None:
        """The key to encrypt with, None if none came yet."""
        stored = self._preferences.get("secret_key")
        return None if stored is None else PublicKey(**stored)

    @property
    def whole_uploads(self) -> bool:
        """Whether uploads are to be encrypted as a whole rather than event by event."""
        return bool(self._preferences.get("support_transport_encrypt", False))

    def check(self) -> None:
        """A process or a session starts: ask the server if it is time to."""
        lacks_key = self._needs_key and self.key is None
        if lacks_key or self._is_due():
            self._preferences["remote_config_asked_ms"] = self._clock.now_ms
            self._preferences["remote_config_hours"] = self._rng.randint(MIN_HOURS, MAX_HOURS)
            self.stop()
            self._try(self._url(tell_version=not lacks_key), TRIES)

    def stop(self) -> None:
        """Call off the tries that are left."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_due(self) -> bool:
        asked_ms = self._preferences.get("remote_config_asked_ms")
        hours = self._preferences.get("remote_config_hours", 0)
        # A clock that was set back makes it due as well.
        return asked_ms is None or not 0 <= self._clock.now_ms - asked_ms < hours * HOUR_MS

    def _try(self, url: str, tries_left: int) -> None:
        self._timer = None
        if tries_left == 0:
            return
        # The next try is due however this one goes, unless it is called off.
        self._timer = self._clock.call_after(TRY_EVERY_MS, lambda: self._try(url, tries_left - 1))
        answer = self._fetch(url)
        if answer.status in ENDS_TRYING:
            self.stop()
        elif answer.status == 200 and (config := json_object(answer.body)):
            self.stop()
            self._take(config)

    def _take(self, config: Mapping[str, Any]) -> None:
        configs = _configs_in(config)
        if self._needs_key:
            key = key_in(configs)
            if key is not None:
                self._preferences["secret_key"] = asdict(key)
            self._preferences["support_transport_encrypt"] = configs.get("supportTransportEncrypt") is True
        settings = Settings.parse(config)
        self._changed(settings)
        self._preferences["remote_config"] = settings.as_config()
        if settings.effect_mode == 1:
            self.settings = settings

    def _url(self, *, tell_version: bool) -> str:
        query = {}
        if tell_version:
            query = {"v": self.settings.version, "nv": self.settings.new_version}
        project = parse_qs(urlsplit(self._server_url).query).get("project", [""])[0]
        query |= {"project": project, "app_id": self._app_id}
        told = urlencode({name: value for name, value in query.items() if value})
        return f"{self._server_url.rpartition('/')[0]}/config/Android.conf?{told}"


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in *body*, empty if it is none."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _configs_in(config: Mapping[str, Any]) -> Mapping[str, Any]:
    configs = config.get("configs")
    return configs if isinstance(configs, dict) else {}


def _whole(value: object, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default
