"""MiStat and the system's analytics at the collector: what it answers, stores and refuses."""

import hashlib
import json
from base64 import b64encode, urlsafe_b64encode
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest

from hometruth.lab import CollectorHandle, read_dead_letters, read_events
from hometruth.lab.oem.declared import REGISTRATIONS
from hometruth.lab.oem.mistat import encipher
from tests.lab.collector.conftest import Asks

EVENT = {"key": "search", "time": 1588550400000, "params": {"search_word": "söng"}}
DEVICE = "a1b2c3d4e5f60718"


def mistat(events: Any, app: str = "music-player", device: str = DEVICE, **changes: str) -> bytes:
    sealed = encipher(json.dumps(events), REGISTRATIONS[app], DEVICE, Random(1))
    form = {"device_id": device, "id_type": "android_id", "stat_value": sealed, "size": str(len(events))}
    return urlencode({**form, **changes}).encode()


def spock(inside: Any, **changes: str) -> bytes:
    value = urlsafe_b64encode(json.dumps(inside).encode()).decode()
    sign = hashlib.md5(f"{value}12synthetic-spock-secret".encode()).hexdigest()
    return urlencode({"value": value, "ts": "1", "nonce": "2", "sign": sign, **changes}).encode()


NO_APP = "for no app that is known"
RECORD = {"H": {"k": "app_open", "st": 5}, "B": {"package": "p"}}
HEADER = {"p": "com.miui.analytics", "a": "imei"}


def test_mistat_is_opened_with_the_key_of_the_app_it_came_from(collector: CollectorHandle, ask: Asks) -> None:
    answer = ask("POST", "/mistats/v2", mistat([EVENT]))
    [stored] = read_events(collector.db)

    assert answer.status == 200
    assert json.loads(answer.body)["status"] == "ok"
    assert set(json.loads(answer.body)["data"]) == {"delay", "configVersion"}
    assert stored["_server"]["project"] == "music-player"
    assert stored["_server"]["path"] == "/mistats/v2"
    assert (stored["event"], stored["time"]) == ("search", 1588550400000)
    assert stored["properties"] == {"search_word": "söng"}
    assert stored["form"] == {"device_id": DEVICE, "id_type": "android_id"}


def test_records_of_the_system_are_stored_with_their_header(collector: CollectorHandle, ask: Asks) -> None:
    assert ask("POST", "/track/spock", spock({"H": HEADER, "B": [RECORD, RECORD]})).status == 200
    first, second = read_events(collector.db)

    assert first["_server"]["project"] == "com.miui.analytics"
    assert (first["event"], first["time"], first["properties"]) == ("app_open", 5, {"package": "p"})
    assert first["header"] == second["header"] == HEADER


@pytest.mark.parametrize(
    ("target", "body", "reason"),
    [
        ("/mistats/v2", b"device_id=x", "MiStat: stat_value, size not there"),
        ("/mistats/v2", mistat([EVENT], stat_value="%"), "MiStat: stat_value is not base64"),
        (
            "/mistats/v2",
            mistat([EVENT], stat_value=b64encode(bytes(64)).decode()),
            NO_APP,
        ),
        ("/mistats/v2", mistat([EVENT], stat_value=b64encode(b"short").decode()), NO_APP),
        ("/mistats/v2", mistat([EVENT], device="another"), NO_APP),
        ("/mistats/v2", mistat([EVENT], size="2"), "as many events as size says"),
        ("/mistats/v2", mistat({"a": 1}), "as many events as size says"),
        ("/mistats/v2", mistat([{"key": 1}]), "MiStat: item 0 is not an event"),
        ("/mistats/v2", mistat([{**EVENT, "time": True}]), "MiStat: item 0 is not an event"),
        ("/track/spock", b"value=x", "tracking: ts, nonce, sign not there"),
        ("/track/spock", spock({"H": HEADER, "B": []}, ts="3"), "tracking: sign does not fit"),
        ("/track/spock", spock({"H": HEADER, "B": []}, value="AAAA"), "tracking: sign does not fit"),
        ("/track/spock", spock([]), "tracking: value has no header H"),
        ("/track/spock", spock({"H": {}, "B": {}}), "tracking: value has no array B"),
        ("/track/spock", spock({"H": {}, "B": [{"B": {}}]}), "tracking: record 0 has no H"),
        ("/track/spock", spock({"H": {}, "B": []}, gzip="1"), "the data are not gzip"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason_and_kept(
    collector: CollectorHandle, ask: Asks, target: str, body: bytes, reason: str
) -> None:
    answer = ask("POST", target, body)
    [letter] = read_dead_letters(collector.db)

    assert answer.status == 400
    assert reason in letter.reason
    assert letter.body == body
    assert read_events(collector.db) == []


@pytest.mark.parametrize("target", ["/mistats/v2", "/track/spock"])
def test_only_posts_are_taken(collector: CollectorHandle, ask: Asks, target: str) -> None:
    assert ask("GET", f"{target}?value=x").status == 405
    assert read_events(collector.db) == []


def test_a_retry_cannot_be_told_from_a_second_event(collector: CollectorHandle, ask: Asks) -> None:
    """Neither channel has an id for an event that is known; both are kept."""
    for _ in range(2):
        ask("POST", "/mistats/v2", mistat([EVENT]))

    assert len(read_events(collector.db)) == 2
