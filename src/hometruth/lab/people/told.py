"""What an event tells of its owner's life, as one item: the table that re-identification is measured on."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from hometruth.lab.apps import mint_browser as mint
from hometruth.lab.apps.music_player import PLAY_START, PLAYLIST_ADD, SONG_SEARCH
from hometruth.lab.apps.system import FOLDER_OPEN, SCREEN_SWIPE, SETTINGS_OPEN, STATUS_BAR_OPEN

TELLING = {
    mint.PAGE_START.name: ("page", "url"),
    mint.SEARCH.name: ("search", "search_word"),
    mint.VIDEO_SEARCH.name: ("search", "search_word"),
    mint.DOWNLOAD.name: ("download", "url"),
    mint.VIDEO_OPEN.name: ("video", "video_id"),
    mint.FEED_ITEM.name: ("news", "item_id"),
    mint.DIAL_CLICK.name: ("dial", "url"),
    PLAY_START.name: ("song", "song_name"),
    PLAYLIST_ADD.name: ("song", "song_name"),
    SONG_SEARCH.name: ("search", "search_word"),
    FOLDER_OPEN.name: ("folder", "folder_name"),
    SCREEN_SWIPE.name: ("screen", "to_screen"),
    SETTINGS_OPEN.name: ("settings", "page_name"),
    STATUS_BAR_OPEN.name: ("status-bar", "notification"),
}
"""Event to sort of item and the parameter that names it; of an address, only the host counts.

Events that repeat another (a page finished, a video closed, a touch that opened a folder) are left out.
"""


def item_of(event: Mapping[str, Any]) -> str | None:
    """``page:HOST``, ``song:NAME``, ...; None if the event names nothing, or repeats another."""
    sort, parameter = TELLING.get(event.get("event", ""), ("", ""))
    value = event.get("properties", {}).get(parameter)
    if not isinstance(value, str):
        return None
    named = urlsplit(value).hostname or value if parameter == "url" else value
    return f"{sort}:{named}"
