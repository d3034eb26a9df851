"""Real browsers: what is typed and never submitted is found where it goes, and nothing else is."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hometruth.experiment.drivers.browser import BrowserDriver, _Session
from hometruth.experiment.drivers.browser_kind import BrowserOptions
from hometruth.experiment.drivers.desktop.running import Running
from hometruth.experiment.planned import PlannedSession
from hometruth.model import ActionRecord, Attestation, Audit, Canary, CanaryKind, TrialStatus, VerdictKind
from hometruth.run import run
from tests.audit.browser_runs import Browser, quick_plan
from tests.cli.forked import hometruth
from tests.experiment.drivers.desktop_programs import skip_without

ROOT = Path(__file__).parents[2]
PROMPT = "$ "
ENGINES = {"Chromium": "duckduckgo.com", "Firefox": "www.google.com"}
"""What each comes with on Debian."""
PROPOSITIONS = {"Chromium": ("ch1.sent", "ch1.incognito"), "Firefox": ("ff2.on", "ff1.private")}
NORMAL_ON = {"mode": "normal", "suggest": "on"}
PRIVATE_ON = {"mode": "private", "suggest": "on"}
NORMAL_OFF = {"mode": "normal", "suggest": "off"}


@dataclass(frozen=True)
class Done:
    """A run, and where its case is."""

    audit: Audit
    case: Path


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """One session of each condition; for the slower browser, not of that in which both say nothing."""
    browser: Browser = request.param
    skip_without(browser)
    case = tmp_path_factory.mktemp(browser) / "rehearsal"
    levels = (NORMAL_ON, PRIVATE_ON) + ((NORMAL_OFF,) if browser == "chromium" else ())
    return Done(run(quick_plan(browser, *levels), case, bag=True), case)


def test_every_session_is_attested_by_two_witnesses_and_everything_was_done(done: Done) -> None:
    for trial in done.audit.trials:
        assert (trial.status, trial.note) == (TrialStatus.DONE, "")
        assert trial.is_attested()
        assert all(action.happened for action in trial.actions)
        assert len([item for item in trial.attested if item.factor == "mode"]) == 2


def test_text_never_submitted_reaches_the_search_engine_from_the_normal_window_with_suggestions_on(
    done: Done,
) -> None:
    product = done.audit.subject.product
    unexpected = [finding for finding in done.audit.findings if not finding.expected]

    assert CanaryKind.TYPED in {finding.canary.kind for finding in unexpected}
    assert {finding.recipient.host for finding in unexpected} == {ENGINES[product]}, "and nothing else"
    assert {str(finding.condition) for finding in unexpected} == {"mode=normal, suggest=on"}


def test_what_was_shown_is_consistent_and_one_silent_session_is_not(done: Done) -> None:
    verdicts = {row.proposition: row.verdict for row in done.audit.verdicts if not row.condition.levels}
    shown, silent = PROPOSITIONS[done.audit.subject.product]

    assert verdicts[shown] is VerdictKind.CONSISTENT
    assert verdicts[silent] is VerdictKind.INCONCLUSIVE
    assert done.audit.subject.phrase.endswith(", 2026-11-29)")


def test_the_tutorial_goes_on_from_there(done: Done) -> None:
    """Its first command makes such a case; these are the others that it runs on it."""
    page = ROOT / "docs" / "tutorial" / "audit-my-browser.md"
    words = [line[len(PROMPT) :].split() for line in page.read_text().splitlines() if line.startswith(PROMPT)]
    later = [each[1:] for each in words if each[0] == "hometruth" and each[2] == done.case.name]
    claim = "ch1" if done.audit.subject.product == "Chromium" else "ff2"
    names = {done.case.name: str(done.case), "ch1": claim}
    told = [hometruth(*(names.get(word, word) for word in each)) for each in later]

    assert len(words) <= 10
    assert [each[0] for each in later] == ["judge", "verify"]
    assert [(each.returncode, each.stderr.splitlines()[1:]) for each in told] == [(0, [])] * 2
    assert "≈ CONSISTENT" in told[0].stdout
    assert "hometruth scan" in told[0].stdout
    assert "unbroken" in told[1].stdout


class Mutated(BrowserDriver):
    """The driver, with one thing going wrong in each session."""

    mutations: list[str]

    def prepare(self, session: PlannedSession) -> tuple[Attestation, ...]:
        self.mutation = self.mutations.pop(0)
        return super().prepare(session)

    def _started(self, *arguments: object) -> _Session:
        started: Callable[..., _Session] = super()._started
        session = started(*arguments)
        if self.mutation == "wrong window":
            session.window = session.running.first_window()
        return session

    def _command(self, profile: Path) -> list[str]:
        command = super()._command(profile)
        if self.mutation == "round":
            port = urlsplit(self._site.url).port
            to_the_site = f"--host-resolver-rules=MAP *.sites.example 127.0.0.1:{port}"
            command += [to_the_site, "--proxy-bypass-list=*.sites.example"]
        return command

    def act(self, action: str, canary: Canary | None) -> ActionRecord:
        if self.mutation == "killed" and action == "visit":
            os.killpg(self._ready().running.process.pid, signal.SIGKILL)
        return super().act(action, canary)

    def _quit(self, running: Running) -> bool:
        left = super()._quit(running)
        if self.mutation == "switched" and self._session is not None:
            self._make.change(self._session.profile, dict.fromkeys(self._make.suggest, False))
        return left


def test_what_goes_wrong_is_told_and_is_never_consistent(tmp_path: Path) -> None:
    """Keys in the wrong window, a browser that is killed, suggestions switched off meanwhile, a way round."""
    skip_without("chromium")
    plan = quick_plan("chromium", PRIVATE_ON, sessions=4, actions=("visit",))
    driver = Mutated(BrowserOptions(browser="chromium", idle_s=1.0, key_ms=20), tmp_path / "kept")
    driver.mutations = ["wrong window", "switched", "killed", "round"]
    audit = run(plan, tmp_path / "case", driver=driver)

    wrong, switched, killed, went_round = audit.trials
    assert wrong.status is TrialStatus.DONE
    assert not wrong.is_attested()
    assert {item.level for item in wrong.attested if item.factor == "mode"} == {"normal"}
    assert switched.status is TrialStatus.DONE
    assert not [item for item in switched.attested if item.factor == "suggest"]
    assert killed.status is TrialStatus.LOST
    assert "ended by itself" in killed.note
    assert went_round.status is TrialStatus.LOST
    assert "round the recorder" in went_round.note
    assert {row.verdict for row in audit.verdicts} == {VerdictKind.UNTESTED}
