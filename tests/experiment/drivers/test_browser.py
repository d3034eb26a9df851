"""The driver of real browsers, as far as it goes without starting one; tests/audit has the browsers."""

import json
import ssl
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from hometruth.capture import Recorder
from hometruth.errors import DriverError, PlanError
from hometruth.experiment import parse_plan
from hometruth.experiment.drivers.browser import MAKES, BrowserDriver
from hometruth.experiment.drivers.browser_kind import BROWSER, BrowserOptions
from hometruth.experiment.drivers.desktop.chromium import PREFERENCES, Chromium
from hometruth.experiment.drivers.desktop.firefox import Firefox, defaults
from hometruth.experiment.drivers.desktop.makes import NORMAL, PRIVATE
from hometruth.experiment.drivers.desktop.programs import PACKAGES, missing, need
from hometruth.experiment.drivers.desktop.running import started
from hometruth.experiment.drivers.desktop.site import PROBE, Arrival, Site, serving
from hometruth.experiment.drivers.desktop.trust import trust
from hometruth.experiment.drivers.desktop.x_display import XDisplay
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
    """Trusting twice, as a profile that is kept does, harms nothing."""
    skip_without("chromium")
    with serving() as site, Recorder(tmp_path / "t.mitm") as recorder:
        for _ in range(2):
            trust(tmp_path / "store", recorder.ca_file)
        assert ssl.create_default_context(cafile=str(recorder.ca_file))
        assert {file.name for file in (tmp_path / "store").iterdir()} >= {"cert9.db", "key4.db"}
        assert site.url.startswith("http://127.0.0.1:")


def test_a_browser_that_ends_at_once_is_a_lost_session_and_leaves_nothing(tmp_path: Path) -> None:
    skip_without("chromium")
    with (
        XDisplay(tmp_path / "screen") as screen,
        pytest.raises(DriverError, match=r"ended by itself \(exit code 3\)"),
    ):
        started(["sh", "-c", "exit 3"], screen.env, screen, tmp_path / "said", ("127.0.0.1", 1))


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
