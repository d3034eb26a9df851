"""Who examines: processes of this machine, each replaced when it dies, or actors of a Ray cluster."""

import logging
import multiprocessing
import os
import pickle
import resource
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from hometruth.audit.crew import become_worker
from hometruth.audit.scanner import Scanner
from hometruth.errors import HometruthError
from hometruth.fleet.outcome import Examiner, InputOutcome, Status

if TYPE_CHECKING:
    from ray.data import Dataset

TRIES = 2
"""How often an input is begun before a dead worker is held against it."""
STARTING_S = 120.0
"""A worker may take so long to start before the clock of its first input runs."""
LARGE_BYTES = 128 << 20
"""A recording this large is examined alone; one may take `Limits.timeout_s` for each so many bytes begun."""
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

    def outcomes(self, paths: Iterable[str], *, alone: bool = False) -> Iterator[InputOutcome]:
        """One outcome for each path; *alone*: one after the other, each cut into batches for all cores."""


class LocalWorkers:
    """Worker processes of this machine, each with a memory limit and a clock of its own."""

    def __init__(self, scanner: Scanner, jobs: int, limits: Limits) -> None:
        self._scanner, self._jobs, self._limits = scanner, jobs, limits

    def outcomes(self, paths: Iterable[str], *, alone: bool = False) -> Iterator[InputOutcome]:
        """One outcome for each path; a path whose worker dies is begun once more."""
        left = iter(paths)
        slots = [self.slot(self._jobs)] if alone else [self.slot() for _ in range(self._jobs)]
        idle = list(slots)
        with ThreadPoolExecutor(len(slots)) as threads:
            running: dict[Future[InputOutcome], WorkerSlot] = {}
            try:
                while True:
                    for path in islice(left, len(idle)):
                        slot = idle.pop()
                        running[threads.submit(slot.examine, path)] = slot
                    if not running:
                        return
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        idle.append(running.pop(future))
                        yield future.result()
            finally:
                for slot in slots:
                    slot.stop()

    def slot(self, cores: int = 1) -> "WorkerSlot":
        """One worker, started when it is needed."""

        def start() -> ProcessPoolExecutor:
            given = (self._scanner, self._limits.memory_bytes, cores)
            return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _begin, given)

        return WorkerSlot(start, self._limits.timeout_s)


class WorkerSlot:
    """One worker process at a time."""

    def __init__(self, start: Callable[[], ProcessPoolExecutor], timeout_s: float) -> None:
        self._start, self._timeout_s = start, timeout_s
        self._pool: ProcessPoolExecutor | None = None
        self._stopped = False

    def examine(self, path: str) -> InputOutcome:
        """The outcome of one path, with as many workers as it may use up."""
        allowed_s = self._timeout_s * (1 + _size_of(path) // LARGE_BYTES)
        status, reason = Status.CRASHED, ""
        for _ in range(TRIES):
            if self._stopped:
                break
            try:
                pool = self._ready()
            except (TimeoutError, BrokenProcessPool):
                status, reason = Status.CRASHED, "no worker could be started for it"
                self._end()
                continue
            try:
                return pool.submit(_examine, path).result(timeout=allowed_s)
            except TimeoutError:
                status, reason = Status.OUT_OF_TIME, f"not done after {allowed_s:g} s (--timeout)"
            except BrokenProcessPool:
                status, reason = Status.CRASHED, "its worker died, perhaps for want of memory"
            self._end()
        return InputOutcome(path, status, f"{reason}; tried {TRIES} times")

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


def _size_of(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except (OSError, ValueError):
        return 0  # an address, or gone: whoever reads it says so


_EXAMINERS: list[Examiner] = []
"""The one of this process, if it is a worker."""


def _begin(scanner: Scanner, memory_bytes: int, cores: int) -> None:
    """Set up a worker, in a group of its own."""
    os.setsid()
    become_worker()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its arenas would count against the limit
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    _EXAMINERS.append(Examiner(scanner, cores))


def _examine(path: str) -> InputOutcome:
    return _EXAMINERS[0](path)


class RayWorkers:
    """Actors of Ray Data: on a cluster, or on a Ray of this machine; each holds one worker process.

    A worker that dies, hangs or takes too much memory is handled where it lives, as without Ray, so that
    neither a hostile recording nor the retries of a scheduler can hold up the others.
    """

    def __init__(self, scanner: Scanner, jobs: int, limits: Limits, address: str = "") -> None:
        try:
            import ray.data  # noqa: F401, PLC0415  # an extra
        except ImportError as err:
            raise HometruthError(
                "Ray is not installed here; `pip install 'hometruth[fleet]'` gets it, "
                "and without --ray the same scan runs in plain processes"
            ) from err
        self._guard = {"scanner": scanner, "limits": limits}
        self._jobs, self._address = jobs, address
        self._local = LocalWorkers(scanner, jobs, limits)

    def outcomes(self, paths: Iterable[str], *, alone: bool = False) -> Iterator[InputOutcome]:
        """One outcome for each path; large ones are examined on this machine."""
        import ray  # noqa: PLC0415

        if alone:
            yield from self._local.outcomes(paths, alone=True)
            return
        items = [{"path": path} for path in paths]
        if not items:
            return
        try:
            ray.init(address=self._address or None, ignore_reinit_error=True, log_to_driver=False)
        except (ConnectionError, ValueError, RuntimeError) as err:
            raise HometruthError(f"--ray-address {self._address}: no Ray answers there ({err})") from err
        for row in self._mapped(items).iter_rows():
            outcome = pickle.loads(row["outcome"])  # noqa: S301 - our own workers wrote it
            assert isinstance(outcome, InputOutcome)
            yield outcome

    def _mapped(self, items: list[dict[str, str]]) -> "Dataset":
        import ray.data  # noqa: PLC0415

        ray.data.DataContext.get_current().enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.WARNING)  # its own progress is of blocks, not inputs
        actor: Any = _RayActor  # a class is what Ray asks for, whatever its annotation says
        blocks = min(len(items), self._jobs * BLOCKS_OF_A_WORKER)
        return ray.data.from_items(items, override_num_blocks=blocks).map(
            actor,
            fn_constructor_kwargs=self._guard,
            concurrency=(1, self._jobs),
            num_cpus=1,
        )


class _RayActor:
    """One of Ray's, with a worker process that it can end."""

    def __init__(self, scanner: Scanner, limits: Limits) -> None:
        self._slot = LocalWorkers(scanner, 1, limits).slot()

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"outcome": pickle.dumps(self._slot.examine(row["path"]))}
