"""Runs a fleet: what is not done yet is examined, and appended part by part."""

import hashlib
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from math import log2
from pathlib import Path
from typing import Self

from hometruth.audit.fleet.inputs import AskedInput, Input, size_of
from hometruth.audit.fleet.outcome import LARGE_BYTES, FleetSearch, InputOutcome, Status
from hometruth.audit.fleet.tables import FleetTables
from hometruth.audit.fleet.workers import Workers
from hometruth.audit.scanner import Scanner
from hometruth.canaries import dump_canaries
from hometruth.capture import capture_at
from hometruth.errors import CaseError
from hometruth.handed_in import read_text
from hometruth.model import Delivery, FleetTotals, Standing

PART_INPUTS = 500
PART_S = 30.0
"""A part is written after so many inputs, or so much time: what is lost by a kill is examined again."""
ABOUT = "fleet.json"


@dataclass(frozen=True, slots=True)
class Fleet:
    """A search over recordings, and the folder where its tables are."""

    scanner: Scanner
    folder: Path
    workers: Callable[[FleetSearch], Workers]
    """Makes who examines, for the search of this folder."""
    part_inputs: int = PART_INPUTS
    progress: Callable[[int], None] = lambda _done: None
    """Told how many inputs of this run are done."""


def run_fleet(paths: Iterable[str], fleet: Fleet) -> FleetTotals:
    """Examine every input that has no row yet, and sum up all rows.

    An input is known by its path and by the digest of its bytes, which a worker takes; one that was moved, by
    its bytes.

    Raises:
        CaseError: The folder holds the tables of another search.
    """
    scanner = _same_search(fleet.scanner, fleet.folder)
    tables = FleetTables(fleet.folder)
    done = _Done(tables.done())
    workers = fleet.workers(FleetSearch(scanner, done.moved))
    large: list[AskedInput] = []

    def small() -> Iterator[AskedInput]:
        for path in paths:
            asked = AskedInput(path, size_of(path), done.digests(path))
            if asked.size_bytes >= LARGE_BYTES:
                large.append(asked)
            else:
                yield asked

    with _Writer(tables, fleet) as writer:
        again = _write_down(workers.outcomes(small()), done, writer)
        left = [*again, *large]
        while left:
            left = _write_down(workers.outcomes(left, alone=True), done, writer)
    return _totals(tables, done.skipped)


def _write_down(outcomes: Iterable[InputOutcome], done: "_Done", writer: "_Writer") -> list[AskedInput]:
    """Every outcome that is to have a row; gives the inputs that are still to be examined, alone."""
    left: list[AskedInput] = []
    for outcome in outcomes:
        given = outcome.given
        if outcome.status is Status.LARGE:
            left.append(AskedInput(given.path, given.size_bytes, done.digests(given.path)))
        elif outcome.status is not Status.KNOWN:
            writer.add(outcome)
        elif not done.skips(given):
            left.append(AskedInput(given.path, given.size_bytes, known=None))
    return left


class _Done:
    """Inputs that have a row."""

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        self._digests: dict[str, frozenset[str]] = defaultdict(frozenset)
        """Of each path, those of its contents."""
        self._gone: Counter[str] = Counter()
        """Of each content, the paths where it no longer lies."""
        self.skipped = 0
        for path, digest in rows:
            self._digests[path] |= {digest}
        for path, digests in self._digests.items():
            if isinstance(capture_at(path), Path) and not Path(path).exists():
                self._gone.update(filter(None, digests))

    @property
    def moved(self) -> frozenset[str]:
        """Digests of what no longer lies where it was examined."""
        return frozenset(self._gone)

    def digests(self, path: str) -> frozenset[str]:
        """Those of the contents examined under this path."""
        return self._digests.get(path, frozenset())

    def skips(self, item: Input) -> bool:
        """True if it has a row under its path, or under one where it no longer lies."""
        is_done = item.sha256 in self.digests(item.path)
        if not is_done and self._gone[item.sha256] > 0:
            self._gone[item.sha256] -= 1  # it was moved here, and to no second place
            is_done = True
        self.skipped += is_done
        return is_done


class _Writer:
    """Collects outcomes, and writes them when there are enough or some time has passed."""

    def __init__(self, tables: FleetTables, fleet: Fleet) -> None:
        self._tables, self._fleet = tables, fleet
        self._waiting: list[InputOutcome] = []
        self._written_s = time.monotonic()
        self._done = 0

    def add(self, outcome: InputOutcome) -> None:
        self._waiting.append(outcome)
        self._done += 1
        self._fleet.progress(self._done)
        if len(self._waiting) >= self._fleet.part_inputs or time.monotonic() - self._written_s >= PART_S:
            self._write()

    def _write(self) -> None:
        if self._waiting:
            self._tables.append(self._waiting)
            self._waiting = []
        self._written_s = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._write()  # what was done before an interrupt is done


def _same_search(scanner: Scanner, folder: Path) -> Scanner:
    """The scanner with the phantoms of the runs before it in this folder."""
    asked = {
        "canaries": hashlib.sha256(dump_canaries(scanner.canaries).encode()).hexdigest(),
        "salts": list(scanner.salts),
        "hometruth": version("hometruth"),
    }
    about = folder / ABOUT
    if not about.exists():
        if folder.exists() and any(folder.iterdir()):
            raise CaseError(f"{folder}: is not empty, and holds no fleet; give --out a new folder")
        folder.mkdir(parents=True, exist_ok=True)
        about.write_text(json.dumps({**asked, "seed": scanner.seed}, indent=1) + "\n", "utf-8")
        return scanner
    try:
        known = json.loads(read_text(about, CaseError))
        same, seed = {key: known.get(key) for key in asked} == asked, int(known["seed"])
    except (ValueError, TypeError, KeyError, AttributeError) as err:
        raise CaseError(f"{about}: is damaged; give --out a new folder") from err
    if not same:
        raise CaseError(
            f"{folder}: holds another search (canaries, salts or version differ); give --out a new folder"
        )
    return replace(scanner, seed=seed)


def _totals(tables: FleetTables, skipped: int) -> FleetTotals:
    """Sums over the newest row of each path: a recording that changed has one for each of its contents."""
    sums = ["exchanges", "searched_bytes", "unread_bytes", "phantoms"]
    newest = {row["path"]: row for row in tables.read("inputs", ["path", "status", *sums])}
    totals = FleetTotals(skipped=skipped)
    for row in newest.values():
        totals.inputs[row["status"]] += 1
        totals.exchanges += row["exchanges"]
        totals.searched_bytes += row["searched_bytes"]
        totals.unread_bytes += row["unread_bytes"]
        totals.phantoms += row["phantoms"]
    places = log2(max(1, totals.searched_bytes))
    for row in tables.read("findings", ["input", "matched_bits", "delivered", "expected"]):
        if row["part"] != newest[row["input"]]["part"]:
            continue
        bits = row["matched_bits"] - places
        totals.standings[Standing.of(bits, Delivery(row["delivered"]), expected=row["expected"])] += 1
    return totals
