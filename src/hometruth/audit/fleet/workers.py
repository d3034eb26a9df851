"""Who examines: processes of this machine, each replaced when it dies, or actors of a Ray cluster."""

import logging
import multiprocessing
import os
import pickle
import resource
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from hometruth.audit.crew import become_worker
from hometruth.audit.fleet.inputs import AskedInput, hashed_here
from hometruth.audit.fleet.outcome import LARGE_BYTES, Examiner, FleetSearch, InputOutcome, Status
from hometruth.errors import HometruthError

if TYPE_CHECKING:
    from ray.data import Dataset

TRIES = 2
"""How often an input is begun before a dead worker is held against it."""
STARTS = 5
"""How often a worker for it is started, if it dies before it can begin."""
STARTING_S = 120.0
"""A worker may take so long to start before the clock of its first input runs."""
TURN_S, TURN_INPUTS, TURN_BYTES = 0.25, 64, 1 << 20
"""Small recordings are handed over several at a time: as many as a worker lately did in that time, no more
than so many or so large. To hand over one costs about a millisecond of two processes."""
RAY_INPUTS = 100_000
"""Handed to Ray at a time: what is held of a crawl before its first row."""
BLOCKS_OF_A_WORKER = 16
"""Into which Ray cuts the inputs, so that none waits long for the last one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one recording may cost."""

    timeout_s: float
    """For each `LARGE_BYTES` of it begun."""
    memory_bytes: int
    """Of addresses, for each process of the worker."""


class Workers(Protocol):
    """Examines inputs, in whatever order they get done."""

    def outcomes(self, asked: Iterable[AskedInput], *, alone: bool = False) -> Iterator[InputOutcome]:
        """One outcome for each; *alone*: one after the other, each cut into batches for all cores."""


class LocalWorkers:
    """Worker processes of this machine, each with a memory limit and a clock of its own."""

    def __init__(self, search: FleetSearch, jobs: int, limits: Limits) -> None:
        self._search, self._jobs, self._limits = search, jobs, limits

    def outcomes(self, asked: Iterable[AskedInput], *, alone: bool = False) -> Iterator[InputOutcome]:
        """One outcome for each; one whose worker dies is begun once more."""
        left = iter(asked)
        slots = [self.slot(self._jobs)] if alone else [self.slot() for _ in range(self._jobs)]
        idle = list(slots)
        with ThreadPoolExecutor(len(slots)) as threads:
            running: dict[Future[list[InputOutcome]], WorkerSlot] = {}
            try:
                while True:
                    while idle and (turn := _turn(left, 1 if alone else idle[-1].at_a_time)):
                        slot = idle.pop()
                        running[threads.submit(slot.examine_some, turn)] = slot
                    if not running:
                        return
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        idle.append(running.pop(future))
                        yield from future.result()
            finally:
                for slot in slots:
                    slot.stop()

    def slot(self, cores: int = 1) -> "WorkerSlot":
        """One worker, started when it is needed."""

        def start() -> ProcessPoolExecutor:
            given = (self._search, self._limits.memory_bytes, cores)
            return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _begin, given)

        return WorkerSlot(start, self._limits.timeout_s)


