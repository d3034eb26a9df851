"""The driver of a phone at a cable: what it attests, and what makes a lost session."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from hometruth.capture import Recorder, Sinkhole
from hometruth.errors import DriverError
from hometruth.experiment.drivers.adb import LOG, AdbDriver
from hometruth.experiment.drivers.adb_device import PROXY
from hometruth.experiment.drivers.adb_journal import changed_phones
from hometruth.experiment.drivers.adb_kind import AdbOptions
from hometruth.experiment.planned import PlannedAction, PlannedSession
from hometruth.experiment.session import run_session
from hometruth.model import Canary, CanaryKind, Condition, Trial, TrialStatus
from tests.experiment.drivers.adb_phone import BROWSER, SERIAL
from tests.experiment.drivers.adb_stand_in import StandIn
from tests.experiment.drivers.apks import signed_apk

WINDOWS = {"normal": ("More options", "New tab"), "private": ("More options", "New private tab")}
MARKS = {"private": "Private browsing"}
CANARIES = {
    name: Canary(name, kind, f"{name}qzv7k2w9x", 60.0)
    for name, kind in (("page", CanaryKind.PAGE), ("search", CanaryKind.SEARCH), ("typed", CanaryKind.TYPED))
}


@contextmanager
def driven(folder: Path, **options: object) -> Iterator[AdbDriver]:
    """The driver, connected to a recorder that plays every server."""
    given: dict[str, object] = {
        "package": BROWSER,
        "windows": WINDOWS,
        "address_bar": ("url_bar",),
        "marks": MARKS,
        "idle_s": 0.1,
        **options,
    }
    driver = AdbDriver(AdbOptions(**given), folder / "lab", folder)  # type: ignore[arg-type]
    with closing(driver):
        sinkhole = Sinkhole(driver.routes())
        with Recorder(folder / "x.mitm", sinkhole=sinkhole, on_exchange=driver.saw) as recorder:
            driver.connect(recorder.url, recorder.ca_file)
            yield driver


def session(
    levels: Mapping[str, str], *actions: str, installation: str = "i1", day: float = 0
) -> PlannedSession:
    trial = Trial(
        "t1", "s", Condition.of(levels), 1, installation, "phone", TrialStatus.LOST, subject_day=day
    )
    names = {"visit": "page", "open-address": "page", "search": "search", "type": "typed"}
    return PlannedSession(trial, tuple(PlannedAction(action, names[action]) for action in actions))


def attested(trial: Trial) -> dict[str, set[str]]:
    return {
        factor: {item.level for item in trial.attested if item.factor == factor}
        for factor in {item.factor for item in trial.attested}
    }


def log(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "lab" / LOG).read_text().splitlines()]


def test_levels_are_attested_by_what_the_phone_shows(phone: StandIn, tmp_path: Path) -> None:
    with driven(tmp_path, may_clear=True) as driver:
        normal = run_session(driver, session({"mode": "normal", "profile": "kept"}, "open-address"), CANARIES)
        asked = {"mode": "private", "profile": "fresh", "version": "1.2.3", "secure.suggest": "1"}
        private = run_session(driver, session(asked, "visit", "type"), CANARIES)
        was_set = phone.state["settings"]["secure.suggest"]
        driver.prepare(session({"mode": "normal"}))
        assert was_set == "1"
        assert "secure.suggest" not in phone.state["settings"]

    assert (private.note, normal.note) == ("", "")
    assert private.is_attested()
    assert normal.is_attested()
    assert [action.happened for action in (*private.actions, *normal.actions)] == [True] * 3
    assert ["pm", "clear", BROWSER] in phone.said
    assert phone.state == phone.first


@pytest.mark.parametrize(
    ("options", "levels", "mode"),
    [
        ({"windows": {**WINDOWS, "private": WINDOWS["normal"]}}, {"mode": "private"}, {"normal"}),
        ({"marks": {"private": "No such thing"}}, {"mode": "private"}, {"normal", "private"}),
        ({"marks": {}}, {"mode": "private"}, None),
    ],
    ids=["the normal window", "a mark that is not shown", "no mark"],
)
def test_a_mode_on_which_two_witnesses_do_not_agree_is_not_attested(
    options: dict[str, object], levels: dict[str, str], mode: set[str] | None, phone: StandIn, tmp_path: Path
) -> None:
    with driven(tmp_path, **options) as driver:
        trial = run_session(driver, session(levels, "visit"), CANARIES)

    assert trial.status is TrialStatus.DONE
    assert not trial.is_attested()
    assert attested(trial).get("mode") == mode


def test_a_phone_that_is_lost_is_a_lost_session_and_stays_named(phone: StandIn, tmp_path: Path) -> None:
    with driven(tmp_path) as driver:
        driver.prepare(session({"mode": "normal"}))
        phone.lose()
        lost = run_session(driver, session({"mode": "normal"}, "visit"), CANARIES)

    assert lost.status is TrialStatus.LOST
    assert lost.note.startswith(f"broke off: {phone.serial}")
    assert PROXY in " ".join(map(str, changed_phones()[SERIAL]))
    assert log(tmp_path)[-1]["what"] == "still changed"


def test_what_makes_a_lost_session(phone: StandIn, tmp_path: Path) -> None:
    """Each in turn, and the next session is whole again."""
    told = {}
    with driven(tmp_path) as driver:
        device = driver._phone

        def lost(name: str, planned: PlannedSession) -> None:
            trial = run_session(driver, planned, CANARIES)
            told[name] = trial.note
            assert trial.status is TrialStatus.LOST

        lost("clear", session({"mode": "normal", "profile": "fresh"}))
        lost("day", session({"mode": "normal"}, day=3))
        lost("mode", session({"mode": "guest"}))
        lost("other window", session({"mode": "private"}, "open-address"))
        lost("installation", session({"mode": "normal"}, installation="i2"))
        driver.prepare(session({"mode": "normal"}))
        device.run("settings", "put", "global", "http_proxy", "other.example:80")
        with pytest.raises(DriverError, match="somebody has set its proxy to other"):
            driver.act("visit", CANARIES["page"])
        device.run("settings", "put", "global", "http_proxy", "127.0.0.1:8228")
        with device._service("reverse:killforward:tcp:8228") as done:
            done.check_okay()
        with pytest.raises(DriverError, match="was away, so that what it sent meanwhile is not known"):
            driver.settle()
        whole = run_session(driver, session({"mode": "normal"}), CANARIES)
        driver._package_hash = "0" * 64
        lost("update", session({"mode": "normal"}))

    assert {name: note.removeprefix("broke off: ") for name, note in told.items()} == {
        "clear": "it would delete what the app keeps, and the plan does not say may_clear",
        "day": "its clock cannot be moved to another day",
        "mode": "the plan does not say how a window of mode 'guest' is opened",
        "other window": "an address that another app hands over opens in a normal window",
        "installation": "it would delete what the app keeps, and the plan does not say may_clear",
        "update": f"{BROWSER} is another one since the run began: it was updated",
    }
    assert whole.status is TrialStatus.DONE
    assert ["pm", "clear", BROWSER] not in phone.said
    assert phone.state == phone.first


def test_ports_that_an_app_opens_are_noted_and_the_app_is_removed(phone: StandIn, tmp_path: Path) -> None:
    (tmp_path / "app.apk").write_bytes(signed_apk())
    with driven(tmp_path, package="org.example.app", apk="app.apk") as driver:
        assert phone.state == phone.first  # nothing before the plan is sealed
        with pytest.raises(DriverError, match="is called 'More options'"):
            driver.prepare(session({"mode": "normal"}))
        installed = phone.state["packages"]

    noted = next(row for row in log(tmp_path) if str(row["what"]).startswith("ports that listen"))
    assert noted["ports"] == ["tcp 127.0.0.1:12122 org.example.app"]
    assert "org.example.app" in installed
    assert phone.state == phone.first


def test_a_plan_about_what_is_not_there_is_refused_at_once(phone: StandIn, tmp_path: Path) -> None:
    for options, words in (
        ({"package": "org.example.none"}, "is not installed"),
        ({"apk": "none.apk"}, "there is no such file"),
        ({"apk": __file__}, f"{BROWSER} is installed already"),
        ({"serial": "nobody"}, "nobody"),
    ):
        with pytest.raises(DriverError, match=words), driven(tmp_path, **options):
            pass

    assert phone.state == phone.first
