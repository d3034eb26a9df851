"""A fleet finds what a scan finds, does nothing twice, and has a row for whatever goes wrong."""

import json
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest

from hometruth.audit.crew import Crew
from hometruth.audit.fleet import Fleet, FleetSearch, Limits, LocalWorkers, inputs_of, run_fleet
from hometruth.audit.fleet.inputs import AskedInput, hashed
from hometruth.audit.fleet.outcome import Examiner, InputOutcome, Status
from hometruth.audit.fleet.tables import FleetTables
from hometruth.audit.fleet.workers import Workers, WorkerSlot
from hometruth.audit.scan import Tally, items_of
from hometruth.audit.scanner import Scanner
from hometruth.errors import CaptureError, CaseError
from hometruth.model import FleetTotals, Standing
from tests.audit.fleet.captures import SCANNER, SITE, capture, crawl, entry

LIMITS = Limits(timeout_s=300, memory_bytes=4 << 30)
N = 12
N_KILLS = 4


class Killed(BaseException):
    """What ends a run."""


class Here:
    """Examines in this process; stops after some, as one that is killed does."""

    def __init__(self, search: FleetSearch, stop_after: int = 10**6) -> None:
        self._examiner, self._left = Examiner(search), stop_after
        self.examined: list[str] = []

    def outcomes(self, asked: Iterable[AskedInput], *, alone: bool = False) -> Iterator[InputOutcome]:
        del alone
        for each in asked:
            if not self._left:
                raise Killed
            outcome = self._examiner(each)
            if outcome.status is not Status.KNOWN:
                self._left -= 1
                self.examined.append(each.path)
            yield outcome


def run(
    folder: Path,
    out: Path,
    workers: Callable[[FleetSearch], Workers] = Here,
    scanner: Scanner = SCANNER,
    **options: Any,
) -> FleetTotals:
    return run_fleet(inputs_of([str(folder)]), Fleet(scanner, out, workers, **options))


def rows(out: Path, table: str) -> list[dict[str, Any]]:
    parts = sorted((out / table).glob("*.parquet"))
    return [row for part in parts for row in pq.read_table(part).to_pylist()]


def scanned(folder: Path) -> Counter[tuple[object, ...]]:
    """What a scan of each recording finds."""
    found: Counter[tuple[object, ...]] = Counter()
    with Crew(SCANNER, jobs=1) as crew:
        for path in sorted(folder.iterdir()):
            tally = Tally(SCANNER)
            try:
                for item in items_of(path, crew):
                    tally.take(item)
            except CaptureError:
                continue
            found.update(
                (row.capture, row.entry, row.path, row.chain, row.evidence_bits)
                for row in tally.scanned().rows
            )
    return found


def found_in(out: Path) -> Counter[tuple[object, ...]]:
    return Counter(
        (row["capture"], row["entry"], row["path"], tuple(row["chain"]), row["evidence_bits"])
        for row in rows(out, "findings")
    )


def test_it_finds_what_a_scan_finds_and_every_input_has_a_row(tmp_path: Path) -> None:
    folder = crawl(tmp_path / "in", N)
    totals = run(folder, tmp_path / "out", lambda search: LocalWorkers(search, 2, LIMITS), part_inputs=5)

    assert found_in(tmp_path / "out") == scanned(folder)
    inputs = {Path(row["path"]).stem: row for row in rows(tmp_path / "out", "inputs")}
    assert len(inputs) == N
    assert inputs["002"]["status"] == "unreadable"
    assert "accepted are" in inputs["002"]["reason"]
    assert inputs["001"]["status"] == "done"
    assert any(row["input"].endswith("001.har") for row in rows(tmp_path / "out", "gaps"))
    assert totals.inputs == {"done": N - 1, "unreadable": 1}
    assert totals.standings[Standing.FOUND] == sum(found_in(tmp_path / "out").values()) == N // 3
    assert totals.unread_bytes == sum(row["unread_bytes"] for row in rows(tmp_path / "out", "coverage")) > 0


