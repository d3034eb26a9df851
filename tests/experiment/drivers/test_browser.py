"""The driver of real browsers, as far as it goes without starting one; tests/audit has the browsers."""

import json
import os
import shutil
import sqlite3
import ssl
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import cast
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

import pytest

from hometruth.capture import Recorder, Sinkhole
from hometruth.capture.proxy.authority import make_authority
from hometruth.errors import DriverError, PlanError
from hometruth.experiment import parse_plan
from hometruth.experiment.drivers import browser
from hometruth.experiment.drivers.browser import FRESH, KEPT, MAKES, BrowserDriver, _Session
from hometruth.experiment.drivers.browser_kind import BROWSER, BrowserOptions
from hometruth.experiment.drivers.desktop import x_display
from hometruth.experiment.drivers.desktop.chromium import PREFERENCES, Chromium
from hometruth.experiment.drivers.desktop.firefox import Firefox, defaults
from hometruth.experiment.drivers.desktop.makes import NORMAL, PRIVATE, Make
from hometruth.experiment.drivers.desktop.policies import copied, laid_over
from hometruth.experiment.drivers.desktop.programs import PACKAGES, missing, need
from hometruth.experiment.drivers.desktop.running import Running, started
from hometruth.experiment.drivers.desktop.site import PROBE, Arrival, Site, WindowCookie, routes, serving
from hometruth.experiment.drivers.desktop.trust import trust
from hometruth.experiment.drivers.desktop.x_display import XDisplay
from hometruth.model import Attestation, Canary, CanaryKind, Condition
from tests.audit.browser_runs import quick_plan
from tests.experiment.drivers.desktop_programs import NEEDED, skip_without


@pytest.mark.parametrize("browser", MAKES)
def test_a_missing_browser_is_one_sentence_that_names_the_package(
    browser: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    package = PACKAGES[MAKES[browser].programs[0]]

    with pytest.raises(DriverError, match=rf"is not on this machine; on Debian: apt install {package}"):
        BROWSER.make(parse_plan(_plan(browser), "plan"), tmp_path)


def test_missing_tools_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert missing() == ["Xvfb", "openbox", "xdotool", "ffmpeg", "tesseract"]
    with pytest.raises(DriverError, match="apt install xdotool tesseract-ocr"):
        need("xdotool", "tesseract")


@pytest.mark.parametrize(
    ("said", "words"),
    [("echo Parrot 1.0", "does not say that it is Chromium: 'Parrot 1.0'"), ("exit 1", "''")],
)
def test_a_program_that_is_no_such_browser_is_refused(said: str, words: str, tmp_path: Path) -> None:
    program = tmp_path / "browser"
    program.write_text(f"#!/bin/sh\n{said}\n")
    program.chmod(0o700)

    with pytest.raises(DriverError, match=words):
        BrowserDriver(BrowserOptions("chromium", str(program)), tmp_path)


def test_a_path_that_is_no_program_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DriverError, match="is no program"):
        BrowserDriver(BrowserOptions("firefox", str(tmp_path)), tmp_path)


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ({"mode": "guest"}, r"no mode 'guest' \(have: normal, private\)"),
        ({"sugest": "on"}, r"no factor 'sugest' \(have: mode, suggest, profile, version, policy.NAME, "),
    ],
)
def test_what_no_browser_can_be_set_to_is_refused_before_a_session(
    levels: Mapping[str, str], said: str, tmp_path: Path
) -> None:
    skip_without("firefox")

    with pytest.raises(PlanError, match=said):
        BROWSER.make(quick_plan("firefox", {"mode": "normal"}, levels), tmp_path)


def test_a_plan_names_one_of_the_browsers() -> None:
    with pytest.raises(PlanError, match="browser"):
        parse_plan(_plan("netscape"), "plan")


def test_settings_of_chromium_are_changed_and_read_in_its_own_file(tmp_path: Path) -> None:
    file = tmp_path / PREFERENCES
    file.parent.mkdir()
    file.write_text('{"search": {"suggest_enabled": false, "kept": 1}}')
    chromium = Chromium()

    chromium.change(tmp_path, {"search.suggest_enabled": True, "made.anew": "x"})

    assert json.loads(file.read_text())["search"] == {"suggest_enabled": True, "kept": 1}
    names = ("search.suggest_enabled", "made.anew", "unheard.of")
    assert chromium.settings(Path("chromium"), tmp_path, names) == dict(
        zip(names, (True, "x", None), strict=True)
    )


