"""The words of the prompt of `hometruth lab up`: what each does with the phone in hand."""

from collections.abc import Callable
from dataclasses import dataclass

import click

from hometruth.cli.lab_hand import (
    CLOCK_FORM,
    Hand,
    clock,
    folder,
    play,
    reset_advertising_id,
    summary_of,
    tap,
    to_browser,
    toggle,
)
from hometruth.errors import LabError
from hometruth.lab import APPS, CHANNELS, Observation, Screen, read_events
from hometruth.lab.sdk.variants import NETWORKS, VARIANTS

CONSENT = {"give": "given", "withdraw": "withdrawn"}


class Quit(Exception):
    """The person is done."""


@dataclass(frozen=True, slots=True)
class Action:
    """One word of the prompt."""

    usage: str
    what: str
    run: Callable[[Hand, str], str]
    """Does it with the rest of the line, and returns what the phone did."""


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


def _help(_hand: Hand, _rest: str) -> str:
    width = max(len(action.usage) for action in ACTIONS.values())
    for action in ACTIONS.values():
        click.echo(f"  {action.usage:<{width}}  {action.what}")
    return "is waiting"


def _visit(hand: Hand, url: str) -> str:
    to_browser(hand)
    address = url if "://" in url else f"https://{url}"
    return _seen(hand.phone.visit(address), address)


def _search(hand: Hand, words: str) -> str:
    to_browser(hand)
    return _seen(hand.phone.search(words), f"results for {words!r}")


def _incognito(hand: Hand, word: str) -> str:
    to_browser(hand)
    return _shown(hand.phone.set_incognito(_one_of(word, ("on", "off")) == "on"))


def _switch(hand: Hand, word: str) -> str:
    return _shown(hand.phone.set_switch(_one_of(word, ("on", "off"))))


def _consent(hand: Hand, word: str) -> str:
    return _shown(hand.phone.set_consent(CONSENT[_one_of(word, tuple(CONSENT))]))


def _sign_in(hand: Hand, name: str) -> str:
    return _shown(hand.phone.sign_in(name))


def _sign_out(hand: Hand, _rest: str) -> str:
    return _shown(hand.phone.sign_out())


def _version(hand: Hand, version: str) -> str:
    hand.phone.install(version, hand.app)
    return _shown(hand.phone.launch(hand.app))


def _open(hand: Hand, words: str) -> str:
    name, _, version = words.partition(" ")
    return _shown(hand.bring(name, version))


def _do(hand: Hand, words: str) -> str:
    action, _, text = words.partition(" ")
    seen = hand.phone.use(action, text)
    outcome = "done" if seen.happened else f"failed (status {seen.status})"
    return f"{action} {text!r} {outcome}"


def _telemetry(hand: Hand, word: str) -> str:
    hand.phone.set_telemetry(_one_of(word, ("as-found", "aggregate")))
    return _shown(hand.phone.launch(hand.app))


def _channels(hand: Hand, word: str) -> str:
    hand.phone.set_channels(_one_of(word, CHANNELS))
    return _shown(hand.phone.launch(hand.app))


def _phone(hand: Hand, word: str) -> str:
    if not hand.phones:
        raise LabError("only this phone is switched on; `hometruth lab up --phone A --phone B` has several")
    hand.take(hand.phones[_one_of(word, tuple(hand.phones))])
    return f"{word} in hand, {_shown(hand.phone.advance(0))}"


def _sdk(hand: Hand, word: str) -> str:
    hand.phone.set_sdk(_one_of(word, tuple(VARIANTS)))
    return _shown(hand.phone.launch(hand.app))


def _network(hand: Hand, word: str) -> str:
    hand.phone.set_network(word)
    return f"is connected to {word}"


def _restart(hand: Hand, _rest: str) -> str:
    hand.phone.restart()
    return _shown(hand.phone.launch(hand.app))


def _reinstall(hand: Hand, _rest: str) -> str:
    hand.phone.reinstall()
    return _shown(hand.phone.launch(hand.app))


def _reset(hand: Hand, _rest: str) -> str:
    hand.phone.factory_reset()
    hand.phone.install(APPS[hand.app].versions[0], hand.app)
    return _shown(hand.phone.launch(hand.app))


def _wait(hand: Hand, seconds: str) -> str:
    try:
        duration = float(seconds)
    except ValueError as err:
        raise LabError(f"wait how many seconds? {seconds!r} is not a number") from err
    hand.phone.advance(duration)
    return f"waited {duration:g} s on its own clock"


def _kill(hand: Hand, _rest: str) -> str:
    return _shown(hand.phone.kill())


def _launch(hand: Hand, _rest: str) -> str:
    return _shown(hand.phone.launch())


def _clear(hand: Hand, _rest: str) -> str:
    hand.phone.clear_data()
    return _shown(hand.phone.launch())


def _events(hand: Hand, _rest: str) -> str:
    if hand.db is None:
        raise LabError("where the collector keeps its events is not known here; name it with --db")
    events = read_events(hand.db)
    for event in events:
        click.echo(f"  stored   {summary_of(event)}")
    return f"has {len(events)} events at the collector"


def _quit(_hand: Hand, _rest: str) -> str:
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
    "play": Action("play SONG", "listen to a song, in the music player", play),
    "tap": Action("tap THING", "touch something on the home screen", tap),
    "folder": Action("folder NAME", "open a folder of the home screen", folder),
    "toggle": Action("toggle", "move the switch to its other position", toggle),
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
    "adid": Action("adid", "reset the advertising id, and nothing else", reset_advertising_id),
    "clock": Action("clock DATE", f"set the phone's clock: {CLOCK_FORM}", clock),
    "events": Action("events", "everything the collector has", _events),
    "quit": Action("quit", "stop everything (so do Ctrl-C and Ctrl-D)", _quit),
}
"""What can be said at the prompt."""
