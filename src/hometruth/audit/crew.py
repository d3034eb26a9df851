"""Examines the exchanges of a recording on every core, and hands the results back in its order.

The recording is read here and cut into batches; worker processes, each with the search compiled once and a
memo of its own, peel and search them. If one dies while they sift with the compiled core, others go on
without it. One batch is worth no process: a recording that short is examined here. So is any if layers or
notes are made up in the user's own script, which a worker does not run.
"""

import gc
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import islice
from multiprocessing.connection import wait
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Self

from hometruth.audit.examine import Batch, Examined, Note
from hometruth.audit.kept import KeptBatches
from hometruth.audit.scanner import Scanner
from hometruth.canaries import WordCount, Words, left_out, may_hold_pieces
from hometruth.errors import CaptureError, HometruthError, is_installed
from hometruth.model import Exchange, Gap, Source
from hometruth.peel import roots_of
from hometruth.peel.sieve.core.library import SWITCH, load_core

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


GARBAGE_AFTER = (100_000, 20, 20)
"""Objects, and collections of younger ones, after which a worker looks for cycles. What it makes by the
hundred thousand has none; looking as often as usual takes a twelfth of its time."""


def has_core() -> bool:
    """True if requests are sifted by the compiled core."""
    return load_core() is not None


def sifted_by() -> str:
    """What tells which requests are worth peeling, in the words of ``--version``."""
    if has_core():
        return "with the compiled core"
    return "in Python, with numpy" if is_installed("numpy") else "in Python"


def cores() -> int:
    """Cores that this process may use; fewer if ``PYTHON_CPU_COUNT`` says so, as for Python 3.13 itself."""
    told = os.environ.get("PYTHON_CPU_COUNT", "")
    if told.isdecimal() and int(told):
        return int(told)
    if hasattr(os, "sched_getaffinity"):  # Linux; elsewhere nobody can be kept off a core
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def examined(
    recording: Iterable[Exchange | Gap],
    scanner: Scanner,
    *,
    note: Note | None = None,
    jobs: int | None = None,
) -> Iterator[Examined | Gap]:
    """Every exchange of a recording examined, and its gaps as they are, in its order.

    Args:
        recording: What was read.
        scanner: What is looked for, in which layers, within which limits.
        note: Taken of the peeled values of each exchange. Without one, only what may hold a canary is peeled.
        jobs: Processes; as many as there are cores by default.

    Raises:
        CaptureError: What the recording raises, after all that came before it; or a worker died.
    """
    with Crew(scanner, note=note, jobs=jobs) as crew:
        yield from crew.examine(recording)


