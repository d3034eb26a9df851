"""A device in a person's hands: what the desk leads to, and what becomes of every way to do it wrong."""

import hashlib
import json
import re
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from hometruth.capture import Listening, Recorder, Sinkhole, read_capture
from hometruth.capture.connections import read_scope
from hometruth.capture.proxy.passing import Passing, RecordingPhase
from hometruth.errors import DriverError
from hometruth.experiment.drivers import guided
from hometruth.experiment.drivers.by_hand.desk import DeskBoard
from hometruth.experiment.drivers.by_hand.hand_log import LOG, HandLog
from hometruth.experiment.drivers.by_hand.windows import HandSite
from hometruth.experiment.drivers.desktop.site import serving
from hometruth.experiment.drivers.guided import GuidedDriver
from hometruth.experiment.drivers.guided_kind import GuidedOptions
from hometruth.experiment.planned import PlannedAction, PlannedSession
from hometruth.experiment.session import run_session
from hometruth.model import Canary, CanaryKind, Condition, Exchange, HostPattern, Trial, TrialStatus
from tests.experiment.drivers.person import ANDROID, DeskReader, PlainWindow, desk_of, in_background, until

KNOWN = "0123456789abcdef"
"""What the normal window was given when it was met."""
ELSEWHERE = "192.0.2.7"
"""Nobody's (RFC 5737)."""
PNG = b"\x89PNG\r\n\x1a\nsome pixels"
CANARIES = {
    name: Canary(name, kind, f"{name}qzv7k2w9x", 60.0)
    for name, kind in (("page", CanaryKind.PAGE), ("search", CanaryKind.SEARCH), ("typed", CanaryKind.TYPED))
}
PLANTS = {"click-link": "page", "visit": "page", "search": "search", "type": "typed"}


@dataclass
class InHand:
    """A device that is led."""

    driver: GuidedDriver
    desk: DeskReader
    recorder: Recorder
    opened: ExitStack

    def window(self, cookie: str = "", agent: str = ANDROID) -> PlainWindow:
        """A private one, or with *cookie* another that was there before."""
        made = PlainWindow(self.recorder.url, agent)
        self.opened.callback(made.client.close)
        if cookie:
            made.client.cookies.set("window", cookie, domain=".sites.example")
        return made

    def follow(self, *windows: PlainWindow, says: str = "") -> None:
        """Do in the window what the desk says, up to the drain, and have its page come back."""
        step = self.desk.wait_for("open_private", "open_normal", "open_any")
        (window,) = windows
        host = self.desk.typed()
        window.open(host)
        if step != "open_any":
            window.send("/window", window=says or step.removeprefix("open_"))


@contextmanager
def led(folder: Path, *, begun: bool = True, app: str | None = None, **options: object) -> Iterator[InHand]:
    """The driver and a recorder that plays every server; *begun*: the device is known already.

    *app*: Only the canaries' hosts are looked into, and those that are chosen as this app's.
    """
    given: dict[str, object] = {"port": 0, "drain_s": 0.1, "preflight_s": 0.3, **options}
    if begun:
        with closing(HandLog(folder / "lab")) as log:
            log.add("normal window", given=KNOWN, agent=ANDROID)
            log.add("begun")
    board = DeskBoard()
    driver = GuidedDriver(GuidedOptions(**given), folder / "lab", board)  # type: ignore[arg-type]
    passing = Passing(moves_to=RecordingPhase.PREFLIGHT, app=app)
    with desk_of(board) as desk, closing(driver):
        sinkhole = Sinkhole(driver.routes(), zones=("sites.example", "example.com"))
        at = driver.reached_at()
        with Recorder(
            folder / "x.mitm",
            listening=Listening(at.host, at.port),
            devices=at.devices,
            sinkhole=sinkhole,
            passing=passing,
            on_exchange=driver.saw,
        ) as recorder:
            driver.connect(recorder.url, recorder.ca_file)
            if app:
                recorder.open_only([HostPattern("*.sites.example")])
            if begun:
                driver.lead_in(recorder, [session({"mode": "normal"})], 0)
            with ExitStack() as opened:
                yield InHand(driver, desk, recorder, opened)


