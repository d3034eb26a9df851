"""`hometruth audit --phone`: the whole way with a real browser as the phone, and what the command refuses."""

import html
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from click.testing import CliRunner

from hometruth.audit.case_audit import rejudge
from hometruth.capture import read_capture
from hometruth.capture.connections import read_scope
from hometruth.capture.proxy.kept_authority import kept_authority
from hometruth.case import open_case, verify
from hometruth.cli import EXIT_UNABLE, audit_phone
from hometruth.cli.audit import NOT_WITH, ONLY_WITH, command
from hometruth.cli.audit_phone import FourOptions, is_cut_off, led, new_plan, plan_cut_off, what_it_takes
from hometruth.errors import CaptureError
from hometruth.experiment.drivers.guided import EXPIRED
from hometruth.experiment.drivers.guided_kind import GuidedOptions
from hometruth.experiment.guided_plan import takes_s
from hometruth.model import Exchange, GapKind, TrialStatus
from tests.capture.conftest import show_trust
from tests.experiment.drivers.person import DeskReader, PlainWindow, in_background, until
from tests.report.devtools import DevTools, devtools
from tests.test_page_order import free_port

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), "")
PHONE_WIDTH = 360


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    told: list[str] = []
    # Not `tmp_path`: Chromium puts a socket there, whose path must not be longer than 107 bytes.
    with TemporaryDirectory(prefix="said-", ignore_cleanup_errors=True) as short:
        monkeypatch.setenv("TMPDIR", short)
        monkeypatch.setattr("tempfile.tempdir", short)
        monkeypatch.setattr(audit_phone, "tell", told.append)
        yield told


def options_of(desk: DeskReader) -> list[str]:
    """What the desk says how the browser is started that plays the phone."""
    copied = re.search(r'class="copied"><code>(.*?)</code>', desk.page())
    assert copied
    line = shlex.split(html.unescape(copied[1]))
    return [word for word in line if word.startswith("--") and "user-data-dir" not in word]


def consent(desk: DeskReader, phone: DevTools) -> None:
    """What is asked before the preflight; the device's pages fit into its width."""
    phone.open("http://hometruth.test/", PHONE_WIDTH)
    fits(phone)
    desk.wait_for("agree")
    phone.value("document.forms[0].submit()")
    desk.wait_for("trust", "first")
    phone.open("http://hometruth.test/", PHONE_WIDTH)
    fits(phone)
    desk.wait_for("first")
    phone.open("http://hometruth.test/guide", PHONE_WIDTH)
    fits(phone)
    phone.open(phone.value("document.querySelector('a.do').href"), PHONE_WIDTH)


def do_a_session(desk: DeskReader, normal: DevTools) -> str:
    """Open the window that is asked for, type the address, say which window it is."""
    mode = desk.wait_for("open_private", "open_normal").removeprefix("open_")
    assert "<svg" not in desk.page(), "a camera opens the normal window"
    window = normal.window(private=True) if mode == "private" else normal
    host = desk.typed()
    window.open(f"http://{host}/", PHONE_WIDTH)
    fits(window)
    window.value(f"document.querySelector('button[value={mode}]').click()")
    until(lambda: host not in desk.page())
    return mode


def fits(page: DevTools) -> None:
    until(lambda: page.value("document.body !== null && document.readyState === 'complete'"))
    assert page.value("document.documentElement.scrollWidth") <= PHONE_WIDTH


