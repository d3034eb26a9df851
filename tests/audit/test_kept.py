"""What a scan has examined is kept: one that was killed goes on, and comes to the same."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hometruth.audit import bench
from hometruth.audit.crew import Crew
from hometruth.audit.examine import Batch, Examined
from hometruth.audit.kept import KeptBatches
from hometruth.errors import CaseError
from hometruth.model import Exchange, Gap
from hometruth.peel import Budget
from tests.audit.test_crew import CANARY, SCANNER, SMALL_BATCH, recording
from tests.cli.forked import hometruth

SEEDED = replace(SCANNER, seed=1)


def outcomes(path: Path, items: Iterator[Exchange | Gap], jobs: int = 1) -> Iterator[Examined | Gap]:
    with KeptBatches(path, SEEDED) as kept, Crew(SEEDED, jobs=jobs, kept=kept) as crew:
        yield from crew.examine(items, SMALL_BATCH)


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of exchanges that are examined in this process."""
    ids: list[str] = []
    true = bench.Bench.examine

    def noted(self: bench.Bench, batch: Batch, *rest: object) -> Iterator[Examined | Gap]:
        ids.extend(item.id for item in batch if isinstance(item, Exchange))
        return true(self, batch, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(bench.Bench, "examine", noted)
    return ids


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_scan_that_ended_early_goes_on_and_comes_to_the_same(
    tmp_path: Path, examined: list[str], jobs: int
) -> None:
    whole = list(Crew(SEEDED, jobs=1).examine(recording(20), SMALL_BATCH))
    begun = outcomes(tmp_path / "kept", recording(20), jobs)
    for _ in range(12):
        next(begun)
    begun.close()  # type: ignore[attr-defined]
    examined.clear()

    assert list(outcomes(tmp_path / "kept", recording(20))) == whole
    assert len(examined) < 10
    examined.clear()
    assert list(outcomes(tmp_path / "kept", recording(20), jobs)) == whole
    assert examined == []


def test_what_changed_is_examined_again(tmp_path: Path, examined: list[str]) -> None:
    list(outcomes(tmp_path / "kept", recording(8)))
    examined.clear()
    items = [
        replace(item, target=b"/?v=" + CANARY.value.encode())
        if isinstance(item, Exchange) and item.id == "1"
        else item
        for item in recording(8)
    ]
    found = list(outcomes(tmp_path / "kept", iter(items)))

    assert "1" in examined
    assert len(examined) < 4  # its batch
    assert [bool(item.sightings) for item in found if isinstance(item, Examined)][:2] == [True, True]


def test_a_record_that_a_kill_cut_is_examined_again(tmp_path: Path, examined: list[str]) -> None:
    whole = list(outcomes(tmp_path / "kept", recording(8)))
    data = (tmp_path / "kept").read_bytes()
    (tmp_path / "kept").write_bytes(data[:-3])
    examined.clear()

    assert list(outcomes(tmp_path / "kept", recording(8))) == whole
    assert examined == ["7"]
    assert (tmp_path / "kept").read_bytes() == data
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_written_as_it_is_is_not_kept(tmp_path: Path, examined: list[str]) -> None:
    odd = [
        replace(item, target=b"/?v=" + CANARY.value.encode(), host="\udcff.example", error="\udcff")
        for item in recording(1)
        if isinstance(item, Exchange)
    ]
    for item in odd:
        gap = Gap(kind="unreadable", where="\udcff", detail="x")  # type: ignore[arg-type]
        with KeptBatches(tmp_path / "kept", SEEDED) as kept:
            digest = kept.digest([item], ())
            kept.put(digest, [gap])
            assert kept.get(digest) is None


def test_other_files_and_other_searches_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    KeptBatches(path, SEEDED).__exit__()

    with pytest.raises(CaseError, match="another search"):
        KeptBatches(path, replace(SEEDED, budget=Budget(depth=3)))
    with KeptBatches(path, replace(SEEDED, seed=2)) as kept:
        assert kept.seed == 1
        with pytest.raises(CaseError, match="another scan is writing it"):
            KeptBatches(path, SEEDED)
    for other in (b"my notes", b"my notes\n", b'{"format": "x"}\n'):
        path.write_bytes(other)
        with pytest.raises(CaseError, match="give another"):
            KeptBatches(path, SEEDED)
        assert path.read_bytes() == other
    path.write_bytes(b'{"format": "hometruth-kept", "cut')
    with KeptBatches(path, SEEDED) as kept:
        assert kept.seed == 1
    with pytest.raises(CaseError, match="cannot be opened"):
        KeptBatches(tmp_path / "nowhere" / "kept", SEEDED)


def test_a_damaged_file_is_said_to_be(tmp_path: Path) -> None:
    list(outcomes(tmp_path / "kept", recording(4)))
    data = bytearray((tmp_path / "kept").read_bytes())
    data[-20:] = bytes(20)
    (tmp_path / "kept").write_bytes(data)

    with pytest.raises(CaseError, match="is damaged; remove it"):
        list(outcomes(tmp_path / "kept", recording(4)))


def test_a_scan_that_was_killed_finds_the_same_when_it_is_resumed(tmp_path: Path) -> None:
    padding = "what an app says of itself, at length; " * 150
    entries = []
    for n in range(900):
        body = json.dumps({"n": n, "q": CANARY.value if n % 9 == 0 else "x", "p": padding})
        request = {"method": "POST", "url": f"https://a{n % 7}.example/{n}", "postData": {"text": body}}
        entries.append({"request": request})
    (tmp_path / "a.har").write_text(json.dumps({"log": {"entries": entries}}))
    canary = {"id": "one", "kind": "page", "value": CANARY.value}
    (tmp_path / "canaries.json").write_text(json.dumps([canary]))
    asked = ["scan", str(tmp_path / "a.har"), "--canaries", str(tmp_path / "canaries.json")]
    asked += ["--json", "--jobs", "1"]
    plain = hometruth(*asked).stdout
    kept = tmp_path / "kept"

    first = subprocess.Popen(
        [sys.executable, "-m", "hometruth", *asked, "--resume", str(kept)], stdout=subprocess.DEVNULL
    )
    until = time.monotonic() + 60
    while first.poll() is None and time.monotonic() < until:
        if kept.exists() and kept.stat().st_size > 1000:
            os.kill(first.pid, signal.SIGKILL)
            break
        time.sleep(0.002)
    first.wait()
    left = kept.stat().st_size

    assert json.loads(hometruth(*asked, "--resume", kept).stdout) == json.loads(plain)
    assert left <= kept.stat().st_size
    assert len(json.loads(plain)["findings"]) == 100
