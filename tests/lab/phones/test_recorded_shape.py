"""What the phone puts on the wire, against the recorded requests of the SDKs of that time and of today."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from hometruth.lab import APPS, TELEMETRY_HOST
from hometruth.lab.apps.mint_browser import SUPER_PROPERTIES
from tests.lab.conftest import MakePhone, World
from tests.lab.phones.sdk_world import uploads, with_sdk
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


@pytest.mark.parametrize(
    ("sdk", "name"),
    [("now", "an01_plain_gzip1_crc"), ("encrypted", "an02_event_encrypt_rsa_gzip9")],
)
def test_todays_requests_have_the_recorded_headers_fields_and_events(
    shared: Path, world: World, sdk: str, name: str
) -> None:
    """Keys in order and types, but for the super properties, which that recording was made without."""
    recording = json.loads((shared / f"facts/recordings/{name}.json").read_text())
    with with_sdk(world, sdk) as phone:
        phone.launch()
        phone.set_consent("given")
        phone.visit("https://example.test/health?q=synthetic")
        phone.sign_in(ACCOUNT)
        phone.search("synthetic query")
        phone.advance(20)
    posts = [exchange for exchange in world.exchanges if exchange.method == "POST"]
    sent_events = [event for upload in uploads(world) for event in upload.events]
    first = {event["event"]: event for event in reversed(sent_events)}
    recorded = recording["requests"][0]
    values = {name: value for name, value in recorded["headers"] if name not in ("Host", "Content-Length")}

    for exchange in posts:
        headers = {name.decode(): value.decode() for name, value in exchange.request_headers}
        assert list(headers) == [name for name, _ in recorded["headers"]]
        assert {key: headers[key] for key in values} == values
        assert fields_of(exchange.request_body or b"") == fields_of(b64decode(recorded["body_base64"]))
    for wanted in recording["plaintext_events"][:2]:
        sent = first[wanted["event"]]
        own = {
            key: value for key, value in sent["properties"].items() if key not in SUPER_PROPERTIES.parameters
        }
        assert types({**sent, "properties": dict(by_name(own))}) == types(
            {**wanted, "properties": dict(by_name(wanted["properties"]))}
        )


def by_name(properties: dict[str, Any]) -> list[tuple[str, Any]]:
    """The SDK's own in order, then the app's by name: the order of those is the app's."""
    own = sorted(item for item in properties.items() if not item[0].startswith("$"))
    return [item for item in properties.items() if item[0].startswith("$")] + own


def fields_of(body: bytes) -> tuple[list[str], str]:
    """Names of the form's fields in order, and the framing."""
    pairs = [pair.split("=", 1) for pair in body.decode("ascii").split("&")]
    [framing] = [value for name, value in pairs if name == "gzip"]
    return [name for name, _ in pairs], framing
