"""Writes to the store in a thread of its own, many requests in one transaction.

A commit waits for the disk. Requests that come while it waits are committed together next ("group commit"): a
busy collector is as durable as an idle one, and many times as fast.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from hometruth.lab.collector.keys import KeyRing
from hometruth.lab.collector.store import EventStore

MAX_GROUP = 256
"""Requests in one transaction; bounds how long the first of them waits."""


@dataclass(frozen=True)
class _Job:
    run: Callable[[EventStore], Any]
    done: "Future[Any]"


class StoreWriter:
    """The only user of an `EventStore`."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._keys: KeyRing | None = None
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    async def write(self, job: Callable[[EventStore], None]) -> None:
        """Do *job* in a transaction; on disk when this returns.

        Raises:
            StoreError: If the database failed; then nothing of the job was kept.
        """
        await asyncio.wrap_future(self._submit(job))

    def keys(self) -> KeyRing:
        """The store's key pairs; blocks while they are made, once in the life of a store.

        Raises:
            StoreError: If the database failed.
        """
        if self._keys is None:
            self._keys = self._submit(EventStore.keys).result()
        return self._keys

    def close(self) -> None:
        """Finish what was asked for, and close the store."""
        self._jobs.put(None)
        self._thread.join()
        self._store.close()

    def _submit(self, run: Callable[[EventStore], Any]) -> "Future[Any]":
        job = _Job(run, Future())
        self._jobs.put(job)
        return job.done

    def _work(self) -> None:
        going_on = True
        while going_on:
            group = [self._jobs.get()]
            while len(group) < MAX_GROUP and not self._jobs.empty():
                group.append(self._jobs.get())
            going_on = None not in group
            # A client that went away has cancelled its future; from here on it no longer can.
            jobs = [job for job in group if job is not None and job.done.set_running_or_notify_cancel()]
            if jobs:
                self._commit(jobs)

    def _commit(self, jobs: list[_Job]) -> None:
        try:
            with self._store.transaction() as store:
                results = [job.run(store) for job in jobs]
        except Exception as err:  # noqa: BLE001 - whatever it was, each waiting request has to hear of it
            for job in jobs:
                job.done.set_exception(err)
        else:
            for job, result in zip(jobs, results, strict=True):
                job.done.set_result(result)
