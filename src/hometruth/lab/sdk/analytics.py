"""The SDK inside an app: identities, super properties, the queue, and when it is flushed.

Rules of sa-sdk-android 3.2.10: flush 15 s after an event or above 100 waiting rows, 50 events per request
until the queue is empty, at once for ``track_signup``; keep the rows on a network error, 403, 404 and 5xx,
delete them on any other failure; follow one redirect by hand.
"""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, Protocol
from urllib.parse import urljoin

from hometruth.lab.android.clock import Clock, Timer
from hometruth.lab.sdk.queue import EventQueue
from hometruth.lab.sdk.wire import encode_form

FLUSH_AFTER_MS = 15_000
FLUSH_ABOVE_ROWS = 100
EVENTS_PER_REQUEST = 50
MAX_STRING = 8191
"""Characters of a text property; longer ones are cut and marked with ``$``."""
LIB = {"$lib": "Android", "$lib_version": "3.2.10"}
REDIRECTS = frozenset({301, 302, 307})
KEEP_ON = frozenset({403, 404, *range(500, 600)})
"""Status codes after which the rows stay in the queue."""


class Undelivered(Exception):
    """The network failed: no status came back."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    location: str | None = None


class Upload(Protocol):
    """The app's network, as the SDK sees it."""

    def __call__(self, url: str, body: bytes, events: Sequence[dict[str, Any]], /) -> Answer:
        """Post one form body; raises `Undelivered` if no answer came."""


class Analytics:
    """One initialised SDK, living as long as the app's process.

    Args:
        preferences: The SDK's stored values; survive the process.
        presets: Properties of the device that every event carries (``$os``, ``$device_id``, ...).
        on_record: Told of every event as it enters the queue.
    """

    def __init__(
        self,
        *,
        server_url: str,
        queue: EventQueue,
        preferences: MutableMapping[str, Any],
        presets: Mapping[str, Any],
        clock: Clock,
        rng: Random,
        upload: Upload,
        on_record: Callable[[dict[str, Any]], None],
    ) -> None:
        self._server_url = server_url
        self._queue = queue
        self._preferences = preferences
        self._presets = presets
        self._clock = clock
        self._rng = rng
        self._upload = upload
        self._on_record = on_record
        self._timer: Timer | None = None
        preferences.setdefault("first_day", self._today())
        if len(queue):
            self._flush_later()

    @property
    def distinct_id(self) -> str:
        """The account if signed in, else the anonymous id."""
        return str(self._preferences.get("login_id") or self._preferences["anonymous_id"])

    def identify(self, anonymous_id: str) -> None:
        """Set the id used while nobody is signed in."""
        self._preferences["anonymous_id"] = anonymous_id

    def register_super_properties(self, properties: Mapping[str, Any]) -> None:
        """Properties every later event carries."""
        self._preferences["super_properties"] = dict(properties)

    def login(self, account: str) -> None:
        """Tie the anonymous id to *account* with a ``$SignUp`` event, sent at once; only if not tied yet."""
        if account == self._preferences.get("login_id"):
            return
        self._preferences["login_id"] = account
        if account != self._preferences["anonymous_id"]:
            self._record("track_signup", "$SignUp", {})

    def logout(self) -> None:
        """Go back to the anonymous id; no event."""
        self._preferences["login_id"] = None

    def track(self, event: str, properties: Mapping[str, Any], *, method: str = "code") -> None:
        """Record one event; *method* is ``autoTrack`` for what the SDK itself watches."""
        self._record("track", event, properties, method)

    def flush(self) -> None:
        """Send what waits, in batches, until the queue is empty or the server is to be tried again later."""
        self.stop()
        while waiting := self._queue.first(EVENTS_PER_REQUEST):
            now_ms = self._clock.now_ms
            if not self._is_done_with([{**row.event, "_flush_time": now_ms} for row in waiting]):
                self._flush_later()
                return
            self._queue.remove(waiting)

    def discard(self) -> None:
        """Forget what waits; nothing is sent any more until something is recorded again."""
        self.stop()
        self._queue.clear()

    def stop(self) -> None:
        """Call off the pending flush; what waits stays in the queue."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_done_with(self, events: Sequence[dict[str, Any]]) -> bool:
        """Send one batch; True if its rows may go, delivered or given up."""
        body = encode_form(events)
        try:
            answer = self._upload(self._server_url, body, events)
            if answer.status in REDIRECTS and answer.location:
                answer = self._upload(urljoin(self._server_url, answer.location), body, events)
        except Undelivered:
            return False
        return answer.status not in KEEP_ON

    def _record(self, kind: str, name: str, properties: Mapping[str, Any], method: str = "code") -> None:
        event = self._event(kind, name, properties, method)
        self._queue.add(event)
        self._on_record(event)
        if kind == "track_signup" or len(self._queue) > FLUSH_ABOVE_ROWS:
            self.flush()
        else:
            self._flush_later()

    def _event(self, kind: str, name: str, properties: Mapping[str, Any], method: str) -> dict[str, Any]:
        version = self._presets["$app_version"]
        source_line = "lab.Browser##record##Browser.java##1"
        event: dict[str, Any] = {
            "_track_id": self._rng.getrandbits(32) - 0x8000_0000,
            "time": self._clock.now_ms,
            "type": kind,
            "distinct_id": self.distinct_id,
            "lib": {**LIB, "$app_version": version, "$lib_method": method, "$lib_detail": source_line},
            "event": name,
        }
        if kind == "track_signup":
            event["original_id"] = self._preferences["anonymous_id"]
        event["properties"] = {
            **self._preferences.get("super_properties", {}),
            **LIB,
            **self._presets,
            "$is_first_day": self._preferences["first_day"] == self._today(),
            **{key: _cut(value) for key, value in properties.items()},
        }
        return event

    def _flush_later(self) -> None:
        if self._timer is None:
            self._timer = self._clock.call_after(FLUSH_AFTER_MS, self.flush)

    def _today(self) -> str:
        return datetime.fromtimestamp(self._clock.now_ms / 1000, UTC).date().isoformat()


def _cut(value: Any) -> Any:
    return value[:MAX_STRING] + "$" if isinstance(value, str) and len(value) > MAX_STRING else value
