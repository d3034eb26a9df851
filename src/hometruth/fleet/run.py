"""Runs a fleet: what is not done yet is examined, and appended part by part."""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from math import log2
from pathlib import Path

from hometruth.audit.scanner import Scanner
from hometruth.canaries import dump_canaries
from hometruth.errors import CaseError
from hometruth.fleet.inputs import Input, hashed
from hometruth.fleet.outcome import InputOutcome, Status
from hometruth.fleet.tables import FleetTables
from hometruth.fleet.workers import LARGE_BYTES, Workers
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
    jobs: int
    workers: Callable[[Scanner], Workers]
    """Makes who examines, for the search of this folder."""
    part_inputs: int = PART_INPUTS
    progress: Callable[[int], None] = lambda _done: None
    """Told how many inputs of this run are done."""


def run_fleet(paths: Iterable[str], fleet: Fleet) -> FleetTotals:
    """Examine every input that has no row yet, and sum up all rows.

    An input is known by its path and by the digest of its bytes; one that was moved by its bytes.

    Raises:
        CaseError: The folder holds the tables of another search.
    """
    fleet = replace(fleet, scanner=_same_search(fleet.scanner, fleet.folder))
    tables = FleetTables(fleet.folder)
    given = list(paths)
    writer = _Writer(tables, fleet)
    skipped = 0
    with writer:
        asked: dict[str, Input] = {}
        large: list[Input] = []

        def small() -> Iterator[str]:
            nonlocal skipped
            before = _Done(tables.done())
            for path in given:
                item = hashed(path)
                if before.has(item):
                    skipped += 1
                elif item.problem:
                    writer.add(item, InputOutcome(path, Status.UNREADABLE, item.problem))
                elif item.size_bytes >= LARGE_BYTES and fleet.jobs > 1:
                    large.append(item)
                else:
                    asked[path] = item
                    yield path

        workers = fleet.workers(fleet.scanner)
        for outcome in workers.outcomes(small()):
            writer.add(asked.pop(outcome.path), outcome)
        asked |= {item.path: item for item in large}
        for outcome in workers.outcomes([item.path for item in large], alone=True):
            writer.add(asked.pop(outcome.path), outcome)
    return _totals(tables, skipped)


class _Done:
    """Inputs that have a row."""

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        self._rows = set(rows)
        self._paths: dict[str, list[str]] = defaultdict(list)
        """Where recordings with these bytes lay."""
        for path, digest in self._rows:
            self._paths[digest].append(path)

    def has(self, item: Input) -> bool:
        """True if it has a row under its path, or under one where it no longer lies."""
        if (item.path, item.sha256) in self._rows:
            return True
        before = self._paths.get(item.sha256, []) if item.sha256 else []
        gone = next((path for path in before if not Path(path).exists()), None)
        if gone is not None:
            before.remove(gone)  # it was moved here, and to no second place
        return gone is not None


class _Writer:
    """Collects outcomes, and writes them when there are enough or some time has passed."""

    def __init__(self, tables: FleetTables, fleet: Fleet) -> None:
        self._tables, self._fleet = tables, fleet
        self._waiting: list[tuple[Input, InputOutcome]] = []
        self._written_s = time.monotonic()
        self._done = 0

    def add(self, item: Input, outcome: InputOutcome) -> None:
        self._waiting.append((item, outcome))
        self._done += 1
        self._fleet.progress(self._done)
        if len(self._waiting) >= self._fleet.part_inputs or time.monotonic() - self._written_s >= PART_S:
            self._write()

    def _write(self) -> None:
        if self._waiting:
            self._tables.append(self._waiting)
            self._waiting = []
        self._written_s = time.monotonic()

    def __enter__(self) -> None:
        return None

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