def test_two_windows_of_a_browser_here_go_all_the_way(tmp_path: Path, said: list[str]) -> None:
    """Consent, trust, preflight, both cells, verdicts, removal: as the desk tells a person."""
    if not CHROMIUM:
        pytest.skip("not on this machine: chromium")
    options = GuidedOptions(port=0, drain_s=1, preflight_s=0.2)
    asked = FourOptions("Chromium", None, "mine", "private-windows", (), is_here=True)
    plan = new_plan(asked, options, sessions=1, actions=(), offline=True)
    case = tmp_path / "case"
    with in_background(lambda: led(plan, case, key=None, quiet=True, opens=False)) as came:
        desk = DeskReader(until(lambda: said and said[0].split()[-1]))
        desk.wait_for("connect_here")
        starts = options_of(desk)
        with devtools(CHROMIUM, tmp_path / "phone", *starts) as normal:
            consent(desk, normal)
            desk.wait_for("readable")
            desk.press("done")
            modes = {do_a_session(desk, normal) for _ in range(2)}
            desk.wait_for("verdicts")
            desk.press("remove")
            desk.wait_for("remove")
            normal.open("http://hometruth.test/", PHONE_WIDTH)
            assert "It is over: nothing is kept any more" in normal.value("document.body.innerText")
            desk.wait_for("still_trusted")
            assert not any("spki" in word for word in options_of(desk)), "started so, it trusts it no more"
        without = PlainWindow(
            next(each for each in starts if "proxy-server" in each).partition("=")[2], trusts=False
        )
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE"):
            show_trust(without.client)
        without.client.close()
        until(lambda: came)
    (result,) = came

    assert modes == {"normal", "private"}
    assert said[-1] == "Removal shown: the device refuses the certificate."
    assert [trial.status for trial in result.trials] == [TrialStatus.DONE] * 2
    assert all(trial.is_attested() for trial in result.trials)
    assert all(action.happened for trial in result.trials for action in trial.actions)
    assert all("not watched" in " ".join(result.subject.unseen) for _ in result.verdicts)
    assert not verify(case).broken
    assert [verdict.verdict for verdict in rejudge(case).verdicts] == [
        verdict.verdict for verdict in result.verdicts
    ]
    assert plan.text == open_case(case).plan.read_text("utf-8")
    assert not list(Path(os.environ["XDG_STATE_HOME"]).glob(f"hometruth/authorities/{plan.id}"))


