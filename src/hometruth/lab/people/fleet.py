"""Hundreds of owners, each with a phone of their own, in simulated time and many processes.

The phones are the real ones of the lab, run inside this process, and what they send is what goes over a wire,
read by the collector's decoder (`direct`). Every event comes with the truth: who, and in which window.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hometruth.lab.android.network import Reply
from hometruth.lab.apps import mint_browser as mint
from hometruth.lab.apps.declare import TELEMETRY_HOST
from hometruth.lab.apps.music_player import PLAY_START, PLAYLIST_ADD, SONG_SEARCH
from hometruth.lab.apps.system import FOLDER_OPEN, SCREEN_SWIPE, SETTINGS_OPEN, STATUS_BAR_OPEN
from hometruth.lab.collector.app import DEFAULT_PROJECT
from hometruth.lab.collector.decode import decode_events, parse_form
from hometruth.lab.collector.keys import KeyRing
from hometruth.lab.collector.packing import Rejected
from hometruth.lab.ledger import read_ledger
from hometruth.lab.people.live import START_MS, Life
from hometruth.lab.people.owner import make_owner
from hometruth.lab.phones.handset import Handset
from hometruth.lab.phones.setup import Setup

NS_PER_MS = 1_000_000
MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made in it
"""A file system in memory, where there is one: a disk takes 4 ms for each small file that is replaced."""


@dataclass(frozen=True, slots=True)
class Lived:
    """What one owner did, and what the vendor got of it."""

    owner: str
    things_done: int
    events: tuple[dict[str, Any], ...]
    """As received, with ``_server`` as `read_events` gives it, and ``_truth``: owner, device, mode."""


def run_fleet(n_owners: int, *, days: int, seed: int, jobs: int = 1) -> Iterator[Lived]:
    """Owner after owner, each with the events of all its days in the order of arrival.

    Args:
        n_owners: How many.
        days: Each lives so many, at the same dates.
        seed: The same seed gives the same events.
        jobs: Processes.
    """
    one = partial(live_alone, days=days, seed=seed)
    numbers = range(1, n_owners + 1)
    if jobs == 1:
        yield from map(one, numbers)
        return
    with get_context("spawn").Pool(min(jobs, n_owners)) as pool:
        yield from pool.imap(one, numbers)


def live_alone(number: int, *, days: int, seed: int) -> Lived:
    """One owner of the roster, with a new phone."""
    owner = make_owner(number, seed)
    where = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="hometruth-owner-", dir=where) as folder:
        ledger = Path(folder) / "ledger.jsonl"
        arrived: list[dict[str, Any]] = []
        phone: Handset | None = None

        def now_ms() -> int:
            # Not `advance(0)`: what is due now would run inside whatever runs now.
            shown: int = phone.screen()["clock_ms"] if phone is not None else START_MS
            return shown

        def deliver(project: str, path: str, events: list[dict[str, Any]]) -> None:
            at_ns = now_ms() * NS_PER_MS
            for event in events:
                server = {"id": len(arrived) + 1, "received_ns": at_ns, "project": project, "path": path}
                arrived.append({**event, "_server": server})

        setup = Setup(
            profile=owner.profile,
            proxy="",
            ca_file="",
            state_dir=str(Path(folder) / "phone"),
            ledger=str(ledger),
            seed=owner.rng("phone").getrandbits(63),
            start_ms=START_MS,
            mutations=(),
            defects=frozenset(),
        )
        phone = Handset(setup, network=lambda: Direct(deliver))
        things_done = sum(Life(owner, phone, now_ms).live(days))
        phone.close()
        modes = {item.event.get("_track_id"): item.cell["mode"] for item in read_ledger(ledger).recorded}
    truth = {"owner": owner.id, "device": owner.profile}
    told = tuple(
        {**event, "_truth": {**truth, "mode": modes.get(event.get("_track_id"))}} for event in arrived
    )
    return Lived(owner.id, things_done, told)


TELLING = {
    mint.PAGE_START.name: ("page", "url"),
    mint.SEARCH.name: ("search", "search_word"),
    mint.VIDEO_SEARCH.name: ("search", "search_word"),
    mint.DOWNLOAD.name: ("download", "url"),
    mint.VIDEO_OPEN.name: ("video", "video_id"),
    mint.FEED_ITEM.name: ("news", "item_id"),
    mint.DIAL_CLICK.name: ("dial", "url"),
    PLAY_START.name: ("song", "song_name"),
    PLAYLIST_ADD.name: ("song", "song_name"),
    SONG_SEARCH.name: ("search", "search_word"),
    FOLDER_OPEN.name: ("folder", "folder_name"),
    SCREEN_SWIPE.name: ("screen", "to_screen"),
    SETTINGS_OPEN.name: ("settings", "page_name"),
    STATUS_BAR_OPEN.name: ("status-bar", "notification"),
}
"""Event to sort of item and the parameter that names it; of an address, only the host counts.

Events that repeat another (a page finished, a video closed, a touch that opened a folder) are left out.
"""


def item_of(event: Mapping[str, Any]) -> str | None:
    """``page:HOST``, ``song:NAME``, ...; None if the event names nothing, or repeats another."""
    sort, parameter = TELLING.get(event.get("event", ""), ("", ""))
    value = event.get("properties", {}).get(parameter)
    if not isinstance(value, str):
        return None
    named = urlsplit(value).hostname or value if parameter == "url" else value
    return f"{sort}:{named}"


Deliver = Callable[[str, str, list[dict[str, Any]]], None]
"""Told of what the collector would have kept: project, path, events."""
COLLECTING = frozenset({"/sa", "/sa.gif"})


class Direct:
    """The way from a phone to the vendor without sockets: the same bytes, read by the collector's decoder.

    For fleets only: an owner's day takes as long as the events in it, not as long as TLS, proxy and disk.
    Pages are answered with 200 and nothing is fetched.
    """

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
