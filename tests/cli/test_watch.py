"""`hometruth watch`, run as a person runs it: the story on the lab's phone, and recordings."""

import json
import re
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from hometruth.cli.watch_film import never_empty
from hometruth.errors import DriverError
from tests.cli.forked import Done, hometruth
from tests.published import lines_fit

HOMETRUTH = [sys.executable, "-W", "ignore", "-m", "hometruth"]
FILMED_WITH = ("Xvfb", "openbox", "xdotool", "ffmpeg", "tesseract", "chromium")


def watch(*arguments: str) -> Done:
    return hometruth("watch", *arguments)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """The story once, kept in a folder, and what it told as JSON."""
    folder = tmp_path_factory.mktemp("story")
    run = watch("--jsonl", "--out", str(folder))
    assert (run.returncode, run.stderr) == (0, "")
    return folder, lines_fit("watched-line", run.stdout)


def test_the_story_shows_all_planted_values_leave_but_the_last(
    told: tuple[Path, list[dict[str, Any]]],
) -> None:
    _, lines = told
    planted = {one["id"] for line in lines if line["what"] == "done" for one in line["planted"]}
    gone = {
        one["id"]
        for line in lines
        if line["what"] == "left" and not line["is_the_action"]
        for one in line["planted"]
    }
    (kept,) = planted - gone
    last = [line for line in lines if line["what"] == "done" and line["planted"]][-1]

    assert len(planted) == 7
    assert [one["id"] for one in last["planted"]] == [kept]
    assert {line["host"] for line in lines if line["what"] == "left" and line["records"]} == {
        "sa.api.intl.miui.com"
    }
    assert all(
        line["chain"] == ["percent", "base64", "gzip", "json"]
        for line in lines
        if line["what"] == "left" and line["records"]
    )


def test_every_value_leaves_after_it_was_planted(told: tuple[Path, list[dict[str, Any]]]) -> None:
    _, lines = told
    seen: set[str] = set()
    for line in lines:
        if line["what"] == "done":
            seen |= {one["id"] for one in line["planted"]}
        else:
            assert {one["id"] for one in line["planted"]} <= seen


def write_planted(canaries: Path, lines: list[dict[str, Any]]) -> list[str]:
    """Everything that was planted in a story, as a file of canaries; its values."""
    values = {one["id"]: one["value"] for line in lines if line["what"] == "done" for one in line["planted"]}
    canaries.write_text(json.dumps(values))
    return list(values.values())