@pytest.mark.parametrize("called", ["policyGroups", "policyValues"])
def test_chromium_tells_of_policies_that_it_knows_and_takes_and_of_no_others(called: str) -> None:
    policies = {
        "SearchSuggestEnabled": {"level": "mandatory", "source": "platform", "value": False},
        "Nonsense": {"error": "Unknown policy.", "source": "platform", "value": 3},
    }
    copied = json.dumps({called: {"chrome": {"name": "Chrome Policies", "policies": policies}}})
    names = ("SearchSuggestEnabled", "Nonsense", "Absent")

    assert Chromium().policies_told(copied, names) == {"SearchSuggestEnabled": False}
    assert Chromium().policies_told("what was copied before", names) == {}
    assert Chromium().policies_told("[3]", names) == {}


def test_firefox_tells_of_policies_in_one_cell_and_of_no_others() -> None:
    copied = (
        "About Policies\nActive\nPolicy Name \tPolicy Value\nSearchSuggestEnabled\tfalse\t\t\n"
        'Preferences\tbrowser.urlbar.suggest.searches\tValue\tfalse\n\t\tStatus\t"locked"\n'
    )
    names = ("SearchSuggestEnabled", "Preferences", "Absent")

    assert Firefox().policies_told(copied, names) == {"SearchSuggestEnabled": False}
    assert Firefox().policies_told("SearchSuggestEnabled", names) == {}


@pytest.mark.parametrize(
    ("make", "file"), [(Chromium(), "policies/managed/owner.json"), (Firefox(), "policies.json")]
)
def test_policies_lie_over_those_of_the_machine_for_one_program_only(
    make: Make, file: str, tmp_path: Path
) -> None:
    place, copy = tmp_path / "etc", tmp_path / "copy"
    (place / file).parent.mkdir(parents=True)
    owners = json.dumps({"policies": {"Owner": 1, "Both": 1}})
    (place / file).write_text(owners)
    copied(place, copy)
    make.set_policies(copy, {"Both": 2})
    try:
        command = laid_over(["grep", "-rho", '"[OB][a-z]*": *[12]', str(place)], copy, place)
    except DriverError as err:
        pytest.skip(str(err))
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout

    assert '"Owner": 1' in told
    assert '"Both": 2' in told
    assert (place / file).read_text() == owners, "and the machine's own are as they were"


def test_without_a_place_for_policies_it_is_told_what_to_make(tmp_path: Path) -> None:
    with pytest.raises(DriverError, match="absent, which is not there: make that folder first"):
        copied(tmp_path / "absent", tmp_path / "copy")


def test_a_damaged_profile_is_no_silent_default(tmp_path: Path) -> None:
    (tmp_path / "Default").mkdir()
    (tmp_path / PREFERENCES).write_text("{")

    with pytest.raises(DriverError, match="settings of the profile cannot be read"):
        Chromium().settings(Path("chromium"), tmp_path, ("search.suggest_enabled",))


def test_what_the_profile_of_firefox_does_not_say_holds_as_the_program_was_built(tmp_path: Path) -> None:
    skip_without("firefox")
    firefox = Firefox()
    program = firefox.program(None)
    private, searches = "browser.search.suggest.enabled.private", "browser.urlbar.suggest.searches"

    assert defaults(program.resolve())[private] is False
    as_it_comes = firefox.settings(program, tmp_path, (private, searches))
    (tmp_path / "prefs.js").write_text(f'user_pref("{private}", true);\nuser_pref("{searches}", 3);\n')

    assert as_it_comes[private] is False
    assert isinstance(as_it_comes[searches], bool)
    assert firefox.settings(program, tmp_path, (private, searches)) == {private: True, searches: 3}


def test_without_its_files_nobody_knows_what_firefox_is_set_to(tmp_path: Path) -> None:
    with pytest.raises(DriverError, match="are not known"):
        Firefox().settings(tmp_path / "firefox", tmp_path, ("browser.search.suggest.enabled",))


@pytest.mark.parametrize(
    ("browser", "title", "words", "mode"),
    [
        ("firefox", "story — Mozilla Firefox Private Browsing", "", PRIVATE),
        ("firefox", "story — Mozilla Firefox", "", NORMAL),
        ("firefox", "", "", None),
        ("chromium", "story - Chromium", "x.sites.example & Incognito", PRIVATE),
        ("chromium", "story - Chromium", "x.sites.example", NORMAL),
        ("chromium", "story - Chromium", " \n", None),
    ],
)
def test_a_window_shows_its_mode_or_nothing(browser: str, title: str, words: str, mode: str | None) -> None:
    assert MAKES[browser].mode_shown(title, words) == mode


def test_the_site_tells_who_comes_back(tmp_path: Path) -> None:
    with serving() as site:
        site.put_form("/f")
        first = _asked(site, "/first", "")
        again = _asked(site, "/again", f"a=b; window={first.given}")
        stranger = _asked(site, "/third", "window=none-of-ours")

    assert first.cookie == ""
    assert (again.cookie, again.given) == (first.given, first.given)
    assert stranger.cookie == ""
    assert len({first.given, stranger.given}) == 2


