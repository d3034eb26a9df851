"""`hometruth lab phone`, run as a person or a script runs it."""

from pathlib import Path

from hometruth.lab import read_events, start_collector
from tests.cli.forked import Done, hometruth


def phone(*arguments: str, lines: str = "") -> Done:
    return hometruth("lab", "phone", *arguments, lines=lines)


def test_lines_are_done_one_by_one_with_the_app_that_they_need(tmp_path: Path) -> None:
    run = phone(
        *("--out", str(tmp_path)),
        *("consent give", "visit https://a.example/", "play Unheard", "consent give", "play Heard"),
        *("tap Camera", "consent give", "folder Games", "search words", "wait 15"),
    )
    events = read_events(tmp_path / "collector.sqlite")
    told = [value for event in events for value in event["properties"].values()]

    assert (run.returncode, run.stderr) == (0, "")
    assert "'Unheard' done in Music player; nothing is recorded: consent none" in run.stdout
    assert {"https://a.example/", "Heard", "Games", "words"} <= {
        item for item in told if isinstance(item, str)
    }
    assert "Unheard" not in told
    assert "Camera" not in told


def test_the_same_phone_goes_on_with_its_clock_and_ids(tmp_path: Path) -> None:
    phone("--out", str(tmp_path), "consent give", "clock 2020-06-04", "visit https://a.example/", "wait 15")
    run = phone("--out", str(tmp_path), "visit https://b.example/", "wait 15", "version 3.4.3", "toggle")
    first, *_, last = read_events(tmp_path / "collector.sqlite")

    assert run.returncode == 0
    assert first["properties"]["url"] == "https://a.example/"
    assert last["properties"]["url"] == "https://b.example/"
    assert first["distinct_id"] == last["distinct_id"]
    assert 1_591_228_800_000 <= first["time"] < last["time"] < 1_591_228_800_000 + 60_000
    assert "Enhanced Incognito Mode is off now" in run.stdout


def test_what_cannot_be_done_ends_a_script_with_exit_code_2(tmp_path: Path) -> None:
    run = phone("--out", str(tmp_path), "toggle", "consent give")

    assert run.returncode == 2
    assert "3.4.0 has no switch" in run.stdout
    assert "consent given" not in run.stdout


def test_a_collector_that_runs_already_gets_the_events(tmp_path: Path) -> None:
    story = "consent give\nvisit https://a.example/\nwait 15\nclock someday\n"
    with start_collector(tmp_path / "c.sqlite") as collector:
        shown = phone("--collector", collector.url, "--db", str(tmp_path / "c.sqlite"), lines=story)
        unshown = phone("--collector", collector.url, lines=story + "events\n")
    gone = phone("--collector", collector.url, "help")

    assert (shown.returncode, shown.stderr) == (0, "")
    assert "arrived  page_load_event_start" in shown.stdout
    assert "'someday' is no date" in shown.stdout
    assert "arrived" not in unshown.stdout
    assert "name it with --db" in unshown.stdout
    assert len(read_events(tmp_path / "c.sqlite")) == 4
    assert gone.returncode == 2
    assert "no collector answers there" in gone.stderr


def test_nobody_is_reached_beyond_loopback() -> None:
    run = phone("--collector", "http://192.0.2.1:80", "help")

    assert run.returncode == 2
    assert "loopback" in run.stderr
