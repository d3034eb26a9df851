"""Examines the exchanges of a recording on every core, and hands the results back in its order.

The recording is read here and cut into batches; worker processes, each with the search compiled once and a
memo of its own, peel and search them. One batch is worth no process: a recording that short is examined here.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Self

from hometruth.audit.outcome import Batch, Outcome, Outcomes
from hometruth.canaries import compile_search
from hometruth.errors import CaptureError
from hometruth.model import Canary, Exchange, Gap
from hometruth.peel import Budget

if TYPE_CHECKING:
    from hometruth.audit.bench import Bench

BATCH_BYTES = 2 << 20
"""Bytes of requests that a worker gets at a time: as much work as it takes to start one, or more."""
BATCH_HELD_BYTES = 8 << 20
"""Bytes that a batch may hold in memory, responses included: these wait here."""
ITEM_BYTES = 1 << 10
"""Bytes that an exchange or a gap takes besides its contents, about."""
BATCHES_AHEAD = 2
"""Batches read ahead for each worker, so that none waits for the reader."""


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux; elsewhere nobody can be kept off a core
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Crew:
    """Worker processes for one search, started when a recording is long enough to need them."""

    def __init__(
        self,
        canaries: Iterable[Canary],
        salts: Iterable[str] = (),
        *,
        jobs: int,
        budget: Budget = Budget(),  # noqa: B008  # frozen
    ) -> None:
        self._canaries, self._salts, self._jobs = tuple(canaries), tuple(salts), jobs
        self._budget = budget
        self._bench: Bench | None = None
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def examine(
        self, recording: Iterable[Exchange | Gap], batch_bytes: int = BATCH_BYTES
    ) -> Iterator[Outcome | Gap]:
        """One outcome for each exchange, and the gaps as they are, in the order of the recording.

        Raises:
            CaptureError: What the recording raises, after the outcomes of all that came before it; or a
                worker died, for want of memory as a rule.
        """
        reader = _Reader(_batches(recording, batch_bytes))
        read = reader.ahead(2)
        several = self._jobs > 1 and len(read) > 1
        yield from self._there(read, reader) if several else self._here(read, reader)
        if reader.failure:
            raise reader.failure

    def _here(self, read: deque[Batch], reader: "_Reader") -> Iterator[Outcome | Gap]:
        """In this process."""
        if self._bench is None:
            self._bench = _bench(self._canaries, self._salts, self._budget)
        while read:
            yield from self._bench.examine(read.popleft())
            read = read or reader.ahead(1)

    def _there(self, read: deque[Batch], reader: "_Reader") -> Iterator[Outcome | Gap]:
        """In the workers, some batches ahead of what is handed back."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._jobs,
                multiprocessing.get_context("spawn"),
                _start,
                (self._canaries, self._salts, self._budget),
            )
        waiting: deque[tuple[Batch, Future[Outcomes]]] = deque()
        try:
            while read or waiting:
                while read:
                    batch = read.popleft()
                    waiting.append((batch, self._pool.submit(_work, _bare(batch))))
                    if len(waiting) < self._jobs * BATCHES_AHEAD:
                        read += reader.ahead(1)
                batch, result = waiting.popleft()
                yield from _with_exchanges(batch, result.result())
                read += reader.ahead(1)
        except BrokenProcessPool as err:
            self._pool = None  # another recording may be lighter
            raise CaptureError(
                "a worker process died, perhaps for want of memory: try again with --jobs 1"
            ) from err


class _Reader:
    """Batches of a recording, and why there are no more."""

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._batches = batches
        self.failure: CaptureError | None = None

    def ahead(self, n: int) -> deque[Batch]:
        """The next *n* batches, or as many as there are."""
        read: deque[Batch] = deque()
        try:
            read.extend(islice(self._batches, n))
        except CaptureError as err:
            self.failure = err
        return read


def _batches(recording: Iterable[Exchange | Gap], batch_bytes: int) -> Iterator[Batch]:
    """The recording in batches of so many bytes, or as many as may be held; what came before an error too."""
    batch: Batch = []
    size = held = 0
    try:
        for item in recording:
            batch.append(item)
            held += ITEM_BYTES
            if isinstance(item, Exchange):
                size += _size(item)
                held += _size(item) + _unsent(item)
            if size >= batch_bytes or held >= BATCH_HELD_BYTES:
                yield batch
                batch, size, held = [], 0, 0
    except CaptureError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _size(exchange: Exchange) -> int:
    headers = sum(len(name) + len(value) for name, value in exchange.request_headers)
    messages = sum(len(message.data) for message in exchange.messages if message.sent)
    return len(exchange.target) + headers + len(exchange.request_body or b"") + messages


def _unsent(exchange: Exchange) -> int:
    headers = sum(len(name) + len(value) for name, value in exchange.response_headers)
    messages = sum(len(message.data) for message in exchange.messages if not message.sent)
    return headers + len(exchange.response_body or b"") + messages


def _bare(batch: Batch) -> Batch:
    """The batch without responses, which are not examined and need not travel."""
    return [
        replace(item, response_headers=(), response_body=None) if isinstance(item, Exchange) else item
        for item in batch
    ]


def _with_exchanges(batch: Batch, outcomes: Outcomes) -> Iterator[Outcome | Gap]:
    """The outcomes, their sightings in the exchanges as they were read."""
    for item, outcome in zip(batch, outcomes, strict=True):
        if isinstance(item, Exchange) and isinstance(outcome, Outcome):
            yield outcome._replace(
                sightings=tuple(replace(sighting, exchange=item) for sighting in outcome.sightings),
                parts=tuple(replace(part, exchange=item) for part in outcome.parts),
            )
        else:
            yield outcome


def _bench(canaries: tuple[Canary, ...], salts: tuple[str, ...], budget: Budget) -> "Bench":
    """What examining needs. Its numpy is for bytes: threads for matrices would only spin."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from hometruth.audit.bench import Bench  # noqa: PLC0415

    return Bench(compile_search(canaries, salts), budget)


_BENCHES: "list[Bench]" = []
"""The one bench of this process, if it is a worker."""


def _start(canaries: tuple[Canary, ...], salts: tuple[str, ...], budget: Budget) -> None:
    """Set up a worker: an interrupt is for the process that reads, which then stops the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _BENCHES.append(_bench(canaries, salts, budget))


def _work(batch: Batch) -> Outcomes:
    return list(_BENCHES[0].examine(batch))
