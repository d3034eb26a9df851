"""Words of the prompt that stand for a gesture wherever the person is: the app it needs is opened first."""

from datetime import UTC, datetime

from hometruth.cli.lab_hand import BROWSERS, Hand
from hometruth.errors import LabError
from hometruth.lab import APPS

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
