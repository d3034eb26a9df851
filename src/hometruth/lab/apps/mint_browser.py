"""Mint Browser 3.4.0, 3.4.3, 3.4.4 as data: what is recorded, when, where it goes, and why this is believed.

Sources, by short name:

palant-1  code analysis of 3.4.0, later 3.4.3:
          https://palant.info/2020/05/04/are-xiaomi-browsers-spyware-yes-they-are.../
palant-2  code analysis of 3.4.3 and 3.4.4:
          https://palant.info/2020/05/08/what-data-does-xiaomi-collect-about-you/
forbes    Forbes, 2020-04-30 (traffic of a Redmi Note 8, both modes)
sdk       source of sa-sdk-android 3.2.10, the version palant-1 links to
assumed   plausible, not documented
invented  not documented anywhere; ours, so that the lab can be driven

Not modelled: the request of the era's SDK for its remote configuration, and the events for tabs, copied
addresses, errors, and parts of the screen shown or clicked.
"""

from collections.abc import Mapping
from types import MappingProxyType

from hometruth.lab.apps.behaviour import AppState, Rule, sends_in
from hometruth.lab.apps.declare import App, EventKind, NameSource

SEARCH_HOST = "search.example"
"""The search engine of the lab: a reserved name, so that no real engine is ever asked."""
VIDEO_HOST = "video.example"
"""Where videos are searched and watched. Invented, likewise."""
FEED_HOST = "feed.example"
"""Where the items of the news feed come from. Invented, likewise."""
REMINDER_SITES = ".adult.example"
"""Sites at which the browser recommends incognito mode. Invented; the app had a list of real ones."""
ENGINES: Mapping[str, str] = MappingProxyType({"google": SEARCH_HOST, "duckduckgo": SEARCH_HOST})
"""Name the app reports as ``used_searchengine`` -> host whose result page it loads. The host is invented."""

VERSIONS = ("3.4.0", "3.4.3", "3.4.4")
VERSIONS_WITHOUT_SWITCH = frozenset({"3.4.0"})
"""3.4.3 of 2020-05-04 brought the switch. Source: palant-1."""
SWITCH_DEFAULT = "on"
"""Enhanced Incognito Mode before anyone touches it. Source: palant-2: by default 3.4.3 sends."""
CONSENT_DEFAULT = "none"
"""The first start asks and waits. Source: invented; Mint's own consent screen is not documented."""


def _nameless(name: str, parameters: tuple[str, ...], what: str, counted_as: str = "actions") -> EventKind:
    """An event that palant-1 describes without its name."""
    source = f"palant-1: {what}; the names were not published"
    return EventKind(name, parameters, source, NameSource.INVENTED, counted_as)


PAGE_START = EventKind("page_load_event_start", ("url",), "palant-1")
PAGE_FINISH = EventKind("page_load_event_finish", ("url",), "palant-1; that a failed load has none: assumed")
SEARCH = EventKind(
    "search", ("used_searchengine", "search_position", "search_method", "search_word"), "palant-1"
)
SEARCH_POSITION = "homepage"
"""Value of ``search_position``. Source: assumed; palant-1 names only the key."""
SEARCH_METHOD = "input"
"""Value of ``search_method``. Source: assumed; palant-1 names only the key."""
DOWNLOAD = EventKind(
    "download_files",
    ("op", "suffix", "url", "type"),
    "palant-1; ``type`` is privacy in incognito mode, else general",
)
DOWNLOAD_OP = "download"
"""Value of ``op``. Source: assumed; palant-1 names only the key."""
VIDEO_SEARCH = EventKind(
    "youtube_search_op", ("op", "search_word", "search_type", "page"), "palant-1; ``op`` is search"
)
VIDEO_SEARCH_TYPE = "input"
"""Value of ``search_type``. Source: assumed; palant-1 names only the key."""
VIDEO_SEARCH_PAGE = "homepage"
"""Value of ``page``. Source: assumed; palant-1 names only the key."""
VIDEO_OPEN = _nameless("video_details_open", ("video_id",), "details of a video opened")
VIDEO_PLAY = _nameless("video_play", ("video_id",), "video played")
VIDEO_CLOSE = _nameless("video_details_close", ("video_id",), "details of a video closed")
DIAL_ADD = _nameless("quick_dial_add", ("url",), "site added to the speed dial")
DIAL_CLICK = _nameless("quick_dial_click", ("url",), "site of the speed dial clicked")
READER_ON = _nameless("reader_mode_on", ("url",), "reader mode switched on, with the address")
PAGE_SHARE = _nameless("page_share", ("url",), "page shared, with the address")
REMINDER = _nameless(
    "incognito_reminder_show", ("url",), "incognito mode recommended, with the address of the site"
)
ENGINE_CHANGED = _nameless(
    "default_searchengine_change",
    ("old_searchengine", "new_searchengine"),
    "default engine changed",
    counted_as="changes",
)
CRASH = EventKind("rv_crashed", ("cause",), "palant-1", counted_as="crashes")
FEED_ITEM = EventKind(
    "news_feed_item_view",
    ("item_id",),
    "forbes: every item viewed in the feed of the phone's default browser; of Mint: assumed",
    NameSource.INVENTED,
)

