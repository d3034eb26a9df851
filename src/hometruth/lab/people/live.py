"""An owner uses a phone, day after day, on the phone's own clock."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Protocol

from hometruth.lab.people.day import plan_day
from hometruth.lab.people.owner import Owner

START_MS = int(datetime(2020, 4, 20, tzinfo=UTC).timestamp() * 1000)
"""Midnight at which the first day begins: before the update of May 2020."""
DAY_MS = 86_400_000
APPS = (("music-player", "2020.04"), ("system", "2020.04"))
"""Beside the browser."""
SEND_S = 46.0
"""After the last thing of a day: the session's gap of 30 s and the 15 s after which the SDK sends."""


class UsablePhone(Protocol):
    """What an owner does to a phone; both the phone itself and a phone in a process of its own can it."""

    def install(self, version: str, app: str) -> Any:
        """Install an app."""

    def launch(self, app: str) -> Any:
        """Open it."""

    def set_consent(self, answer: str) -> Any:
        """Answer its question."""

    def set_incognito(self, on: bool) -> Any:
        """Go to the private or the normal window."""

    def sign_in(self, account: str) -> Any:
        """Sign in."""

    def use(self, action: str, text: str) -> Any:
        """Do something in the app."""

    def background(self) -> Any:
        """Go to the home screen."""

    def advance(self, seconds: float) -> Any:
        """Let time pass."""


def unpack(owner: Owner, phone: UsablePhone) -> None:
    """The first evening: sign in or not, install the apps, agree to what they ask."""
    if owner.account is not None:
        phone.sign_in(owner.account)
    for app, version in ((owner.browser, owner.browser_version), *APPS):
        phone.install(version, app)
        phone.launch(app)
        phone.set_consent("given")


class Life:
    """An owner with a phone whose clock starts at the midnight `START_MS`, or *start_ms*."""

    def __init__(
        self, owner: Owner, phone: UsablePhone, now_ms: Callable[[], int], *, start_ms: int = START_MS
    ) -> None:
        self._owner = owner
        self._phone = phone
        self._now_ms = now_ms
        self._start_ms = start_ms
        unpack(owner, phone)
        self._front = APPS[-1][0]
        self._private = False

    def live(self, days: int) -> Iterator[int]:
        """Live that many days; gives how many things were done on each."""
        for day in range(days):
            midnight_ms = self._start_ms + day * DAY_MS
            doings = plan_day(self._owner, day)
            for doing in doings:
                self._wait_until(midnight_ms + round(doing.after_s * 1000))
                self._open(doing.app, incognito=doing.incognito)
                self._phone.use(doing.action, doing.text)
            self._phone.background()
            self._phone.advance(SEND_S)
            if day == days - 1:
                self._wait_until(midnight_ms + DAY_MS)
            yield len(doings)

    def _open(self, app: str, *, incognito: bool) -> None:
        if app != self._front:
            self._phone.launch(app)
            self._front = app
        if app == self._owner.browser and incognito != self._private:
            self._phone.set_incognito(incognito)
            self._private = incognito

    def _wait_until(self, at_ms: int) -> None:
        """Pocket the phone until then, unless it is later already; a long pause ends the app's session."""
        pause_ms = at_ms - self._now_ms()
        if pause_ms > 0:
            self._phone.background()
            self._phone.advance(pause_ms / 1000)
            self._phone.launch(self._front)
