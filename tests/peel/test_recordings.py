"""Every plaintext event of the unencrypted recordings is inside what was sent."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from hometruth.peel import peel_exchange
from tests.peel.exchanges import exchange

RECORDINGS = (
    "an01_plain_gzip1_crc",
    "an05_era_sdk_3_2_10_login",
    "web01_image_get",
    "web02_beacon_post",
    "web03_ajax_post",
    "web06_pageview_click",
    "web07_debug_get",
)


def leaves_of(document: Any) -> set[bytes]:
    match document:
        case dict():
            return {leaf for value in document.values() for leaf in leaves_of(value)}
        case list():
            return {leaf for value in document for leaf in leaves_of(value)}
        case str():
            return {document.encode()} if document else set()
    return {json.dumps(document).encode()}


@pytest.mark.shared
@pytest.mark.parametrize("name", RECORDINGS)
def test_every_plaintext_event_is_reached(name: str, shared: Path) -> None:
    recording = json.loads((shared / "facts/recordings" / f"{name}.json").read_text())
    found: set[bytes] = set()
    documents = []
    for request in recording["requests"]:
        sent = exchange(request["path"], body=base64.b64decode(request["body_base64"]))
        for value in peel_exchange(sent).values:
            found.add(value.data)
            if value.data[:1] in {b"{", b"["}:
                documents.append(json.loads(value.data))
    events = [event for item in documents for event in (item if isinstance(item, list) else [item])]

    assert recording["plaintext_events"]
    for event in recording["plaintext_events"]:
        assert event in events
        assert leaves_of(event) <= found


@pytest.mark.shared
def test_encrypted_events_are_opaque(shared: Path) -> None:
    recording = json.loads((shared / "facts/recordings/an02_event_encrypt_rsa_gzip9.json").read_text())
    request = recording["requests"][0]
    body = base64.b64decode(request["body_base64"])

    assert peel_exchange(exchange(request["path"], body=body)).opaque_bytes > 0.8 * len(body)