def test_a_run_that_was_killed_goes_on_where_it_was(tmp_path: Path, said: list[str]) -> None:
    """Killed in its second session: that one is lost, nothing else, and the phone needs nothing new."""
    case, port = tmp_path / "case", free_port()
    answers = ("--product", "Chromium", "--whose", "mine", "--claim", "private-windows", "--sessions", "2")
    times = ("--drain", "1", "--preflight", "0", "--port", str(port), "--here", "--offline", "--no-open")
    with ExitStack() as opened:
        normal, private = (PlainWindow(f"http://127.0.0.1:{port}") for _ in range(2))
        opened.callback(normal.client.close)
        opened.callback(private.client.close)
        process = subprocess.Popen(
            [sys.executable, "-m", "hometruth", "audit", "--phone", "--out", str(case), *answers, *times],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        opened.enter_context(process)
        assert process.stderr
        line = next(line for line in process.stderr if "desk page" in line)
        desk = DeskReader(line.split()[-1])
        desk.wait_for("connect_here")
        normal.open("hometruth.test")
        normal.send("/agree")
        desk.wait_for("trust")
        desk.press("skip")
        desk.wait_for("first")
        normal.open("start.sites.example")
        a_session(desk, normal, private)
        killed_in, _ = opened_as_asked(desk, normal, private)
        process.kill()
        process.wait()
        with (case / "data" / "traffic.mitm").open("ab") as traffic:
            traffic.write(b"4096:half a flow")  # what a kill leaves of a flow that was being written
        plan = plan_cut_off(case)
        with in_background(lambda: led(plan, case, key=None, quiet=True, opens=False)) as came:
            desk = DeskReader(until(lambda: said and said[0].split()[-1]))
            a_session(desk, normal, private)
            desk.wait_for("open_private", "open_normal")
            desk.press("end")
            desk.wait_for("verdicts")
            desk.press("later")
    (result,) = came
    notes = {trial.note for trial in result.trials if trial.status is TrialStatus.LOST}
    facts = (case / "data" / "traffic.mitm.connections.jsonl").read_text()

    assert killed_in == "2.sites.example"
    assert [trial.status.value for trial in result.trials] == ["done", "lost", "done", "lost"]
    assert notes == {"broke off: the run was ended from outside in it", "broke off: ended at the desk"}
    seen_in = {item.exchange.trial for found in result.findings for item in found.sightings}
    assert seen_in == {"t0001", "t0002", "t0003"}, "nothing that was recorded is lost"
    assert "ended from outside, and began again here" in facts
    assert "16 bytes of an exchange in flight were lost" in facts
    assert not verify(case).broken
    assert not is_cut_off(case)
    assert "is still on the device: hometruth end" in said[-1]


def test_a_run_gone_on_with_too_late_has_the_phone_trust_another_certificate(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the certificate expires under way, the run is cut off and says so; its owner is asked again."""
    asked = FourOptions("Chromium", None, "mine", "private-windows", (), is_here=True)
    options = GuidedOptions(port=free_port(), drain_s=1, preflight_s=0)
    plan = new_plan(asked, options, sessions=1, actions=(), offline=True)
    case, phone = tmp_path / "case", PlainWindow(f"http://127.0.0.1:{options.port}")
    came: list[object] = []

    def lead() -> None:
        try:
            came.append(led(plan, case, key=None, quiet=True, opens=False))
        except CaptureError as err:
            came.append(str(err))

    monkeypatch.setattr(audit_phone, "MARGIN", timedelta(seconds=3 - takes_s(plan)))
    with in_background(lead):
        desk = agreed(said, phone)
        desk.wait_for("first")
        first = kept_authority(plan.id)
        until(lambda: first.is_expired)
        phone.open("start.sites.example")
        until(lambda: came)
    assert came.pop() == EXPIRED
    assert is_cut_off(case)

    said.clear()
    monkeypatch.undo()
    monkeypatch.setattr(audit_phone, "tell", said.append)
    with in_background(lead):
        until(lambda: len(said) == 2)
        assert "has been deleted: remove it there" in said.pop(0)
        desk = agreed(said, phone)
        desk.wait_for("open_private", "open_normal")
        desk.press("end")
        desk.wait_for("verdicts")
        desk.press("later")
    phone.client.close()
    until(lambda: came)

    day, now = timedelta(days=1), datetime.now(UTC)
    assert now + day / 2 < kept_authority(plan.id).until < now + day + timedelta(seconds=takes_s(plan))


def test_hosts_of_the_app_are_chosen_at_the_desk_and_the_case_and_its_verdicts_say_so(
    tmp_path: Path, said: list[str]
) -> None:
    asked = FourOptions("Chromium", None, "mine", "private-windows", (), is_here=True, app_hosts=True)
    options = GuidedOptions(port=free_port(), drain_s=1, preflight_s=600)
    plan = new_plan(asked, options, sessions=1, actions=(), offline=True)
    case = tmp_path / "case"
    with ExitStack() as opened:
        normal, private = (PlainWindow(f"http://127.0.0.1:{options.port}") for _ in range(2))
        opened.callback(normal.client.close)
        opened.callback(private.client.close)
        with in_background(lambda: led(plan, case, key=None, quiet=True, opens=False)) as came:
            desk = agreed(said, normal)
            desk.wait_for("first")
            normal.open("start.sites.example")
            desk.wait_for("idle")
            desk.press("done")
            desk.wait_for("app")
            normal.open("api.vendor.test")
            normal.open("ads.other.test")
            desk.wait_until_it_says("ads.other.test")
            desk.press("done")
            desk.wait_for("hosts")
            desk.post({"step": desk.number(), "button": "choose", "tick": "0"})
            desk.wait_for("readable")
            desk.press("done")
            for host in ("late.other.test", "later.other.test"):
                a_session(desk, normal, private)
                normal.open("api.vendor.test")
                normal.open(host)
                if desk.wait_for("more_hosts", "verdicts") == "more_hosts":
                    desk.press("choose")
            desk.press("later")
    (result,) = came
    data = case / "data"

    assert {gap.host for gap in result.gaps if gap.kind is GapKind.NOT_LOOKED_INTO and gap.trial} >= {
        *("late.other.test", "later.other.test")
    }
    told = "not looked into (2, whose bytes were counted); 2 of these came up in sessions, before anybody was"
    assert "and hosts of Chromium that somebody chose" in (data / "case.toml").read_text()
    assert all(told in verdict.why for verdict in result.verdicts)
    page = html.unescape((data / "report.html").read_text())
    assert told in page
    assert (
        "Looked into: these hosts only: *.sites.example *.canary.example, and hosts of Chromium that" in page
    )
    assert [(fact.kind, fact.host) for fact in read_scope(data / "traffic.mitm")] == [
        ("looked-into", "api.vendor.test"),
        ("left-closed", "ads.other.test"),
        ("left-closed", "late.other.test"),
    ]
    kept = {item.host for item in read_capture(data / "traffic.mitm") if isinstance(item, Exchange)}
    assert "api.vendor.test" in kept
    assert not any(host.endswith("other.test") for host in kept)
    assert not verify(case).broken


def agreed(said: list[str], phone: PlainWindow) -> DeskReader:
    """Up to where the certificate would be trusted, which is skipped."""
    desk = DeskReader(until(lambda: said and said[0].split()[-1]))
    desk.wait_for("connect_here")
    phone.open("hometruth.test")
    phone.send("/agree")
    desk.wait_for("trust")
    desk.press("skip")
    return desk


def a_session(desk: DeskReader, normal: PlainWindow, private: PlainWindow) -> None:
    """As the desk asks for it, up to the sign that the window is still there."""
    host, window = opened_as_asked(desk, normal, private)
    desk.wait_for("drain", "after")
    window.open(f"http://{host}/after")


def opened_as_asked(desk: DeskReader, normal: PlainWindow, private: PlainWindow) -> tuple[str, PlainWindow]:
    """The session's address, opened in the window that the desk asks for, which is returned."""
    mode = desk.wait_for("open_private", "open_normal").removeprefix("open_")
    window, host = normal if mode == "normal" else private, desk.typed()
    if mode == "private":
        private.client.cookies.clear()  # it is a new one
    window.open(host)
    window.send("/window", window=mode)
    return host, window


def test_what_it_takes_is_said_before() -> None:
    asked = FourOptions("Chrome", None, "mine", "private-windows", ())
    plan = new_plan(asked, GuidedOptions(), sessions=8, actions=(), offline=False)

    assert what_it_takes(plan) == (
        "16 sessions, about 34 min. One session is enough to show a leak; silence in 8 of each condition "
        "still leaves room for 31.3 % of sessions (in 29: 9.9 %)."
    )


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ((), "give either --browser with its name, or --phone"),
        (("--browser", "firefox", "--phone"), "give either --browser with its name, or --phone"),
        (("--phone",), "nobody can be asked here: give --product, --whose, --claim"),
        (
            ("--phone", "--product", "Chrome", "--whose", "mine", "--claim", "x"),
            "other apps' traffic comes, too: --only HOST",
        ),
        (("--phone", "--product", "Own", "--whose", "mine", "--claim", "x"), "give --vendor"),
        (
            ("--phone", "--product", "Chrome", "--whose", "mine", "--claim", "x", "--switch", "y"),
            "is no switch",
        ),
    ],
)
def test_what_is_missing_is_said(more: tuple[str, ...], told: str, tmp_path: Path) -> None:
    asked = CliRunner().invoke(command, ["--out", str(tmp_path / "case"), *more])

    assert told in (asked.output + str(asked.exception))
    assert not (tmp_path / "case").exists()


