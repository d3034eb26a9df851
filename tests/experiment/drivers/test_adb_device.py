"""What is read of a phone and done on it, with Debian's `adb` and a stand-in of the daemon."""

import os
import shlex
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hometruth.errors import DriverError
from hometruth.experiment.drivers.adb_device import (
    DUMPS,
    NO_PROXY,
    PROXY,
    WINDOW_FILE,
    AdbPhone,
    command_of,
    put_back,
)
from hometruth.experiment.drivers.adb_journal import PhoneChange, PhoneJournal, changed_phones
from tests.experiment.drivers.adb_phone import BROWSER, PNG, SERIAL
from tests.experiment.drivers.adb_stand_in import (
    APP,
    NO_ADB,
    PUSHED,
    ROOT,
    StandIn,
    change_all,
    change_and_undo,
    flat,
    quicken,
    stand_in,
)

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)


def test_what_is_read_is_what_the_phone_says(phone: StandIn) -> None:
    device = AdbPhone()

    assert device.serial == phone.serial
    assert device.version(BROWSER) == "1.2.3"
    assert device.files_of(BROWSER) == (f"/data/app/{BROWSER}/base.apk",)
    assert device.has(BROWSER)
    assert not device.has("org.example")
    assert device.identity() == SERIAL
    assert device.build() == "standin/standin/standin:14/UP1A/1:user/release-keys"
    assert device.setting("global.stay_on_while_plugged_in") == "0"
    assert device.setting(PROXY) is None
    assert device.listening() == {
        *(f"tcp 127.0.0.1:8080 {BROWSER}", "tcp 0.0.0.0:22 uid 2000", "tcp6 [::1]:8081 uid 9"),
    }
    assert device.screenshot() == PNG
    offset_s, doubt_s = device.clock_offset_s()
    assert abs(offset_s) <= doubt_s
    with pytest.raises(DriverError, match="none is not installed"):
        device.version("org.example.none")
    with pytest.raises(DriverError, match="has nothing to open"):
        device.start("org.example.none")


def test_everything_changed_is_named_and_put_back(phone: StandIn) -> None:
    before = phone.state
    device = AdbPhone()
    with PhoneJournal(SERIAL) as journal:
        change_all(journal, device)
        changed = phone.state
        named = " ".join(map(str, changed_phones()[SERIAL]))
        told = journal.restore(device.undo)

    assert changed["reverses"] == {"tcp:8228": "tcp:4444"}
    assert changed["settings"][PROXY] == "127.0.0.1:8228"
    assert APP in changed["packages"]
    assert {WINDOW_FILE, PUSHED} == set(changed["files"])
    for name in (PROXY, "global.stay_on_while_plugged_in", "tcp:8228", WINDOW_FILE, PUSHED, APP, "tunnel"):
        assert name in named
    assert len(told) == 7
    assert phone.state == before
    assert ["settings", "put", "global", "http_proxy", NO_PROXY] in phone.said
    assert changed_phones() == {}


def test_the_proxy_that_was_there_is_there_again(phone: StandIn) -> None:
    device = AdbPhone(phone.serial)
    device.run("settings", "put", "global", "http_proxy", "proxy.example:3128")
    while device.setting("global.global_http_proxy_host") != "proxy.example":
        pass
    before = phone.state
    with PhoneJournal(SERIAL) as journal:
        device.set(journal, PROXY, "127.0.0.1:8228")
        while device.setting("global.global_http_proxy_host") != "127.0.0.1":
            pass
        journal.restore(device.undo)

    assert phone.state == before


def test_what_somebody_else_has_set_since_is_left_and_said(phone: StandIn) -> None:
    device = AdbPhone(phone.serial)
    with PhoneJournal(SERIAL) as journal:
        device.set(journal, "global.stay_on_while_plugged_in", "7")
        device.run("settings", "put", "global", "stay_on_while_plugged_in", "3")
        (told,) = journal.restore(device.undo)

    assert "left, since somebody has set global.stay_on_while_plugged_in = 3 since then" in told
    assert device.setting("global.stay_on_while_plugged_in") == "3"


