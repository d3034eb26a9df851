"""Hundreds of owners, each with a phone of their own, in simulated time and many processes.

The phones are the real ones of the lab, run inside this process, and what they send is what goes over a wire,
read by the collector's decoder (`direct`). Every event comes with the truth: who, and in which window.
"""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from hometruth.lab.ledger import read_ledger
from hometruth.lab.people.direct import Direct
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
