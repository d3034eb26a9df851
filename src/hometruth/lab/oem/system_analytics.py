"""``com.miui.analytics``: the system's own analytics, which see every app that is opened.

Known: host, path, form and some header fields; that usage, the sequence of usage and installed packages are
stored (decompiled).

Found on other phones, and given to this one: details of every screen viewed, when and how long, which gives
calls away too, without an opt-out (Liu, Patras, Leith, 2021, press notes only); long-lived hardware
identifiers, the account at sign-in, lists of installed apps (the same, 2023, abstract); a call to the host on
opening Music, and the package list of a folder of promoted apps (a blog of 2017). That it is this app which
sent what was found in 2021 and 2023 is assumed. That opening any app triggers an upload was a suspicion
(Forbes, 2020-04-30).

Invented: names and form of the records, which identifiers the header's are, and when it sends. A system app:
neither a browser's consent page nor its switch concerns it here; that none of them did is not documented.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from hometruth.lab.android.clock import Clock, Timer
from hometruth.lab.android.network import NetworkError
from hometruth.lab.android.preferences import Preferences
from hometruth.lab.android.profiles import Profile
from hometruth.lab.apps.declare import EventKind, NameSource
from hometruth.lab.apps.surroundings import Web
from hometruth.lab.oem.declared import ANALYTICS, PACKAGES, PREINSTALLED, TRACKING_HOST, TRACKING_PATH
from hometruth.lab.oem.spock import HEADER, encode
from hometruth.lab.sdk.queue import EventQueue

CHANNEL = "system"
VERSION = "2020.04"
"""Invented."""
UPLOAD_AFTER_MS = 5_000
"""From an app's opening to the upload. Invented."""
RECORDS_PER_REQUEST = 500
"""Invented."""

_USAGE = "Liu, Patras, Leith, 2021-10-06 (press notes): every screen viewed, when and for how long"
APP_OPENED = EventKind(
    "app_open",
    ("package", "time"),
    "Forbes, 2020-04-30: suspected that opening any app triggers an upload",
    NameSource.INVENTED,
)
USAGE = EventKind("usage", ("package", "screen", "start", "duration"), _USAGE, NameSource.INVENTED)
INSTALLED = EventKind(
    "installed_packages",
    ("packages",),
    "decompiled: installed packages are stored; Liu, Patras, Leith, 2023-01-18: lists of installed apps",
    NameSource.INVENTED,
)
FOLDER = EventKind(
    "promoted_folder",
    ("folder", "packages"),
    "a blog of 2017-11-18: package lists of folders go out for promoted apps",
    NameSource.INVENTED,
)
SIGN_IN = EventKind(
    "account_sign_in",
    ("account", "serial"),
    "Liu, Patras, Leith, 2023-01-18: hardware identifiers are tied to the person at sign-in",
    NameSource.INVENTED,
)
RECORDS = (APP_OPENED, USAGE, INSTALLED, FOLDER, SIGN_IN)


class SystemAnalytics:
    """The app on one phone: watches the screen, keeps records on disk, uploads soon after an app is opened.

    Args:
        stored: The phone's own state: identifiers, account, versions of installed apps.
        folder: Where it keeps its records.
        web: The phone's way out.
        on_record: Told of every record.
    """

    def __init__(
        self,
        *,
        profile: Profile,
        stored: Mapping[str, Any],
        folder: Path,
        clock: Clock,
        rng: Random,
        web: Web,
        on_record: Callable[[dict[str, Any]], None],
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._profile = profile
        self._stored = stored
        self._kept = Preferences(folder / "preferences.json")
        self._queue = EventQueue(folder / "records.sqlite")
        self._clock = clock
        self._rng = rng
        self._web = web
        self._on_record = on_record
        self._shown: tuple[str, str, int] | None = None
        """Package, screen and start of what the owner looks at."""
        self._timer: Timer | None = None

    def opened(self, app: str) -> None:
        """An app came to the front: a record of it, of all that is installed once a day, and an upload."""
        package = PACKAGES[app]
        self._record(APP_OPENED, package.name, self._clock.now_ms)
        today = datetime.fromtimestamp(self._clock.now_ms / 1000, UTC).date().isoformat()
        if self._kept.get("listed_on") != today:
            self._kept["listed_on"] = today
            installed = (PACKAGES[name].name for name in self._stored.get("versions", {}))
            self._record(INSTALLED, sorted({*PREINSTALLED, *installed}))
        self.shown(package.name, package.main_screen)
        self._upload_later()

    def shown(self, package: str, screen: str) -> None:
        """Another screen shows: how long the last one did is a record."""
        self.left()
        self._shown = (package, screen, self._clock.now_ms)

    def left(self) -> None:
        """Nothing shows any more."""
        if self._shown is not None:
            package, screen, start_ms = self._shown
            self._shown = None
            self._record(USAGE, package, screen, start_ms, self._clock.now_ms - start_ms)

    def promoted_folder(self, folder: str, packages: Sequence[str]) -> None:
        """A folder of promoted apps was opened."""
        self._record(FOLDER, folder, list(packages))
        self._upload_later()

    def signed_in(self, account: str) -> None:
        """The owner signed in."""
        self._record(SIGN_IN, account, self._stored["serial"])
        self._upload_later()

    def stop(self) -> None:
        """The phone is switched off; records stay on disk and leave after the next app is opened."""
        self.left()
        if self._timer is not None:
            self._timer.cancel()
        self._queue.close()

    def _record(self, kind: EventKind, *values: Any) -> None:
        body = dict(zip(kind.parameters, values, strict=True))
        record = {"H": {"k": kind.name, "st": self._clock.now_ms}, "B": body}
        self._queue.add(record)
        self._on_record(record)

    def _upload_later(self) -> None:
        if self._timer is None:
            self._timer = self._clock.call_after(UPLOAD_AFTER_MS, self._upload)

    def _upload(self) -> None:
        """Send what waits; what is not delivered waits for the next upload."""
        self._timer = None
        while waiting := self._queue.first(RECORDS_PER_REQUEST):
            records = [row.event for row in waiting]
            body = encode(self._header(), records, now_ms=self._clock.now_ms, rng=self._rng)
            headers = [
                ("Host", TRACKING_HOST),
                ("Content-Length", str(len(body))),
                ("Content-Type", "application/x-www-form-urlencoded"),
                ("User-Agent", self._profile.dalvik_user_agent),
                ("Connection", "Keep-Alive"),
                ("Accept-Encoding", "gzip"),
            ]
            events = [{"H": self._header(), "B": records}]
            try:
                reply = self._web("POST", f"https://{TRACKING_HOST}{TRACKING_PATH}", headers, body, events)
            except NetworkError:
                return
            if reply.status != 200:
                return
            self._queue.remove(waiting)

    def _header(self) -> dict[str, str]:
        stored = self._stored
        contents = (
            *(self._profile.codename, self._profile.codename, VERSION, ANALYTICS, "1"),
            *(str(self._clock.now_ms), "WIFI"),
            *(stored["advertising_id"], stored["imei"], stored["android_id"]),
        )
        return {field.name: content for field, content in zip(HEADER, contents, strict=True)}