SUPER_PROPERTIES = EventKind(
    "registerSuperProperties",
    ("uuid", "internet_status", "platform", "miui_version", "miui_region", "system_language"),
    "palant-1; ``uuid`` is the anonymous id once more",
)

CONSENT_RULES = (
    Rule(
        {"consent": "none"},
        sends=False,
        source="invented: the SDK is not initialised before the question is answered",
    ),
    Rule(
        {"consent": "withdrawn"},
        sends=False,
        source="invented: nothing is recorded any more and what still waits on the phone is deleted. SDKs of"
        " the time had no disableSDK (it came with 5.4.0, 2021), hence no farewell event either; with"
        " today's SDK the app calls it, and the farewell and what waits are sent",
    ),
)
"""The same for every app of the lab."""

RULES = (
    *CONSENT_RULES,
    Rule({"version": "3.4.0"}, sends=True, source="forbes and palant-1: in normal and incognito mode alike"),
    Rule(
        {"version": "3.4.3", "mode": "incognito", "switch": "off"},
        sends=False,
        source="palant-1, update of 2020-05-07: the one silent cell, and not the default",
    ),
    Rule({"version": "3.4.3"}, sends=True, source="palant-1, palant-2"),
    Rule(
        {"version": "3.4.4", "mode": "incognito", "switch": "off"},
        sends=False,
        source="palant-2, after a quick glance: nothing changed since 3.4.3",
    ),
    Rule({"version": "3.4.4"}, sends=True, source="palant-2, after a quick glance: as 3.4.3"),
)
"""The table as found; the first rule that matches decides."""

MINT_BROWSER = App(
    name="mint-browser",
    title="Mint Browser",
    versions=VERSIONS,
    project="global_browser_mini",
    project_basis=NameSource.PUBLISHED,
    rules=RULES,
    events=(
        *(PAGE_START, PAGE_FINISH, SEARCH, DOWNLOAD, VIDEO_SEARCH, VIDEO_OPEN, VIDEO_PLAY, VIDEO_CLOSE),
        *(DIAL_ADD, DIAL_CLICK, READER_ON, PAGE_SHARE, REMINDER, ENGINE_CHANGED, FEED_ITEM),
        CRASH,
    ),
    user_agent="XiaoMi/Mint Browser/{version}",
    without_switch=VERSIONS_WITHOUT_SWITCH,
    switch_default=SWITCH_DEFAULT,
    consent_default=CONSENT_DEFAULT,
)


def cell_of(version: str, mode: str, switch: str, consent: str) -> AppState:
    """The cell of Mint Browser with these levels.

    Raises:
        LabError: If a level does not exist, or the version has no such position of the switch.
    """
    return MINT_BROWSER.cell(version, mode, switch, consent)


def behaviour_sends(version: str, mode: str, switch: str, consent: str) -> bool:
    """Whether actions in this cell are recorded and sent, as found in 2020 (`RULES`)."""
    return sends_in(cell_of(version, mode, switch, consent), RULES)
