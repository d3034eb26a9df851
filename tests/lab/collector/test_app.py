"""The collector over real HTTP: what it answers, stores, refuses and survives."""

import json
import os
import signal
import socket
import sqlite3
from base64 import b64encode
from contextlib import closing
from urllib.parse import quote, urlsplit

import pytest

from hometruth.lab import CollectorHandle, read_dead_letters, read_events
from tests.lab.collector.conftest import EVENT, Asks, plain


def test_a_retried_event_is_stored_once(collector: CollectorHandle, ask: Asks) -> None:
    for flush_time in (1, 2):
        assert ask("POST", "/sa?project=p", plain([{**EVENT, "_flush_time": flush_time}])).status == 200

    assert [event["_flush_time"] for event in read_events(collector.db)] == [1]


@pytest.mark.parametrize("key", ["distinct_id", "_track_id", "time", "event"])
def test_events_that_differ_in_one_key_are_two(collector: CollectorHandle, ask: Asks, key: str) -> None:
    ask("POST", "/sa", plain([EVENT, {**EVENT, key: "other"}]))

    assert len(read_events(collector.db)) == 2


def test_the_same_event_of_two_projects_is_two(collector: CollectorHandle, ask: Asks) -> None:
    ask("POST", "/sa?project=p", plain([EVENT]))
    ask("POST", "/sa?project=q", plain([EVENT]))

    assert [event["_server"]["project"] for event in read_events(collector.db)] == ["p", "q"]


def test_events_without_a_track_id_are_never_merged(collector: CollectorHandle, ask: Asks) -> None:
    """The Python SDK sends none; two equal events of it may be two."""
    anonymous = {key: value for key, value in EVENT.items() if key != "_track_id"}
    ask("POST", "/sa", plain([anonymous, anonymous]))

    assert len(read_events(collector.db)) == 2


def test_a_dry_run_is_checked_but_not_stored(collector: CollectorHandle, ask: Asks) -> None:
    answer = ask("POST", "/debug?project=p", plain([EVENT]), {"Dry-Run": "true"})
    assert (answer.status, answer.body) == (200, b"{}")
    assert ask("POST", "/debug", b"data=x", {"Dry-Run": "true"}).status == 400
    assert read_events(collector.db) == []

    ask("POST", "/debug", plain([EVENT]), {"Dry-Run": "false"})
    assert len(read_events(collector.db)) == 1


def test_a_refused_request_gets_the_reason_and_is_kept(collector: CollectorHandle, ask: Asks) -> None:
    answer = ask("POST", "/sa?project=p", b"data=%21")
    [letter] = read_dead_letters(collector.db)

    assert answer.status == letter.status == 400
    assert (
        answer.body.decode().strip()
        == letter.reason
        == "the data are not base64: Only base64 data is allowed"
    )
    assert (letter.method, letter.target, letter.body) == ("POST", "/sa?project=p", b"data=%21")


def test_one_bad_event_refuses_its_whole_request(collector: CollectorHandle, ask: Asks) -> None:
    assert ask("POST", "/sa", plain([EVENT, {"type": "?"}])).status == 400
    assert read_events(collector.db) == []


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/sa/x", 404),
        ("DELETE", "/sa", 405),
        ("POST", "/config/Android.conf", 405),
    ],
)
def test_what_it_has_no_answer_for_is_refused(
    collector: CollectorHandle, ask: Asks, method: str, target: str, status: int
) -> None:
    assert ask(method, target).status == status
    assert [letter.status for letter in read_dead_letters(collector.db)] == [status]


def test_a_huge_body_is_refused_and_the_connection_goes_on(collector: CollectorHandle, ask: Asks) -> None:
    assert ask("POST", "/sa", b"data=" + b"A" * (9 * 1024 * 1024)).status == 413
    assert ask("POST", "/sa", plain([EVENT])).status == 200
    assert len(read_events(collector.db)) == 1


def test_a_long_query_is_read(collector: CollectorHandle, ask: Asks) -> None:
    """Image requests carry whole events in the query."""
    event = {**EVENT, "properties": {"title": "x" * 60_000}}
    data = quote(b64encode(json.dumps(event).encode()), safe="")
    answer = ask("GET", f"/sa.gif?project=p&data={data}")

    assert (answer.status, answer.headers["Content-Type"], answer.body[:6]) == (200, "image/gif", b"GIF89a")
    assert len(read_events(collector.db)) == 1


def test_hostile_text_is_stored_as_it_came(collector: CollectorHandle, ask: Asks) -> None:
    event = {
        **EVENT,
        "distinct_id": "\ud800\x00\x1b[31m",
        "properties": {"a\u202e": "'; DROP TABLE events; --"},
    }
    assert ask("POST", "/sa?project=%00%ff%1b", plain([event])).status == 200
    [stored] = read_events(collector.db)

    assert {key: stored[key] for key in event} == event


def test_closing_is_announced_to_a_client_that_asked_for_it(ask: Asks) -> None:
    """The Node SDK loses its next event otherwise."""
    assert ask("POST", "/sa", plain([EVENT]), {"Connection": "close"}).headers["Connection"] == "close"


def test_a_page_of_any_origin_may_report(ask: Asks) -> None:
    origin = {"Origin": "http://page.example", "Access-Control-Request-Headers": "content-type,dry-run"}
    preflight = ask("OPTIONS", "/sa.gif?project=p", None, origin)
    post = ask("POST", "/sa.gif", plain([EVENT]), origin)

    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Headers"] == "content-type, dry-run"
    for answer in (preflight, post):
        assert answer.headers["Access-Control-Allow-Origin"] == "http://page.example"


def test_the_remote_configuration_changes_nothing_and_is_not_sent_twice(ask: Asks) -> None:
    config = json.loads(ask("GET", "/config/Android.conf?v=0").body)
    assert config == json.loads(ask("GET", "/config/Android.conf").body)

    assert config["configs"]["autoTrackMode"] == -1
    assert config["configs"]["disableSDK"] is False
    assert ask("GET", f"/config/Android.conf?v={config['v']}").status == 304


def test_what_was_answered_with_200_survives_a_kill(collector: CollectorHandle, ask: Asks) -> None:
    assert ask("POST", "/sa", plain([EVENT])).status == 200
    os.kill(collector.pid, signal.SIGKILL)
    collector.close()

    assert len(read_events(collector.db)) == 1


def test_a_disk_that_fails_is_503_and_never_500(collector: CollectorHandle, ask: Asks) -> None:
    """On 503 the Android SDK keeps its rows; on 500 the Python SDK's sender dies."""
    with closing(sqlite3.connect(collector.db)) as other:
        other.execute("DROP TABLE events")

    assert ask("POST", "/sa", plain([EVENT])).status == 503
    collector.close()  # no other test can use it


@pytest.mark.parametrize(
    "garbage",
    [b"\x16\x03\x01\x02\x00\x01", b"FOO /sa HTTP/1.1\r\nHost: h\r\n\r\n", b"GET /\xff\x00 HTTP/1.1\r\n\r\n"],
)
def test_garbage_is_4xx_and_the_collector_goes_on(
    collector: CollectorHandle, ask: Asks, garbage: bytes
) -> None:
    where = urlsplit(collector.url)
    with socket.create_connection((where.hostname, where.port), timeout=30) as connection:
        connection.sendall(garbage + b"\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 4")

    assert ask("POST", "/sa", plain([EVENT])).status == 200