def test_data_that_was_cleared_is_said_to_be_gone(phone: StandIn) -> None:
    device = AdbPhone(phone.serial)
    with PhoneJournal(SERIAL) as journal:
        device.clear(journal, BROWSER)
        told = journal.restore(device.undo)

    assert told == (f"data {BROWSER} = cleared: cannot be undone",)


def test_an_app_of_its_owner_and_a_port_in_use_are_left_alone(phone: StandIn) -> None:
    device = AdbPhone(phone.serial)
    with PhoneJournal(SERIAL) as journal:
        device.lead_here(journal, 8228, 4444)
        with pytest.raises(DriverError, match="port 8228 leads somewhere already"):
            device.lead_here(journal, 8228, 5555)
        with pytest.raises(DriverError, match="is installed already"):
            device.install(journal, BROWSER, b"PK")
        assert len(changed_phones()[SERIAL]) == 1
        journal.restore(device.undo)


def test_a_phone_that_is_lost_is_one_sentence_and_stays_named(phone: StandIn) -> None:
    device = AdbPhone(phone.serial)
    with PhoneJournal(SERIAL) as journal:
        device.set(journal, PROXY, "127.0.0.1:8228")
        phone.lose()
        with pytest.raises(DriverError, match=phone.serial):
            device.version(BROWSER)
        with pytest.raises(DriverError, match=rf"is still changed: setting {PROXY} = 127.0.0.1:8228"):
            journal.restore(device.undo)

    assert list(changed_phones()) == [SERIAL]
    with pytest.raises(DriverError, match="adb sees 0 phones"):
        AdbPhone()


def test_of_two_phones_none_is_chosen_for_anybody(phone: StandIn, tmp_path: Path) -> None:
    program = shutil.which("adb")
    assert program
    with stand_in(tmp_path / "second") as second:
        subprocess.run([program, "connect", second.serial], env={**os.environ, **phone.env}, check=True)
        subprocess.run(
            [program, "-s", second.serial, "wait-for-device"], env={**os.environ, **phone.env}, check=True
        )
        with pytest.raises(DriverError, match=r"adb sees 2 phones that allow this machine .*name one"):
            AdbPhone()

        assert AdbPhone(phone.serial).serial == phone.serial
    assert second.said == []


def _killed_at(phone: StandIn, service: int, when: str) -> bool:
    """Change all and undo it, in a process that the phone kills then; False if that had ended before."""
    kill_at = (phone.folder / "kill").with_suffix(".new")
    code = f"from {change_and_undo.__module__} import change_and_undo; change_and_undo({phone.serial!r})"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, cwd=ROOT) as process:
        kill_at.write_text(f"{process.pid} {service} {when}")
        kill_at.rename(phone.folder / "kill")
        process.communicate(b"go\n")
    assert process.returncode in {0, -signal.SIGKILL}
    return process.returncode != 0


def _points() -> Iterator[tuple[int, str]]:
    """Every seventh moment; `benchmarks/soak.py phone` has them at random, in whole runs."""
    return ((n, "after" if n % 2 else "before") for n in range(1, 240, 7))


def test_after_a_kill_at_any_moment_what_is_changed_is_named_and_put_back(phone: StandIn) -> None:
    before = phone.state

    kills = 0
    n_before = 0
    for moment, when in _points():
        if not _killed_at(phone, n_before + moment, when):
            break
        kills += 1
        left = phone.state
        named = " ".join(str(change) for changes in changed_phones().values() for change in changes)
        assert [name for name, _ in flat(left) ^ flat(before) if name not in named] == []
        device = AdbPhone(phone.serial)
        with PhoneJournal(SERIAL) as journal:
            journal.restore(device.undo)
        assert phone.state == before
        assert changed_phones() == {}
        n_before = int((phone.folder / "services").read_text())

    assert kills >= 7


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_a_shell_runs_one_command_with_exactly_these_words(words: list[str]) -> None:
    """Asked of a real shell: any text is one word, and nothing but the one command runs."""
    told = subprocess.run(
        ["/bin/sh", "-c", command_of(["printf", r"%s\0", *words])], capture_output=True, check=True, env={}
    )

    assert told.stdout.split(b"\0")[:-1] == [word.encode() for word in words]
    assert told.stderr == b""