def test_the_recorder_hands_every_host_of_the_zone_to_the_site_and_is_trusted(tmp_path: Path) -> None:
    with serving() as site, Recorder(tmp_path / "t.mitm", sinkhole=Sinkhole(routes(site))) as recorder:
        trusting = ssl.create_default_context(cafile=str(recorder.ca_file))
        client = build_opener(ProxyHandler({"https": recorder.url}), HTTPSHandler(context=trusting))
        client.open("https://x.sites.example/story").close()

    (seen,) = site.seen
    assert (seen.host, seen.path) == ("x.sites.example", "/story")
    assert recorder.n_exchanges == 1


def test_a_profile_that_is_kept_trusts_the_recorder_twice_and_knows_it_once(tmp_path: Path) -> None:
    skip_without("chromium")
    (tmp_path / "ca").mkdir()
    ca_file = make_authority(tmp_path / "ca")
    for _ in range(2):
        trust(tmp_path / "store", ca_file)
    with closing(sqlite3.connect(tmp_path / "store" / "cert9.db")) as store:
        known = store.execute("SELECT count(*) FROM nssPublic WHERE a0 = x'00000001'").fetchone()

    assert known == (1,), "certificates"


class Unstarted(BrowserDriver):
    """The driver without a browser: what its window brings to the canary site, and how it ends, is given."""

    def __init__(self, tmp_path: Path, *, cookies: tuple[str, ...] = (), left: bool = True) -> None:
        program = tmp_path / "chromium"
        program.write_text("#!/bin/sh\necho Chromium 1.2.3\n")
        program.chmod(0o700)
        super().__init__(BrowserOptions("chromium", str(program), idle_s=0.0), tmp_path)
        self.cookies, self.left = list(cookies), left

    def begin(self, profile: Path, condition: Mapping[str, str]) -> _Session:
        """A session whose first window, a normal one, was given the cookie ``f1``."""
        first = WindowCookie(Arrival(0, PROBE, "/first/1", "", "f1"))
        session = _Session(
            Condition.of(condition), "normal", profile, cast(Running, self), first, "1", came=FRESH
        )
        self._session = session
        return session

    def check(self) -> None:
        """Nothing is wrong with what does not run."""

    def _opened(self, host: str, path: str, within_s: float = 0.0) -> Arrival | None:
        brought = self.cookies.pop(0)
        return Arrival(1, host, path, brought, brought or "p1")

    def _attest(self, session: _Session, wanted: object) -> tuple[Attestation, ...]:
        return (
            Attestation("mode", "normal", "its window"),
            Attestation("profile", session.came, "its cookie"),
        )

    def _quit(self, running: Running) -> bool:
        return self.left


@pytest.mark.parametrize(
    ("cookies", "modes"),
    [
        (("f1", "f1"), [NORMAL, NORMAL]),
        (("", "p1"), [PRIVATE, PRIVATE]),
        (("", "f1"), [PRIVATE, NORMAL]),
        (("", ""), [PRIVATE, None]),
        (("stranger", "stranger"), [None, None]),
    ],
)
def test_a_cookie_of_neither_window_tells_no_mode(
    cookies: tuple[str, ...], modes: list[str | None], tmp_path: Path
) -> None:
    driver = Unstarted(tmp_path, cookies=cookies)
    session = driver.begin(tmp_path, {})

    assert [driver._mode_by_cookie(session) for _ in cookies] == modes


@pytest.mark.parametrize(("left", "factors"), [(True, ["profile", "suggest"]), (False, ["mode", "profile"])])
def test_a_profile_that_a_signal_cut_short_is_no_witness_of_what_is_missing_in_it(
    left: bool, factors: list[str], tmp_path: Path
) -> None:
    """Its history lacks a page of a window that showed itself normal; its settings are as asked for."""
    driver = Unstarted(tmp_path, left=left)
    driver._make.change(tmp_path, {"search.suggest_enabled": True})
    driver.begin(tmp_path, {"suggest": "on"}).visits.append("x.sites.example/story/x")

    assert [item.factor for item in driver.settle()] == factors


def test_a_restart_makes_no_fresh_profile_a_kept_one_and_a_signal_is_no_restart(tmp_path: Path) -> None:
    """After it, the profile brings the cookie that the session itself put there."""
    canary = Canary("c1", CanaryKind.PAGE, "kzvalue", 80.0)
    driver = Unstarted(tmp_path, cookies=("f1", "f1"))
    session = driver.begin(tmp_path, {"profile": FRESH})
    driver._started = lambda *_: replace(session, came=KEPT)  # type: ignore[method-assign]

    assert driver._visit_after_restart(session, canary)
    assert driver._session is not session
    assert Attestation("profile", FRESH, "its cookie") in driver.settle()
    driver.left = False
    with pytest.raises(DriverError, match="it was no restart"):
        driver._visit_after_restart(session, canary)