def test_a_run_that_was_stopped_goes_on_and_does_nothing_twice(tmp_path: Path) -> None:
    folder, out = crawl(tmp_path / "in", N), tmp_path / "out"
    with pytest.raises(Killed):
        run(folder, out, lambda search: Here(search, 7), part_inputs=3)
    left: list[Here] = []

    def rest(search: FleetSearch) -> Here:
        left.append(Here(search))
        return left[0]

    totals = run(folder, out, rest)

    assert totals.skipped == 7
    assert len(left[0].examined) == N - 7
    assert found_in(out) == scanned(folder)


def test_a_part_that_was_being_written_is_written_anew(tmp_path: Path) -> None:
    folder, out = crawl(tmp_path / "in", N), tmp_path / "out"
    run(folder, out, part_inputs=4)
    (out / "inputs" / "part-000003.parquet").unlink()
    (out / "gaps" / "part-000004.new").write_bytes(b"half")

    totals = run(folder, out)

    assert totals.skipped == 8
    assert found_in(out) == scanned(folder)


def test_what_was_moved_is_not_examined_again_and_what_changed_is(tmp_path: Path) -> None:
    folder, out = crawl(tmp_path / "in", N), tmp_path / "out"
    before = run(folder, out)
    (folder / "000.har").rename(folder / "elsewhere.har")
    (folder / "003.har").write_text(capture(30))

    again = run(folder, out)

    assert again.skipped == N - 1
    assert again.standings == before.standings  # the changed one counts once
    assert sum(row["path"].endswith("003.har") for row in rows(out, "inputs")) == 2


def test_an_equal_recording_elsewhere_is_no_moved_one(tmp_path: Path) -> None:
    folder, out = crawl(tmp_path / "in", 4), tmp_path / "out"
    run(folder, out)
    shutil.copytree(folder, tmp_path / "copy")

    assert run(tmp_path / "copy", out).skipped == 0
    assert len(rows(out, "inputs")) == 8


def test_what_cannot_be_read_has_one_row_however_often_it_is_given(tmp_path: Path) -> None:
    given = [str(tmp_path / "gone.har")]
    fleet = Fleet(SCANNER, tmp_path / "out", Here)

    assert run_fleet(given, fleet).inputs == run_fleet(given, fleet).inputs == {"unreadable": 1}
    (tmp_path / "gone.har").write_text(capture(3))
    assert run_fleet(given, fleet).inputs == {"done": 1}


def test_a_part_whose_writing_failed_is_there_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, out = crawl(tmp_path / "in", N), tmp_path / "out"
    write, failing = FleetTables._write, ["coverage"]

    def once(self: FleetTables, part: int, name: str, table: Any) -> None:
        if name in failing:
            failing.remove(name)
            raise Killed
        write(self, part, name, table)

    monkeypatch.setattr(FleetTables, "_write", once)
    with pytest.raises(Killed):
        run(folder, out, part_inputs=4)

    run(folder, out)

    assert found_in(out) == scanned(folder)
    assert sorted(path.name for path in (out / "inputs").iterdir()) == sorted(
        path.name for path in (out / "findings").iterdir()
    )


def test_captures_in_an_archive_are_counted_with_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in" / "both.zip", "w") as archive:
        archive.writestr("a.har", capture(0))
        archive.writestr("b.har", capture(3))

    totals = run(tmp_path / "in", tmp_path / "out")

    assert totals.standings[Standing.FOUND] == 2
    assert {row["input"] for row in rows(tmp_path / "out", "findings")} == {str(tmp_path / "in" / "both.zip")}


def test_an_equal_recording_beside_another_is_examined(tmp_path: Path) -> None:
    folder = crawl(tmp_path / "in", N)
    (folder / "copy.har").write_bytes((folder / "000.har").read_bytes())

    run(folder, tmp_path / "out")

    assert found_in(tmp_path / "out") == scanned(folder)


