"""The way from a phone to the vendor without sockets: the same bytes, read by the collector's own decoder.

For fleets only: an owner's day takes as long as the events in it, not as long as TLS, proxy and disk. Pages
are answered with 200 and nothing is fetched.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from hometruth.lab.android.network import Reply
from hometruth.lab.apps.declare import TELEMETRY_HOST
from hometruth.lab.collector.app import DEFAULT_PROJECT
from hometruth.lab.collector.decode import decode_events, parse_form
from hometruth.lab.collector.keys import KeyRing
from hometruth.lab.collector.rejected import Rejected

Deliver = Callable[[str, str, list[dict[str, Any]]], None]
"""Told of what the collector would have kept: project, path, events."""
COLLECTING = frozenset({"/sa", "/sa.gif"})


class Direct:
    """Connections that end at the collector's decoder."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._keys: KeyRing | None = None

    def request(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes | None = None
    ) -> Reply:
        """Answer as the collector does, and any other host with 200."""
        del headers
        target = urlsplit(url)
        if target.hostname != TELEMETRY_HOST:
            return Reply(200, None)
        if target.path not in COLLECTING:
            return Reply(404, None)
        query = parse_form(target.query.encode())
        try:
            events = decode_events(query if method == "GET" else parse_form(body or b""), self._made_keys)
        except Rejected:
            return Reply(400, None)
        self._deliver(query.get("project", DEFAULT_PROJECT), target.path, events)
        return Reply(200, None)

    def close(self) -> None:
        """There is nothing to close."""

    def _made_keys(self) -> KeyRing:
        if self._keys is None:
            self._keys = KeyRing.generate()
        return self._keys