class WorkerSlot:
    """One worker process at a time."""

    def __init__(self, start: Callable[[], ProcessPoolExecutor], timeout_s: float) -> None:
        self._start, self._timeout_s = start, timeout_s
        self._pool: ProcessPoolExecutor | None = None
        self._stopped = False
        self.at_a_time = 1
        """Small recordings to hand over next."""

    def examine_some(self, asked: Sequence[AskedInput]) -> list[InputOutcome]:
        """The outcomes of several; where the worker dies over them, each begins again by itself."""
        began_s = time.monotonic()
        outcomes = self._together(asked) if len(asked) > 1 else None
        if outcomes is None:
            outcomes = list(map(self.examine, asked))
        took_s = max(time.monotonic() - began_s, TURN_S / TURN_INPUTS)
        self.at_a_time = max(1, min(TURN_INPUTS, int(len(asked) * TURN_S / took_s)))
        return outcomes

    def _together(self, asked: Sequence[AskedInput]) -> list[InputOutcome] | None:
        with suppress(TimeoutError, BrokenProcessPool):
            pool = self._ready()
            return pool.submit(_examine_some, asked).result(timeout=self._timeout_s * len(asked))
        self._end()
        return None

    def examine(self, asked: AskedInput) -> InputOutcome:
        """The outcome of one, with as many workers as it may use up."""
        allowed_s = self._timeout_s * (1 + asked.size_bytes // LARGE_BYTES)
        status, reason = Status.CRASHED, ""
        begun = not_started = 0
        while begun < TRIES and not_started < STARTS and not self._stopped:
            try:
                pool = self._ready()
            except (TimeoutError, BrokenProcessPool):
                status, reason = Status.CRASHED, "no worker could be started for it"
                not_started += 1  # which it has nothing to do with
                self._end()
                continue
            begun += 1
            try:
                return pool.submit(_examine, asked).result(timeout=allowed_s)
            except TimeoutError:
                status, reason = Status.OUT_OF_TIME, f"not done after {allowed_s:g} s (--timeout)"
            except BrokenProcessPool:
                status, reason = Status.CRASHED, "its worker died, perhaps for want of memory"
            self._end()
        given = hashed_here(asked)
        if asked.has_row(given.sha256):
            return InputOutcome(given, Status.KNOWN)  # the worker died before it could say so
        return InputOutcome(given, status, f"{reason}; tried {begun or not_started} times")

    def stop(self) -> None:
        """End the worker at once, whatever it is doing, and start no other."""
        self._stopped = True
        self._end()

    def _ready(self) -> ProcessPoolExecutor:
        """The worker, when it has started and knows what it looks for."""
        if self._pool is None:
            self._pool = self._start()
            self._pool.submit(os.getpid).result(timeout=STARTING_S)
        return self._pool

    def _end(self) -> None:
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for pid in list(pool._processes or ()):
            for end in (os.killpg, os.kill):  # it, and what it started for a large recording; or it alone,
                with suppress(ProcessLookupError):  # if it has no group of its own yet
                    end(pid, signal.SIGKILL)
        pool.shutdown(wait=True, cancel_futures=True)


def _turn(left: Iterator[AskedInput], most: int) -> list[AskedInput]:
    """The next ones, at least one if there is one."""
    turn: list[AskedInput] = []
    size_bytes = 0
    for asked in islice(left, most):
        turn.append(asked)
        size_bytes += asked.size_bytes
        if size_bytes >= TURN_BYTES:
            break
    return turn


_EXAMINERS: list[Examiner] = []
"""The one of this process, if it is a worker."""


def _begin(search: FleetSearch, memory_bytes: int, cores: int) -> None:
    """Set up a worker, in a group of its own."""
    os.setsid()
    become_worker()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its arenas would count against the limit
    _, most_bytes = resource.getrlimit(resource.RLIMIT_AS)
    if most_bytes != resource.RLIM_INFINITY:  # as by `ulimit -v`: it cannot be raised
        memory_bytes = min(memory_bytes, most_bytes)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    _EXAMINERS.append(Examiner(search, cores))


def _examine(asked: AskedInput) -> InputOutcome:
    return _EXAMINERS[0](asked)


def _examine_some(asked: Sequence[AskedInput]) -> list[InputOutcome]:
    return list(map(_EXAMINERS[0], asked))


class RayWorkers:
    """Actors of Ray Data: on a cluster, or on a Ray of this machine; each holds one worker process.

    A worker that dies, hangs or takes too much memory is handled where it lives, as without Ray, so that
    neither a hostile recording nor the retries of a scheduler can hold up the others.
    """

    def __init__(self, search: FleetSearch, jobs: int, limits: Limits, address: str = "") -> None:
        try:
            import ray.data  # noqa: F401, PLC0415  # an extra
        except ImportError as err:
            raise HometruthError(
                "Ray is not installed here; `pip install 'hometruth[fleet]'` gets it, "
                "and without --ray the same scan runs in plain processes"
            ) from err
        self._guard = {"search": search, "limits": limits}
        self._jobs, self._address = jobs, address
        self._local = LocalWorkers(search, jobs, limits)

    def outcomes(self, asked: Iterable[AskedInput], *, alone: bool = False) -> Iterator[InputOutcome]:
        """One outcome for each; large ones are examined on this machine."""
        import ray  # noqa: PLC0415

        if alone:
            yield from self._local.outcomes(asked, alone=True)
            return
        left = iter(asked)
        while items := [{"asked": pickle.dumps(each)} for each in islice(left, RAY_INPUTS)]:
            try:
                ray.init(address=self._address or None, ignore_reinit_error=True, log_to_driver=False)
            except (ConnectionError, ValueError, RuntimeError) as err:
                raise HometruthError(f"--ray-address {self._address}: no Ray answers there ({err})") from err
            for row in self._mapped(items).iter_rows():
                outcome = pickle.loads(row["outcome"])  # noqa: S301 - our own workers wrote it
                assert isinstance(outcome, InputOutcome)
                yield outcome

    def _mapped(self, items: list[dict[str, bytes]]) -> "Dataset":
        import ray.data  # noqa: PLC0415

        ray.data.DataContext.get_current().enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.WARNING)  # its own progress is of blocks, not inputs
        actor: Any = _RayActor  # a class is what Ray asks for, whatever its annotation says
        blocks = min(len(items), self._jobs * BLOCKS_OF_A_WORKER)
        return ray.data.from_items(items, override_num_blocks=blocks).map(
            actor,
            fn_constructor_kwargs=self._guard,
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=self._jobs),
            num_cpus=1,
        )


class _RayActor:
    """One of Ray's, with a worker process that it can end."""

    def __init__(self, search: FleetSearch, limits: Limits) -> None:
        self._slot = LocalWorkers(search, 1, limits).slot()

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        asked = pickle.loads(row["asked"])  # noqa: S301 - `RayWorkers` wrote it
        return {"outcome": pickle.dumps(self._slot.examine(asked))}
