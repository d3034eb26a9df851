"""The music player: what was published is that it records what is played and when; every name is invented."""

from collections.abc import Callable, Mapping

from hometruth.lab.apps.app_process import ActionOutcome, AppProcess
from hometruth.lab.apps.behaviour import Rule
from hometruth.lab.apps.declare import AUTO_TRACKED, CLICK, App, EventKind, NameSource
from hometruth.lab.apps.mint_browser import CONSENT_RULES

LISTENED_S = 180
"""How long a song is listened to on the phone's clock. Invented."""
PLAYLIST = "favourites"
SCREEN = "com.miui.player.ui.MusicBrowserActivity"
"""Invented, in the style of Android's names."""
_FORBES = "Forbes, 2020-04-30: the music player records which songs are played and when"
_OURS = "invented: a music player that records what is played will record this too"

PLAY_START = EventKind("music_play_start", ("song_name", "play_source"), _FORBES, NameSource.INVENTED)
PLAY_FINISH = EventKind("music_play_finish", ("song_name", "play_duration"), _FORBES, NameSource.INVENTED)
SONG_SEARCH = EventKind("music_search", ("search_word",), _OURS, NameSource.INVENTED)
PLAYLIST_ADD = EventKind("music_playlist_add", ("playlist_name", "song_name"), _OURS, NameSource.INVENTED)

MUSIC_PLAYER = App(
    name="music-player",
    title="Music player",
    versions=("2020.04",),
    project="global_music",
    project_basis=NameSource.INVENTED,
    rules=(*CONSENT_RULES, Rule({}, sends=True, source=_FORBES)),
    events=(PLAY_START, PLAY_FINISH, SONG_SEARCH, PLAYLIST_ADD, *AUTO_TRACKED),
    without_switch=frozenset({"2020.04"}),
    auto_tracks=True,
)
"""Its version is invented too."""


class MusicPlayer(AppProcess):
    """The process of the music player; its songs lie on the phone, so that it needs no network itself."""

    @property
    def actions(self) -> Mapping[str, Callable[[str], ActionOutcome]]:
        """What a person can do in the music player."""
        return {
            "play": self.play,
            "search-song": self.search_song,
            "add-to-playlist": self.add_to_playlist,
        }

    def play(self, song: str) -> ActionOutcome:
        """Tap a song and listen to it."""
        self._record(CLICK.name, "song_title", "TextView", song, SCREEN, "Songs")
        self._record(PLAY_START.name, song, "library")
        self._phone.clock.advance(LISTENED_S * 1000)
        self._record(PLAY_FINISH.name, song, LISTENED_S)
        return self._done()

    def search_song(self, words: str) -> ActionOutcome:
        """Search among the songs."""
        self._record(SONG_SEARCH.name, words)
        return self._done()

    def add_to_playlist(self, song: str) -> ActionOutcome:
        """Put a song on a playlist."""
        self._record(PLAYLIST_ADD.name, PLAYLIST, song)
        return self._done()