class Crew:
    """Worker processes for one search, started when a recording is long enough to need them."""

    def __init__(
        self,
        scanner: Scanner,
        *,
        note: Note | None = None,
        jobs: int | None = None,
        kept: KeptBatches | None = None,
    ) -> None:
        self._scanner, self._note, self._kept = scanner, note, kept
        self._jobs = jobs or cores()
        self._bench: Bench | None = None
        self._pool: ProcessPoolExecutor | None = None
        self._may_use_core = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def examine(
        self,
        recording: Iterable[Exchange | Gap],
        batch_bytes: int | None = None,
        common: Words = frozenset(),
    ) -> Iterator[Examined | Gap]:
        """Each exchange examined, and the gaps as they are, in the order of the recording; before them,
        what is not looked for.

        Args:
            common: Words of canaries that stand in many of its requests, as `count_words` tells.

        Raises:
            CanaryError: What is looked for is too much.
            CaptureError: What the recording raises, after all that came before it; or a worker died, for want
                of memory as a rule.
        """
        if not_sought := left_out(self._scanner.canaries):
            yield not_sought
        reader = _BatchReader(_batches(recording, batch_bytes or BATCH_BYTES))
        read = reader.ahead(2)
        several = self._jobs > 1 and len(read) > 1 and _can_travel(self._scanner, self._note)
        yield from self._there(read, reader, common) if several else self._here(read, reader, common)
        if reader.failure:
            raise reader.failure

    def count_words(self, opened: Callable[[], Iterable[Exchange | Gap]]) -> WordCount:
        """In how many requests of a recording words of the canaries stand; opened if they have any."""
        count = WordCount(() if left_out(self._scanner.canaries) else self._scanner.canaries)
        if count:
            with suppress(CaptureError):  # what is damaged is told when it is read to be examined
                for item in opened():
                    if isinstance(item, Exchange):
                        count.add(root.data for root in roots_of(item) if may_hold_pieces(root.part))
        return count

    def _here(self, read: deque[Batch], reader: "_BatchReader", common: Words) -> Iterator[Examined | Gap]:
        """In this process."""
        if self._bench is None:
            self._bench = _bench(self._scanner, self._note)
        while read:
            batch = read.popleft()
            digest, outcomes = self._known(batch, common)
            if outcomes is not None:
                yield from _with_exchanges(batch, outcomes)
            elif self._kept:
                done = list(self._bench.examine(batch, common))
                self._kept.put(digest, _bare_of_all(done))
                yield from done
            else:
                yield from self._bench.examine(batch, common)
            read = read or reader.ahead(1)

    def _there(self, read: deque[Batch], reader: "_BatchReader", common: Words) -> Iterator[Examined | Gap]:
        """In the workers, some batches ahead of what is handed back."""
        waiting: deque[tuple[Batch, bytes, Future[list[Examined | Gap]]]] = deque()
        while read or waiting:
            while read:
                batch = read.popleft()
                digest, outcomes = self._known(batch, common)
                if outcomes is not None:
                    result: Future[list[Examined | Gap]] = Future()
                    result.set_result(outcomes)
                    waiting.append((batch, b"", result))
                else:
                    waiting.append((batch, digest, self._submit(batch, common)))
                if len(waiting) < self._jobs * BATCHES_AHEAD:
                    read += reader.ahead(1)
            batch, digest, result = waiting.popleft()
            try:
                outcomes = result.result()
            except BrokenProcessPool as err:
                outcomes = self._once_more(batch, common, err)
                waiting = deque(
                    (other, mark, self._submit(other, common) if later.done() and _is_lost(later) else later)
                    for other, mark, later in waiting
                )
            if self._kept and digest:
                self._kept.put(digest, outcomes)
            yield from _with_exchanges(batch, outcomes)
            read += reader.ahead(1)

    def _submit(self, batch: Batch, common: Words) -> "Future[list[Examined | Gap]]":
        """Hand a batch to the workers, which are started for the first."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._jobs,
                multiprocessing.get_context("spawn"),
                _start,
                (self._scanner, self._note, self._may_use_core),
            )
        with _without_script():
            try:
                return self._pool.submit(_work, self._bare(batch), common)
            except BrokenProcessPool as err:
                lost: Future[list[Examined | Gap]] = Future()
                lost.set_exception(err)
                return lost

    def _once_more(self, batch: Batch, common: Words, err: BrokenProcessPool) -> list[Examined | Gap]:
        """What workers without the compiled core, which may be what broke the others, say of a batch."""
        self._pool = None
        if self._may_use_core and load_core():
            self._may_use_core = False
            with suppress(BrokenProcessPool):
                return self._submit(batch, common).result()
            self._pool = None  # another recording may be lighter
        raise CaptureError(
            "a worker process died, perhaps for want of memory: try again with --jobs 1"
        ) from err

    def _known(self, batch: Batch, common: Words) -> tuple[bytes, list[Examined | Gap] | None]:
        """What names a batch, and what came of it if a scan before this one kept that."""
        if self._kept is None:
            return b"", None
        digest = self._kept.digest(self._bare(batch), common)
        return digest, self._kept.get(digest)

    def _bare(self, batch: Batch) -> Batch:
        """The batch without responses that are not examined and need not travel."""
        return [
            replace(item, response_headers=(), response_body=None)
            if isinstance(item, Exchange) and not self._scanner.looks_into_answer(item)
            else item
            for item in batch
        ]


class _BatchReader:
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


def _with_exchanges(batch: Batch, outcomes: Sequence[Examined | Gap]) -> Iterator[Examined | Gap]:
    """What was examined, in the exchanges as they were read."""
    for item, outcome in zip(batch, outcomes, strict=True):
        if isinstance(item, Exchange) and isinstance(outcome, Examined):
            yield replace(
                outcome,
                exchange=item,
                sightings=tuple(replace(sighting, exchange=item) for sighting in outcome.sightings),
                parts=tuple(replace(part, exchange=item) for part in outcome.parts),
                answers=tuple(replace(answer, exchange=item) for answer in outcome.answers),
            )
        else:
            yield outcome


def _can_travel(scanner: Scanner, note: Note | None) -> bool:
    """True if a worker can take over what is looked for, and who takes notes."""
    try:
        sent = pickle.dumps((scanner, note))
    except (pickle.PicklingError, AttributeError, TypeError):  # a function within a function
        return False
    return b"__main__" not in sent


@contextmanager
def _without_script() -> Iterator[None]:
    """Start workers that do not run the user's own script again: they need nothing of it.

    An interrupt waits until they are started. They inherit that it waits, and so none ends with a traceback
    before it can say that interrupts are not for it.
    """
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    masks = hasattr(signal, "pthread_sigmask")  # not on Windows
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masks else None
    try:
        yield
    finally:
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        sys.modules["__main__"] = script


def _is_lost(result: "Future[list[Examined | Gap]]") -> bool:
    """True for a batch whose workers died before it was done."""
    return isinstance(result.exception(), BrokenProcessPool)


def _bench(scanner: Scanner, note: Note | None) -> "Bench":
    """What examining needs. Its numpy is for bytes: threads for matrices would only spin."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from hometruth.audit.bench import Bench  # noqa: PLC0415

    return Bench(scanner, note)


