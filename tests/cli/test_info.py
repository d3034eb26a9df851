import base64
import json
from pathlib import Path
from random import Random

import pytest

from hometruth.capture import drops
from tests.cli.forked import hometruth
from tests.published import fits

ENTRY = {
    "startedDateTime": "2026-11-22T10:00:00.000Z",
    "request": {
        "method": "POST",
        "url": "https://t.example/?q=1",
        "httpVersion": "HTTP/2",
        "headers": [{"name": "Content-Length", "value": "9"}],
    },
    "response": {"status": 200, "headers": [], "content": {"size": 0}},
    "_webSocketMessages": [{"type": "send", "opcode": 1, "data": "x"}, {"type": "receive", "data": "y"}],
}


def har(creator: str, *entries: object) -> str:
    return json.dumps(
        {"log": {"version": "1.2", "creator": {"name": creator, "version": "1.65"}, "entries": entries}}
    )


def test_one_object_a_recording_says_what_is_in_it_and_what_never_is(tmp_path: Path) -> None:
    (tmp_path / "a.har").write_text(
        har("Playwright", ENTRY, ENTRY | {"request": {"url": "https://b.example/"}})
    )
    (tmp_path / "b.har").write_text(har("own program", ENTRY))

    done = hometruth("info", "--json", tmp_path / "a.har", tmp_path / "b.har")

    first, second = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 0
    assert (first["file"], first["format"], first["recorder"]) == (
        str(tmp_path / "a.har"),
        "HAR 1.2",
        "Playwright 1.65",
    )
    assert (first["exchanges"], first["hosts"]) == (2, 2)
    assert first["bodies"]["absent"] == 1
    assert first["messages"] == {"sent": 2, "received": 2}
    assert first["gaps"] == {"not-recorded": 1, "never-recorded": 1}
    assert "WebSocket" in first["drops"][0]
    assert second["drops"] == []


def test_a_body_is_not_opaque_for_a_cookie_that_is(tmp_path: Path) -> None:
    noise = base64.b64encode(Random(1).randbytes(300)).decode()
    request = {"method": "POST", "url": "https://a.example/", "postData": {"text": "q=hello"}}
    cookie = {"headers": [{"name": "Cookie", "value": f"sid={noise}"}]}
    closed = {"postData": {"text": noise, "encoding": "base64", "mimeType": "application/x"}}
    declared = {"headers": [{"name": "Content-Encoding", "value": "aws-chunked, gzip"}]}
    entries = [ENTRY | {"request": request | each} for each in (cookie, closed, closed | declared)]
    (tmp_path / "a.har").write_text(har("x", *entries))

    bodies = fits("info", hometruth("info", "--json", tmp_path / "a.har").stdout)["bodies"]

    assert bodies == {"present": 3, "empty": 0, "absent": 0, "undecodable": 1, "opaque": 1}


def test_people_are_told_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.har").write_text(har("Playwright", ENTRY))

    done = hometruth("info", tmp_path / "a.har")

    assert "1 to 1 hosts" in done.stdout
    assert "  not in it    " in done.stdout


def test_what_cannot_be_read_is_said_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no recording")
    (tmp_path / "b.har").write_text(har("x", ENTRY))

    done = hometruth("info", "--json", tmp_path / "a.txt", tmp_path / "b.har")

    assert done.returncode == 2
    assert "a.txt: looks like plain text" in done.stderr
    assert json.loads(done.stdout)["exchanges"] == 1


@pytest.mark.parametrize("drop", drops.known_drops(), ids=lambda drop: drop.what)
def test_every_drop_has_a_source(drop: drops.Drop) -> None:
    assert drop.source.startswith("https://")
    assert drop.what
