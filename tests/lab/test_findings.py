"""Each finding of the table in docs/explanation/lab.md that the lab is said to show, driven and looked for.

The predictions are those of our table of statements (r01 to r26). Most of it is looked for on the wire or at
the collector, which knows nothing of the phone; what MiStat was told, in the ledger: no wire shows it.
"""

import base64
import gzip
import itertools
import json
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from hometruth.lab import PROFILES, TELEMETRY_HOST, Phone, behaviour_sends
from hometruth.lab.android.profiles import ProfileEvidence
from tests.lab.conftest import Start, World
from tests.lab.oem.conftest import TRACKING, opened, records, to_path

NOT_SHOWN = {"r09", "r21", "r25", "r26"}
"""Nothing that a wire of the lab could show; the page says why."""
DAY_S = 86_400
BROWSERS = {"mi-browser": "12.1.3", "mi-browser-pro": "12.1.3", "mint-browser": "3.4.0"}
PAGE = "https://clinic.example/page?of=one"


def told(world: World, name: str, parameter: str) -> list[Any]:
    """What the events of a name say."""
    return [event["properties"][parameter] for event in world.arrived_at("/sa") if event["event"] == name]


def browse(phone: Phone, *, incognito: bool) -> None:
    """A page, and a search on each of two engines."""
    phone.set_incognito(incognito)
    phone.visit(PAGE)
    phone.search("first illness", "google")
    phone.search("second illness", "duckduckgo")
    phone.advance(20)


def assert_all_is_told(world: World) -> None:
    assert told(world, "search", "search_word") == ["first illness", "second illness"]
    assert told(world, "search", "used_searchengine") == ["google", "duckduckgo"]
    for event in ("page_load_event_start", "page_load_event_finish"):
        assert told(world, event, "url")[0] == PAGE
        assert len(told(world, event, "url")) == 3


def test_r01_searches_on_two_engines_and_every_page_of_the_default_browser(
    world: World, start: Start
) -> None:
    browse(start(version="12.1.3", app="mi-browser"), incognito=False)

    assert_all_is_told(world)


def test_r02_the_same_in_incognito_mode(world: World, start: Start) -> None:
    browse(start(version="12.1.3", app="mi-browser"), incognito=True)

    assert_all_is_told(world)


def test_r03_every_item_of_the_news_feed(world: World, start: Start) -> None:
    phone = start(version="12.1.3", app="mi-browser")
    for item in ("item-1", "item-2", "item-3"):
        phone.use("read-item", item)
    phone.advance(20)

    assert told(world, "news_feed_item_view", "item_id") == ["item-1", "item-2", "item-3"]


def test_r04_folders_screens_status_bar_and_settings(world: World, start: Start) -> None:
    phone = start(version="2020.04", app="system")
    phone.use("open-folder", "a folder")
    phone.use("swipe-screen", "a screen")
    phone.use("open-status-bar", "a notification")
    phone.use("open-settings", "a page")
    phone.advance(20)

    assert told(world, "launcher_folder_open", "folder_name") == ["a folder"]
    assert told(world, "launcher_screen_swipe", "to_screen") == ["a screen"]
    assert told(world, "status_bar_open", "notification") == ["a notification"]
    assert told(world, "settings_page_open", "page_name") == ["a page"]


def test_r05_songs_and_when_they_are_played(world: World, start: Start) -> None:
    phone = start(version="2020.04", app="music-player")
    at_ms = phone.advance(0).clock_ms
    phone.use("play", "a song")
    phone.advance(20)
    [event] = [one for one in world.arrived_at("/sa") if one["event"] == "music_play_start"]

    assert (event["properties"]["song_name"], event["time"]) == ("a song", at_ms)


def test_r06_touches_with_element_and_screen(world: World, start: Start) -> None:
    phone = start(version="2020.04", app="system")
    phone.use("tap-screen", "an icon")
    phone.advance(20)

    assert told(world, "$AppClick", "$element_content") == ["an icon"]
    assert all(told(world, "$AppClick", "$screen_name"))


