"""From the queue to the server: when events leave, in which framing, and which of them stay.

Rules of sa-sdk-android, the same in 3.2.10 and 6.8.4: flush 15 s after an event or above 100 waiting rows, 50
events per request until the queue is empty; keep the rows on a network error, 403, 404 and 5xx, delete them
on any other failure; follow one redirect by hand. Encrypted event by event, an event waits encrypted, and one
that waits in plain text from before the key came is encrypted as it leaves (`EncryptDataOperation`);
encrypted as a whole, it waits in plain text (`TransportEncryption`). Without a key all is plain text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol
from urllib.parse import urljoin

from hometruth.lab.android.clock import Clock, Timer
from hometruth.lab.sdk.encryption import Encryption, is_sealed
from hometruth.lab.sdk.queue import EventQueue, QueuedEvent
from hometruth.lab.sdk.remote_config import Fetched, RemoteConfig
from hometruth.lab.sdk.variants import Variant
from hometruth.lab.sdk.wire import encode_events, encode_form, encode_transport

FLUSH_AFTER_MS = 15_000
FLUSH_ABOVE_ROWS = 100
EVENTS_PER_REQUEST = 50
REDIRECTS = frozenset({301, 302, 307})
KEEP_ON = frozenset({403, 404, *range(500, 600)})
"""Status codes after which the rows stay in the queue."""


class Undelivered(Exception):
    """The network failed: no status came back."""


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What the server said."""

    status: int
    location: str | None = None


class Upload(Protocol):
    """The app's network, as the SDK sees it."""

    def __call__(self, url: str, body: bytes, events: Sequence[dict[str, Any]], /) -> ServerAnswer:
        """Post one form body; raises `Undelivered` if no answer came."""


@dataclass(frozen=True, slots=True)
class Access:
    """Everything the SDK may ask of the app's network."""

    upload: Upload
    fetch: Callable[[str], Fetched]
    """GET one address."""
    network: Callable[[], str]
    """What ``$network_type`` is now."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """One upload."""

    rows: Sequence[QueuedEvent]
    body: bytes
    events: Sequence[dict[str, Any]]
    """What it holds, for the ledger."""


class Outbox:
    """The way out of one process of the app.

    Args:
        remote: Where a key may come from, None for an SDK that has none.
        is_closed: Nothing leaves, and what waits stays; may be changed later.
    """

    def __init__(
        self,
        server_url: str,
        variant: Variant,
        *,
        queue: EventQueue,
        clock: Clock,
        rng: Random,
        access: Access,
        remote: RemoteConfig | None,
        is_closed: bool = False,
    ) -> None:
        self._server_url = server_url
        self._variant = variant
        self._queue = queue
        self._clock = clock
        self._rng = rng
        self._access = access
        self._remote = remote
        self._encryption: Encryption | None = None
        self._timer: Timer | None = None
        self.is_closed = is_closed
        self.flush_later_if_any()

    def put(self, event: dict[str, Any]) -> None:
        """One more event waits."""
        encryption = None if self._is_whole else self._sealing()
        self._queue.add(event, None if encryption is None else encryption.seal(event))

    def flush_in_time(self, *, at_once: bool = False) -> None:
        """See that what waits leaves: now if there is much of it, else a little later."""
        if at_once or len(self._queue) > FLUSH_ABOVE_ROWS:
            self.flush()
        else:
            self._flush_later()

    def flush(self) -> None:
        """Send what waits, in batches, until the queue is empty or the server is to be tried again later."""
        self.stop()
        if self.is_closed:
            return
        while waiting := self._queue.first(EVENTS_PER_REQUEST):
            if self._access.network() not in self._variant.sends_over:
                self._flush_later()
                return
            batch = self._batch(waiting)
            if not self._is_done_with(batch):
                self._flush_later()
                return
            self._queue.remove(batch.rows)

    def flush_later_if_any(self) -> None:
        """See that what waits leaves in time."""
        if len(self._queue):
            self._flush_later()

    def discard(self) -> None:
        """Forget what waits; nothing is sent any more until something is recorded again."""
        self.stop()
        self._queue.clear()

    def stop(self) -> None:
        """Call off the pending flush; what waits stays in the queue."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def _is_whole(self) -> bool:
        return self._remote is not None and self._remote.whole_uploads

    def _sealing(self) -> Encryption | None:
        """The encryption of this process, from the first key it sees; None while there is none."""
        if self._encryption is None and self._variant.encrypts and self._remote is not None:
            key = self._remote.key
            self._encryption = None if key is None else Encryption(key, self._rng)
        return self._encryption

    def _batch(self, waiting: Sequence[QueuedEvent]) -> _Batch:
        encryption, now_ms = self._sealing(), self._clock.now_ms
        sealed = [row for row in waiting if is_sealed(row.stored) or (encryption and not self._is_whole)]
        if sealed:
            stored = [
                row.stored if encryption is None or is_sealed(row.stored) else encryption.seal(row.event)
                for row in sealed
            ]
            return _Batch(sealed, encode_events(stored, now_ms), [row.event for row in sealed])
        events = [{**row.event, "_flush_time": now_ms} for row in waiting]
        if encryption is None:
            return _Batch(waiting, encode_form(events), events)
        return _Batch(waiting, encode_transport(encryption.seal(events), now_ms), events)

    def _is_done_with(self, batch: _Batch) -> bool:
        """Send one batch; True if its rows may go, delivered or given up."""
        try:
            answer = self._access.upload(self._server_url, batch.body, batch.events)
            if answer.status in REDIRECTS and answer.location:
                target = urljoin(self._server_url, answer.location)
                answer = self._access.upload(target, batch.body, batch.events)
        except Undelivered:
            return False
        return answer.status not in KEEP_ON

    def _flush_later(self) -> None:
        if self._timer is None and not self.is_closed:
            self._timer = self._clock.call_after(FLUSH_AFTER_MS, self.flush)