def session(levels: Mapping[str, str], *actions: str, trial: str = "t0007", day: float = 0) -> PlannedSession:
    made = Trial(trial, "s", Condition.of(levels), 1, "i1", "phone", TrialStatus.LOST, subject_day=day)
    return PlannedSession(made, tuple(PlannedAction(action, PLANTS[action]) for action in actions))


@contextmanager
def under_way(hand: InHand, planned: PlannedSession) -> Iterator[list[Trial]]:
    with in_background(lambda: run_session(hand.driver, planned, CANARIES)) as came:
        yield came


def test_a_device_is_led_from_the_first_page_to_the_first_session(tmp_path: Path) -> None:
    with led(tmp_path, begun=False, preflight_s=600) as hand:
        desk, recorder, phone = hand.desk, hand.recorder, hand.window()
        planned = [session({"mode": "normal"})]
        with in_background(lambda: hand.driver.lead_in(recorder, planned, 0)) as came:
            desk.wait_for("connect_own")
            assert f"server 127.0.0.1, port {recorder.port}" in desk.page()
            phone.open("hometruth.test")
            desk.wait_for("agree")
            phone.send("/stop")
            desk.wait_for("declined")
            assert "nothing is kept" in phone.page.text
            assert ">End here</button>" in desk.page(), "there is nothing to judge"
            phone.send("/agree")
            desk.wait_for("trust")
            assert "Certificate: Hometruth recording" in phone.page.text
            desk.press("skip")
            desk.wait_for("first")
            assert "http://start.sites.example/" in phone.open("http://hometruth.test/guide")
            phone.open(desk.typed())
            desk.wait_for("preflight")
            phone.open("shop.example.com")
            desk.wait_until_it_says("shop.example.com")
            desk.press("done")
            desk.wait_for("readable")
            phone.open("late.example.com")
            desk.wait_until_it_says("late.example.com")
            assert recorder.n_exchanges == 0
            desk.press("done")
        phone.open("shop.example.com")
        until(lambda: recorder.n_exchanges == 1)

    assert came == [None]
    told = [json.loads(line) for line in (tmp_path / "lab" / LOG).read_text().splitlines()]
    assert [row["hosts"] for row in told if row["what"] == "preflight"] == [
        [["late.example.com", "readable"], ["shop.example.com", "readable"]]
    ]


def agreed(hand: InHand, phone: PlainWindow) -> None:
    """From the page that asks up to the preflight, without trust."""
    phone.send("/agree")
    hand.desk.wait_for("trust")
    hand.desk.press("skip")
    hand.desk.wait_for("first")
    phone.open(hand.desk.typed())


def test_hosts_of_the_app_are_those_that_somebody_chooses_and_opened_from_then_on(tmp_path: Path) -> None:
    with led(tmp_path, begun=False, preflight_s=600, app="Shop") as hand:
        desk, recorder, phone = hand.desk, hand.recorder, hand.window()
        with in_background(lambda: hand.driver.lead_in(recorder, [session({})], 0)):
            desk.wait_for("connect_own")
            assert "Hosts that Shop is seen to talk to may be added" in phone.open("hometruth.test")
            agreed(hand, phone)
            desk.wait_for("idle")
            phone.open("push.example.com")
            desk.wait_until_it_says("push.example.com")
            desk.press("done")
            desk.wait_for("app")
            for host in ("push", "api", "ads"):
                phone.open(f"{host}.example.com")
            desk.wait_until_it_says("ads.example.com")
            desk.press("done")
            desk.wait_for("hosts")
            proposed = re.findall(r'name="tick" value="\d"( checked)?> (\S+)</label>', desk.page())
            desk.post({"step": desk.number(), "button": "choose", "tick": "0"})
            desk.wait_for("readable")
            desk.press("done")
        first = hand.driver.between(session({}))
        for choice in first:
            recorder.choose(choice)
        told_the_owner = phone.open("hometruth.test")
        for host in ("push", "api", "ads", "late"):
            phone.open(f"{host}.example.com")
        hand.driver._run.log.add("session", trial="t0001")
        with in_background(lambda: hand.driver.between(session({}))) as later:
            desk.wait_for("more_hosts")
            offered = re.findall(r'name="tick" value="\d"( checked)?> (\S+)</label>', desk.page())
            desk.press("none")
        assert hand.driver.between(session({})) == ()  # nobody asks again

    assert proposed == [
        (" checked", "api.example.com"),
        (" checked", "ads.example.com"),
        ("", "push.example.com"),
    ]
    assert [(one.host, one.is_opened) for one in first] == [
        ("api.example.com", True),
        ("ads.example.com", False),
        ("push.example.com", False),
    ]
    assert offered == [("", "late.example.com")]
    assert [(one.host, one.is_opened) for one in later[0]] == [("late.example.com", False)]
    assert "*.sites.example, api.example.com. Of all other hosts" in told_the_owner
    kept = {item.host for item in read_capture(tmp_path / "x.mitm") if isinstance(item, Exchange)}
    assert {host for host in kept if host.endswith("example.com")} == {"api.example.com"}
    assert [(fact.kind, fact.host, fact.reason) for fact in read_scope(tmp_path / "x.mitm")] == [
        (
            *("looked-into", "api.example.com"),
            "chosen at the desk as a host of Shop: only while Shop was in use",
        ),
        ("left-closed", "ads.example.com", "left unopened at the desk: only while Shop was in use"),
        (
            *("left-closed", "push.example.com"),
            "left unopened at the desk: also while the phone was left alone: rather not the app's",
        ),
    ]