_BENCHES: "list[Bench]" = []
"""The one bench of this process, if it is a worker."""
_REFUSED: list[HometruthError] = []
"""Why it has none: said when it is given work, for who fails while he is set up can only die."""
_ELSEWHERE = Exchange("", Source("", 0), "", "", "", 0, b"", (), None)
"""Stands for an exchange on its way back: whoever sent it has it."""


def become_worker() -> None:
    """Leave interrupts to the process that reads, which then stops its workers; and end when it has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    """A worker waits at a pipe that it holds open itself: of a killed parent it would hear nothing."""
    wait([sentinel])
    os._exit(1)


def _start(scanner: Scanner, note: Note | None, may_use_core: bool) -> None:
    """Set up a worker."""
    become_worker()
    if not may_use_core:
        os.environ[SWITCH] = "off"
    try:
        _BENCHES.append(_bench(scanner, note))
    except HometruthError as err:
        _REFUSED.append(err)
    gc.freeze()  # the search stays
    gc.set_threshold(*GARBAGE_AFTER)


def _work(batch: Batch, common: Words) -> list[Examined | Gap]:
    if _REFUSED:
        raise _REFUSED[0]
    return _bare_of_all(_BENCHES[0].examine(batch, common))


def _bare_of_all(items: Iterable[Examined | Gap]) -> list[Examined | Gap]:
    return [_bare_of(item) if isinstance(item, Examined) else item for item in items]


def _bare_of(examined: Examined) -> Examined:
    return replace(
        examined,
        exchange=_ELSEWHERE,
        sightings=tuple(replace(each, exchange=_ELSEWHERE) for each in examined.sightings),
        parts=tuple(replace(each, exchange=_ELSEWHERE) for each in examined.parts),
        answers=tuple(replace(each, exchange=_ELSEWHERE) for each in examined.answers),
    )
