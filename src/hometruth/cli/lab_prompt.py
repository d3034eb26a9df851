"""The prompt of `hometruth lab up`: a person acts on the simulated phone, and sees what arrives."""

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

import click

from hometruth.cli import lab_gestures as gestures
from hometruth.errors import LabError
from hometruth.lab import APPS, CHANNELS, Observation, Phone, Screen, read_events
from hometruth.lab.apps.mint_browser import SUPER_PROPERTIES
from hometruth.lab.collector.database import Db
from hometruth.lab.sdk.variants import NETWORKS, VARIANTS
from hometruth.report.text import escape_terminal

NOTHING = {
    "visit": "nothing yet (if it was recorded, it is sent 15 s later: `wait 15`)",
    "search": "nothing yet (if it was recorded, it is sent 15 s later: `wait 15`)",
    "wait": "nothing",
}
"""What to say if nothing arrived after a word; after others nothing needs to be said."""
CHANNEL_OF = {"mistat": "MiStat", "spock": "the system's analytics"}
"""Which of the vendor's other channels an event came by, by its type in the store."""
CONSENT = {"give": "given", "withdraw": "withdrawn"}


class Quit(Exception):
    """The person is done."""


@dataclass(frozen=True, slots=True)
class Action:
    """One word of the prompt."""

    usage: str
    what: str
    run: Callable[["Bench", str], str]
    """Does it with the rest of the line, and returns what the phone did."""