def test_workers_killed_at_random_cost_at_most_a_row_that_says_so(tmp_path: Path) -> None:
    folder, out = crawl(tmp_path / "in", 4 * N), tmp_path / "out"
    rng, kills = Random(5), [0]

    def kill_one(_done: int) -> None:
        if kills[0] < N_KILLS and (children := multiprocessing.active_children()):
            kills[0] += 1
            os.kill(int(rng.choice(children).pid or 0), signal.SIGKILL)

    totals = run(folder, out, lambda search: LocalWorkers(search, 2, LIMITS), progress=kill_one)

    crashed = {row["path"] for row in rows(out, "inputs") if row["status"] == "crashed"}
    assert kills == [N_KILLS]
    assert totals.inputs.total() == 4 * N
    assert len(crashed) <= N_KILLS / 2
    assert found_in(out) == Counter(each for each in scanned(folder).elements() if each[0] not in crashed)


def still_born() -> ProcessPoolExecutor:
    """A worker that dies before it can begin."""
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), os._exit, (3,))


def test_a_worker_that_always_dies_is_a_row() -> None:
    outcome = WorkerSlot(still_born, 60).examine(AskedInput("a.har"))

    assert (outcome.status, outcome.reason) == (
        Status.CRASHED,
        "no worker could be started for it; tried 5 times",
    )


def test_what_is_known_stays_known_if_no_worker_lives(tmp_path: Path) -> None:
    """In a run that goes on, it has a row already."""
    (tmp_path / "a.har").write_text(capture(0))
    known = AskedInput(str(tmp_path / "a.har"), 1, frozenset({hashed(str(tmp_path / "a.har")).sha256}))

    assert WorkerSlot(still_born, 60).examine(known).status is Status.KNOWN


def test_what_lies_in_a_store_is_not_read_where_no_clock_runs() -> None:
    """A store may never stop sending, and a worker has been ended for that."""
    fsspec = pytest.importorskip("fsspec")
    with fsspec.open("memory://endless/a.har", "wb") as file:
        file.write(capture(0).encode())

    outcome = WorkerSlot(still_born, 60).examine(AskedInput("memory://endless/a.har"))

    assert (outcome.status, outcome.given.sha256) == (Status.CRASHED, "")


def test_a_limit_of_the_shell_below_that_of_a_worker_is_kept(tmp_path: Path) -> None:
    folder = crawl(tmp_path / "in", 1)
    (tmp_path / "canaries.json").write_text(json.dumps([SITE]))
    words = [
        "fleet",
        str(folder),
        "--canaries",
        str(tmp_path / "canaries.json"),
        "--out",
        str(tmp_path / "out"),
    ]

    done = subprocess.run(
        [sys.executable, "-m", "hometruth", *words, "--jobs", "1", "--worker-memory", "4096"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30)),
    )

    assert done.stderr == ""
    assert [row["status"] for row in rows(tmp_path / "out", "inputs")] == ["done"]