@pytest.mark.parametrize(("app", "version"), [*BROWSERS.items(), ("music-player", "2020.04")])
def test_r07_an_upload_follows_the_opening_of_any_app(
    world: World, start: Start, app: str, version: str
) -> None:
    phone = start(version="2020.04", app="system")
    phone.install(version, app)
    phone.advance(60)
    before = len(to_path(world, TRACKING))
    phone.advance(60)
    assert len(to_path(world, TRACKING)) == before
    phone.launch(app)
    phone.advance(15)

    assert len(to_path(world, TRACKING)) == before + 1


def test_r08_a_number_of_the_device_and_the_android_version_in_every_event(
    world: World, start: Start
) -> None:
    phone = start()
    browse(phone, incognito=False)
    properties = [event["properties"] for event in world.arrived_at("/sa")]

    assert properties
    assert {one["$device_id"] for one in properties} == {phone.identity.android_id}
    assert {one["$os_version"] for one in properties} == {"9"}


def test_r10_no_key_is_needed_to_read_it(world: World, start: Start) -> None:
    browse(start("sensors"), incognito=True)
    [exchange] = [one for one in world.exchanges if one.host == TELEMETRY_HOST]
    form = dict(parse_qsl((exchange.request_body or b"").decode()))
    events = json.loads(gzip.decompress(base64.b64decode(form["data_list"])))

    assert events[0]["properties"]["url"] == PAGE


@pytest.mark.parametrize(
    "profile", [name for name, one in PROFILES.items() if one.evidence is ProfileEvidence.CODE_FOUND_IN]
)
def test_r11_the_other_phones_run_the_same_code(world: World, start: Start, profile: str) -> None:
    browse(start(version="12.1.3", app="mi-browser", profile=profile), incognito=True)

    assert_all_is_told(world)
    assert {event["properties"]["$model"] for event in world.arrived_at("/sa")} == {PROFILES[profile].model}


def test_r11_speaks_of_the_three_phones_of_the_story() -> None:
    found = {one.codename for one in PROFILES.values() if one.evidence is ProfileEvidence.CODE_FOUND_IN}

    assert found == {"umi", "davinci", "perseus"}


@pytest.mark.parametrize("incognito", [False, True])
@pytest.mark.parametrize("app", ["mi-browser-pro", "mint-browser"])
def test_r12_both_browsers_from_google_play_do_the_same(
    world: World, start: Start, app: str, incognito: bool
) -> None:
    browse(start(version=BROWSERS[app], app=app), incognito=incognito)

    assert_all_is_told(world)


def test_r13_the_traffic_is_that_of_sensors_analytics(world: World, start: Start) -> None:
    browse(start(), incognito=False)
    [exchange] = [one for one in world.exchanges if one.host == TELEMETRY_HOST]
    form = parse_qsl((exchange.request_body or b"").decode())

    assert [name for name, _ in form] == ["crc", "gzip", "data_list"]
    for event in world.arrived_at("/sa"):
        assert event["lib"]["$lib"] == "Android"
        assert {"distinct_id", "type", "event", "properties", "time"} <= set(event)


def test_r14_the_anonymous_id_does_not_change_over_time(world: World, start: Start) -> None:
    phone = start("sensors", "3.4.0")
    for _ in range(30):
        phone.kill()
        phone.launch()
        phone.visit(PAGE)
        phone.advance(DAY_S)

    ids = [event["distinct_id"] for event in world.arrived_at("/sa")]

    assert len(ids) == 60
    assert len(set(ids)) == 1


