"""What became of one input: the rows, gaps and sums of a scan, or the reason why there are none."""

import time
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

from hometruth.audit.crew import Crew
from hometruth.audit.examine import Examined
from hometruth.audit.fleet.inputs import AskedInput, Input, hashed
from hometruth.audit.scan import UNREAD, Tally, items_of
from hometruth.audit.scanner import Scanner
from hometruth.capture import capture_at
from hometruth.errors import CaptureError
from hometruth.model import Gap, ScanRow, Totals

LARGE_BYTES = 128 << 20
"""A recording this large is examined alone; one may take `Limits.timeout_s` for each so many bytes begun."""


@dataclass(frozen=True, slots=True)
class FleetSearch:
    """What every worker looks for, and what it need not look into."""

    scanner: Scanner
    moved: frozenset[str] = frozenset()
    """Digests of what was examined where it no longer lies: it may be met elsewhere."""


class Status(StrEnum):
    """What became of an input."""

    DONE = "done"
    UNREADABLE = "unreadable"
    """No recording, or one that cannot be opened."""
    CRASHED = "crashed"
    """Its worker died, twice: for want of memory, or by a signal."""
    OUT_OF_MEMORY = "out of memory"
    OUT_OF_TIME = "out of time"
    DEFECT = "defect"
    """An error of ours."""
    KNOWN = "known"
    """Never a row: it has one."""
    LARGE = "large"
    """Never a row: it is to be examined alone."""


@dataclass(slots=True)
class HostCount:
    """What one recording holds for one host."""

    exchanges: int = 0
    searched_bytes: int = 0
    unread_bytes: int = 0
    """Opaque, passed unopened, or not looked into."""


@dataclass(frozen=True, slots=True)
class InputOutcome:
    """Everything that is kept of one input."""

    given: Input
    status: Status
    reason: str = ""
    rows: tuple[ScanRow, ...] = ()
    phantoms: int = 0
    gaps: tuple[Gap, ...] = ()
    totals: Totals = field(default_factory=Totals)
    hosts: dict[str, HostCount] = field(default_factory=dict)
    cpu_s: float = 0.0


class Examiner:
    """Scans recordings one after the other; the search is compiled once."""

    def __init__(self, search: FleetSearch, jobs: int = 1) -> None:
        self._search, self._scanner = search, search.scanner
        self._crew = Crew(search.scanner, jobs=jobs)

    def __call__(self, asked: AskedInput) -> InputOutcome:
        """What a recording holds, unless that is known; whatever is wrong with it is told in the outcome."""
        given = hashed(asked.path)
        if asked.has_row(given.sha256, self._search.moved):
            return InputOutcome(given, Status.KNOWN)
        if given.problem:
            return InputOutcome(given, Status.UNREADABLE, given.problem)
        if given.size_bytes >= LARGE_BYTES and not asked.size_bytes:
            return InputOutcome(given, Status.LARGE)
        return self._examined(given)

    def _examined(self, given: Input) -> InputOutcome:
        started_s = time.process_time()
        tally, hosts = Tally(self._scanner), defaultdict[str, HostCount](HostCount)
        status, reason = Status.DONE, ""
        try:
            for item in items_of(capture_at(given.path), self._crew):
                tally.take(item)
                _count(item, hosts)
        except CaptureError as err:
            status, reason = Status.UNREADABLE, str(err)
        except MemoryError:
            status, reason = Status.OUT_OF_MEMORY, "took more memory than a worker may have (--worker-memory)"
        except Exception as err:  # noqa: BLE001 - one input must not end a crawl; its row accuses us
            status, reason = Status.DEFECT, f"{type(err).__name__}: {err}"
        scanned = tally.scanned()
        return InputOutcome(
            given,
            status,
            reason,
            scanned.rows,
            len(scanned.phantoms),
            scanned.gaps,
            scanned.totals,
            dict(hosts),
            time.process_time() - started_s,
        )


def _count(item: Examined | Gap, hosts: dict[str, HostCount]) -> None:
    gaps = [item] if isinstance(item, Gap) else item.gaps
    if isinstance(item, Examined):
        hosts[item.exchange.host].exchanges += 1
        hosts[item.exchange.host].searched_bytes += item.searched_bytes
    for gap in gaps:
        if gap.host and gap.kind in UNREAD and gap.size_bytes:
            hosts[gap.host].unread_bytes += gap.size_bytes