def test_who_does_not_agree_ends_it_and_nothing_was_kept(tmp_path: Path) -> None:
    with led(tmp_path, begun=False) as hand:
        phone = hand.window()
        with in_background(lambda: hand.driver.lead_in(hand.recorder, [session({})], 0)) as came:
            phone.open("hometruth.test")
            phone.send("/stop")
            phone.open("shop.example.com")
            hand.desk.wait_for("declined")
            hand.desk.press("end")
        n_kept = hand.recorder.n_exchanges

    (error,) = came
    assert isinstance(error, DriverError)
    assert str(error) == "the owner of the device did not agree; nothing of it was kept"
    assert n_kept == 0


@pytest.fixture
def own_address() -> str:
    """This machine as another on its network is: not by loopback."""
    with closing(socket.socket(type=socket.SOCK_DGRAM)) as probe:
        try:
            probe.connect((ELSEWHERE, 9))  # nothing is sent
        except OSError:
            pytest.skip("this machine is on no network")
        return str(probe.getsockname()[0])


def test_of_two_devices_the_one_that_is_named_at_the_desk_is_served(tmp_path: Path, own_address: str) -> None:
    with led(tmp_path, begun=False, listen="0.0.0.0") as hand:
        phone = PlainWindow(f"http://{own_address}:{hand.recorder.port}")
        hand.opened.callback(phone.client.close)
        with in_background(lambda: hand.driver.lead_in(hand.recorder, [session({})], 0)) as came:
            hand.desk.wait_for("connect_proxy")
            assert hand.desk.says(f"server {own_address}, port {hand.recorder.port}")
            with pytest.raises(httpx.TransportError):
                phone.open("hometruth.test")
            hand.desk.wait_for("admit")
            assert hand.desk.says(f"{own_address} wants to be recorded. Is it the phone?")
            hand.desk.press("yes")
            until(lambda: not hand.recorder.waiting)
            phone.open("hometruth.test")
            phone.send("/stop")
            hand.desk.wait_for("declined")
            hand.desk.press("end")
    assert isinstance(came[0], DriverError)

    (tmp_path / "second").mkdir()
    with led(tmp_path / "second", listen="0.0.0.0", device=ELSEWHERE) as hand:
        other = PlainWindow(f"http://{own_address}:{hand.recorder.port}")
        hand.opened.callback(other.client.close)
        with under_way(hand, session({"mode": "private"}, "click-link")):
            with pytest.raises(httpx.TransportError):
                other.open("7.sites.example")
            hand.desk.wait_until_it_says(f"{own_address} wants to be recorded too")
            hand.desk.press("end")


