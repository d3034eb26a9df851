"""Real browsers, unmodified, driven as a person drives them: the keyboard, in the real address bar.

Nothing is assumed. Which mode a window is in, two witnesses must agree on, before and after what is done:
what the window shows of itself, and a cookie of the canary site, which private windows do not bring. The
history of the profile, read after quitting, can contradict both. An action happened if its own host saw it.
Settings are read back from the profile afterwards.
"""

import difflib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

from hometruth.errors import DriverError
from hometruth.experiment.drivers.browser_kind import BrowserOptions
from hometruth.experiment.drivers.desktop.captions import Captions
from hometruth.experiment.drivers.desktop.chromium import Chromium
from hometruth.experiment.drivers.desktop.firefox import Firefox
from hometruth.experiment.drivers.desktop.makes import NORMAL, OFF, ON, PRIVATE, Make, Setting
from hometruth.experiment.drivers.desktop.policies import PREFIX, copied, laid_over, policies_of, policy_value
from hometruth.experiment.drivers.desktop.running import Running, started
from hometruth.experiment.drivers.desktop.site import (
    PROBE,
    ZONE,
    Arrival,
    Site,
    WindowCookie,
    routes,
    serving,
)
from hometruth.experiment.drivers.desktop.x_display import XDisplay, waited_for
from hometruth.experiment.planned import PlannedSession
from hometruth.model import ActionRecord, Attestation, Canary, Condition, Exchange, is_within

MAKES: Mapping[str, Make] = {"chromium": Chromium(), "firefox": Firefox()}
WARM_UP_S = 90.0
"""First-run pages come and go within seconds; a loaded machine needs longer."""
LOADS_S = 8.0
"""Within which a page that was asked for reaches its host; then it is asked for again, or did not happen."""
ANSWERS_S = 25.0
"""Within which what a canary was planted by reaches its host, on a machine with much else to do: what is seen
there later would be held against the browser, as if nobody had asked for it."""
THINKS_S = 2.0
"""A person who types and does not submit looks at what is offered."""
RECORDS_S = 5.0
"""Within which what reached its host is in the recording."""
SHOWS_S = 5.0
"""Within which the screen shows what was typed."""
LISTENS_S = 1.0
"""Within which a browser on a loaded machine gives the keys to its address bar, after the shortcut."""
DIALOG_S = 5.0
"""Within which a dialog of the browser's own is open, and after it what it was asked to do is done."""
PAINTS_S = 0.5
"""From a page's arrival to its picture: what is typed before may be lost."""
TOOLBAR, PAGE = 130, 420
"""Pixels from the top of a window that hold its address bar, and the beginning of a page too."""
ALIKE = 0.75
"""How like a planted value a word on the screen must be: tesseract takes some letters for others."""
FRESH, KEPT = "fresh", "kept"
_BY_WINDOW = "what its window shows"
_BY_COOKIE = "the cookie that its window brings to the canary site"
_BY_PROFILE = "the profile, read after the session"
_BY_POLICIES = "its own page of policies, read at the end of the session"
POLICIES = "policies"
DIALOG_TRIES = 3
"""How often a dialog or page of its own is opened, with more time each, until it has done what it is for."""


@dataclass
class _Session:
    """What is under way."""

    condition: Condition
    mode: str
    profile: Path
    running: Running
    cookie: WindowCookie
    """By the browser's first window, which is a normal one; or, if its data was cleared, by what its windows
    brought then."""
    window: str
    came: str
    """`KEPT` if the profile brought a cookie of before the session, else `FRESH`."""
    visits: list[str] = field(default_factory=list)
    """Pages opened in it, without their scheme."""


