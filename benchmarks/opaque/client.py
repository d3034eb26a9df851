"""A simulated app that encrypts what it sends: the traffic of one trial to each of twelve endpoints.

The ciphertexts are real (gzip, AES-128-CBC, base64), in the two framings that the SDK documents: each event
by itself (``gzip=9``), or the whole flush (``gzip=13``). What is assumed is how much a client sends and when:
events come as a Poisson process whose rate drifts (AR(1)), are flushed 15 s after the first, after 50 or on
leaving the app, 3 % of the uploads are repeated, 4 % of the trials hold a log of log-normal size, and what
was not flushed waits for the relaunch.
"""

import base64
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp
from random import Random
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

TRIAL_S, DRAIN_S = 60.0, 20.0
FLUSH_S, FLUSH_EVENTS = 15.0, 50
ON_LEAVING = 0.8
"""How often the app still flushes when it is left."""
RETRIES, LOGS = 0.03, 0.04
DRIFT, DRIFT_SD = 0.9, 0.15
"""AR(1) of the logarithm of the rate, from trial to trial."""
DEVICE = {
    "$lib": "Android",
    "$os": "Android",
    "$os_version": "9",
    "$manufacturer": "Xiaomi",
    "$model": "Redmi Note 8",
    "$app_version": "3.4.0",
    "$screen_width": 1080,
    "$screen_height": 2340,
    "$wifi": True,
    "$network_type": "WIFI",
    "$carrier": "operator",
    "$is_first_day": False,
}
"""What every event carries of the device."""
NAMES = ("$AppViewScreen", "$AppClick", "ui_shown", "news_shown", "memory_state", "page_speed")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One host of the simulated vendor, and how busy it is while nobody does anything."""

    name: str
    per_minute: float
    framing: str
    """``event`` or ``batch``."""


ENDPOINTS = (
    Endpoint("telemetry", 8.0, "event"),
    Endpoint("heartbeat", 2.0, "event"),
    Endpoint("config", 0.5, "batch"),
    Endpoint("silent", 0.0, "event"),
    *(
        Endpoint(f"other-{n}", rate, ("event", "batch")[n % 2])
        for n, rate in enumerate((0.2, 1.0, 3.0, 5.0, 8.0, 12.0, 16.0, 20.0))
    ),
)
"""The first is the one that may leak."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something recorded on the phone, as JSON, at a second of the trial."""

    at_s: float
    text: bytes


@dataclass(slots=True)
class Client:
    """One installation of the app at one endpoint; keeps its drift and its queue from trial to trial."""

    endpoint: Endpoint
    rng: Random
    _drift: float = 0.0
    _queue: list[Event] = field(default_factory=list)

    def trial(self, extra: Sequence[Event] = ()) -> list[bytes]:
        """Bodies of the uploads of one trial and its drain, in the order of sending."""
        key = self.rng.randbytes(16)
        self._drift = DRIFT * self._drift + self.rng.gauss(0.0, DRIFT_SD)
        session = f"{self.rng.getrandbits(64):016x}"
        recorded = sorted((*self._background(session), *extra), key=lambda event: event.at_s)
        batches = self._flushes(recorded)
        bodies = [self._body(batch, key) for batch in batches]
        if self.endpoint.per_minute and self.rng.random() < LOGS:
            size = min(int(self.rng.lognormvariate(9.0, 1.0)), 200_000)
            bodies.append(self._body([Event(TRIAL_S, self.rng.randbytes(size // 2).hex().encode())], key))
        return [body for body in bodies for _ in range(1 + (self.rng.random() < RETRIES))]

    def _background(self, session: str) -> list[Event]:
        rate = self.endpoint.per_minute * exp(self._drift) / 60.0
        events, at = [], 0.0
        while rate and (at := at + self.rng.expovariate(rate)) < TRIAL_S:
            text = event_json(
                self.rng, session, self.rng.choice(NAMES), {"element": self.rng.getrandbits(24)}
            )
            events.append(Event(at, text))
        return events

    def _flushes(self, recorded: Sequence[Event]) -> list[list[Event]]:
        """Batches in the order of sending; what the app did not flush on leaving goes out at the relaunch."""
        batches: list[list[Event]] = []
        waiting = self._queue
        self._queue = []
        due = FLUSH_S if waiting else None
        for event in recorded:
            if due is not None and event.at_s >= due:
                batches.append(waiting)
                waiting, due = [], None
            waiting.append(event)
            due = due if due is not None else event.at_s + FLUSH_S
            if len(waiting) >= FLUSH_EVENTS:
                batches.append(waiting)
                waiting, due = [], None
        if waiting and due is not None and (due < TRIAL_S or self.rng.random() < ON_LEAVING):
            batches.append(waiting)
            waiting = []
        if waiting:  # the relaunch: 20 s are enough for the flush after 15
            batches.append(waiting)
        return batches

    def _body(self, events: Sequence[Event], key: bytes) -> bytes:
        if self.endpoint.framing == "event":
            payloads: object = [
                _encrypt(gzip.compress(event.text, mtime=0), key, self.rng) for event in events
            ]
            mode = 9
        else:
            whole = b"[" + b",".join(event.text for event in events) + b"]"
            payloads, mode = _encrypt(gzip.compress(whole, mtime=0), key, self.rng), 13
        ekey = base64.b64encode(self.rng.randbytes(256)).decode()
        envelope = json.dumps(
            [{"ekey": ekey, "pkv": 1, "payloads": payloads, "flush_time": 1_588_000_000_000}]
        )
        return f"gzip={mode}&data_list={quote(envelope, safe='')}".encode()


def event_json(rng: Random, session: str, name: str, properties: dict[str, Any]) -> bytes:
    """One event as the SDK writes it, before it is packed."""
    return json.dumps(
        {
            "_track_id": rng.getrandbits(32) - 2**31,
            "time": 1_588_000_000_000 + rng.getrandbits(26),
            "type": "track",
            "event": name,
            "distinct_id": "9a1c02e4b7d85f36",
            "properties": {**DEVICE, "session": session, **properties},
        },
        separators=(",", ":"),
    ).encode()


def _encrypt(data: bytes, key: bytes, rng: Random) -> str:
    iv = rng.randbytes(16)
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    padded = padder.update(data) + padder.finalize()
    return base64.b64encode(iv + encryptor.update(padded) + encryptor.finalize()).decode()