def test_both_windows_are_told_apart_and_pictures_are_kept(tmp_path: Path) -> None:
    with led(tmp_path) as hand:
        normal = hand.window(KNOWN)
        with under_way(hand, session({"mode": "normal"}, "click-link", trial="t0001")) as first:
            hand.follow(normal)
            hand.desk.wait_for("drain", "after")
            normal.open("http://hometruth.test/guide")
            normal.page = normal.client.post(
                "http://hometruth.test/guide/picture",
                data={"word": normal.page.text.split("name=word value=")[1].partition(">")[0]},
                files={"picture": ("x.png", PNG)},
            )
            assert "The picture is kept" in normal.page.text
            normal.open("http://1.sites.example/after")
        remarks = hand.driver.remarks()
        private = hand.window()
        with under_way(hand, session({"mode": "private"}, "click-link", trial="t0002")) as second:
            hand.follow(private)
            assert "page" in str(private.page.url)
            hand.desk.wait_for("drain", "after")
            private.open("http://2.sites.example/after")

    assert [trial.status for trial in (*first, *second)] == [TrialStatus.DONE] * 2
    assert all(trial.is_attested() and trial.actions[0].happened for trial in (*first, *second))
    assert len({item.by for item in first[0].attested}) == 2
    assert remarks == f"screen screen-t0001-1.png, SHA-256 {hashlib.sha256(PNG).hexdigest()}"
    assert (tmp_path / "lab" / "screen-t0001-1.png").read_bytes() == PNG


def test_no_canary_is_planted_in_the_wrong_window_and_nothing_is_lost_by_it(tmp_path: Path) -> None:
    with led(tmp_path) as hand:
        desk, private = hand.desk, hand.window()
        with under_way(hand, session({"mode": "private"}, "click-link")) as came:
            desk.wait_for("open_private")
            assert "Not this window" in hand.window(KNOWN).open("7.sites.example")
            desk.wait_until_it_says("opened in a normal window")
            hand.window(agent="Other/1.0 <b>").open("7.sites.example")
            desk.wait_until_it_says("by another browser (Other/1.0 <b>)")
            assert "&lt;b&gt;" in desk.page()
            assert "Another address" in private.open("6.sites.example")
            desk.wait_until_it_says("6.sites.example was opened, the address of another step")
            private.open(desk.typed())
            assert "Then it is not this window" in private.send("/window", window="normal")
            desk.wait_until_it_says("said to be normal")
            assert desk.step == "open_private"
            assert hand.driver.under_way() is None, "nothing is planted: it would begin anew after a kill"
            another = hand.window()
            another.open("7.sites.example")
            another.send("/window", window="private")
            desk.wait_for("drain", "after")
            assert hand.driver.under_way() == "t0007"
            another.open("http://7.sites.example/after")

    (trial,) = came
    assert trial.is_attested()
    assert trial.note == ""


def test_a_normal_window_that_has_forgotten_its_mark_is_met_again(tmp_path: Path) -> None:
    with led(tmp_path) as hand:
        forgetful = hand.window()
        with under_way(hand, session({"mode": "normal"}, "click-link")) as came:
            hand.desk.wait_for("open_normal")
            assert "Not this window" in forgetful.open("7.sites.example")
            hand.desk.press("forgot")
            hand.desk.wait_for("first")
            forgetful.open("start.sites.example")
            hand.follow(forgetful)
            hand.desk.wait_for("drain", "after")
            forgetful.open("http://7.sites.example/after")

    assert came[0].is_attested()


def test_a_browser_that_was_updated_is_met_again_and_no_other_page_says_which_window_it_is(
    tmp_path: Path,
) -> None:
    with led(tmp_path) as hand:
        desk, newer = hand.desk, ANDROID.replace("131", "132")
        with under_way(hand, session({"mode": "private"}, "click-link")) as came:
            desk.wait_for("open_private")
            assert "updated" not in desk.page()
            hand.window(agent=newer).open("7.sites.example")
            desk.wait_until_it_says("It is the same browser: it was updated")
            assert desk.says("by another browser")
            desk.press("updated")
            desk.wait_for("first")
            hand.window(agent=newer).open("start.sites.example")
            desk.wait_for("open_private")
            private = hand.window(agent=newer)
            private.open("7.sites.example")
            private.client.post("http://7.sites.example/window", data={"window": "private", "word": "0" * 32})
            assert desk.step == "open_private"
            private.send("/window", window="private")
            desk.wait_for("drain", "after")
            private.open("http://7.sites.example/after")

    assert came[0].is_attested()


def test_who_has_left_the_window_by_the_end_attests_nothing(tmp_path: Path) -> None:
    with led(tmp_path) as hand, under_way(hand, session({"mode": "private"}, "click-link")) as came:
        hand.follow(hand.window())
        hand.desk.wait_for("drain", "after")
        hand.window(KNOWN).open("http://7.sites.example/after")

    assert came[0].status is TrialStatus.DONE
    assert not came[0].is_attested()


