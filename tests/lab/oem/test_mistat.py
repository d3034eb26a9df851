"""MiStat: every event of the wrapper once more, enciphered, where and when the app may send."""

import itertools

import pytest

from hometruth.lab import Mutation, behaviour_sends
from tests.lab.conftest import Start, World
from tests.lab.oem.conftest import MISTAT, deciphered, form_of, to_path

FIELDS = ["channel", "device_id", "id_type", "policy", "interval", "version", "stat_value", "mistatv", "size"]
PAGE = ["page_load_event_start", "page_load_event_finish"]
HOST = "data.mistat.intl.xiaomi.com"


def test_the_form_has_the_published_fields_and_decodes_to_what_sensors_was_told(
    world: World, start: Start
) -> None:
    phone = start()
    phone.visit("https://secret.example/päge?q=1")
    phone.search("a query")
    phone.advance(20)
    [exchange] = to_path(world, MISTAT)
    form = dict(form_of(exchange))
    told = [
        {"key": event["event"], "time": event["time"], "params": own(event)}
        for event in world.arrived_at("/sa")
    ]

    assert [name for name, _ in form_of(exchange)] == FIELDS
    assert (exchange.method, exchange.url) == ("POST", f"https://{HOST}{MISTAT}")
    assert form["device_id"] == phone.identity.android_id
    assert (form["mistatv"], form["version"], form["size"]) == ("5", "3.4.3", "5")
    assert deciphered(form["stat_value"], form["device_id"]) == told


def own(event: dict[str, object]) -> dict[str, object]:
    """An event's own parameters, without what the SDK and the super properties add."""
    added = {"uuid", "internet_status", "platform", "miui_version", "miui_region", "system_language"}
    properties = event["properties"]
    assert isinstance(properties, dict)
    return {
        name: value for name, value in properties.items() if name not in added and not name.startswith("$")
    }


def test_two_uploads_of_the_same_look_different(world: World, start: Start) -> None:
    phone = start()
    for _ in range(2):
        phone.visit("https://secretword.example/secretword")
        phone.advance(20)
    first, second = (dict(form_of(exchange)) for exchange in to_path(world, MISTAT))

    assert len(first["stat_value"]) == len(second["stat_value"])
    assert first["stat_value"] != second["stat_value"]


CELLS = [
    dict(zip(("version", "mode", "switch", "consent"), levels, strict=True))
    for version, switches in (("3.4.0", ["absent"]), ("3.4.3", ["on", "off"]))
    for levels in itertools.product(
        [version], ["normal", "incognito"], switches, ["none", "given", "withdrawn"]
    )
]


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: "-".join(cell.values()))
def test_it_obeys_switch_and_consent_as_the_other_channel(
    world: World, start: Start, cell: dict[str, str]
) -> None:
    phone = start("apps", cell["version"], consent=cell["consent"])
    if cell["switch"] != "absent":
        phone.set_switch(cell["switch"])
    phone.set_incognito(cell["mode"] == "incognito")
    phone.visit("https://a.example/")
    phone.advance(20)
    told = PAGE if behaviour_sends(**cell) else []

    assert [event["event"] for event in world.arrived_at(MISTAT)] == told
    assert [event["event"] for event in world.arrived_at("/sa")] == told
    assert {event.channel for event in world.ledger().recorded} == ({"sensors", "mistat"} if told else set())


@pytest.mark.parametrize(("channel", "told"), [("mistat", ["/mistats/v2"]), ("sensors", ["/sa"])])
def test_a_mutation_makes_one_channel_disobey_alone(
    world: World, start: Start, channel: str, told: list[str]
) -> None:
    silent = {"version": "3.4.3", "mode": "incognito", "switch": "off", "consent": "given"}
    phone = start("apps", mutations=[Mutation({**silent, "channel": channel}, sends=True)])
    phone.set_switch("off")
    phone.set_incognito(True)
    phone.visit("https://a.example/")
    phone.advance(20)

    assert {event["_server"]["path"] for path in ("/sa", MISTAT) for event in world.arrived_at(path)} == set(
        told
    )


def test_the_sdk_s_own_events_do_not_pass_the_wrapper(world: World, start: Start) -> None:
    phone = start(version="2020.04", app="music-player")
    phone.use("play", "a song")
    phone.advance(20)

    assert [event["event"] for event in world.arrived_at(MISTAT)] == ["music_play_start", "music_play_finish"]
    assert "$AppClick" in [event["event"] for event in world.arrived_at("/sa")]


def test_withdrawal_deletes_what_waits(world: World, start: Start) -> None:
    phone = start("apps")
    phone.visit("https://a.example/")
    phone.set_consent("withdrawn")
    phone.kill()
    phone.launch()
    phone.advance(60)

    assert to_path(world, MISTAT) == []


def test_a_phone_with_sensors_alone_and_an_aggregated_one_have_none(world: World, start: Start) -> None:
    phone = start("sensors")
    phone.visit("https://a.example/")
    phone.set_channels("apps")
    phone.set_telemetry("aggregate")
    phone.launch()
    phone.visit("https://a.example/")
    phone.advance(9 * 86_400)

    assert to_path(world, MISTAT) == []


def test_what_waits_when_the_app_is_killed_leaves_after_the_next_start(world: World, start: Start) -> None:
    phone = start("apps")
    phone.visit("https://a.example/")
    phone.kill()
    assert world.arrived_at(MISTAT) == []
    phone.launch()
    phone.advance(20)

    assert [event["event"] for event in world.arrived_at(MISTAT)] == PAGE


def test_phones_in_india_report_to_the_host_there(world: World, start: Start) -> None:
    phone = start("apps", profile="redmi-k20")
    phone.visit("https://a.example/")
    phone.advance(20)
    [exchange] = to_path(world, MISTAT)

    assert exchange.host == "data.mistat.india.xiaomi.com"
