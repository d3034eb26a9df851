"""The phone in the hand of a person at the prompt: gestures, and what arrives at the collector beside it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from hometruth.errors import LabError
from hometruth.lab import APPS, Phone, Screen, read_events
from hometruth.lab.apps.mint_browser import SUPER_PROPERTIES
from hometruth.lab.collector.database import Db
from hometruth.report.text import escape_terminal

BROWSERS = tuple(name for name, app in APPS.items() if app.user_agent)
NOTHING = {
    "visit": "nothing yet (if it was recorded, it is sent 15 s later: `wait 15`)",
    "search": "nothing yet (if it was recorded, it is sent 15 s later: `wait 15`)",
    "wait": "nothing",
}
"""What to say if nothing arrived after a word; after others nothing needs to be said."""
CHANNEL_OF = {"mistat": "MiStat", "spock": "the system's analytics"}
"""Which of the vendor's other channels an event came by, by its type in the store."""


class Hand:
    """The phone in the person's hand, and the collector's file beside it.

    Args:
        phone: Switched on.
        db: Where the collector keeps its events; None if that is not known, and arrivals are not shown.
        phones: Every phone that is switched on, by model; only *phone* by default.
    """

    def __init__(self, phone: Phone, db: Db | None, phones: Mapping[str, Phone] | None = None) -> None:
        self.phones = phones or {}
        self.db = db
        self._last_seen = 0
        self.take(phone)

    def take(self, phone: Phone) -> Screen:
        """Take a phone in hand: what follows is done on it."""
        self.phone = phone
        shown = phone.advance(0)
        self.app = shown.app
        """The app last opened; `version` is about it."""
        self.browser = self.app if self.app in BROWSERS else BROWSERS[0]
        """The browser last opened."""
        return shown

    def bring(self, app: str, version: str = "") -> Screen:
        """Open *app*, and install it (or that version) if need be."""
        if app not in APPS:
            raise LabError(f"no app {app!r}; choose from {', '.join(APPS)}")
        try:
            shown = None if version else self.phone.launch(app)
        except LabError:  # not installed yet
            shown = None
        if shown is None:
            self.phone.install(version or APPS[app].versions[0], app)
            shown = self.phone.launch(app)
        self.app = app
        self.browser = app if app in BROWSERS else self.browser
        return shown

    def skip_old(self) -> None:
        """What the collector has by now is not news."""
        if self.db is not None:
            self._last_seen = max((event["_server"]["id"] for event in read_events(self.db)), default=0)

    def print_arrivals(self, word: str) -> None:
        """Print the events that came to the collector since the last time."""
        if self.db is None:
            return
        events = read_events(self.db, after=self._last_seen)
        for event in events:
            self._last_seen = event["_server"]["id"]
            click.echo(f"  arrived  {summary_of(event)}")
        if not events and word in NOTHING:
            click.echo(f"  arrived  {NOTHING[word]}")


def summary_of(event: dict[str, Any]) -> str:
    """One line on a stored event: name, what it tells, and whose it is. Safe to print."""
    properties = event.get("properties")
    own = {
        key: value
        for key, value in (properties if isinstance(properties, dict) else {}).items()
        if not key.startswith("$") and key not in SUPER_PROPERTIES.parameters
    }
    if "original_id" in event:
        own["original_id"] = event["original_id"]
    told = " ".join(f"{key}={value}" for key, value in own.items())
    name = event.get("event", event["type"])
    if event["type"] in CHANNEL_OF:
        return escape_terminal(f"{name:<24} {told}  by {CHANNEL_OF[event['type']]}")
    return escape_terminal(f"{name:<24} {told}  distinct_id={event.get('distinct_id')}")


CLOCK_FORM = "2020-08-04 or 2020-08-04T21:30 (UTC)"


def play(hand: Hand, song: str) -> str:
    """Listen to a song."""
    return gesture(hand, "music-player", "play", song)


def tap(hand: Hand, what: str) -> str:
    """Touch something on the home screen."""
    return gesture(hand, "system", "tap-screen", what)


def folder(hand: Hand, name: str) -> str:
    """Open a folder of the home screen."""
    return gesture(hand, "system", "open-folder", name)


def toggle(hand: Hand, _rest: str) -> str:
    """Move the switch to its other position."""
    to_browser(hand)
    position = "off" if hand.phone.badge()["switch"] == "on" else "on"
    return f"Enhanced Incognito Mode is {hand.phone.set_switch(position).switch} now"


def clock(hand: Hand, when: str) -> str:
    """Set the phone's clock."""
    try:
        moment = datetime.fromisoformat(when)
    except ValueError as err:
        raise LabError(f"clock: {when!r} is no date; write {CLOCK_FORM}") from err
    at = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    shown = hand.phone.set_clock(int(at.timestamp() * 1000))
    return f"clock shows {datetime.fromtimestamp(shown.clock_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def reset_advertising_id(hand: Hand, _rest: str) -> str:
    """Reset the advertising id, which no app of the lab sends."""
    return f"advertising id is {hand.phone.reset_advertising_id().advertising_id} now"


def to_browser(hand: Hand) -> None:
    """Bring the browser last used to the front, as it is, if another app is there."""
    if hand.app not in BROWSERS:
        hand.bring(hand.browser)


def gesture(hand: Hand, app: str, action: str, text: str) -> str:
    """Do *action* in *app*, and say if nothing is recorded of it yet."""
    hand.bring(app)
    hand.phone.use(action, text)
    consent = hand.phone.badge()["consent"]
    unasked = "" if consent == "given" else f"; nothing is recorded: consent {consent} (`consent give`)"
    return f"{action} {text!r} done in {APPS[app].title}{unasked}"