def test_every_action_and_switch_is_asked_for_in_words(tmp_path: Path) -> None:
    levels = {"mode": "private", "Suggestions": "off"}
    with led(tmp_path) as hand:
        desk, private = hand.desk, hand.window()
        with under_way(hand, session(levels, "visit", "search", "type")) as came:
            desk.wait_for("switch")
            assert desk.says("Set “Suggestions” to “off”")
            desk.press("done")
            hand.follow(private)
            desk.wait_for("visit")
            private.open(desk.typed())
            desk.wait_for("search")
            word = desk.typed()
            answer = private.client.get(
                f"http://www.example.com/?q={word}", headers={"Sec-Fetch-Dest": "document"}
            )
            assert answer.status_code == 200
            desk.wait_for("type")
            assert desk.typed() == CANARIES["typed"].value
            desk.press("skip")
            desk.wait_for("after")
            private.open(desk.typed())

    (trial,) = came
    assert [action.happened for action in trial.actions] == [True, True, False]
    assert trial.is_attested()


@pytest.mark.parametrize("target", ["//[", "http://[/x", "/%00%ff", "*", "/" + "a" * 9000])
def test_whatever_the_site_is_asked_it_answers_and_says_nothing_on_the_terminal(
    target: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with serving(HandSite()) as site:
        for method, body in (("GET", ""), ("POST", "&".join(["window=private"] * 250))):
            connection = HTTPConnection(urlsplit(site.url).netloc, timeout=20)
            connection.request(method, target, body, {"Host": "7.sites.example", "Cookie": "window=\xff"})
            assert connection.getresponse().status == 200
            connection.close()
        with socket.create_connection(("127.0.0.1", urlsplit(site.url).port or 0)) as gone:
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            gone.sendall(b"GET / HTTP/1.1\r\nHost: 7.sites.example\r\n")  # and resets it

    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("how", ["stopped", "ended", "slept", "away", "another day"])
def test_what_makes_a_lost_session(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {
        "stopped": "broke off: the owner of the device stopped it",
        "ended": "broke off: ended at the desk",
        "slept": "broke off: this computer slept for 90 min in it",
        "away": "broke off: the device gave no sign for 0 min after the drain: whether it was connected "
        "meanwhile is not known",
        "another day": "broke off: its clock cannot be moved to another day",
    }
    with led(tmp_path) as hand:
        private = hand.window()
        day = 3 if how == "another day" else 0
        with under_way(hand, session({"mode": "private"}, "click-link", day=day)) as came:
            if how == "slept":
                hand.desk.wait_for("open_private")
                ahead = hand.driver._run.ahead()
                monkeypatch.setattr(hand.driver._run, "ahead", lambda: ahead + 5400)
            elif how == "stopped":
                private.open("hometruth.test")
                private.send("/stop")
            elif how == "ended":
                hand.desk.wait_for("open_private")
                hand.desk.press("end")
            elif how == "away":
                monkeypatch.setattr(guided, "AWAY_S", 0.2)
                monkeypatch.setattr(guided, "COMES_BACK_S", 0.3)
                hand.follow(private)
                hand.desk.wait_for("after")
                private.open(hand.desk.typed())
        if how in {"stopped", "ended"}:
            after = run_session(hand.driver, session({"mode": "normal"}), CANARIES)
            assert after.note == "broke off: ended at the desk before it"

    assert came[0].status is TrialStatus.LOST
    assert came[0].note == told[how]


def test_a_row_cut_by_a_loss_of_power_is_none_and_what_follows_it_is_whole(tmp_path: Path) -> None:
    with closing(HandLog(tmp_path)) as log:
        log.add("admitted", address=ELSEWHERE)
    with (tmp_path / LOG).open("ab") as file:
        file.write(b'{"at_ns": 3, "what": "beg')
    with closing(HandLog(tmp_path)) as log:
        log.add("agreed")
    with closing(HandLog(tmp_path)) as log:
        assert log.last("begun") is None
        assert log.last("admitted") is not None
        assert log.last("agreed") is not None


def test_a_damaged_log_is_an_error_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / LOG).write_text("no json\n")

    with pytest.raises(DriverError, match=f"{LOG}: is damaged"):
        HandLog(tmp_path / "lab")
