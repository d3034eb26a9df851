"""Requests of the official SDKs, byte for byte: the collector stores exactly the events the SDK held."""

import http.client
import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from hometruth.lab import CollectorHandle, read_dead_letters, read_events
from hometruth.lab.collector.decode import decode_events, parse_form
from hometruth.lab.collector.keys import KeyRing
from tests.lab.collector.conftest import Answer

pytestmark = pytest.mark.shared


def replay(shared: Path, name: str, collector: CollectorHandle) -> tuple[list[dict[str, Any]], list[bool]]:
    """Send the recorded requests; the events the SDK held, and whether each answer was as recorded."""
    recording = json.loads((shared / f"facts/recordings/{name}.json").read_text())
    as_recorded = []
    for request in recording["requests"]:
        connection = http.client.HTTPConnection(urlsplit(collector.url).netloc, timeout=30)
        connection.putrequest(request["method"], request["path"], skip_host=True, skip_accept_encoding=True)
        for header, value in request["headers"]:
            connection.putheader(header, value)
        connection.endheaders(b64decode(request["body_base64"]) or None)
        answer = Answer(connection.getresponse())
        connection.close()
        expected = request["response"]
        content_type = answer.headers.get_content_type()
        as_recorded.append(
            (answer.status, content_type, len(answer.body))
            == (expected["status"], expected["content_type"], expected["body_len"])
        )
    return recording["plaintext_events"], as_recorded


@pytest.mark.parametrize(
    "name",
    [
        "web01_image_get",
        "web02_beacon_post",
        "web03_ajax_post",
        "web06_pageview_click",
        "web07_debug_get",
        "an01_plain_gzip1_crc",
        "an05_era_sdk_3_2_10_login",
    ],
)
def test_the_stored_events_are_those_the_sdk_held(
    shared: Path, name: str, collector: CollectorHandle
) -> None:
    events, as_recorded = replay(shared, name, collector)
    stored = read_events(collector.db)

    assert [{key: value for key, value in event.items() if key != "_server"} for event in stored] == events
    assert [list(event)[:-1] for event in stored] == [list(event) for event in events]
    assert all(as_recorded)
    assert read_dead_letters(collector.db) == []


def test_a_request_encrypted_for_another_server_is_refused_and_kept(
    shared: Path, collector: CollectorHandle
) -> None:
    replay(shared, "an02_event_encrypt_rsa_gzip9", collector)
    [letter] = read_dead_letters(collector.db)

    assert letter.status == 400
    assert letter.reason == "encrypted for another key than ours of version 1"
    assert letter.body.startswith(b"crc=")
    assert read_events(collector.db) == []


def test_what_official_code_encrypted_is_read_with_its_key(shared: Path) -> None:
    """The pair that wrapped the AES key is gone; below the wrapping, all is as the official code made it."""
    recording = json.loads((shared / "facts/recordings/an02_event_encrypt_rsa_gzip9.json").read_text())
    form = parse_form(b64decode(recording["requests"][0]["body_base64"]))
    wrapped = json.loads(form["data_list"])[0]["ekey"]

    class Found(KeyRing):
        def unwrap(self, pkv: object, wrapped_key: bytes) -> bytes:
            assert (pkv, b64encode(wrapped_key).decode()) == (recording["keys"]["pkv"], wrapped)
            return bytes.fromhex(recording["keys"]["aes_key_hex"])

    assert decode_events(form, lambda: Found({})) == recording["plaintext_events"]


def test_a_disabled_web_sdk_left_nothing_to_replay(shared: Path, collector: CollectorHandle) -> None:
    _, as_recorded = replay(shared, "web09_disabled_sdk", collector)

    assert as_recorded == []
    assert read_events(collector.db) == []


def test_no_recording_is_left_out(shared: Path) -> None:
    tried = Path(__file__).read_text()
    recorded = {path.stem for path in (shared / "facts/recordings").glob("*.json")}

    assert recorded
    assert {name for name in recorded if name not in tried} == set()
