"""`hometruth lab`, run as a person runs it: a process, with lines piped in or a signal to stop it."""

import http.client
import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from hometruth.lab import read_events, start_collector
from tests.cli.forked import Done, hometruth
from tests.lab.collector.conftest import EVENT, plain
from tests.published import lines_fit

HOMETRUTH = [sys.executable, "-W", "ignore", "-m", "hometruth"]


def lab(*arguments: str, lines: str = "") -> Done:
    return hometruth("lab", *arguments, lines=lines)


def test_a_person_sees_what_arrives_and_what_does_not(tmp_path: Path) -> None:
    story = """
        visit https://before.example/
        consent give
        search first thing
        wait 15
        version 3.4.3
        incognito on
        switch off
        search second thing
        wait 15
        incognito off
        signin someone
    """
    run = lab("up", "--out", str(tmp_path / "kept"), lines=story)
    told = [line for line in run.stdout.splitlines() if line.startswith("  arrived")]
    events = read_events(tmp_path / "kept/collector.sqlite")

    assert (run.returncode, run.stderr) == (0, "")
    assert "simulated" in run.stdout.splitlines()[0]
    assert "http://127.0.0.1:" in run.stdout.splitlines()[0]
    by_sensors = [event for event in events if event["_server"]["path"] == "/sa"]
    by_mistat = [event["event"] for event in events if event["_server"]["path"] == "/mistats/v2"]
    by_system = {event["event"] for event in events if event["_server"]["path"] == "/track/spock"}
    assert by_mistat == ["search", "page_load_event_start", "page_load_event_finish"]
    assert by_system == {"app_open", "usage", "installed_packages"}
    assert [event["event"] for event in by_sensors] == [
        "search",
        "page_load_event_start",
        "page_load_event_finish",
        "$SignUp",
    ]
    assert any("search_word=first thing" in line for line in told)
    assert not any("second thing" in line or "before.example" in line for line in told)
    assert f"original_id={by_sensors[0]['distinct_id']}  distinct_id=someone" in told[-1]
    assert run.stdout.endswith(f"Stopped. Kept in {tmp_path / 'kept'}\n")


def test_other_apps_and_phones_can_be_used_by_hand(tmp_path: Path) -> None:
    story = """
        open music-player
        consent give
        do ?
        do play A song nobody else knows
        open mi-browser 12.1.3
        consent give
        incognito on
        visit https://clinic.sites.example/
        wait 15
        open nothing
        restart
        reinstall
        telemetry aggregate
        reset
    """
    run = lab("up", "--phone", "mi-10", "--out", str(tmp_path), lines=story)
    events = read_events(tmp_path / "collector.sqlite")

    assert (run.returncode, run.stderr) == (0, "")
    assert "offers no '?' (has: play" in run.stdout
    assert "no app 'nothing'; choose from mint-browser" in run.stdout
    assert {"Mi 10"} == {event["properties"]["$model"] for event in events if "$model" in event["properties"]}
    assert "A song nobody else knows" in json.dumps(events)
    assert "https://clinic.sites.example/" in json.dumps(events)


def test_two_phones_report_to_one_collector(tmp_path: Path) -> None:
    story = """
        consent give
        search on the first
        wait 15
        phone mi-10
        consent give
        search on the second
        wait 15
        phone nexus
    """
    phones = ("--phone", "redmi-note-8", "--phone", "mi-10")
    run = lab("up", *phones, "--channels", "sensors", "--out", str(tmp_path / "kept"), lines=story)
    searches = [e for e in read_events(tmp_path / "kept/collector.sqlite") if e["event"] == "search"]

    assert (run.returncode, run.stderr) == (0, "")
    assert [(e["properties"]["$model"], e["properties"]["search_word"]) for e in searches] == [
        ("Redmi Note 8", "on the first"),
        ("Mi 10", "on the second"),
    ]
    assert len({e["properties"]["$device_id"] for e in searches}) == 2
    assert "say redmi-note-8 or mi-10, not 'nexus'" in run.stdout


def test_todays_sdk_and_the_network_can_be_chosen_by_hand(tmp_path: Path) -> None:
    story = """
        sdk later
        sdk encrypted
        consent give
        network 6G
        network NULL
        visit https://one.sites.example/
        network 4G
        wait 15
        consent withdraw
    """
    options = ("--channels", "sensors", "--encryption", "ec-transport", "--out", str(tmp_path))
    run = lab("up", *options, lines=story)
    events = read_events(tmp_path / "collector.sqlite")
    [traffic] = tmp_path.glob("traffic-*.mitm")

    assert (run.returncode, run.stderr) == (0, "")
    assert "say era or now or encrypted, not 'later'" in run.stdout
    assert "no network '6G'; choose from WIFI" in run.stdout
    assert [event["event"] for event in events] == [
        *("$AppRemoteConfigChanged", "page_load_event_start", "$AppDataTrackingClose")
    ]
    assert b"gzip=13&" in traffic.read_bytes()
    assert b"gzip=1&" not in traffic.read_bytes()