def test_r15_mint_posts_the_published_events_to_the_published_address(world: World, start: Start) -> None:
    phone = start("sensors", "3.4.0")
    phone.visit(PAGE)
    phone.search("words")
    phone.use("download", "https://files.example/f.pdf")
    phone.use("search-video", "a video")
    phone.use("watch-video", "v1")
    phone.use("open-quick-dial", PAGE)
    phone.advance(20)
    names = {event["event"] for event in world.arrived_at("/sa")}

    assert {one.url for one in world.exchanges if one.host == TELEMETRY_HOST} == {
        "https://sa.api.intl.miui.com/sa?project=global_browser_mini&r=IE"
    }
    assert names >= {
        *("page_load_event_start", "page_load_event_finish", "search", "download_files"),
        *("youtube_search_op", "video_play", "quick_dial_click"),
    }
    assert told(world, "search", "search_word") == ["words"]
    assert told(world, "download_files", "suffix") == ["pdf"]
    assert told(world, "youtube_search_op", "op") == ["search"]


def test_r16_only_ninety_days_without_a_start_give_another_id(world: World, start: Start) -> None:
    phone = start("sensors", "3.4.0")
    phone.visit(PAGE)
    for _ in range(365):
        phone.kill()
        phone.advance(DAY_S)
        phone.launch()
    phone.visit(PAGE)
    phone.advance(20)
    phone.kill()
    phone.advance(91 * DAY_S)
    phone.launch()
    phone.visit(PAGE)
    phone.advance(20)
    ids = told(world, "page_load_event_start", "uuid")

    assert ids[0] == ids[1]
    assert ids[2] not in ids[:2]


def test_r17_the_account_replaces_the_id_and_an_event_ties_them(world: World, start: Start) -> None:
    phone = start("sensors", "3.4.0")
    phone.visit(PAGE)
    phone.sign_in("someone")
    phone.visit(PAGE)
    phone.advance(20)
    events = world.arrived_at("/sa")
    [sign_up] = [event for event in events if event["event"] == "$SignUp"]
    token = events[0]["distinct_id"]

    assert (sign_up["distinct_id"], sign_up["original_id"]) == ("someone", token)
    assert events[-1]["distinct_id"] == "someone"
    assert {event["properties"]["uuid"] for event in events} == {token}


def test_r18_a_second_upload_with_the_same_event_names(world: World, start: Start) -> None:
    phone = start()
    browse(phone, incognito=False)
    carriers = [request for request in world.ledger().requests if request.events]
    to_sensors = [request for request in carriers if request.host == TELEMETRY_HOST]
    to_mistat = [request for request in carriers if request.clear is not None]

    assert [exchange.host for exchange in to_path(world, "/mistats/v2")] == ["data.mistat.intl.xiaomi.com"]
    assert [event["key"] for request in to_mistat for event in request.events or ()] == [
        event["event"] for request in to_sensors for event in request.events or ()
    ]
    assert [event["event"] for event in world.arrived_at("/mistats/v2")] == [
        event["event"] for event in world.arrived_at("/sa")
    ]


@pytest.mark.parametrize("channels", ["sensors", "apps"])
def test_r19_exactly_one_of_four_cells_is_silent(world: World, start: Start, channels: str) -> None:
    phone = start(channels, "3.4.3")
    silent = []
    for mode, switch in itertools.product(("normal", "incognito"), ("on", "off")):
        phone.set_switch(switch)
        phone.set_incognito(mode == "incognito")
        phone.visit(f"https://{mode}-{switch}.example/")
        phone.advance(20)
        seen = [json.dumps(event) for path in ("/sa", "/mistats/v2") for event in world.arrived_at(path)]
        if not any(f"{mode}-{switch}" in event for event in seen):
            silent.append((mode, switch))
        assert behaviour_sends("3.4.3", mode, switch, "given") is ((mode, switch) not in silent)

    assert silent == [("incognito", "off")]