class BrowserDriver:
    """Drives one browser, profile by profile.

    Args:
        folder: Where the film of the screen is kept, if one is asked for. Profiles are removed in the end.
    """

    def __init__(self, options: BrowserOptions, folder: Path) -> None:
        self._options = options
        self._film = folder.absolute() / "screen.webm"
        self._make = MAKES[options.browser]
        self._program = self._make.program(None if options.program is None else Path(options.program))
        self.version = self._make.version(self._program)
        """What the program says that it is."""
        self._stack = ExitStack()
        self._used: set[Path] = set()
        """Profiles that were started before."""
        self._documents: list[tuple[str, bytes]] = []
        """Host and target of pages of others that were opened in this session, and answered."""
        self._recorded: set[tuple[str, str]] = set()
        """Host and path of visits to the canaries' site that are in the recording."""
        self._session: _Session | None = None
        self._captions: Captions | None = None
        self._n = 0

    def routes(self) -> Mapping[str, str]:
        """Start the canaries' site and the screen."""
        made = tempfile.TemporaryDirectory(prefix="hometruth-browser-", ignore_cleanup_errors=True)
        self._folder = Path(self._stack.enter_context(made))
        self._display = self._stack.enter_context(
            XDisplay(self._folder / "screen", shown=self._options.shown)
        )
        self._site: Site = self._stack.enter_context(serving())
        if self._options.film:
            self._film.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._display.film(self._film)
            self._captions = Captions(self._film.with_suffix(".vtt"), time.time_ns())
        return routes(self._site)

    def connect(self, proxy_url: str, ca_file: Path) -> tuple[Canary, ...]:
        """Note where the recorder is; a browser's profile is made when it is needed."""
        self._proxy, self._ca_file = proxy_url, ca_file
        return ()

    def saw(self, exchange: Exchange) -> None:
        """Note what of the canaries' site is recorded, and pages of others that were opened and answered."""
        if is_within(exchange.host, ZONE):
            self._recorded.add((exchange.host, exchange.target.partition(b"?")[0].decode("ascii", "replace")))
            return
        is_page = exchange.request_header("sec-fetch-dest") == b"document"
        if is_page and not exchange.delivered.is_attempt:
            self._documents.append((exchange.host, exchange.target))

    def prepare(self, session: PlannedSession) -> tuple[Attestation, ...]:
        """Start the browser with the profile and settings of the condition, and open a window of its mode."""
        self._end()
        self._display.check()
        self._documents.clear()
        condition = session.trial.condition
        begin_ns = time.time_ns()
        try:
            profile = self._profile(session)
            self._session = self._started(condition, condition.get("mode") or NORMAL, profile)
            seen = self._attest(self._session, self._wanted(condition))
            return (*seen, *_policy_levels(condition, policies_of(condition.levels)))
        finally:
            self._caption(begin_ns, f"session {session.trial.id}: {condition}")

    def act(self, action: str, canary: Canary | None) -> ActionRecord:
        """Do it with the keyboard, in the session's window."""
        assert canary is not None
        session = self._ready()
        session.running.check()
        at_ns = time.time_ns()
        self._display.focus(session.window)
        do: Mapping[str, Callable[[_Session, Canary], bool]] = {
            "visit": self._visit,
            "search": self._search,
            "type": self._type,
            "click-link": self._click_link,
            "visit-in-tab": self._visit_in_tab,
            "visit-after-restart": self._visit_after_restart,
            "visit-after-clearing": self._visit_after_clearing,
            "read-page": self._read_page,
            "type-in-form": self._type_in_form,
            "copy": self._copy,
        }
        happened = False
        try:
            happened = do[action](session, canary)
        finally:
            self._caption(at_ns, f"{action} {canary.value}{'' if happened else ': did not happen'}")
        self._ready().running.check()
        title = self._display.title(self._ready().window)
        return ActionRecord(action, canary.id, at_ns, happened, f"window {title!r}")

    def _caption(self, begin_ns: int, text: str) -> None:
        """Tell beside the film, if there is one, what was done until now."""
        if self._captions is not None:
            self._captions.add(begin_ns, time.time_ns(), text)

    def wait(self, seconds: float) -> None:
        """Leave it alone."""
        time.sleep(seconds)

    def settle(self) -> tuple[Attestation, ...]:
        """Leave it alone for a while, ask the witnesses again, quit, and read the settings back."""
        session = self._ready()
        time.sleep(self._options.idle_s)
        session.running.check()
        seen = self._attest(session, {})
        told = self._policies_in_force(session)
        left = self._quit(session.running)
        self._session = None
        if installed := self._make.extensions(session.profile):
            raise DriverError(f"an extension was there, which sends under its name: {installed[0]}")
        names = self._names(session.condition) if left else ()  # ended by a signal, it may not have saved all
        levels = [
            *seen,
            *told,
            *self._levels(session.condition, self._make.settings(self._program, session.profile, names)),
        ]
        remembered = self._mode_by_history(session, is_whole=left)
        return tuple(item for item in levels if item.factor != "mode" or remembered in (None, item.level))

    def close(self) -> None:
        """Quit, and put the screen away."""
        try:
            self._end()
        finally:
            self._stack.close()

    # Starting

    def _profile(self, session: PlannedSession) -> Path:
        """The profile's folder, made and set up if it is new."""
        level = session.trial.condition.get("profile")
        name = session.trial.id if level == FRESH else session.trial.installation
        profile = self._folder / name / "profile"
        if not profile.exists():
            profile.mkdir(parents=True, mode=0o700)
            self._make.home(profile).mkdir(mode=0o700)
            self._make.trust(profile, self._ca_file)
            self._make.set_up(profile, self._proxy)
        wanted = self._wanted(session.trial.condition)
        self._lay_policies(profile, session.trial.condition)
        if profile not in self._used and (level == KEPT or (wanted and self._make.starts_first)):
            self._started_once(profile)
        if wanted:
            self._make.change(profile, wanted)
        return profile

    def _lay_policies(self, profile: Path, condition: Condition) -> None:
        """Write those of the condition beside the profile; for one without any, the machine's own stay."""
        folder = profile.parent / POLICIES
        if policies := policies_of(condition.levels):
            copied(self._make.policy_place(self._program), folder)
            self._make.set_policies(folder, policies)
        else:
            shutil.rmtree(folder, ignore_errors=True)

    def _started_once(self, profile: Path) -> None:
        """The start that makes a profile, and leaves the canary site's cookie in it."""
        running = self._launched(profile)
        try:
            self._warmed_up(running, running.first_window())
        except BaseException:  # whatever ends this, no browser may go on
            running.kill()
            raise
        self._quit(running)

    def _launched(self, profile: Path) -> Running:
        at = urlsplit(self._proxy)
        # For programs that the browser starts, and that do not ask it for its proxy (Firefox's pingsender).
        through = dict.fromkeys(("http_proxy", "https_proxy"), self._proxy)
        env = {**self._display.env, **through, "HOME": str(self._make.home(profile))}
        self._used.add(profile)
        recorder = (at.hostname or "", at.port or 0)
        command = self._command(profile)
        if (policies := profile.parent / POLICIES).exists():
            command = laid_over(command, policies, self._make.policy_place(self._program))
        return started(command, env, self._display, profile.parent / "said", recorder)

    def _command(self, profile: Path) -> list[str]:
        return self._make.command(self._program, profile, self._proxy)

    def _started(self, condition: Condition, mode: str, profile: Path) -> _Session:
        """The browser with its first window warm, and a second one of the mode asked for."""
        if mode not in self._make.window_keys:
            raise DriverError(f"{self._make.product} has no mode {mode!r} (have: {NORMAL}, {PRIVATE})")
        given_before = {seen.given for seen in self._site.seen}
        running = self._launched(profile)
        try:
            first_window = running.first_window()
            first = self._warmed_up(running, first_window)
            before = set(running.windows())
            self._display.focus(first_window)
            self._display.keys(self._make.window_keys[mode])
            opened = waited_for(lambda: set(running.windows()) - before, LOADS_S)
            if not opened:
                raise DriverError(f"no {mode} window opened")
            window = opened.pop()
            self._display.focus(window)
            came = KEPT if first.cookie in given_before else FRESH
            return _Session(condition, mode, profile, running, WindowCookie(first), window, came)
        except BaseException:  # whatever ends this, no browser may go on
            running.kill()
            raise

    def _warmed_up(self, running: Running, window: str) -> Arrival:
        """Wait until what is typed into the address bar arrives: first-run pages swallow what is earlier."""
        until = time.monotonic() + WARM_UP_S
        while time.monotonic() < until:
            running.check()
            self._display.focus(window)
            if seen := self._opened(PROBE, self._path("first")):
                return seen
            self._display.keys("Escape")
        raise DriverError(f"nothing typed into its address bar arrived within {WARM_UP_S:.0f} s")

    # Witnesses

    def _attest(self, session: _Session, wanted: Mapping[str, Setting]) -> tuple[Attestation, ...]:
        """What the subject shows of every level now; *wanted*, of what is read back afterwards."""
        self._display.focus(session.window)
        cookie = self._mode_by_cookie(session)
        words = self._display.words(session.window, TOOLBAR) if self._make.reads_badge else ""
        shown = self._make.mode_shown(self._display.title(session.window), words)
        told = [Attestation("version", self._make.number(self.version), "the program itself")]
        if shown and cookie:
            told += [Attestation("mode", shown, _BY_WINDOW), Attestation("mode", cookie, _BY_COOKIE)]
        told.append(Attestation("profile", session.came, _BY_COOKIE))
        return (*told, *self._levels(session.condition, wanted))

    def _policies_in_force(self, session: _Session) -> list[Attestation]:
        """Levels that are policies, as its own page of them tells in its first window."""
        wanted = policies_of(session.condition.levels)
        told: Mapping[str, object] = {}
        for attempt, keys in product(range(DIALOG_TRIES if wanted else 0), self._make.policy_keys):
            self._display.focus(session.running.first_window())
            self._to_address_bar()
            self._type_in(self._make.policy_page)
            self._display.keys("Return")
            time.sleep(DIALOG_S * (attempt + 1))
            self._display.keys(*keys)
            if told := self._make.policies_told(self._display.pasted(), [*wanted]):
                break
        return _policy_levels(session.condition, told)

    def _mode_by_cookie(self, session: _Session) -> str | None:
        return session.cookie.mode(self._opened(PROBE, self._path("mode")))

    def _mode_by_history(self, session: _Session, *, is_whole: bool) -> str | None:
        """The history keeps pages of normal windows, and none of private ones; None if none was opened.

        Where it keeps some and others not, no mode is right; where it may not be whole, what is missing in it
        says nothing.
        """
        history = "\n".join(self._make.remembered(session.profile))
        kept = {visit in history for visit in session.visits}
        if not is_whole:
            kept.discard(False)
        return "mixed" if len(kept) > 1 else NORMAL if True in kept else PRIVATE if kept else None

    def _names(self, condition: Condition) -> tuple[str, ...]:
        """Settings that the condition speaks of."""
        own = self._make.suggest if condition.get("suggest") else ()
        return (*own, *(factor for factor, _ in condition.levels if _is_setting(factor)))

    def _wanted(self, condition: Condition) -> Mapping[str, Setting]:
        """Settings as the condition asks for them; what it does not ask for stays as it comes."""
        wanted: dict[str, Setting] = {}
        for factor, level in condition.levels:
            if factor == "suggest":
                wanted |= dict.fromkeys(self._make.suggest, level == ON)
            elif _is_setting(factor):
                wanted[factor] = _setting(level)
        return wanted

    def _levels(self, condition: Condition, told: Mapping[str, Setting]) -> list[Attestation]:
        """The levels that settings amount to."""
        levels = []
        for factor, level in condition.levels:
            if factor == "suggest" and told:
                on = [told.get(name) for name in self._make.suggest]
                mixed = ON if all(on) else OFF if on and not all(on) else None
                if mixed and None not in on:
                    levels.append(Attestation(factor, mixed, _BY_PROFILE))
            elif _is_setting(factor) and factor in told:
                same = told[factor] == _setting(level)
                levels.append(Attestation(factor, level if same else json.dumps(told[factor]), _BY_PROFILE))
        return levels

    # Doing

    def _path(self, name: str) -> str:
        self._n += 1
        return f"/{name}/{self._n}"

    def _opened(self, host: str, path: str, within_s: float = LOADS_S) -> Arrival | None:
        """Type an address and submit it; what the site saw of it, None if nothing arrived."""
        since_ns = time.time_ns()
        self._to_address_bar()
        self._type_in(f"{host}{path}")
        self._display.keys("Return")
        return self._arrived(host, path, since_ns, within_s)

    def _to_address_bar(self) -> None:
        """Let what is typed go there: first letters that come too early are lost on the page."""
        self._display.keys("ctrl+l")
        time.sleep(LISTENS_S)

    def _arrived(self, host: str, path: str, since_ns: int, within_s: float) -> Arrival | None:
        """What the site saw of a visit, once the window shows it.

        Raises:
            DriverError: If it is not in the recording: then it went round.
        """
        seen = waited_for(lambda: self._site.got(host, path, since_ns), within_s)
        time.sleep(PAINTS_S)
        if seen and not waited_for(lambda: (host, path) in self._recorded, RECORDS_S):
            raise DriverError(f"a visit reached {host} round the recorder")
        return seen

    def _type_in(self, text: str) -> None:
        self._display.type(text, self._options.key_ms)

    def _visit(self, session: _Session, canary: Canary) -> bool:
        host, path = f"{canary.value}.{ZONE}", f"/story/{canary.value}"
        session.visits.append(f"{host}{path}")
        since_ns = time.time_ns()
        if self._opened(host, path, ANSWERS_S) is not None:
            return True
        if other := self._site.mistaken(canary.value, since_ns):  # a finding of it would be our own doing
            raise DriverError(f"keys were lost: {host}{path} was typed, {other.host}{other.path} opened")
        return False

    def _visit_in_tab(self, session: _Session, canary: Canary) -> bool:
        self._display.keys("ctrl+t")
        return self._visit(session, canary)

    def _visit_after_restart(self, session: _Session, canary: Canary) -> bool:
        if not self._quit(session.running):
            raise DriverError("it did not end when its windows were closed, so it was no restart")
        again = self._started(session.condition, session.mode, session.profile)
        again.visits, again.came = session.visits, session.came
        self._session = again
        return self._mode_by_cookie(again) == again.mode and self._visit(again, canary)

    def _visit_after_clearing(self, session: _Session, canary: Canary) -> bool:
        if session.mode != NORMAL:
            raise DriverError("what a private window holds is not cleared, it goes with the window")
        session.cookie.first = self._cleared()  # what all its normal windows bring from now on
        session.visits.clear()  # the history before is gone too
        return self._visit(session, canary)

    def _cleared(self) -> Arrival:
        """Clear the data of the last hour in its own dialog; the visit to the canary site that shows it.

        Raises:
            DriverError: If the site's cookie comes back each time.
        """
        opens, *accepts = self._make.clear_keys
        for attempt in range(DIALOG_TRIES):
            for keys in ((opens,), accepts):
                self._display.keys(*keys)
                time.sleep(DIALOG_S * (attempt + 1))
            seen = self._opened(PROBE, self._path("cleared"))
            if seen is not None and not seen.cookie:
                return seen
        raise DriverError("its data was not cleared: the cookie of the canary site is still there")

    def _search(self, session: _Session, canary: Canary) -> bool:  # noqa: ARG002
        self._to_address_bar()
        self._type_in(canary.value)
        self._display.keys("Return")
        value = canary.value.encode()
        found = waited_for(lambda: any(value in target for _, target in self._documents), ANSWERS_S)
        time.sleep(PAINTS_S)
        return bool(found)

    def _type(self, session: _Session, canary: Canary) -> bool:
        self._to_address_bar()
        self._type_in(canary.value)
        time.sleep(THINKS_S)
        stood = self._is_on_screen(session, canary, TOOLBAR)
        self._display.keys("Escape", "Escape")
        return stood

    def _click_link(self, session: _Session, canary: Canary) -> bool:
        host, path = f"{canary.value}.{ZONE}", f"/story/{canary.value}"
        page, _, rest = self._site.put_link(self._path("link"), f"http://{host}{path}").partition("/")
        if self._opened(page, f"/{rest}") is None:
            return False
        since_ns = time.time_ns()
        session.visits.append(f"{host}{path}")
        self._display.keys("Tab", "Return")
        return self._arrived(host, path, since_ns, ANSWERS_S) is not None

    def _read_page(self, session: _Session, canary: Canary) -> bool:
        page, _, rest = self._site.put_text(self._path("text"), canary.value).partition("/")
        return self._opened(page, f"/{rest}") is not None and self._is_on_screen(session, canary, PAGE)

    def _type_in_form(self, session: _Session, canary: Canary) -> bool:
        page, _, rest = self._site.put_form(self._path("form")).partition("/")
        if self._opened(page, f"/{rest}") is None:
            return False
        self._display.keys("Tab")
        self._type_in(canary.value)
        return self._is_on_screen(session, canary, PAGE)

    def _copy(self, session: _Session, canary: Canary) -> bool:
        copied = self._display.copy(canary.value)
        self._display.focus(session.window)
        self._display.keys("ctrl+l")  # where one would paste it
        time.sleep(THINKS_S)
        self._display.keys("Escape")
        return copied

    def _is_on_screen(self, session: _Session, canary: Canary, height: int) -> bool:
        """True once the upper part of the session's window shows the value, as well as that can be read."""

        def stands() -> bool:
            words = self._display.words(session.window, height).lower().split()
            return any(difflib.SequenceMatcher(None, word, canary.value).ratio() >= ALIKE for word in words)

        return bool(waited_for(stands, SHOWS_S))

    # Ending

    def _quit(self, running: Running) -> bool:
        return running.leave(self._make.leave())

    def _end(self) -> None:
        """End the browser of a session that broke off."""
        if self._session is not None:
            self._session.running.kill()
            self._session = None

    def _ready(self) -> _Session:
        if self._session is None:
            raise DriverError("no browser is running")
        return self._session


def _is_setting(factor: str) -> bool:
    return "." in factor and not factor.startswith(PREFIX)


def _setting(level: str) -> Setting:
    """A level as the value of a setting: JSON, or else the text as it is."""
    told = policy_value(level)
    return told if isinstance(told, (bool, int, float, str)) else level


def _policy_levels(condition: Condition, told: Mapping[str, object]) -> list[Attestation]:
    """The levels of those policies of the condition that are told of."""
    levels = []
    for factor, level in condition.levels:
        name = factor.removeprefix(PREFIX)
        if factor.startswith(PREFIX) and name in told:
            seen, asked = (json.dumps(each, sort_keys=True) for each in (told[name], policy_value(level)))
            levels.append(Attestation(factor, level if seen == asked else seen, _BY_POLICIES))
    return levels
