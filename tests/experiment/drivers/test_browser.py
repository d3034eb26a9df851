"""The driver of real browsers, as far as it goes without starting one; tests/audit has the browsers."""

import json
import os
import sqlite3
import ssl
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
from hometruth.experiment.drivers.browser import FRESH, KEPT, MAKES, BrowserDriver, _Session
from hometruth.experiment.drivers.browser_kind import BROWSER, BrowserOptions
from hometruth.experiment.drivers.desktop import x_display
from hometruth.experiment.drivers.desktop.chromium import PREFERENCES, Chromium
from hometruth.experiment.drivers.desktop.firefox import Firefox, defaults
from hometruth.experiment.drivers.desktop.makes import NORMAL, PRIVATE
from hometruth.experiment.drivers.desktop.programs import PACKAGES, missing, need
from hometruth.experiment.drivers.desktop.running import Running, started
from hometruth.experiment.drivers.desktop.site import PROBE, Arrival, Site, routes, serving
from hometruth.experiment.drivers.desktop.trust import trust
from hometruth.experiment.drivers.desktop.x_display import XDisplay, waited_for
from hometruth.model import Attestation, Canary, CanaryKind, Condition
from tests.experiment.drivers.desktop_programs import skip_without


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
        first = Arrival(0, PROBE, "/first/1", "", "f1")
        session = _Session(
            Condition.of(condition), "normal", profile, cast(Running, self), first, "1", came=FRESH
        )
        self._session = session
        return session

    def check(self) -> None:
        """Nothing is wrong with what does not run."""

    def _opened(self, host: str, path: str) -> Arrival | None:
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


def test_a_browser_that_ends_at_once_is_a_lost_session_and_leaves_nothing(tmp_path: Path) -> None:
    skip_without("chromium")
    with (
        XDisplay(tmp_path / "screen") as screen,
        pytest.raises(DriverError, match=r"ended by itself \(exit code 3\)"),
    ):
        started(["sh", "-c", "exit 3"], screen.env, screen, tmp_path / "said", ("127.0.0.1", 1))


def test_a_film_that_ends_early_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ffmpeg = tmp_path / "programs" / "ffmpeg"
    ffmpeg.parent.mkdir()
    ffmpeg.write_text("#!/bin/sh\nexit 1\n")
    ffmpeg.chmod(0o700)
    monkeypatch.setenv("PATH", f"{ffmpeg.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":nobody-s")
    monkeypatch.setattr(x_display, "need", lambda *_: None)

    with (
        pytest.raises(DriverError, match=r"film\.webm: ffmpeg ended early"),
        XDisplay(tmp_path, shown=True) as screen,
    ):
        screen.film(tmp_path / "film.webm")
        assert screen._film is not None
        waited_for(lambda: screen._film and screen._film[1].poll() is not None, 5.0)


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