def test_questions_are_asked_of_whoever_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter(["Own Browser", "Own Ltd.", "agreed", "private-windows", "Suggestions=on,off; Sync=on,off"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.prompt", lambda *_, **__: next(told))
    plan = new_plan(
        FourOptions(None, None, None, None, ()), GuidedOptions(), sessions=1, actions=(), offline=False
    )

    assert (plan.subject.product, plan.subject.vendor) == ("Own Browser", "Own Ltd.")
    assert len(plan.series[0].cells[0].conditions) == 8


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--phone", "--coin", "a.example", "--app-hosts"), "--app-hosts changes nothing beside --coin"),
        (("--phone", "--doing", "x"), "--doing changes nothing without --coin"),
        (("--phone", "--package", "a.b"), "--package changes nothing without --wireguard"),
        (("--phone", "--video"), "--video changes nothing without --browser"),
        (("--browser", "firefox", "--only", "a.example"), "--only changes nothing without --phone"),
        (("--phone", "--here", "--listen", "127.0.0.1"), "--listen changes nothing beside --here"),
    ],
)
def test_an_option_that_would_change_nothing_is_refused(
    given: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    """Whoever asks for it believes that it is done."""
    done = CliRunner().invoke(command, ["--out", str(tmp_path / "case"), *given])

    assert done.exit_code == EXIT_UNABLE
    assert told in done.output
    assert not (tmp_path / "case").exists()


def test_every_option_that_belongs_to_another_is_one_of_the_command() -> None:
    names = {each.name for each in command.params}

    assert names >= {*ONLY_WITH, *NOT_WITH, *chain(*ONLY_WITH.values(), *NOT_WITH.values())}
