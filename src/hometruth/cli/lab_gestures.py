"""Words of the prompt that stand for a gesture wherever the person is: the app it needs is opened first."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hometruth.errors import LabError
from hometruth.lab import APPS

if TYPE_CHECKING:
    from hometruth.cli.lab_prompt import Bench

BROWSERS = tuple(name for name, app in APPS.items() if app.user_agent)
CLOCK_FORM = "2020-08-04 or 2020-08-04T21:30 (UTC)"


def play(bench: "Bench", song: str) -> str:
    """Listen to a song."""
    return gesture(bench, "music-player", "play", song)


def tap(bench: "Bench", what: str) -> str:
    """Touch something on the home screen."""
    return gesture(bench, "system", "tap-screen", what)


def folder(bench: "Bench", name: str) -> str:
    """Open a folder of the home screen."""
    return gesture(bench, "system", "open-folder", name)


def toggle(bench: "Bench", _rest: str) -> str:
    """Move the switch to its other position."""
    to_browser(bench)
    position = "off" if bench.phone.badge()["switch"] == "on" else "on"
    return f"Enhanced Incognito Mode is {bench.phone.set_switch(position).switch} now"


def clock(bench: "Bench", when: str) -> str:
    """Set the phone's clock."""
    try:
        moment = datetime.fromisoformat(when)
    except ValueError as err:
        raise LabError(f"clock: {when!r} is no date; write {CLOCK_FORM}") from err
    at = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    shown = bench.phone.set_clock(int(at.timestamp() * 1000))
    return f"clock shows {datetime.fromtimestamp(shown.clock_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def reset_advertising_id(bench: "Bench", _rest: str) -> str:
    """Reset the advertising id, which no app of the lab sends."""
    return f"advertising id is {bench.phone.reset_advertising_id().advertising_id} now"


def to_browser(bench: "Bench") -> None:
    """Bring the browser last used to the front, as it is, if another app is there."""
    if bench.app not in BROWSERS:
        bench.bring(bench.browser)


def gesture(bench: "Bench", app: str, action: str, text: str) -> str:
    """Do *action* in *app*, and say if nothing is recorded of it yet."""
    bench.bring(app)
    bench.phone.use(action, text)
    consent = bench.phone.badge()["consent"]
    unasked = "" if consent == "given" else f"; nothing is recorded: consent {consent} (`consent give`)"
    return f"{action} {text!r} done in {APPS[app].title}{unasked}"