NASTY = (
    "'; rm -rf / #",
    "$(reboot)",
    "`id`",
    "a\nb",
    "a'b\"c\\",
    "-n",
    "ä€😀",
    "&",
    "%s",
    "",
    "\n",
    "~",
    "*",
    "\\'",
)


def test_nothing_in_an_address_or_value_reaches_the_phone_as_a_word_of_its_shell(phone: StandIn) -> None:
    """What its own shell runs is exactly one command with that argument; through adb, as it is used."""
    device = AdbPhone(phone.serial)

    @settings(max_examples=60)
    @given(WORDS | st.sampled_from(NASTY))
    def handed_over(text: str) -> None:
        n_said = len(phone.said)
        device.open(text, BROWSER)
        device.run("settings", "put", "global", "x", text)

        assert phone.said[n_said:] == [
            ["am", "start", "-W", "-a", "android.intent.action.VIEW", "-d", text, "-p", BROWSER],
            ["settings", "put", "global", "x", text],
        ]

    handed_over()


def test_a_screen_that_moves_is_asked_again_and_never_taken_for_an_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shutil.which("adb"):
        pytest.skip(NO_ADB)
    with stand_in(tmp_path, moves=2 + DUMPS) as moving:
        for name, value in moving.env.items():
            monkeypatch.setenv(name, value)
        device = AdbPhone()
        with pytest.raises(DriverError, match="does not tell what its screen shows: ERROR: could not"):
            device.screen()

        assert device.screen()


def test_a_phone_that_comes_back_by_another_way_is_known_and_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shutil.which("adb"):
        pytest.skip(NO_ADB)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    quicken(monkeypatch)
    serials = []
    for change in (True, False):
        (tmp_path / "phone" / "port").unlink(missing_ok=True)
        with stand_in(tmp_path / "phone") as there:
            serials.append(there.serial)
            for name, value in there.env.items():
                monkeypatch.setenv(name, value)
            if change:
                device = AdbPhone()
                with PhoneJournal(device.identity()) as journal:
                    device.set(journal, PROXY, "127.0.0.1:8228")
            else:
                assert there.state["settings"][PROXY] == "127.0.0.1:8228"
                put_back(SERIAL)
                assert PROXY not in there.state["settings"]

    assert serials[0] != serials[1]
    assert changed_phones() == {}


@pytest.mark.parametrize("text", ["50%s", "ä", "a\nb", "", "a\0b"])
def test_what_a_phone_would_type_otherwise_is_refused(text: str, phone: StandIn) -> None:
    with pytest.raises(DriverError, match="cannot be typed over adb"):
        AdbPhone(phone.serial).type(text)


@pytest.mark.parametrize("word", ["a\0b", "x" * 4000, "\ud800"])
def test_what_no_command_can_say_is_refused(word: str) -> None:
    with pytest.raises(DriverError, match="phone's shell"):
        command_of(["am", word])


def test_a_journal_is_for_its_owner_and_for_one_process_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with PhoneJournal("a/../b:5555") as journal:
        journal.note(PhoneChange("file", {"/x": "written"}))
        with pytest.raises(DriverError, match="driven by another process"), PhoneJournal("a/../b:5555"):
            pass

    assert journal.path.parent == tmp_path / "hometruth" / "phones"
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700
    assert list(changed_phones()) == ["a/../b:5555"]


def test_a_note_cut_by_a_kill_is_of_a_change_that_was_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quicken(monkeypatch)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with PhoneJournal("p") as journal:
        journal.note(PhoneChange("file", {"/x": "written"}))
    with journal.path.open("ab") as file:
        file.write(b'{"change": {"kind": "se')
    (change,) = changed_phones()["p"]
    with PhoneJournal("p") as journal:
        journal.note(PhoneChange("file", {"/y": "written"}))

    assert [str(each) for each in changed_phones()["p"]] == [str(change), "file /y = written"]


def test_a_damaged_journal_is_said_and_not_guessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with PhoneJournal("p") as journal:
        journal.path.write_text('{"undone": 3}\n')
        with pytest.raises(DriverError, match="is damaged; look at it, undo by hand"):
            journal.restore(str)


def test_words_are_quoted_as_posix_says() -> None:
    assert shlex.split(command_of(["a b", "'", ""])) == ["a b", "'", ""]