def test_what_takes_too_long_or_too_much_is_a_row(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    entries = ",".join(json.dumps(entry("t.example", json.dumps({"n": [n] * 500}))) for n in range(3000))
    (folder / "long.har").write_text('{"log": {"version": "1.2", "entries": [' + entries + "]}}")

    run(folder, tmp_path / "out", lambda search: LocalWorkers(search, 1, Limits(0.3, 4 << 30)))

    (row,) = rows(tmp_path / "out", "inputs")
    assert (row["status"], row["reason"]) == (
        "out of time",
        "not done after 0.3 s (--timeout); tried 2 times",
    )


def test_what_lies_in_a_store_is_examined_and_an_equal_one_elsewhere_too(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    for name in ("a/0.har", "a/1.har", "b/0.har"):
        with fsspec.open(f"memory://crawls/{name}", "wb") as file:
            file.write(capture(int(name[2])).encode())

    first = run_fleet(inputs_of(["memory://crawls/a/*.har"]), Fleet(SCANNER, tmp_path / "out", Here))
    both = run_fleet(inputs_of(["memory://crawls"]), Fleet(SCANNER, tmp_path / "out", Here))

    assert (first.inputs, first.standings[Standing.FOUND]) == ({"done": 2}, 1)
    assert (both.inputs, both.skipped, both.standings[Standing.FOUND]) == ({"done": 3}, 2, 2)


def test_what_turns_out_to_be_large_is_examined_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsspec = pytest.importorskip("fsspec")
    with fsspec.open("memory://large/a.har", "wb") as file:
        file.write(capture(0).encode())
    monkeypatch.setattr("hometruth.audit.fleet.outcome.LARGE_BYTES", 100)

    class Noting(Here):
        def outcomes(self, asked: Iterable[AskedInput], *, alone: bool = False) -> Iterator[InputOutcome]:
            for outcome in super().outcomes(asked):
                noted.append((outcome.status, alone))
                yield outcome

    noted: list[tuple[Status, bool]] = []
    totals = run_fleet(["memory://large/a.har"], Fleet(SCANNER, tmp_path / "out", Noting))

    assert noted == [(Status.LARGE, False), (Status.DONE, True)]
    assert totals.standings[Standing.FOUND] == 1


def test_of_two_copies_of_what_was_moved_one_is_examined(tmp_path: Path) -> None:
    folder, out = crawl(tmp_path / "in", 4), tmp_path / "out"
    run(folder, out)
    (folder / "000.har").rename(folder / "once.har")
    shutil.copy(folder / "once.har", folder / "twice.har")

    totals = run(folder, out)

    assert totals.skipped == 4
    assert Counter(row["status"] for row in rows(out, "inputs")) == {"done": 4, "unreadable": 1}
    assert totals.standings[Standing.FOUND] == 3


def test_tables_of_another_search_are_not_added_to(tmp_path: Path) -> None:
    folder, out = crawl(tmp_path / "in", 3), tmp_path / "out"
    run(folder, out)

    with pytest.raises(CaseError, match="holds another search"):
        run(folder, out, scanner=replace(SCANNER, salts=("pepper",)))
    with pytest.raises(CaseError, match="is not empty, and holds no fleet"):
        run(folder, folder)


def test_a_large_recording_is_cut_for_all_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, out = crawl(tmp_path / "in", N), tmp_path / "out"
    monkeypatch.setattr("hometruth.audit.fleet.run.LARGE_BYTES", 100)

    run(folder, out, lambda search: LocalWorkers(search, 2, LIMITS))

    assert found_in(out) == scanned(folder)


def test_large_recordings_that_have_a_row_are_not_examined_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = crawl(tmp_path / "in", 4), tmp_path / "out"
    monkeypatch.setattr("hometruth.audit.fleet.run.LARGE_BYTES", 100)
    before = run(folder, out)
    (folder / "000.har").rename(folder / "once.har")
    shutil.copy(folder / "once.har", folder / "twice.har")

    again = run(folder, out)

    assert (before.standings[Standing.FOUND], again.standings[Standing.FOUND]) == (2, 3)
    assert again.skipped == 4
    assert len(rows(out, "inputs")) == 5


def test_workers_end_with_a_fleet_that_is_killed(tmp_path: Path) -> None:
    """The worker holds its own end of the pipe open that it waits at."""
    folder = tmp_path / "in"
    folder.mkdir()
    entries = ",".join(json.dumps(entry("t.example", json.dumps({"n": [n] * 500}))) for n in range(3000))
    (folder / "long.har").write_text('{"log": {"version": "1.2", "entries": [' + entries + "]}}")
    (tmp_path / "c.json").write_text(json.dumps([SITE]))
    words = ["fleet", str(folder), "--canaries", str(tmp_path / "c.json"), "--out", str(tmp_path / "out")]
    command = [sys.executable, "-m", "hometruth", *words, "--quiet", "--jobs", "1"]
    process = subprocess.Popen(command)
    while not (workers := children(process.pid)):
        time.sleep(0.02)

    process.kill()
    process.wait()

    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    """Processes that it started, but for the one that counts its semaphores."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    pids = [int(child) for each in found for child in each.read_text().split()]
    return [each for each in pids if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]
