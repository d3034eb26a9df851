"""Phones with today's SDK, in plain text and encrypted, through the recorder to a real collector."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hometruth.errors import LabError
from hometruth.lab import TELEMETRY_HOST, read_dead_letters
from hometruth.peel import opaque_atoms, peel_exchange
from tests.lab.conftest import World
from tests.lab.phones.sdk_world import PAGE, QUERY, Around, asked, names, uploads, use, with_sdk

SCHEMES = {
    "rsa-event": ("9", 1),
    "rsa-transport": ("13", 1),
    "ec-event": ("9", 2),
    "ec-transport": ("13", 2),
}
"""What the collector tells SDKs, and the framing and version of the key that must come of it."""
DAY_S = 86_400


@pytest.fixture
def around(tmp_path: Path) -> Iterator[Around]:
    with ExitStack() as stack:
        yield Around(tmp_path, stack)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_collector_stores_exactly_what_the_encrypted_phone_held(around: Around, scheme: str) -> None:
    world = around.world(scheme)
    with with_sdk(world, "encrypted") as phone:
        use(phone)
    sent = uploads(world)
    framing, pkv = SCHEMES[scheme]
    wire = b"".join(exchange.request_body or b"" for exchange in world.exchanges)

    assert world.arrived() == world.ledger().delivered()
    assert [event for upload in sent for event in upload.events] == world.arrived()
    assert {upload.framing for upload in sent} == {framing}
    assert {envelope["pkv"] for upload in sent for envelope in upload.envelopes} == {pkv}
    assert names(world.arrived()).count("page_load_event_finish") == 3
    assert not any(word in wire for word in (b"canary", phone.identity.android_id.encode()))
    assert read_dead_letters(world.collector.db) == []


def test_the_aes_key_is_made_per_process_and_reused(around: Around) -> None:
    world = around.world("rsa-event")
    with with_sdk(world, "encrypted") as phone:
        phone.launch()
        phone.set_consent("given")
        for _ in range(2):
            phone.visit(PAGE)
            phone.advance(20)
        phone.visit(PAGE)
        phone.kill()
        phone.launch()
        phone.visit(PAGE)
        phone.advance(20)
    keys = [upload.aes_keys for upload in uploads(world)]

    assert len({key for several in keys for key in several}) == 2
    assert keys[0] == keys[1] == keys[2]
    # What the first process left was sealed by it, and goes out in an envelope of its own.
    assert len(keys[3]) == 2
    assert keys[3][0] == keys[0][0]


def test_the_investigation_sees_each_sealed_event_and_reads_none(around: Around) -> None:
    world = around.world("rsa-event")
    with with_sdk(world, "encrypted") as phone:
        use(phone)
    posts = [exchange for exchange in world.exchanges if exchange.method == "POST"]

    assert posts
    for exchange, upload in zip(posts, uploads(world), strict=True):
        peeled = peel_exchange(exchange)
        body = exchange.request_body or b""
        atoms = opaque_atoms(peeled)
        assert peeled.opaque_bytes > 0.8 * len(body)
        assert [size for size in atoms if size != 256] == [
            size
            for envelope in upload.envelopes
            for size in map(size_of, envelope["payloads"])
            if size != 256
        ]


def size_of(payload: str) -> int:
    return len(payload) * 3 // 4 - payload.count("=")


@pytest.mark.parametrize(("sdk", "encryption"), [("encrypted", None), ("now", "rsa-event")])
def test_without_a_key_events_go_out_in_plain_text(around: Around, sdk: str, encryption: str | None) -> None:
    world = around.world(encryption)
    with with_sdk(world, sdk) as phone:
        use(phone)

    assert {upload.framing for upload in uploads(world)} == {"1"}
    assert [event for upload in uploads(world) for event in upload.events] == world.arrived()
    assert world.arrived() == world.ledger().delivered()
    values = [value for exchange in world.exchanges for value in peel_exchange(exchange).values]
    assert any(QUERY.encode() in value.data for value in values)


def test_events_from_before_the_key_came_are_encrypted_as_they_leave(around: Around) -> None:
    world = around.world("rsa-event")
    with with_sdk(world, "encrypted") as phone:
        phone.set_network("NULL")
        phone.launch()
        phone.set_consent("given")
        phone.visit(PAGE)
        phone.advance(29)
        phone.set_network("WIFI")
        phone.advance(2)  # the second try for the configuration, and then the second flush

    assert names(world.arrived()) == ["page_load_event_start", "$AppRemoteConfigChanged"]
    assert {upload.framing for upload in uploads(world)} == {"9"}
    assert world.arrived() == world.ledger().delivered()


def test_an_updated_sdk_encrypts_what_the_old_one_left(around: Around) -> None:
    world = around.world("ec-event")
    with with_sdk(world, "era") as phone:
        phone.launch()
        phone.set_consent("given")
        phone.visit(PAGE)
        phone.set_sdk("encrypted")
        phone.launch()
        phone.advance(20)
    events = world.arrived()

    assert {upload.framing for upload in uploads(world)} == {"9"}
    assert [event["lib"]["$lib_version"] for event in events] == ["3.2.10", "3.2.10", "6.8.4"]


def test_the_configuration_is_asked_for_at_the_first_start_and_after_a_day_or_two(around: Around) -> None:
    world = around.world("rsa-event")
    with with_sdk(world, "encrypted") as phone:
        phone.launch()
        assert asked(world) == []

        phone.set_consent("given")
        query = "project=global_browser_mini&app_id=com.mi.globalbrowser.mini"
        assert asked(world) == [f"https://{TELEMETRY_HOST}/config/Android.conf?{query}"]

        phone.kill()
        phone.launch()
        assert len(asked(world)) == 1

        phone.background()
        phone.advance(2 * DAY_S)
        phone.launch()
        assert len(asked(world)) == 2
        assert "?v=lab-" in asked(world)[1]
        assert [exchange.status for exchange in world.exchanges if "/config/" in exchange.url] == [200, 304]
    assert names(world.arrived()).count("$AppRemoteConfigChanged") == 1


def test_a_change_is_told_with_the_whole_configuration_and_no_key(around: Around) -> None:
    world = around.world("rsa-event", event_blacklist=["search"], effect_mode=1)
    with with_sdk(world, "encrypted") as phone:
        phone.launch()
        phone.set_consent("given")
        phone.search(QUERY)
        phone.advance(20)
    told = json.loads(world.arrived()[0]["properties"]["$app_remote_config"])

    assert list(told["configs"].items()) == [
        *(("disableDebugMode", False), ("autoTrackMode", -1), ("disableSDK", False)),
        *(("event_blacklist", ["search"]), ("nv", ""), ("effect_mode", 1)),
    ]
    assert names(world.arrived()) == [
        *("$AppRemoteConfigChanged", "page_load_event_start", "page_load_event_finish")
    ]


def test_a_server_can_switch_auto_tracking_off_in_the_field(around: Around) -> None:
    world = around.world(autoTrackMode=1, effect_mode=1)
    with world.phone() as phone:
        phone.set_sdk("now")
        phone.install("2020.04", "system")
        phone.launch()
        phone.set_consent("given")
        phone.use("open-folder", "games")
        phone.advance(20)

    assert names(world.arrived()) == ["$AppRemoteConfigChanged", "$AppStart", "launcher_folder_open"]


def test_a_server_can_switch_the_sdk_off_and_it_flushes_once(around: Around) -> None:
    world = around.world(disableSDK=True)
    with with_sdk(world, "now") as phone:
        phone.launch()
        phone.set_consent("given")
        phone.visit(PAGE)  # it takes effect at the next start
        phone.kill()
        phone.launch()
        assert names(world.arrived())[1:] == ["page_load_event_start", "page_load_event_finish"]

        phone.visit(PAGE)
        phone.advance(DAY_S)
    assert len(world.arrived()) == 3


@pytest.mark.parametrize("sdk", ["now", "encrypted"])
def test_withdrawal_sends_a_farewell_and_all_that_waits_and_then_nothing(around: Around, sdk: str) -> None:
    world = around.world("rsa-event")
    with with_sdk(world, sdk) as phone:
        phone.launch()
        phone.set_consent("given")
        phone.visit(PAGE)
        assert names(world.arrived()) == ["$AppRemoteConfigChanged"]

        phone.set_consent("withdrawn")
        farewell = names(world.arrived())
        assert farewell[1:] == ["page_load_event_start", "page_load_event_finish", "$AppDataTrackingClose"]

        n_exchanges = len(world.exchanges)
        phone.visit(PAGE)
        phone.advance(3 * DAY_S)
        phone.kill()
        phone.launch()
        phone.advance(3 * DAY_S)
        spoken = [item for item in world.exchanges[n_exchanges:] if item.host == TELEMETRY_HOST]
        assert spoken == []

        phone.set_consent("given")
        phone.visit(PAGE)
        phone.advance(20)
    assert names(world.arrived())[4:] == ["page_load_event_start", "page_load_event_finish"]
    assert world.arrived() == world.ledger().delivered()


def test_the_era_has_no_farewell_and_no_configuration(around: Around) -> None:
    world = around.world("rsa-event")
    with with_sdk(world, "era") as phone:
        phone.launch()
        phone.set_consent("given")
        phone.visit(PAGE)
        phone.set_consent("withdrawn")
        phone.advance(3 * DAY_S)

    assert world.arrived() == []
    assert asked(world) == []


@pytest.mark.parametrize(("sdk", "over_2g"), [("era", 0), ("now", 3)])
def test_over_which_networks_events_leave(around: Around, sdk: str, over_2g: int) -> None:
    world = around.world()
    with with_sdk(world, sdk) as phone:
        phone.set_network("2G")
        phone.launch()
        phone.set_consent("given")
        phone.visit(PAGE)
        phone.advance(20)
        assert len(world.arrived()) == over_2g

        phone.set_network("3G")
        phone.advance(20)
    assert {event["properties"]["$network_type"] for event in world.arrived()} == {"2G"}
    assert {event["properties"]["$wifi"] for event in world.arrived()} == {False}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_aggregated_reports_go_in_the_encrypted_framing_too(around: Around, scheme: str) -> None:
    world = around.world(scheme)
    with with_sdk(world, "encrypted") as phone:
        phone.set_telemetry("aggregate")
        phone.launch()
        phone.set_consent("given")
        for week in range(4):
            for _ in range(week):
                phone.visit(PAGE)
            phone.advance(7 * DAY_S)
        phone.advance(DAY_S)
    sent = uploads(world)
    keys = [key for upload in sent for key in upload.aes_keys]

    assert [upload.framing for upload in sent] == [SCHEMES[scheme][0]] * 4
    assert [event for upload in sent for event in upload.events] == world.arrived()
    assert world.arrived() == world.ledger().delivered()
    assert len(set(keys)) == 4
    assert len({len(str(envelope["payloads"])) for upload in sent for envelope in upload.envelopes}) == 1


def test_an_unknown_sdk_or_network_is_refused_with_the_choices(world: World) -> None:
    with world.phone() as phone:
        with pytest.raises(LabError, match="no SDK 'later'; choose from era, now, encrypted"):
            phone.set_sdk("later")
        with pytest.raises(LabError, match="no network '6G'; choose from WIFI, 5G"):
            phone.set_network("6G")
        assert (phone.advance(0).sdk, phone.advance(0).network) == ("era", "WIFI")