def test_r20_by_default_the_newer_versions_send_the_same_with_all_that_is_known(
    world: World, start: Start
) -> None:
    phone = start("sensors", "3.4.0")
    shapes = []
    for version in ("3.4.0", "3.4.3", "3.4.4"):
        already = len(world.arrived_at("/sa"))
        phone.install(version)
        phone.launch()
        phone.visit(PAGE)
        phone.advance(20)
        shapes.append(
            [(event["event"], list(event["properties"])) for event in world.arrived_at("/sa")[already:]]
        )

    assert shapes[0]
    assert shapes[0] == shapes[1] == shapes[2]
    assert set(shapes[0][0][1]) >= {
        *("$device_id", "$manufacturer", "$model", "$os_version", "miui_version", "$app_version"),
        *("system_language", "$carrier", "$network_type", "$screen_width", "$screen_height"),
    }


def test_r22_every_screen_with_its_duration_calls_too_and_no_way_out(world: World, start: Start) -> None:
    phone = start(version="3.4.3", consent="withdrawn")
    phone.set_switch("off")
    phone.set_incognito(True)
    phone.advance(60)
    phone.install("2020.04", "system")
    phone.launch()
    phone.set_consent("withdrawn")
    phone.use("call", "+353 1 234 5678")
    phone.launch("mint-browser")
    phone.advance(10)
    usage = [(one["package"], one["duration"]) for one in records(world, "usage")]

    assert ("com.mi.globalbrowser.mini", 60_000) in usage
    assert ("com.android.incallui", 95_000) in usage
    assert world.arrived_at("/sa") == []


def test_r23_hardware_numbers_the_account_and_what_is_installed_in_one_request(
    world: World, start: Start
) -> None:
    phone = start()
    phone.sign_in("someone")
    phone.advance(10)
    [exchange] = to_path(world, TRACKING)
    inside = opened(exchange)
    bodies = {record["H"]["k"]: record["B"] for record in inside["B"]}

    assert inside["H"]["a"] == phone.identity.imei
    assert bodies["account_sign_in"] == {"account": "someone", "serial": phone.identity.serial}
    assert "com.mi.globalbrowser.mini" in bodies["installed_packages"]["packages"]


def test_r24_opening_music_and_folders_of_promoted_apps_call_the_host(world: World, start: Start) -> None:
    phone = start(version="2020.04", app="system")
    phone.install("2020.04", "music-player")
    phone.advance(60)
    before = len(to_path(world, TRACKING))
    phone.launch("music-player")
    phone.advance(10)
    after_music = len(to_path(world, TRACKING))
    phone.launch("system")
    phone.advance(10)
    phone.use("open-promoted-folder", "more apps")
    phone.advance(10)

    assert after_music == before + 1
    assert {one.host for one in to_path(world, TRACKING)} == {"tracking.intl.miui.com"}
    assert [len(one["packages"]) for one in records(world, "promoted_folder")] == [2]


def findings_tested() -> set[str]:
    """The findings that a test here is about."""
    return {name[5:8] for name in globals() if re.match(r"test_r\d\d_", name)}


def test_the_page_says_of_each_finding_what_is_tested_here() -> None:
    page = (Path(__file__).parents[2] / "docs/explanation/lab.md").read_text()
    section = page.partition("## Which findings the lab shows")[2].partition("\n## ")[0]
    shown, _, absent = section.partition("Not in the lab:")

    def rows(table: str) -> set[str]:
        firsts = [line.split("|")[1] for line in table.splitlines() if line.startswith("|")]
        return {number for first in firsts for number in re.findall(r"r\d\d", first)}

    assert rows(shown) == findings_tested()
    assert rows(absent) == NOT_SHOWN
    assert findings_tested() | NOT_SHOWN == {f"r{number:02}" for number in range(1, 27)}


@pytest.mark.shared
def test_no_finding_is_left_out(shared: Path) -> None:
    table = tomllib.loads((shared / "facts/claims.toml").read_text())["claim"]
    findings = {row["id"] for row in table if row["side"] == "researcher"}

    assert findings == findings_tested() | NOT_SHOWN