class Bench:
    """A phone in the person's hand, and the collector's file beside it.

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
        self.browser = self.app if self.app in gestures.BROWSERS else gestures.BROWSERS[0]
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
        self.browser = app if app in gestures.BROWSERS else self.browser
        return shown

    def do(self, line: str) -> bool:
        """Carry out one line, print what the phone did and what arrived; False if it could not be done."""
        word, _, rest = line.strip().partition(" ")
        action = ACTIONS.get(word)
        if action is None:
            near = difflib.get_close_matches(word, ACTIONS, n=1)
            click.echo(
                f"  no command {escape_terminal(word)!r}" + (f"; {near[0]}?" if near else "; try `help`")
            )
            return False
        try:
            click.echo(f"  phone    {escape_terminal(action.run(self, rest.strip()))}")
        except LabError as err:
            click.echo(f"  error    {escape_terminal(str(err))}")
            return False
        self._print_arrivals(word)
        return True

    def skip_old(self) -> None:
        """What the collector has by now is not news."""
        if self.db is not None:
            self._last_seen = max((event["_server"]["id"] for event in read_events(self.db)), default=0)

    def _print_arrivals(self, word: str) -> None:
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


def talk(bench: Bench, stdin: TextIO) -> None:
    """Read lines until `quit`, the end of *stdin* or Ctrl-C."""
    try:
        for line in _lines(stdin):
            if line.strip():
                bench.do(line)
    except (Quit, KeyboardInterrupt):
        click.echo()


def _lines(stdin: TextIO) -> Iterator[str]:
    if not stdin.isatty():
        for raw in stdin.buffer:
            line = raw.decode("utf-8", "replace")
            click.echo(f"> {escape_terminal(line.rstrip())}")  # so that a transcript reads like a dialogue
            yield line
        return
    import readline  # noqa: F401, PLC0415 - gives input() a history; only a terminal has a use for it

    while True:
        try:
            yield input("> ")
        except EOFError:
            click.echo()
            return


def _shown(screen: Screen) -> str:
    app = APPS[screen.app]
    name = f"{app.title} {screen.version}"
    if not screen.running:
        return f"{name}, not running"
    signed_in = f", signed in as {screen.account}" if screen.account else ""
    is_browser = bool(app.user_agent)
    window = f"{screen.mode}, switch {screen.switch}, " if is_browser else ""
    return f"{name}, {window}consent {screen.consent}{signed_in}"


def _seen(seen: Observation, what: str) -> str:
    outcome = "loaded" if seen.happened else f"failed (status {seen.status})"
    return f"{what} {outcome}, {seen.mode} window"


def _one_of(word: str, choices: tuple[str, ...]) -> str:
    if word not in choices:
        raise LabError(f"say {' or '.join(choices)}, not {word!r}")
    return word


def _help(_bench: Bench, _rest: str) -> str:
    width = max(len(action.usage) for action in ACTIONS.values())
    for action in ACTIONS.values():
        click.echo(f"  {action.usage:<{width}}  {action.what}")
    return "is waiting"


def _visit(bench: Bench, url: str) -> str:
    gestures.to_browser(bench)
    address = url if "://" in url else f"https://{url}"
    return _seen(bench.phone.visit(address), address)


def _search(bench: Bench, words: str) -> str:
    gestures.to_browser(bench)
    return _seen(bench.phone.search(words), f"results for {words!r}")


def _incognito(bench: Bench, word: str) -> str:
    gestures.to_browser(bench)
    return _shown(bench.phone.set_incognito(_one_of(word, ("on", "off")) == "on"))


def _switch(bench: Bench, word: str) -> str:
    return _shown(bench.phone.set_switch(_one_of(word, ("on", "off"))))


def _consent(bench: Bench, word: str) -> str:
    return _shown(bench.phone.set_consent(CONSENT[_one_of(word, tuple(CONSENT))]))


def _sign_in(bench: Bench, name: str) -> str:
    return _shown(bench.phone.sign_in(name))


def _sign_out(bench: Bench, _rest: str) -> str:
    return _shown(bench.phone.sign_out())


def _version(bench: Bench, version: str) -> str:
    bench.phone.install(version, bench.app)
    return _shown(bench.phone.launch(bench.app))


def _open(bench: Bench, words: str) -> str:
    name, _, version = words.partition(" ")
    return _shown(bench.bring(name, version))


def _do(bench: Bench, words: str) -> str:
    action, _, text = words.partition(" ")
    seen = bench.phone.use(action, text)
    outcome = "done" if seen.happened else f"failed (status {seen.status})"
    return f"{action} {text!r} {outcome}"


def _telemetry(bench: Bench, word: str) -> str:
    bench.phone.set_telemetry(_one_of(word, ("as-found", "aggregate")))
    return _shown(bench.phone.launch(bench.app))


def _channels(bench: Bench, word: str) -> str:
    bench.phone.set_channels(_one_of(word, CHANNELS))
    return _shown(bench.phone.launch(bench.app))


def _phone(bench: Bench, word: str) -> str:
    if not bench.phones:
        raise LabError("only this phone is switched on; `hometruth lab up --phone A --phone B` has several")
    bench.take(bench.phones[_one_of(word, tuple(bench.phones))])
    return f"{word} in hand, {_shown(bench.phone.advance(0))}"


def _sdk(bench: Bench, word: str) -> str:
    bench.phone.set_sdk(_one_of(word, tuple(VARIANTS)))
    return _shown(bench.phone.launch(bench.app))


def _network(bench: Bench, word: str) -> str:
    bench.phone.set_network(word)
    return f"is connected to {word}"


def _restart(bench: Bench, _rest: str) -> str:
    bench.phone.restart()
    return _shown(bench.phone.launch(bench.app))


def _reinstall(bench: Bench, _rest: str) -> str:
    bench.phone.reinstall()
    return _shown(bench.phone.launch(bench.app))


def _reset(bench: Bench, _rest: str) -> str:
    bench.phone.factory_reset()
    bench.phone.install(APPS[bench.app].versions[0], bench.app)
    return _shown(bench.phone.launch(bench.app))


def _wait(bench: Bench, seconds: str) -> str:
    try:
        duration = float(seconds)
    except ValueError as err:
        raise LabError(f"wait how many seconds? {seconds!r} is not a number") from err
    bench.phone.advance(duration)
    return f"waited {duration:g} s on its own clock"


def _kill(bench: Bench, _rest: str) -> str:
    return _shown(bench.phone.kill())


def _launch(bench: Bench, _rest: str) -> str:
    return _shown(bench.phone.launch())


def _clear(bench: Bench, _rest: str) -> str:
    bench.phone.clear_data()
    return _shown(bench.phone.launch())


def _events(bench: Bench, _rest: str) -> str:
    if bench.db is None:
        raise LabError("where the collector keeps its events is not known here; name it with --db")
    events = read_events(bench.db)
    for event in events:
        click.echo(f"  stored   {summary_of(event)}")
    return f"has {len(events)} events at the collector"


def _quit(_bench: Bench, _rest: str) -> str:
    raise Quit


ACTIONS = {
    "help": Action("help", "this list", _help),
    "visit": Action("visit URL", "load a page", _visit),
    "search": Action("search WORDS", "search from the home page", _search),
    "incognito": Action("incognito on|off", "go to the private or the normal window", _incognito),
    "switch": Action("switch on|off", "Enhanced Incognito Mode (3.4.3 and later)", _switch),
    "consent": Action("consent give|withdraw", "answer the question of the first start", _consent),
    "signin": Action("signin NAME", "sign in to a Mi account", _sign_in),
    "signout": Action("signout", "sign out of it", _sign_out),
    "open": Action(
        f"open {'|'.join(APPS)} [VERSION]", "open an app, and install it (or that version) if need be", _open
    ),
    "do": Action("do ACTION TEXT", "what else the open app offers: `do ?` lists it", _do),
    "version": Action("version VERSION", "install that version over this one and start it", _version),
    "play": Action("play SONG", "listen to a song, in the music player", gestures.play),
    "tap": Action("tap THING", "touch something on the home screen", gestures.tap),
    "folder": Action("folder NAME", "open a folder of the home screen", gestures.folder),
    "toggle": Action("toggle", "move the switch to its other position", gestures.toggle),
    "telemetry": Action(
        "telemetry as-found|aggregate", "how apps report: as in 2020, or as was said", _telemetry
    ),
    "channels": Action(
        f"channels {'|'.join(CHANNELS)}", "what reports: Sensors, MiStat too, the system as well", _channels
    ),
    "phone": Action("phone NAME", "take another of the phones switched on in hand", _phone),
    "sdk": Action("sdk era|now|encrypted", "which generation of the SDK is inside the apps", _sdk),
    "network": Action(
        f"network {'|'.join(NETWORKS)}", "connect the phone to that, or to nothing (NULL)", _network
    ),
    "wait": Action("wait SECONDS", "let time pass on the phone", _wait),
    "kill": Action("kill", "end the app's process", _kill),
    "launch": Action("launch", "start the app", _launch),
    "clear": Action("clear", "clear the app's data and start it: a new installation", _clear),
    "restart": Action("restart", "switch the phone off and on", _restart),
    "reinstall": Action("reinstall", "uninstall the app and install it again", _reinstall),
    "reset": Action("reset", "factory reset: another phone, as far as ids go", _reset),
    "adid": Action("adid", "reset the advertising id, and nothing else", gestures.reset_advertising_id),
    "clock": Action("clock DATE", f"set the phone's clock: {gestures.CLOCK_FORM}", gestures.clock),
    "events": Action("events", "everything the collector has", _events),
    "quit": Action("quit", "stop everything (so do Ctrl-C and Ctrl-D)", _quit),
}
"""What can be said at the prompt."""
