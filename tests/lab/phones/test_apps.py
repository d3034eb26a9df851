"""What each app tells of each thing a person does in it, seen at a real collector."""

from typing import Any

import pytest

from hometruth.errors import LabError
from hometruth.lab import APPS, SEARCH_HOST, Phone
from tests.lab.conftest import World

SITE = "https://a.example/x"
PAGE = ["page_load_event_start", "page_load_event_finish"]
BROWSER = [
    ("download", "https://a.example/f.pdf", ["download_files"]),
    ("search-video", "words", ["youtube_search_op"]),
    ("watch-video", "v1", ["video_details_open", "video_play", "video_details_close"]),
    ("read-item", "i1", ["news_feed_item_view"]),
    ("add-quick-dial", SITE, ["quick_dial_add"]),
    ("open-quick-dial", SITE, ["quick_dial_click", *PAGE]),
    ("reader-mode", SITE, [*PAGE, "reader_mode_on"]),
    ("share-page", SITE, [*PAGE, "page_share"]),
    ("change-engine", "duckduckgo", ["default_searchengine_change"]),
    ("crash", "out of memory", ["rv_crashed"]),
    ("tap-page", SITE, []),
    ("visit", "https://b.adult.example/", ["incognito_reminder_show", *PAGE]),
]
MUSIC = [
    ("play", "a song", ["$AppClick", "music_play_start", "music_play_finish"]),
    ("search-song", "a song", ["music_search"]),
    ("add-to-playlist", "a song", ["music_playlist_add"]),
]
SYSTEM = [
    ("open-folder", "a folder", ["$AppClick", "launcher_folder_open"]),
    ("swipe-screen", "a screen", ["launcher_screen_swipe", "$AppViewScreen"]),
    ("tap-screen", "an icon", ["$AppClick"]),
    ("open-status-bar", "a notification", ["status_bar_open", "$AppViewScreen"]),
    ("open-settings", "a page", ["settings_page_open", "$AppViewScreen"]),
]
ACTIONS = [
    *(("mint-browser", *action) for action in BROWSER),
    *(("music-player", *action) for action in MUSIC),
    *(("system", *action) for action in SYSTEM),
]


def opened(phone: Phone, app: str, consent: str = "given", version: str | None = None) -> Phone:
    """The app, started for the first time."""
    phone.install(version or APPS[app].versions[-1], app)
    phone.launch()
    phone.set_consent(consent)
    return phone


def named(events: list[dict[str, Any]], prefix: str = "") -> list[str]:
    return [event["event"] for event in events if event["event"].startswith(prefix)]


def test_every_action_is_told_and_the_ledger_agrees(world: World) -> None:
    with world.phone() as phone:
        for app in ("mint-browser", "music-player", "system"):
            opened(phone, app)
            for name, action, text, _ in ACTIONS:
                if name == app:
                    assert phone.use(action, text).happened
            phone.advance(15)
    arrived = world.arrived()
    told = [name for name in named(arrived) if name not in ("$AppStart", "$AppEnd")]

    assert told == [event for _, _, _, events in ACTIONS for event in events]
    assert arrived == world.ledger().delivered()


@pytest.mark.parametrize("app", APPS)
def test_events_carry_exactly_the_parameters_that_the_app_declares(world: World, app: str) -> None:
    with world.phone() as phone:
        opened(phone, app)
        for action, text, _ in {"music-player": MUSIC, "system": SYSTEM}.get(app, BROWSER):
            phone.use(action, text)
        phone.background()
        phone.advance(45)
    arrived = world.arrived()
    shared = set.intersection(*(set(event["properties"]) for event in arrived))

    assert {event["event"] for event in arrived} <= {kind.name for kind in APPS[app].events}
    for event in arrived:
        kind = APPS[app].kind(event["event"])
        own = [name for name in event["properties"] if name not in shared]
        assert own == list(kind.parameters)
        assert event["lib"]["$lib_method"] == ("autoTrack" if kind.name.startswith("$") else "code")


