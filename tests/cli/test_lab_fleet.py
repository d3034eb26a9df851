"""`hometruth lab fleet`, and what other commands make of its table."""

import json
from pathlib import Path

from tests.cli.forked import hometruth


def test_events_and_table_tell_the_same_and_can_be_measured(tmp_path: Path) -> None:
    table, events = tmp_path / "fleet.csv", tmp_path / "fleet.jsonl"
    run = hometruth("lab", "fleet", "--owners", "6", "--seed", "3", "--out", str(table), "--out", str(events))
    told = [json.loads(line) for line in events.read_text().splitlines()]
    rows = [line.split(",") for line in table.read_text().splitlines()]
    measured = hometruth("unicity", str(table), "--json")

    assert (run.returncode, run.stderr) == (0, "")
    assert "6 synthetic owners" in run.stdout
    assert f"{len(told):,} events told" in run.stdout
    assert rows[0] == ["user", "item", "ts"]
    assert {row[0] for row in rows[1:]} == {event["_truth"]["owner"] for event in told}
    assert measured.returncode == 0
    assert json.loads(measured.stdout)


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("mine")
    there = hometruth("lab", "fleet", "--owners", "1", "--out", str(tmp_path / "a.csv"))
    unknown = hometruth("lab", "fleet", "--owners", "1", "--out", str(tmp_path / "a.txt"))

    assert (there.returncode, unknown.returncode) == (2, 2)
    assert "exists already" in there.stderr
    assert "FILE.jsonl" in unknown.stderr
    assert (tmp_path / "a.csv").read_text() == "mine"
