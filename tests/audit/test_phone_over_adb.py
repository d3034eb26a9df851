"""The bundled plan for a phone's browser, run over Debian's `adb` with a stand-in of the phone; offline."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

import pytest

from hometruth.claims import bundled_text, parse_claims
from hometruth.errors import DriverError, PlanError
from hometruth.experiment import bundled_plan, parse_plan
from hometruth.experiment.drivers import DRIVERS
from hometruth.experiment.drivers.adb_journal import changed_phones
from hometruth.experiment.drivers.adb_kind import UNSEEN
from hometruth.model import Audit, TrialStatus, VerdictKind
from hometruth.run import run
from tests.capture.proxy.namespaces import inside, missing, namespaces
from tests.experiment.drivers.adb_phone import BROWSER, PNG
from tests.experiment.drivers.adb_stand_in import DAYS, NO_ADB, StandIn, quicken, stand_in, stand_in_plan
from tests.experiment.drivers.apks import CERTIFICATE_SHA256
from tests.experiment.drivers.person import in_background, until


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """A phone whose browser tells a search engine what is typed in private windows too."""
    if not shutil.which("adb"):
        pytest.skip(NO_ADB)
    with stand_in(tmp_path_factory.mktemp("phone"), leaks=True, clock_s=3600.0) as there:
        yield there


@pytest.fixture(scope="module")
def audited(leaky: StandIn, tmp_path_factory: pytest.TempPathFactory) -> tuple[Audit, Path]:
    """The run, and its case."""
    case = tmp_path_factory.mktemp("run") / "case"
    with pytest.MonkeyPatch.context() as patched:
        quicken(patched)
        for name, value in leaky.env.items():
            patched.setenv(name, value)
        return run(parse_plan(stand_in_plan(), "phone"), case), case


def test_a_phone_is_audited_and_is_as_it_was(leaky: StandIn, audited: tuple[Audit, Path]) -> None:
    audit, _ = audited
    of_it = {row.proposition: row.verdict for row in audit.verdicts if not row.condition.levels}

    assert [trial.note for trial in audit.trials] == ["", ""]
    assert all(trial.status is TrialStatus.DONE and trial.is_attested() for trial in audit.trials)
    assert all(action.happened for trial in audit.trials for action in trial.actions)
    assert of_it == {"cp1.sent": VerdictKind.CONSISTENT, "cp2.incognito": VerdictKind.CONTRADICTED}
    assert audit.subject.unseen[:2] == UNSEEN
    assert leaky.state == leaky.first
    assert changed_phones() == {}


def test_what_is_read_of_the_phone_and_its_screen_is_kept(audited: tuple[Audit, Path]) -> None:
    audit, case = audited
    rows = [json.loads(line) for line in (case / "lab/phone.jsonl").read_text().splitlines()]
    read = next(row for row in rows if row["what"] == "the phone")
    pictures = {action.detail for trial in audit.trials for action in trial.actions}

    assert read["signed_by"] == [CERTIFICATE_SHA256]
    assert read["build"] == "standin/standin/standin:14/UP1A/1:user/release-keys"
    moments = [row for row in rows if row["what"] in ("before", "after")]
    assert all(abs(row["clock_ahead_s"] - 3600) <= row["clock_doubt_s"] + 0.001 for row in moments)
    assert f"tcp 127.0.0.1:8080 {BROWSER}" in read["listened"]
    assert all(row["listening"] == read["listened"] for row in moments)
    assert len(list((case / "lab").glob("screen-*.png"))) == 6
    assert all(sha256(PNG).hexdigest() in detail for detail in pictures)
    assert [row["what"] for row in rows] == [
        *("put back of an earlier run", "the phone", "before", "after", "before", "after", "put back"),
    ]


def test_report_and_verdicts_say_that_on_device_channels_are_not_watched(
    audited: tuple[Audit, Path],
) -> None:
    _, case = audited

    assert bundled_plan("phone-browser").window.endswith("; on-device channels not watched")
    assert "127.0.0.1: not watched" in (case / "report.html").read_text()


def test_the_tunnel_is_a_way_too_and_shows_what_goes_round_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real WireGuard client in a network of its own; a person imports what adb has put on the phone."""
    if reason := missing() or ("" if shutil.which("adb") else NO_ADB):
        pytest.skip(reason)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    quicken(monkeypatch)
    text = stand_in_plan().replace(
        "may_clear = true", 'may_clear = true\nwireguard = 0\nlisten = "127.0.0.1"'
    )
    plan, told = parse_plan(text, "phone"), tmp_path / "phone" / "sdcard"
    with namespaces("") as net, inside(net.internet), ExitStack() as joined:
        there = {"network": net.device, "has_wireguard": True, "leaks": True}
        with stand_in(tmp_path / "phone", **there) as phone:
            for name, value in phone.env.items():
                monkeypatch.setenv(name, value)
            with in_background(lambda: run(plan, tmp_path / "case")) as came:
                (file,) = until(lambda: came or list(told.glob("*.conf")))
                configuration = file.read_text()
                joined.enter_context(net.joined(configuration))
            state, first = phone.state, phone.first
    audit = came[0]
    of_it = {row.proposition: row.verdict for row in audit.verdicts if not row.condition.levels}

    assert f"IncludedApplications = {BROWSER}" in configuration
    assert [trial.note for trial in audit.trials] == ["", ""]
    assert all(trial.status is TrialStatus.DONE and trial.is_attested() for trial in audit.trials)
    assert of_it["cp2.incognito"] is VerdictKind.CONTRADICTED
    assert "www.google.com" in {name.name for name in audit.names}, "asked of a resolver, which no proxy sees"
    assert state == first
    assert changed_phones() == {}


def test_claims_are_quoted_shortly_and_dated() -> None:
    for claim in parse_claims(bundled_text("chrome-phone"), "chrome-phone"):
        assert 0 < len(claim.quote.split()) <= 15
        assert claim.date.startswith("2026-11-")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (DAYS, "days = [0]\nblocks = 2", "may_clear = true, or repeat days instead of blocks"),
        ('package = "', 'package = "; reboot #', "package"),
        ("port = ", "port = 80 #", "port"),
    ],
)
def test_a_plan_that_would_do_harm_is_refused_before_the_phone_is_asked(
    before: str, after: str, words: str, tmp_path: Path
) -> None:
    text = bundled_plan("phone-browser").text.replace(
        "[subject.options]\n", "[subject.options]\nport = 8228\n"
    )
    assert before in text
    with pytest.raises((DriverError, PlanError), match=words):
        DRIVERS["adb"].make(parse_plan(text.replace(before, after), "phone"), tmp_path)
