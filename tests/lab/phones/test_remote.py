"""The phone as a process: driven over its pipe, killed, started again, and driven wrongly."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hometruth import lab
from hometruth.capture.proxy.authority import make_authority
from hometruth.errors import LabError
from hometruth.lab import Phone, start_phone
from hometruth.lab.ledger import read_ledger
from tests.lab.conftest import STORY_MS, MakePhone, World


def test_what_waits_survives_the_kill_of_the_phone(world: World) -> None:
    with world.phone() as phone:
        phone.install("3.4.0")
        phone.launch()
        phone.set_consent("given")
        phone.visit("https://a.example/")
        phone.search("words")
        identity = phone.identity
        os.kill(phone.pid, signal.SIGKILL)
        with pytest.raises(LabError, match="process has ended"):
            phone.advance(15)
    assert world.arrived() == []

    with world.phone() as phone:
        assert phone.identity == identity
        phone.launch()
        phone.advance(15)
    events = world.arrived()

    assert len(events) == 5
    assert events == world.ledger().delivered()
    assert [recorded.event["_track_id"] for recorded in world.ledger().recorded] == [
        event["_track_id"] for event in events
    ]


def test_a_seeded_phone_started_again_does_not_repeat_its_ids(world: World) -> None:
    for _ in range(2):
        with world.phone(seed=3) as phone:
            phone.install("3.4.0")
            phone.launch()
            phone.set_consent("given")
            phone.visit("https://a.example/")
    ids = [recorded.event["_track_id"] for recorded in world.ledger().recorded]

    assert len(set(ids)) == len(ids) == 4


def test_everything_that_waits_is_sent_when_the_recorder_is_back(world: World, tmp_path: Path) -> None:
    """No way out: the page fails, and the rows stay."""
    with start_phone(
        proxy="http://127.0.0.1:9",
        ca_file=world.recorder.ca_file,
        state_dir=world.folder / "phone",
        ledger=world.folder / "ledger.jsonl",
        start_ms=STORY_MS,
    ) as phone:
        phone.install("3.4.0")
        phone.launch()
        phone.set_consent("given")
        seen = phone.visit("https://a.example/")
        phone.advance(60)
    assert (seen.happened, seen.status) == (False, None)
    assert world.ledger().requests[0].outcome == "ConnectionRefusedError"

    with world.phone() as phone:
        phone.launch()
        phone.advance(15)
    assert [event["event"] for event in world.arrived()] == ["page_load_event_start"]


def test_an_authority_that_is_not_trusted_stops_everything(world: World, tmp_path: Path) -> None:
    """The phone believes the authority it was given, not the one that answers."""
    (tmp_path / "other").mkdir()
    with start_phone(
        proxy=world.recorder.url,
        ca_file=make_authority(tmp_path / "other"),
        state_dir=world.folder / "phone",
        ledger=world.folder / "ledger.jsonl",
        start_ms=STORY_MS,
    ) as phone:
        phone.install("3.4.0")
        phone.launch()
        assert not phone.visit("https://a.example/").happened
        assert phone.visit("http://a.example/").happened
    outcomes = [request.outcome for request in read_ledger(world.folder / "ledger.jsonl").requests]

    assert outcomes == ["SSLCertVerificationError", "200"]


def test_a_new_process_of_the_app_starts_in_the_normal_window(ready_phone: MakePhone) -> None:
    phone = ready_phone()
    assert phone.set_incognito(True).mode == "incognito"
    assert phone.visit("https://a.example/").mode == "incognito"
    phone.kill()

    assert phone.launch().mode == "normal"


def test_the_switch_is_kept_by_the_next_process(ready_phone: MakePhone) -> None:
    phone = ready_phone("3.4.3")
    assert phone.badge()["switch"] == "on"
    phone.set_switch("off")
    phone.kill()

    assert phone.launch().switch == "off"


def test_thirty_seconds_in_the_background_end_the_session_and_send(
    world: World, ready_phone: MakePhone
) -> None:
    phone = ready_phone()
    phone.background()
    phone.advance(29)
    assert phone.launch().session == 1

    phone.background()
    phone.advance(30)
    assert phone.launch().session == 2


def test_time_passes_only_when_it_is_moved(ready_phone: MakePhone) -> None:
    phone = ready_phone()
    before = phone.launch().clock_ms

    assert phone.launch().clock_ms == before
    assert phone.advance(1.5).clock_ms == before + 1500
    assert phone.set_clock(7).clock_ms == 7


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda phone: phone.install("9.9"), "'9.9' is not known here; choose from 3.4.0, 3.4.3"),
        (lambda phone: phone.set_switch("off"), "3.4.0 has no switch; install 3.4.3"),
        (lambda phone: phone.set_consent("none"), "consent is 'given'; only clearing the app's data"),
        (lambda phone: phone.set_consent("maybe"), "not 'maybe'"),
        (lambda phone: phone.visit("a.example"), "'a.example' is not a web address"),
        (lambda phone: phone.visit("file:///etc/passwd"), "not a web address"),
        (lambda phone: phone.visit("https://[::1"), "not a web address"),
        (lambda phone: phone.visit("https://a.example:x/"), "not a web address"),
        (lambda phone: phone.visit("https://a\r\nX: y.example/"), "not a web address"),
        (lambda phone: phone.search("x", engine="yahoo"), "no search engine 'yahoo'; choose from google"),
        (lambda phone: phone.search("\ud800"), "not text that can be typed"),
        (lambda phone: phone.sign_in(""), "an account needs a name"),
        (lambda phone: phone.advance(-1), "time cannot pass backwards"),
    ],
)
def test_what_makes_no_sense_is_refused_and_the_phone_goes_on(
    ready_phone: MakePhone, wrong: Callable[[Phone], object], message: str
) -> None:
    phone = ready_phone("3.4.0")

    with pytest.raises(LabError, match=message):
        wrong(phone)
    assert phone.badge()["version"] == "3.4.0"


def test_an_app_that_does_not_run_cannot_be_used(world: World) -> None:
    with world.phone() as phone:
        with pytest.raises(LabError, match="install a version first"):
            phone.launch()
        phone.install("3.4.0")
        for act in (phone.badge, phone.background, lambda: phone.visit("https://a.example/")):
            with pytest.raises(LabError, match="launch it first"):
                act()


@pytest.mark.parametrize(
    "proxy", ["http://192.0.2.1:8080", "https://127.0.0.1:1", "http://127.0.0.1", "nonsense"]
)
def test_a_proxy_off_this_machine_is_refused(world: World, proxy: str) -> None:
    with pytest.raises(LabError, match="on loopback"):
        start_phone(
            proxy=proxy,
            ca_file=world.recorder.ca_file,
            state_dir=world.folder,
            ledger=world.folder / "l",
            start_ms=0,
        )


def test_a_phone_that_cannot_start_says_why(world: World) -> None:
    with pytest.raises(LabError, match="no phone 'mi-11'; choose from redmi-note-8"):
        world.phone(profile="mi-11")


def test_a_folder_that_cannot_be_used_is_a_clear_error(world: World) -> None:
    (world.folder / "phone").write_text("a file, not a folder")

    with pytest.raises(LabError, match="phone: the phone cannot keep its state there"):
        world.phone()


@pytest.mark.parametrize(
    ("program", "foreign"),
    [
        ("hometruth.lab.phones", ["starlette", "uvicorn", "httpx", "hometruth.lab.collector.handle"]),
        (
            "hometruth.lab.collector",
            ["hometruth.lab.phones", "hometruth.lab.sdk.outbox"],
        ),
    ],
)
def test_a_program_of_the_lab_loads_nothing_of_the_other_nor_of_the_recorder(
    program: str, foreign: list[str]
) -> None:
    """Both must start fast, and import this package first."""
    heavy = [*foreign, "mitmproxy", "pyarrow", "scipy", "hometruth.capture"]
    code = f"import sys, {program}.__main__; print([m for m in {heavy!r} if m in sys.modules])"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"[]\n"


def test_every_name_of_the_lab_is_there() -> None:
    assert set(lab.__all__) == lab._HOMES.keys()
    assert all(getattr(lab, name) is not None for name in lab.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        lab.nothing  # noqa: B018


def test_a_start_that_is_interrupted_leaves_no_process_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would write what it keeps when its folder is gone already."""
    begun: list[int] = []

    def interrupted(phone: Phone, message: object) -> object:
        begun.append(phone.pid)
        raise KeyboardInterrupt

    monkeypatch.setattr(Phone, "_exchange", interrupted)
    with pytest.raises(KeyboardInterrupt):
        world.phone()

    (pid,) = begun
    assert not Path(f"/proc/{pid}").exists()