def test_what_cannot_be_done_is_said_and_the_prompt_goes_on(tmp_path: Path) -> None:
    run = lab(
        "up",
        "--out",
        str(tmp_path),
        lines="switch off\nvisitt x\nwait long\nincognito maybe\nkill\nquit\nhelp\n",
    )

    assert run.returncode == 0
    assert "3.4.0 has no switch" in run.stdout
    assert "no command 'visitt'; visit?" in run.stdout
    assert "'long' is not a number" in run.stdout
    assert "say on or off, not 'maybe'" in run.stdout
    assert "not running" in run.stdout
    assert "this list" not in run.stdout  # nothing is read after `quit`


def test_every_word_of_the_help_is_understood(tmp_path: Path) -> None:
    run = lab("up", "--out", str(tmp_path), lines="help\n")
    words = [line.split()[0] for line in run.stdout.splitlines() if line.startswith("  ")]

    assert {"visit", "search", "incognito", "switch", "consent", "signin", "version", "wait"} < set(words)


def test_control_characters_never_reach_the_terminal(tmp_path: Path) -> None:
    hostile = "\x1b[2J\u202e\x07"
    with start_collector(tmp_path / "c.sqlite") as collector:
        connection = http.client.HTTPConnection(urlsplit(collector.url).netloc)
        event = {**EVENT, "event": hostile, "distinct_id": hostile, "properties": {hostile: [hostile]}}
        connection.request("POST", "/sa", plain([event]))
        assert connection.getresponse().status == 200
        connection.close()
    listed = lab("events", "--db", str(tmp_path / "c.sqlite"))
    prompt = lab("up", "--out", str(tmp_path / "up"), lines=f"search {hostile}\n{hostile}\n")

    for run in (listed, prompt):
        assert run.returncode == 0
        assert not set(hostile) & set(run.stdout) - set("[2J")


def test_events_are_printed_whole_as_json_lines(tmp_path: Path) -> None:
    with start_collector(tmp_path / "c.sqlite") as collector:
        connection = http.client.HTTPConnection(urlsplit(collector.url).netloc)
        connection.request("POST", "/sa?project=p", plain([EVENT, {**EVENT, "_track_id": 2}]))
        assert connection.getresponse().status == 200
        connection.close()
    run = lab("events", "--db", str(tmp_path / "c.sqlite"), "--jsonl")

    assert lines_fit("events", run.stdout) == read_events(tmp_path / "c.sqlite")


def test_a_missing_store_is_one_clear_error(tmp_path: Path) -> None:
    run = lab("events", "--db", str(tmp_path / "none.sqlite"))

    assert run.returncode == 2
    assert run.stderr.startswith("hometruth: ")
    assert "Traceback" not in run.stderr


def test_the_collector_alone_refuses_other_hosts(tmp_path: Path) -> None:
    run = lab("collector", "--host", "0.0.0.0", "--db", str(tmp_path / "c.sqlite"))

    assert run.returncode == 2
    assert "loopback only" in run.stderr


def test_a_remote_configuration_that_no_sdk_knows_is_one_clear_error(tmp_path: Path) -> None:
    run = lab("collector", "--remote-config", '{"off": true}', "--db", str(tmp_path / "c.sqlite"))

    assert run.returncode == 2
    assert run.stderr.startswith("hometruth: remote configuration knows no 'off' (has: disableDebugMode")


def test_the_collector_alone_serves_until_interrupted(tmp_path: Path) -> None:
    db = tmp_path / "c.sqlite"
    command = [*HOMETRUTH, "lab", "collector", "--port", "0", "--db", str(db)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[2]
        operator = process.stdout.readline().split()[-1]
        with urlopen(operator) as page:
            assert b"Nothing has arrived yet" in page.read()
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        connection.request("POST", "/sa", plain([EVENT]))
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out, err) == (0, "Stopped.\n", "")
    assert len(read_events(db)) == 1


def test_the_prompt_stops_in_order_when_interrupted(tmp_path: Path) -> None:
    command = [*HOMETRUTH, "lab", "up", "--out", str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("consent give\n")
        process.stdin.flush()
        while "consent given" not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        out, err = process.stdout.read(), process.stderr.read() if process.stderr else ""

    assert (process.returncode, err) == (0, "")
    assert out.endswith(f"Stopped. Kept in {tmp_path}\n")