def test_values_of_the_published_events(world: World) -> None:
    with world.phone() as phone:
        opened(phone, "mint-browser")
        phone.use("download", "https://a.example/f.pdf?x=1")
        phone.use("search-video", "words")
        phone.set_incognito(True)
        phone.use("download", "https://a.example/g")
        phone.use("visit", "https://b.adult.example/")
        phone.advance(15)
    first, video, second, *pages = (event["properties"] for event in world.arrived())

    assert [first[key] for key in ("suffix", "url", "type")] == [
        "pdf",
        "https://a.example/f.pdf?x=1",
        "general",
    ]
    assert [video[key] for key in ("op", "search_word")] == ["search", "words"]
    assert [second[key] for key in ("suffix", "type")] == ["", "privacy"]
    assert len(pages) == 2, "incognito mode is recommended only where it is not on"


def test_the_default_engine_is_the_one_chosen(world: World) -> None:
    with world.phone() as phone:
        opened(phone, "mint-browser")
        phone.use("change-engine", "duckduckgo")
        phone.search("words")
        phone.advance(15)
    changed, search, *_ = (event["properties"] for event in world.arrived())

    assert (changed["old_searchengine"], changed["new_searchengine"]) == ("google", "duckduckgo")
    assert search["used_searchengine"] == "duckduckgo"
    assert world.ledger().requests[0].host == SEARCH_HOST


@pytest.mark.parametrize("app", ["mi-browser", "mi-browser-pro"])
@pytest.mark.parametrize(
    ("version", "switch", "sends"), [("12.1.3", None, True), ("12.1.4", "on", True), ("12.1.4", "off", False)]
)
def test_mi_browser_in_incognito_mode(
    world: World, app: str, version: str, switch: str | None, sends: bool
) -> None:
    with world.phone(profile="mi-10") as phone:
        opened(phone, app, version=version)
        phone.set_incognito(True)
        if switch:
            phone.set_switch(switch)
        phone.visit(SITE)
        phone.advance(15)
    page = next(exchange for exchange in world.exchanges if exchange.host == "a.example")
    headers = dict(page.request_headers)

    assert named(world.arrived()) == (PAGE if sends else [])
    assert headers[b"User-Agent"].endswith(f"XiaoMi/MiuiBrowser/{version}-g".encode())
    assert all(event["properties"]["$model"] == "Mi 10" for event in world.arrived())


@pytest.mark.parametrize("app", ["music-player", "system"])
def test_nothing_leaves_before_consent_or_after_its_withdrawal(world: World, app: str) -> None:
    with world.phone() as phone:
        opened(phone, app, consent="none")
        for action, text, _ in {"music-player": MUSIC, "system": SYSTEM}[app]:
            phone.use(action, text)
        phone.advance(60)
        phone.set_consent("given")
        phone.set_consent("withdrawn")
        for action, text, _ in {"music-player": MUSIC, "system": SYSTEM}[app]:
            phone.use(action, text)
        phone.background()
        phone.advance(60)

    assert world.ledger().requests == ()


def test_an_app_that_is_left_goes_to_the_background_and_ends_its_session(world: World) -> None:
    with world.phone() as phone:
        opened(phone, "music-player")
        opened(phone, "system")
        assert phone.launch("music-player").app == "music-player"
        phone.launch("system")
        phone.advance(30)
        phone.launch("music-player")
        phone.advance(15)
    sessions = [(event["event"], event["properties"].get("$is_first_time")) for event in world.arrived()]

    assert sessions.count(("$AppStart", True)) == 2
    assert sessions.count(("$AppEnd", None)) == 1
    assert sessions.count(("$AppStart", False)) == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda phone: phone.use("visit", SITE), "Music player offers no 'visit' .has: play, search-song"),
        (lambda phone: phone.search("words"), "Music player has no search engine"),
        (lambda phone: phone.set_incognito(True), "Music player has no incognito mode"),
        (lambda phone: phone.set_switch("on"), "Music player 2020.04 has no switch"),
        (lambda phone: phone.install("1", "music-player"), "Music player '1' is not known here"),
        (lambda phone: phone.install("1", "calculator"), "no app 'calculator'; choose from mint-browser"),
        (lambda phone: phone.launch("calculator"), "no app 'calculator'"),
        (
            lambda phone: phone.set_telemetry("honest"),
            "no telemetry 'honest'; choose from as-found, aggregate",
        ),
    ],
)
def test_what_an_app_cannot_do_is_refused(world: World, wrong: Any, message: str) -> None:
    with world.phone() as phone:
        opened(phone, "music-player")
        with pytest.raises(LabError, match=message):
            wrong(phone)
