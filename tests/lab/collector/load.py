"""Clients that keep a collector busy as SDKs would: they send again what was not acknowledged."""

import gzip
import json
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from itertools import count
from urllib.parse import quote, urlsplit

from hometruth.lab.collector.decode import java_hash

PRESETS = {
    **{"$lib": "Android", "$lib_version": "3.2.10", "$os": "Android", "$os_version": "9", "$wifi": True},
    **{"$manufacturer": "Xiaomi", "$model": "Redmi Note 8", "$app_version": "3.4.0", "$carrier": "lab"},
    **{
        "$screen_width": 1080,
        "$screen_height": 2340,
        "$device_id": "a1b2c3d4e5f60718",
        "$is_first_day": False,
    },
    **{"$network_type": "WIFI", "platform": "AndroidApp", "miui_region": "IE", "system_language": "en"},
    "uuid": "11111111-2222-4333-8444-555555555555",
}
TIMEOUT_S = 20.0
PAUSE_S = 0.02
"""Before trying again, so that a collector that is down is not hammered."""


def request(track_ids: range) -> bytes:
    """One upload as the Android SDK makes it, with an event for each id."""
    events = [
        {
            **{"_track_id": track_id, "time": 1588550400000 + track_id, "type": "track"},
            **{"distinct_id": PRESETS["uuid"], "event": "page_load_event_start"},
            "properties": {**PRESETS, "url": f"https://page-{track_id}.sites.example/"},
        }
        for track_id in track_ids
    ]
    value = b64encode(gzip.compress(json.dumps(events).encode(), 1, mtime=0)).decode()
    body = f"crc={java_hash(value)}&gzip=1&data_list={quote(value, safe='')}"
    return (
        f"POST /sa?project=load HTTP/1.1\r\nHost: lab\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}"
    ).encode()


class Load:
    """Several clients at once."""

    def __init__(self, url: str, *, n_clients: int, per_request: int, ready: int = 0) -> None:
        """With *ready*, that many requests of each client are made beforehand."""
        self.url = url
        """Where to send; a restarted collector listens elsewhere."""
        self.acknowledged: set[int] = set()
        self.sent: set[int] = set()
        self.n_broken = 0
        """Requests that got no answer."""
        self._per_request = per_request
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._made = [list(self._requests(n, ready)) for n in range(n_clients)]
        self._threads = [threading.Thread(target=self._send_all, args=(n,)) for n in range(n_clients)]

    def start(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Send what is under way, then end."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _requests(self, client: int, n: int | None) -> Iterator[tuple[range, bytes]]:
        for index in range(n) if n is not None else count(len(self._made[client])):
            start = (index * 1000 + client) * 1000
            ids = range(start, start + self._per_request)
            yield ids, request(ids)

    def _send_all(self, client: int) -> None:
        connection: socket.socket | None = None
        for made in (self._made[client], self._requests(client, None)):
            for ids, data in made:
                with self._lock:
                    self.sent.update(ids)
                while (connection := self._send(connection, data)) is None:
                    time.sleep(PAUSE_S)
                with self._lock:
                    self.acknowledged.update(ids)
                if self._stop.is_set():
                    connection.close()
                    return

    def _send(self, connection: socket.socket | None, data: bytes) -> socket.socket | None:
        """Send once; the connection if it was acknowledged, None if nobody can know."""
        try:
            if connection is None:
                where = urlsplit(self.url)
                connection = socket.create_connection((where.hostname, where.port), TIMEOUT_S)
            connection.sendall(data)
            answer = b""
            while b"\r\n\r\n" not in answer:
                if not (chunk := connection.recv(4096)):
                    break
                answer += chunk
        except OSError:
            answer = b""
        if answer.startswith(b"HTTP/1.1 200 "):
            return connection
        self.n_broken += 1
        if connection is not None:
            connection.close()
        return None
