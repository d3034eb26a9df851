"""How a report of the aggregated telemetry leaves the phone: from no process of an app, under no name.

In plain text, or, where the phone's SDK encrypts, in the SDK's framing. Then the phone asks for remote
configuration as a report is due, so that it has a key; the report is packed without compression, so that
what is said changes no size, and under an AES key of its own, since a key used twice would be a name.
"""

from collections.abc import Callable, MutableMapping, Sequence
from contextlib import suppress
from random import Random
from typing import Any
from urllib.parse import urlsplit

from hometruth.lab.android.clock import Clock
from hometruth.lab.android.network import NetworkError, Wire
from hometruth.lab.apps.declare import TELEMETRY_HOST, App
from hometruth.lab.apps.surroundings import Web
from hometruth.lab.oem.declared import PACKAGES
from hometruth.lab.sdk.encryption import Encryption
from hometruth.lab.sdk.remote_config import Fetched, RemoteConfig
from hometruth.lab.sdk.wire import encode_events, encode_transport, encode_unpacked

USER_AGENT = "Dalvik/2.1.0"
"""Names no phone."""


class ReportUpload:
    """Posts the reports of one app.

    Args:
        preferences: The last remote configuration and its key; goes with the app's data.
        open_network: Connections for one upload.
        web: The way out over them, which keeps the ledger.
    """

    def __init__(
        self,
        app: App,
        *,
        preferences: MutableMapping[str, Any],
        clock: Clock,
        rng: Random,
        open_network: Callable[[], Wire],
        web: Callable[[Wire], Web],
    ) -> None:
        self._app = app
        self._preferences = preferences
        self._clock = clock
        self._rng = rng
        self._open_network = open_network
        self._web = web

    def post(self, events: Sequence[dict[str, Any]], *, encrypts: bool) -> None:
        """Post a report; what is lost is lost, since a second try would tell when the phone was offline."""
        network = self._open_network()
        web = self._web(network)
        url = f"https://{TELEMETRY_HOST}/sa?project={self._app.project}_aggregate"
        body = self._sealed(url, web, events) if encrypts else encode_unpacked(events)
        headers = [
            ("Host", TELEMETRY_HOST),
            ("Content-Length", str(len(body))),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("User-Agent", USER_AGENT),
            ("Connection", "close"),
        ]
        with suppress(NetworkError):
            web("POST", url, headers, body, events)
        network.close()

    def _sealed(self, url: str, web: Web, events: Sequence[dict[str, Any]]) -> bytes:
        """The body; in plain text if no key came, as the SDK does it."""
        remote = RemoteConfig(
            url,
            app_id=PACKAGES[self._app.name].name,
            preferences=self._preferences,
            clock=self._clock,
            rng=self._rng,
            needs_key=True,
            fetch=lambda address: _fetched(web, address),
        )
        remote.check()
        remote.stop()  # one try: the report is due now
        if remote.key is None:
            return encode_unpacked(events)
        encryption, now_ms = Encryption(remote.key, self._rng), self._clock.now_ms
        if remote.whole_uploads:
            return encode_transport(encryption.seal(events, compress_level=0), now_ms)
        return encode_events([encryption.seal(event, compress_level=0) for event in events], now_ms)


def _fetched(web: Web, url: str) -> Fetched:
    headers = [("User-Agent", USER_AGENT), ("Host", urlsplit(url).netloc), ("Connection", "Keep-Alive")]
    try:
        reply = web("GET", url, headers)
    except NetworkError:
        return Fetched(None)
    return Fetched(reply.status, reply.body)
