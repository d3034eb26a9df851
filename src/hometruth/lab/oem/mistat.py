"""MiStat, the vendor's own analytics inside its apps: told of every event that the Sensors SDK is told of.

Known: that the apps' wrapper gives each event to both (palant-1, not examined further there); names of
fields, hosts and path; that ``stat_value`` is enciphered under a 16-character prefix of a digest of a seed
made from app id, app key and device id, while the device id rides in clear; the form of a good answer
(decompiled, ``mistatv`` 5).

Invented: the cipher and the digest, ids and keys of the apps, which id the device id is, the form of an
event, when it sends, and that events which it could not deliver wait for the next one. Unverified in reality:
that MiStat obeyed the browser's switch and consent page. Here it does: the wrapper is never called. (Tests
have it disobey: `Mutation`, channel ``mistat``.) That it was not told of the account is assumed.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from hometruth.lab.android.clock import Timer
from hometruth.lab.android.network import NetworkError
from hometruth.lab.apps.behaviour import AppState
from hometruth.lab.apps.declare import App, EventKind, NameSource
from hometruth.lab.apps.surroundings import Surroundings
from hometruth.lab.oem.declared import REGISTRATIONS, ChannelField, Registration, mistat_url
from hometruth.lab.sdk.queue import EventQueue
from hometruth.lab.sdk.wire import to_json

CHANNEL = "mistat"
FLUSH_AFTER_MS = 15_000
"""Until the server says otherwise (``data.delay``). Invented, as the Sensors SDK has it."""
EVENTS_PER_REQUEST = 50
"""Invented, likewise."""
AES_BLOCK_BITS = 128
IV_BYTES = 16
KEY_CHARACTERS = 16
"""Of the digest in hexadecimal. Source: decompiled."""
STORE, ID_TYPE, POLICY, MISTATV = "lab-store", "android_id", "4", "5"

FIELDS = (
    ChannelField("channel", "the shop that the app came from", NameSource.DECOMPILED, NameSource.INVENTED),
    ChannelField("device_id", "the Android ID, in clear", NameSource.DECOMPILED, NameSource.INVENTED),
    ChannelField("id_type", "what kind of id it is", NameSource.DECOMPILED, NameSource.INVENTED),
    ChannelField(
        "policy", "when events are sent: after an interval", NameSource.DECOMPILED, NameSource.INVENTED
    ),
    ChannelField("interval", "that interval in milliseconds", NameSource.DECOMPILED, NameSource.INVENTED),
    ChannelField("version", "version of the app", NameSource.DECOMPILED, NameSource.INVENTED),
    ChannelField("stat_value", "the events, enciphered", NameSource.DECOMPILED, NameSource.DECOMPILED),
    ChannelField("mistatv", "version of MiStat", NameSource.DECOMPILED, NameSource.DECOMPILED),
    ChannelField("size", "number of events", NameSource.DECOMPILED, NameSource.INVENTED),
)
"""The form, in this order."""


class MiStat:
    """The MiStat of one running app; told only of what the app may send."""

    def __init__(self, app: App, version: str, phone: Surroundings, cell: Callable[[], AppState]) -> None:
        self._registration = REGISTRATIONS[app.name]
        self._version = version
        self._phone = phone
        self._cell = cell
        self._queue = EventQueue(phone.data_dir / "mistat.sqlite")
        self._delay_ms = FLUSH_AFTER_MS
        self._timer: Timer | None = None
        if len(self._queue):  # what an earlier process left unsent leaves too
            self._flush_later()

    def withdrawn(self) -> None:
        """Delete what waits."""
        self._call_off()
        self._queue.clear()

    def record(self, kind: EventKind, values: Sequence[Any]) -> None:
        """Record one event; what the Sensors SDK watches by itself never passes the wrapper."""
        if kind.names is NameSource.SDK:
            return
        parameters = dict(zip(kind.parameters, values, strict=True))
        event = {"key": kind.name, "time": self._phone.clock.now_ms, "params": parameters}
        self._queue.add(event)
        self._phone.on_record(event, self._cell(), CHANNEL)
        self._flush_later()

    def flush(self) -> None:
        """Send what waits; what is not delivered waits for the next event, or the next start."""
        self._call_off()
        while waiting := self._queue.first(EVENTS_PER_REQUEST):
            if not self._is_delivered([row.event for row in waiting]):
                return
            self._queue.remove(waiting)

    def stop(self) -> None:
        """Timers are gone, the queue stays on disk."""
        self._call_off()
        self._queue.close()

    def _flush_later(self) -> None:
        if self._timer is None:
            self._timer = self._phone.clock.call_after(self._delay_ms, self.flush)

    def _call_off(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_delivered(self, events: Sequence[dict[str, Any]]) -> bool:
        phone = self._phone
        sealed = encipher(to_json(events), self._registration, phone.android_id, phone.rng)
        contents = (
            *(STORE, phone.android_id, ID_TYPE, POLICY, str(self._delay_ms), self._version),
            *(sealed, MISTATV, str(len(events))),
        )
        form = {field.name: content for field, content in zip(FIELDS, contents, strict=True)}
        clear = {name: content for name, content in form.items() if name != "stat_value"}
        body = urlencode(form).encode("ascii")
        url = mistat_url(phone.profile.region)
        headers = [
            ("Host", urlsplit(url).netloc),
            ("Content-Length", str(len(body))),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("User-Agent", phone.profile.dalvik_user_agent),
            ("Connection", "Keep-Alive"),
            ("Accept-Encoding", "gzip"),
        ]
        try:
            reply = phone.web("POST", url, headers, body, events, clear)
        except NetworkError:
            return False
        return reply.status == 200 and self._is_ok(reply.body)

    def _is_ok(self, body: bytes) -> bool:
        """Whether the server took the events; takes from it when to send next."""
        try:
            answer = json.loads(body)
            if answer["status"] != "ok":
                return False
            self._delay_ms = max(0, int(answer["data"]["delay"]))
        except (ValueError, KeyError, TypeError):
            return False
        return True


def encipher(text: str, registration: Registration, device_id: str, rng: Random) -> str:
    """What stands in ``stat_value``: base64 of IV and AES-128-CBC. Anybody who has the app has its key."""
    seed = f"seed:{registration.app_id}-{registration.app_key}-{device_id}"
    digest = hashlib.md5(seed.encode()).hexdigest()
    iv = rng.randbytes(IV_BYTES)
    cipher = Cipher(algorithms.AES128(digest[:KEY_CHARACTERS].encode()), modes.CBC(iv)).encryptor()
    padder = PKCS7(AES_BLOCK_BITS).padder()
    padded = padder.update(text.encode("utf-8", "surrogatepass")) + padder.finalize()
    return base64.b64encode(iv + cipher.update(padded) + cipher.finalize()).decode("ascii")