def test_a_finished_recording_shows_the_same_requests(
    told: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    folder, lines = told
    (recording,) = folder.glob("traffic-*.mitm")
    values = write_planted(tmp_path / "c.json", lines)
    as_json = watch(str(recording), "--jsonl", "--canaries", str(tmp_path / "c.json"))
    as_text = watch(str(recording), "--canaries", str(tmp_path / "c.json"))
    again = lines_fit("watched-line", as_json.stdout)
    left = [line for line in lines if line["what"] == "left"]

    assert (as_json.returncode, as_text.returncode) == (0, 0)
    assert [line["records"] for line in again] == [line["records"] for line in left]
    assert [line["at_ns"] for line in again] == [line["at_ns"] for line in left]
    assert all(f"»{value}«" in as_text.stdout for value in values)
    assert "\x1b" not in as_text.stdout


def test_a_growing_recording_is_followed_until_interrupted(
    told: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    folder, lines = told
    (recording,) = folder.glob("traffic-*.mitm")
    data = recording.read_bytes()
    growing = tmp_path / "growing.mitm"
    growing.write_bytes(data[: len(data) // 2])
    expected = [line["url"] for line in lines if line["what"] == "left"]
    command = [*HOMETRUTH, "watch", "--follow", "--jsonl", str(growing)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        with growing.open("ab") as file:
            file.write(data[len(data) // 2 :])
        rest = [json.loads(process.stdout.readline()) for _ in expected[1:]]
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()

    assert [one["url"] for one in (first, *rest)] == expected
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--follow"], "are about a FILE"),
        (["missing.mitm"], "missing.mitm"),
        (["--follow", "missing.mitm"], "missing.mitm: cannot be read"),
        (["x.mitm", "--pace", "1"], "about the story"),
    ],
)
def test_bad_input_is_one_clear_error(arguments: list[str], said: str) -> None:
    run = watch(*arguments)

    assert run.returncode == 2
    assert said in run.stderr
    assert "Traceback" not in run.stderr


def test_the_page_of_a_recording_marks_what_was_planted_and_ends_by_ctrl_c(
    told: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    folder, lines = told
    (recording,) = folder.glob("traffic-*.mitm")
    values = write_planted(tmp_path / "c.json", lines)
    command = [*HOMETRUTH, "watch", str(recording), "--canaries", str(tmp_path / "c.json"), "--page"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+/\S+/", said)
        assert url, said
        page = urlopen(url[0], timeout=60).read().decode()
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()

    assert (process.returncode, out, err) == (0, "", "")
    assert all(f"<mark>{value}</mark>" in page for value in values)
    assert "peeled: percent › base64 › gzip › json" in page
    assert "sa.api.intl.miui.com (Xiaomi)" in page
    assert page.endswith("Nothing more follows.</p></div></main></body></html>")


def test_the_condition_and_the_organisation_are_told_to_programs_too(
    told: tuple[Path, list[dict[str, Any]]],
) -> None:
    _, lines = told
    modes = [line["condition"]["mode"] for line in lines if line["what"] == "done" and line["planted"]]

    assert set(modes) == {"normal", "incognito"}
    assert modes[-1] == "incognito"
    assert {line["organisation"] for line in lines if line["what"] == "left" and line["records"]} == {
        "Xiaomi"
    }


def test_the_video_of_a_recording_can_be_played(
    told: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    if absent := [name for name in FILMED_WITH if not shutil.which(name)]:
        pytest.skip(f"no {', '.join(absent)} on PATH, so no video was made")
    folder, _ = told
    (recording,) = folder.glob("traffic-*.mitm")
    video = tmp_path / "out.webm"
    run = watch(str(recording), "--record", str(video), "--pace", "0")
    shown = subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-sseof", "-0.5", "-i", video),
            *("-frames:v", "1", "-pix_fmt", "gray", "-f", "rawvideo", "-"),
        ],
        capture_output=True,
        check=True,
    ).stdout

    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == f"The video is {video}\n"
    assert stat.S_IMODE(video.stat().st_mode) == 0o600
    assert len(shown) == 1280 * 800
    assert len(set(shown)) > 20, "something is written on it"
    again = watch(str(recording), "--record", str(video))
    assert (again.returncode, "File exists" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--record", "out.mp4"], "ends in .webm"),
        (["--record", "missing/out.webm"], "cannot be written"),
        (["--port", "1"], "--port is about --page"),
        (["--page", "--jsonl"], "take one of them"),
        (["x.mitm", "--page", "--follow", "--pace", "1"], "about a finished FILE"),
    ],
)
def test_a_page_or_video_that_cannot_be_made_is_one_clear_error(arguments: list[str], said: str) -> None:
    if "missing/out.webm" in arguments and any(not shutil.which(name) for name in FILMED_WITH):
        pytest.skip("the programs that film are not here")
    run = watch(*arguments)

    assert run.returncode == 2
    assert said in run.stderr
    assert "Traceback" not in run.stderr


def test_of_a_film_that_did_not_come_about_no_file_is_left(tmp_path: Path) -> None:
    film = tmp_path / "out.webm"
    film.touch()
    with pytest.raises(DriverError), never_empty(film):
        raise DriverError("the recording cannot be read")

    assert not film.exists()


def test_what_is_not_looked_for_of_very_many_is_told(tmp_path: Path) -> None:
    recording = tmp_path / "one.har"
    request = {"method": "GET", "url": "https://a.example/?q=1", "headers": []}
    recording.write_text(json.dumps({"log": {"version": "1.2", "entries": [{"request": request}]}}))
    canaries = tmp_path / "canaries.json"
    canaries.write_text(json.dumps([f"value-{n}" for n in range(20_001)]))
    done = watch(str(recording), "--canaries", str(canaries), "--jsonl")

    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["detail"][:20] for row in told if row["what"] == "gap"] == ["20001 canaries are m"]