class Handless:
    """A display on which shortcuts are noted, and no more."""

    def __init__(self) -> None:
        self.pressed: list[str] = []

    def keys(self, *shortcuts: str) -> None:
        """As a display presses them."""
        self.pressed += shortcuts


def test_data_is_cleared_once_the_cookie_is_gone_and_the_session_goes_on_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its witnesses would otherwise miss the cookie, and the pages that were in the history before.

    A dialog that comes late on a loaded machine is asked for again.
    """
    monkeypatch.setattr(browser, "DIALOG_S", 0.0)
    canary = Canary("c1", CanaryKind.PAGE, "kzvalue", 80.0)
    driver = Unstarted(tmp_path, cookies=("f1", "", *["p1"] * 5))
    driver._display = cast(XDisplay, Handless())
    session = driver.begin(tmp_path, {})
    session.visits.append("before.sites.example/story/x")

    assert driver._visit_after_clearing(session, canary)
    assert session.visits == ["kzvalue.sites.example/story/kzvalue"]
    assert driver._mode_by_cookie(session) == NORMAL
    assert cast(Handless, driver._display).pressed == list(Chromium.clear_keys) * 2
    with pytest.raises(DriverError, match="was not cleared"):
        driver._visit_after_clearing(session, canary)
    session.mode = PRIVATE
    with pytest.raises(DriverError, match="goes with the window"):
        driver._visit_after_clearing(session, canary)


def test_a_browser_that_ends_at_once_is_a_lost_session_and_leaves_nothing(tmp_path: Path) -> None:
    skip_without("chromium")
    with (
        XDisplay(tmp_path / "screen") as screen,
        pytest.raises(DriverError, match=r"ended by itself \(exit code 3\)"),
    ):
        command = f"sleep 600 & echo $! > {tmp_path}/helper; exit 3"
        started(["sh", "-c", command], screen.env, screen, tmp_path / "said", ("127.0.0.1", 1))

    helper = Path("/proc", (tmp_path / "helper").read_text().strip(), "stat")
    assert not helper.exists() or " Z " in helper.read_text()


def test_a_film_that_ends_early_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ffmpeg = tmp_path / "programs" / "ffmpeg"
    ffmpeg.parent.mkdir()
    ffmpeg.write_text("#!/bin/sh\nexit 1\n")
    ffmpeg.chmod(0o700)
    monkeypatch.setenv("PATH", f"{ffmpeg.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":nobody-s")
    monkeypatch.setattr(x_display, "need", lambda *_: None)

    with XDisplay(tmp_path, shown=True) as screen:
        screen.check()
        screen.film(tmp_path / "film.webm")
        assert screen._film is not None
        screen._film[1].wait(10)
        with pytest.raises(DriverError, match=r"film\.webm: ffmpeg ended early"):
            screen.check()


def test_what_is_copied_is_what_another_program_would_paste(tmp_path: Path) -> None:
    if absent := [name for name in (*NEEDED, "xclip") if not shutil.which(name)]:
        pytest.skip(f"not on this machine: {', '.join(absent)}")
    with XDisplay(tmp_path) as screen:
        assert screen.copy("first word")
        assert screen.copy("größer")
        pasted = subprocess.run(
            ["xclip", "-selection", "clipboard", "-o"], env=screen.env, capture_output=True, check=True
        )

    assert pasted.stdout.decode() == "größer"


def test_a_plan_that_copies_needs_what_copies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "xclip" else f"/usr/bin/{name}")

    with pytest.raises(DriverError, match="apt install xclip"):
        BROWSER.make(quick_plan("chromium", {"mode": "normal"}, actions=("copy",)), tmp_path)


def test_there_is_no_screen_to_show_it_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    skip_without("chromium")
    monkeypatch.delenv("DISPLAY", raising=False)

    with pytest.raises(DriverError, match="DISPLAY"), XDisplay(tmp_path, shown=True):
        pass


def _asked(site: Site, path: str, cookie: str) -> Arrival:
    asked = Request(f"{site.url}{path}", headers={"Host": PROBE, "Cookie": cookie})
    build_opener(ProxyHandler({})).open(asked).close()
    seen = site.got(PROBE, path, 0)
    assert seen is not None
    return seen


def _plan(browser: str) -> str:
    return f"""
[plan]
id = "p"
title = "p"
window = "w"
[subject]
driver = "browser"
kind = "real"
name = "n"
vendor = "Google"
product = "Chromium"
device = "desktop"
[subject.options]
browser = "{browser}"
[[series]]
id = "s"
actions = ["type"]
[[series.cell]]
levels = {{ mode = ["normal"] }}
"""
