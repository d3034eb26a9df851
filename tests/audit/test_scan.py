"""The scan from Python: what the command gives, on all cores, in parts that add up."""

import io
import json
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

import hometruth
from hometruth.audit.crew import examined
from hometruth.audit.scan import Tally
from hometruth.cli.scan import command
from hometruth.model import CanaryKind, Delivery, Totals
from tests.cli.test_scan import canaries, entry, har

CANARY = "moginezosafe4h7kq2w9d"
SCRIPT = """
import json, sys
import hometruth
found = hometruth.scan(sys.argv[1], canaries=sys.argv[2], jobs=2)
print(json.dumps(found.as_json()))
"""
FILLER_BYTES = 300_000


def large(folder: Path) -> Path:
    """A recording of more than one batch: a value whole, a value in pieces far apart, and nothing."""
    rng = Random(2)
    body = json.dumps({"log": " ".join(rng.choices(["tarimo", "nekalusi", "vo"], k=FILLER_BYTES // 6))})
    entries = [entry(f"https://t.test/{n}", body) for n in range(10)]
    entries[0] = entry("https://t.test/0", json.dumps({"page": CANARY, "log": body}))
    entries[2] = entry("https://t.test/a?v=" + CANARY[:11], body)
    entries[8] = entry("https://t.test/a?v=" + CANARY[11:], body)
    return har(folder / "large.har", *entries)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("scan")
    return large(folder), Path(canaries(folder, {"page": CANARY}))


def test_five_lines_of_python_give_what_the_command_gives(recorded: tuple[Path, Path]) -> None:
    capture, known = recorded
    command_line = [str(capture), "--canaries", str(known), "--json", "--jobs", "1"]
    told = json.loads(CliRunner().invoke(command, command_line, standalone_mode=False).stdout)
    given = [sys.executable, "-c", SCRIPT, str(capture), str(known)]

    asked = subprocess.run(given, capture_output=True, text=True, check=True)

    assert len(told["findings"]) >= 1
    assert json.loads(asked.stdout) == told
    assert asked.stderr == ""


def test_a_script_without_a_guard_is_not_run_again_by_its_workers(
    recorded: tuple[Path, Path], tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT + "print('end', file=sys.stderr)\n", "utf-8")

    ran = subprocess.run(
        [sys.executable, str(script), *map(str, recorded)], capture_output=True, text=True, check=True
    )

    assert ran.stderr == "end\n"
    assert len(json.loads(ran.stdout)["findings"]) >= 1


def test_a_path_its_bytes_and_an_open_stream_give_the_same(tmp_path: Path) -> None:
    capture = har(tmp_path / "a.har", entry(f"https://t.test/?u={CANARY}"))
    canary = hometruth.Canary("page", CanaryKind.PAGE, CANARY, 80.0)

    scans = [
        hometruth.scan(source, canaries=[canary], seed=1)
        for source in (str(capture), capture, capture.read_bytes(), io.BytesIO(capture.read_bytes()))
    ]

    assert [[row.path for row in each.rows] for each in scans] == [["u"]] * 4
    assert len({each.totals.searched_bytes for each in scans}) == 1


def test_tallies_of_the_parts_of_a_recording_add_up_to_that_of_the_whole(recorded: tuple[Path, Path]) -> None:
    capture, known = recorded
    scanner = hometruth.Scanner(*hometruth.load_canaries(known), seed=3)
    items = list(examined(hometruth.read_capture(capture), scanner, jobs=1))
    whole = Tally(scanner)
    for item in items:
        whole.take(item)
    parts = []
    for start in range(0, len(items), 3):
        parts.append(Tally(scanner))
        for item in items[start : start + 3]:
            parts[-1].take(item)

    first, *others = parts
    for other in others:
        first.update(other)
    merged, expected = first.scanned(), whole.scanned()

    assert merged == expected
    assert any(row.pieces for row in merged.rows)


def test_totals_add_up() -> None:
    one = Totals(
        exchanges=2, sightings=1, searched_bytes=10, opaque={"a.test": hometruth.model.OpaqueBytes(1, 64)}
    )
    other = Totals(exchanges=1, gaps=3, opaque={"a.test": hometruth.model.OpaqueBytes(1, 1)})

    assert (one + other).opaque == {"a.test": hometruth.model.OpaqueBytes(2, 65)}
    assert (one + other).exchanges == 3
    assert (one + other).opaque_bytes == 65


def test_rows_become_an_arrow_table(recorded: tuple[Path, Path]) -> None:
    capture, known = recorded
    rows = hometruth.scan(capture, canaries=known, jobs=1).rows

    table = hometruth.to_arrow(rows)

    assert table.num_rows == len(rows)
    assert table.column("recipient").to_pylist() == ["t.test"] * len(rows)
    assert set(table.column("delivered").to_pylist()) <= set(map(str, Delivery))
    assert table.schema == hometruth.to_arrow(()).schema
