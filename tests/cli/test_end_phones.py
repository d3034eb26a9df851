"""What a run over adb has left changed on a phone is named by commands, and put back by one."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hometruth.cli import hometruth
from hometruth.experiment import bundled_plan
from hometruth.experiment.drivers.adb_device import PROXY, AdbPhone
from hometruth.experiment.drivers.adb_journal import PhoneChange, PhoneJournal
from tests.experiment.drivers.adb_phone import SERIAL
from tests.experiment.drivers.adb_stand_in import NO_ADB, quicken, stand_in

STAY_ON = "global.stay_on_while_plugged_in"


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    quicken(monkeypatch)


def call(*words: str) -> Result:
    return CliRunner().invoke(hometruth, words, standalone_mode=False)


def test_what_is_left_is_named_until_it_is_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not shutil.which("adb"):
        pytest.skip(NO_ADB)
    with stand_in(tmp_path / "phone") as phone:
        for name, value in phone.env.items():
            monkeypatch.setenv(name, value)
        with PhoneJournal(SERIAL) as journal:
            device = AdbPhone(phone.serial)
            device.set(journal, STAY_ON, "7")
            device.set(journal, PROXY, "127.0.0.1:8228")
            held = call("end", "--phones")
        named = call("end", "--phones", "--status")
        changed = phone.state
        ended = call("end", "--phones")
        again = call("end", "--phones", "--status")

        assert held.return_value == 2
        assert "is being driven by another process" in held.output
        assert named.return_value == 1
        assert f"{SERIAL}  setting {PROXY} = 127.0.0.1:8228 (before: {PROXY} = nothing" in named.output
        assert changed != phone.first
        assert ended.return_value == 0
        assert ended.output.count(": put back\n") == 2
        assert (again.return_value, again.output) == (0, "Nothing is changed on any phone.\n")
        assert phone.state == phone.first


def test_a_phone_that_is_away_stays_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not shutil.which("adb"):
        pytest.skip(NO_ADB)
    with stand_in(tmp_path / "phone") as phone:
        for name, value in phone.env.items():
            monkeypatch.setenv(name, value)
        with PhoneJournal("elsewhere") as journal:
            journal.note(PhoneChange("file", {"/x": "written"}))
        ended = call("end", "--phones")

    assert ended.return_value == 2
    assert "elsewhere" in ended.output
    assert call("end", "--phones", "--status").output == "elsewhere  file /x = written\n"


def test_every_run_says_what_is_still_changed(tmp_path: Path) -> None:
    with PhoneJournal("p") as journal:
        journal.note(PhoneChange("reverse", {"tcp:8228": "tcp:9"}))
    plan, full = tmp_path / "plan.toml", tmp_path / "full"
    plan.write_text(bundled_plan("mint-browser-2020").text)
    full.mkdir()
    (full / "file").touch()
    done = call("run", str(plan), "--out", str(full))

    assert "p is still changed: reverse tcp:8228 = tcp:9. Connect it; `hometruth end --phones`" in done.output


@pytest.mark.parametrize("words", [["--status"], ["name", "--phones"], ["name", "--status"]])
def test_one_thing_is_ended_at_a_time(words: list[str]) -> None:
    assert "give either NAME" in str(call("end", *words).exception)
