"""What the phone puts on the wire, against the recorded request of the SDK of that time."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from hometruth.lab import APPS, TELEMETRY_HOST
from tests.lab.conftest import MakePhone, World
from tests.lab.sdk.test_wire import decode

pytestmark = pytest.mark.shared
ACCOUNT = "synthetic-mi-account-42"


@pytest.fixture
def recording(shared: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(
        (shared / "facts/recordings/an05_era_sdk_3_2_10_login.json").read_text()
    )
    return loaded


def types(value: Any) -> Any:
    """The keys of *value* in order, and the type of everything in it."""
    if isinstance(value, dict):
        return [(key, types(inner)) for key, inner in value.items()]
    return type(value).__name__


def test_events_have_the_recorded_keys_in_the_recorded_order(
    recording: dict[str, Any], world: World, ready_phone: MakePhone
) -> None:
    phone = ready_phone("3.4.0")
    phone.visit("https://example.test/a")
    phone.sign_in(ACCOUNT)
    phone.search("synthetic query")
    phone.advance(15)
    recorded = {event["event"]: event for event in recording["plaintext_events"]}
    sent = {event["event"]: event for event in world.arrived()}

    assert sent.keys() == recorded.keys()
    for name, event in sent.items():
        assert types(event) == types(recorded[name])


@pytest.mark.parametrize(
    ("app", "action"),
    [
        ("mint-browser", "download"),
        ("mi-browser", "visit"),
        ("mi-browser-pro", "visit"),
        ("music-player", "play"),
        ("system", "tap-screen"),
    ],
)
def test_every_app_wraps_its_events_as_recorded(
    recording: dict[str, Any], world: World, app: str, action: str
) -> None:
    """All but an event's own parameters: the same keys, in the same order, of the same types."""
    with world.phone() as phone:
        phone.install(APPS[app].versions[0], app)
        phone.launch()
        phone.set_consent("given")
        phone.use(action, "https://example.test/a")
        phone.advance(15)
    recorded = recording["plaintext_events"][0]
    shared = [name for name in recorded["properties"] if name != "url"]

    assert world.arrived()
    for event in world.arrived():
        own = APPS[app].kind(event["event"]).parameters
        properties = {name: value for name, value in event["properties"].items() if name not in own}
        assert types({**event, "properties": properties}) == types(
            {**recorded, "properties": {name: recorded["properties"][name] for name in shared}}
        )


def test_facts_of_the_phone_and_the_sdk_are_the_recorded_ones(
    recording: dict[str, Any], world: World, ready_phone: MakePhone
) -> None:
    ready_phone("3.4.0").sign_in(ACCOUNT)
    [sent] = world.arrived()
    recorded = recording["plaintext_events"][1]
    personal = {"uuid", "$device_id", "$is_first_day"}

    assert sent["distinct_id"] == recorded["distinct_id"] == ACCOUNT
    assert sent["original_id"] == sent["properties"]["uuid"]
    assert {**sent["properties"], **dict.fromkeys(personal)} == {
        **recorded["properties"],
        **dict.fromkeys(personal),
    }


def test_requests_have_the_recorded_headers_and_fields_in_order(
    recording: dict[str, Any], world: World, ready_phone: MakePhone
) -> None:
    ready_phone("3.4.0").sign_in(ACCOUNT)
    [request] = [exchange for exchange in world.exchanges if exchange.method == "POST"]
    recorded = recording["requests"][0]
    headers = {name.decode(): value.decode() for name, value in request.request_headers}
    same = ("Content-Type", "User-Agent", "Connection", "Accept-Encoding")

    assert request.url == f"https://{TELEMETRY_HOST}{recorded['path']}"
    assert list(headers) == [name for name, _ in recorded["headers"]]
    assert [headers[name] for name in same] == [dict(recorded["headers"])[name] for name in same]
    assert request.request_body is not None
    assert decode(request.request_body)[0] == decode(b64decode(recorded["body_base64"]))[0]
