"""Change one thing about an encrypted phone or its run: the verdict moves to the right place, never to an
all-clear.

docs/explanation/opaque-flows.md lists these with their outcomes.
"""

import shutil
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import msgspec
import pytest

from hometruth.canaries import mint_address
from hometruth.case_audit import rejudge
from hometruth.errors import CaseError
from hometruth.experiment import Plan, PlannedSession
from hometruth.experiment.drivers.lab import LabDriver
from hometruth.lab import Mutation
from hometruth.model import (
    ActionRecord,
    Arm,
    Attestation,
    Audit,
    Canary,
    Effect,
    Rung,
    Trial,
    TrialStatus,
    Verdict,
    VerdictKind,
)
from tests.audit.paired_runs import (
    NORMAL,
    OLD_INCOGNITO,
    OLD_NORMAL,
    PAIRS,
    SILENT,
    levels,
    paired_experiment,
    paired_plan,
)
from tests.audit.runs import row, whole_flows

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE, UNTESTED = VerdictKind.INCONCLUSIVE, VerdictKind.UNTESTED


def content(audit: Audit, cell: dict[str, str]) -> Verdict:
    return row(audit, "x03.content", **levels(cell))


def vendor_effect(audit: Audit, cell: dict[str, str]) -> Effect:
    (found,) = [item for item in audit.effects if item.condition.as_dict() == levels(cell) and item.vendor]
    return found


@pytest.fixture(scope="module")
def as_found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("as-found") / "case"
    audit = paired_experiment(folder, paired_plan([NORMAL, SILENT]))

    assert content(audit, SILENT).verdict is CONSISTENT, content(audit, SILENT).why
    return folder


def test_a_leak_planted_in_the_silent_cell_contradicts_it(tmp_path: Path) -> None:
    audit = paired_experiment(
        tmp_path / "case", paired_plan([SILENT]), mutations=[Mutation(SILENT, sends=True)]
    )

    assert content(audit, SILENT).verdict is CONTRADICTED
    assert vendor_effect(audit, SILENT).rung is Rung.CONTENT


class LeaksOneAddress(LabDriver):
    """Records one visit of a session, in the encrypted body, and no other."""

    every = 1
    """Pairs of which one leaks."""

    def act(self, action: str, canary: Canary | None) -> ActionRecord:
        assert self._session is not None
        trial = self._session.trial
        is_first = canary is not None and canary.id == trial.planted[0]
        if not is_first or trial.condition.get("mode") != "incognito" or trial.block % self.every:
            return super().act(action, canary)
        phone = self._ready()
        phone.set_incognito(False)
        done = super().act(action, canary)
        phone.set_incognito(True)
        return done


class LeaksOneAddressInEveryFifthPair(LeaksOneAddress):
    every = 5


def default_plan() -> Plan:
    """The silent cell and its control, at the size of the bundled plan."""
    return paired_plan([NORMAL, SILENT], pairs=60, visits=20, content_pairs=30)


def test_a_single_address_a_session_contradicts_it(tmp_path: Path) -> None:
    audit = paired_experiment(tmp_path / "case", default_plan(), driver=LeaksOneAddress)
    found = vendor_effect(audit, SILENT)

    assert found.by_coin
    assert not found.by_barcode
    assert found.content_e_value >= found.content_threshold
    assert content(audit, SILENT).verdict is CONTRADICTED, content(audit, SILENT).why


def test_a_single_address_in_every_fifth_session_is_too_little_to_show_and_too_much_to_clear(
    tmp_path: Path,
) -> None:
    audit = paired_experiment(tmp_path / "case", default_plan(), driver=LeaksOneAddressInEveryFifthPair)
    found = vendor_effect(audit, SILENT)
    rooms = {room.leak: room.trials_with_room for room in found.room}

    assert found.rung is Rung.NONE
    assert (rooms["everything"], rooms["address"]) == (0, 12)
    assert content(audit, SILENT).verdict is INCONCLUSIVE
    assert "in 12 of 60 sessions sa.api.intl.miui.com had room for one whole" in content(audit, SILENT).why


def test_a_leak_removed_clears_the_cell_with_its_bound(tmp_path: Path) -> None:
    plan = paired_plan([OLD_NORMAL, OLD_INCOGNITO])
    audit = paired_experiment(tmp_path / "case", plan, mutations=[Mutation(OLD_INCOGNITO, sends=False)])

    assert content(audit, OLD_INCOGNITO).verdict is CONSISTENT, content(audit, OLD_INCOGNITO).why
    assert content(audit, OLD_INCOGNITO).bound_percent == pytest.approx(9.5, abs=0.1)


def test_without_a_positive_control_silence_is_no_all_clear(tmp_path: Path) -> None:
    audit = paired_experiment(tmp_path / "case", paired_plan([SILENT]))
    judged = content(audit, SILENT)

    assert vendor_effect(audit, SILENT).objections == ()
    assert judged.verdict is INCONCLUSIVE
    assert "no positive control" in judged.why
    assert ";" not in judged.why.split("no positive control")[0]


@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_a_recording_that_is_cut_is_no_all_clear(as_found: Path, tmp_path: Path, kept: float) -> None:
    case = changed(as_found, tmp_path)
    traffic = (case / "traffic.mitm").read_bytes()
    (case / "traffic.mitm").write_bytes(whole_flows(traffic, round(kept * len(traffic))))
    judged = content(rejudge(case), SILENT)

    assert judged.verdict is INCONCLUSIVE
    assert "trials were lost" in judged.why


@pytest.mark.parametrize("cut_bytes", [1, None], ids=["one byte", "the last request"])
def test_a_finished_case_whose_recording_is_cut_is_refused(
    as_found: Path, tmp_path: Path, cut_bytes: int | None
) -> None:
    case = changed(as_found, tmp_path)
    shutil.copy(as_found / "MANIFEST.json", case)
    traffic = (case / "traffic.mitm").read_bytes()
    assert rejudge(case).n_exchanges
    kept = len(traffic) - cut_bytes if cut_bytes else len(without_last_flow(traffic))
    (case / "traffic.mitm").write_bytes(traffic[:kept])

    with pytest.raises(CaseError, match=f"{len(traffic) - kept:,} were cut out"):
        rejudge(case)
    judged = content(rejudge(case, altered=True), SILENT)
    assert judged.verdict is INCONCLUSIVE
    assert "not as its run left it" in judged.why


def without_last_flow(traffic: bytes) -> bytes:
    """All flows but one: what was sent after the last visit of the last session."""
    end = 0
    while (after := len(whole_flows(traffic[end:], 1)) + end) < len(traffic):
        end = after
    return traffic[:end]


@pytest.mark.parametrize("arm", [Arm.CANARIES, Arm.SHAM])
def test_trials_lost_in_one_arm_are_no_all_clear(as_found: Path, tmp_path: Path, arm: Arm) -> None:
    case = changed(as_found, tmp_path)
    lose(case, 6, lambda trial: trial.arm is arm)
    judged = content(rejudge(case), SILENT)

    assert judged.verdict is INCONCLUSIVE
    assert "trials were lost" in judged.why


def test_one_trial_lost_is_counted_and_widens_the_bound(as_found: Path, tmp_path: Path) -> None:
    case = changed(as_found, tmp_path)
    lose(case, 1, lambda trial: trial.arm is Arm.CANARIES)
    judged = content(rejudge(case), SILENT)

    assert judged.verdict is INCONCLUSIVE
    assert "in 1 of 30 sessions" in judged.why
    assert "14.9 %" in judged.why


def changed(case: Path, tmp_path: Path) -> Path:
    """A copy to be changed, as a run leaves it that was broken off before it wrote the manifest."""
    shutil.copytree(case, tmp_path / "case", ignore=shutil.ignore_patterns("lab", "MANIFEST.json"))
    return tmp_path / "case"


def lose(case: Path, n: int, which: Callable[[Trial], bool]) -> None:
    """Let *n* sessions of the silent cell have broken off."""
    lines = (case / "trials.jsonl").read_bytes().splitlines()
    trials = [msgspec.json.decode(line, type=Trial) for line in lines]
    mine = [trial.id for trial in trials if trial.condition.as_dict() == levels(SILENT) and which(trial)]
    lost = [
        replace(trial, status=TrialStatus.LOST, note="broke off") if trial.id in mine[:n] else trial
        for trial in trials
    ]
    (case / "trials.jsonl").write_bytes(b"".join(msgspec.json.encode(trial) + b"\n" for trial in lost))


class WrongWindow(LabDriver):
    """Drives everything in the normal window: the classic mistake."""

    def prepare(self, session: PlannedSession) -> tuple[Attestation, ...]:
        condition = replace(
            session.trial.condition,
            levels=tuple(
                (factor, "normal" if factor == "mode" else level)
                for factor, level in session.trial.condition.levels
            ),
        )
        return super().prepare(replace(session, trial=replace(session.trial, condition=condition)))


def test_a_mode_that_is_mislabelled_gives_no_verdict(tmp_path: Path) -> None:
    audit = paired_experiment(tmp_path / "case", paired_plan([SILENT], pairs=3), driver=WrongWindow)

    assert vendor_effect(audit, SILENT).treated_bytes == 0
    assert content(audit, SILENT).verdict is UNTESTED


class CoinTold(LabDriver):
    """Lets the app know the coin: it reports nothing of browsing, but is busier in one half."""

    def settle(self) -> tuple[Attestation, ...]:
        assert self._session is not None
        phone = self._ready()
        if self._session.trial.arm is Arm.CANARIES:
            phone.set_incognito(False)
            for _ in range(10):
                phone.use("change-engine", "duckduckgo")
            phone.set_incognito(True)
        return super().settle()


def test_a_coin_that_the_app_knows_shows_occurrence_and_never_content(tmp_path: Path) -> None:
    audit = paired_experiment(tmp_path / "case", paired_plan([SILENT], visits=2), driver=CoinTold)

    assert vendor_effect(audit, SILENT).rung is Rung.OCCURRENCE
    assert content(audit, SILENT).verdict is INCONCLUSIVE
    assert "occurrence alone contradicts no statement about content" in content(audit, SILENT).why
    assert row(audit, "x03.no-dependence", **levels(SILENT)).verdict is INCONCLUSIVE
    assert "occurrence alone" in row(audit, "x03.no-dependence", **levels(SILENT)).why


class CoinUsedToHide(LabDriver):
    """Lets a leaking app know the coin: in the sham half it reports as many visits that never were."""

    def act(self, action: str, canary: Canary | None) -> ActionRecord:
        record = super().act(action, canary)
        if action == "tap-page":
            self._ready().use("visit", mint_address(cell="cover", shortest_path=3000).address)
        return record


def test_a_coin_that_the_app_uses_to_hide_buys_no_all_clear(tmp_path: Path) -> None:
    plan = paired_plan([OLD_INCOGNITO], pairs=16, visits=2)
    audit = paired_experiment(tmp_path / "case", plan, driver=CoinUsedToHide)

    assert not vendor_effect(audit, OLD_INCOGNITO).by_coin
    assert content(audit, OLD_INCOGNITO).verdict is INCONCLUSIVE
    assert "16 of 16 sessions sa.api.intl.miui.com had room" in content(audit, OLD_INCOGNITO).why


def test_a_coin_that_the_app_uses_to_hide_does_not_hide_the_lengths(tmp_path: Path) -> None:
    plan = paired_plan([OLD_INCOGNITO], pairs=3, visits=20)
    audit = paired_experiment(tmp_path / "case", plan, driver=CoinUsedToHide)

    assert not vendor_effect(audit, OLD_INCOGNITO).by_coin
    assert vendor_effect(audit, OLD_INCOGNITO).by_barcode
    assert content(audit, OLD_INCOGNITO).verdict is CONTRADICTED


class Suggesting(LabDriver):
    """A browser that asks the search engine for suggestions while an address is typed, never submitted."""

    def connect(self, proxy_url: str, ca_file: Path) -> tuple[Canary, ...]:
        context = ssl.create_default_context(cafile=str(ca_file))
        self.typing = httpx.Client(proxy=proxy_url, verify=context, trust_env=False)
        return super().connect(proxy_url, ca_file)

    def act(self, action: str, canary: Canary | None) -> ActionRecord:
        if canary is not None:
            self.typing.get("https://search.example/suggest", params={"q": canary.value}).raise_for_status()
        return super().act(action, canary)

    def close(self) -> None:
        self.typing.close()
        super().close()


def test_typing_that_is_never_submitted_to_the_engines_own_host_forbids_an_all_clear(tmp_path: Path) -> None:
    audit = paired_experiment(tmp_path / "case", paired_plan([NORMAL, SILENT]), driver=Suggesting)
    judged = content(audit, SILENT)

    assert any(item.recipient.host == "search.example" and not item.expected for item in audit.findings)
    assert vendor_effect(audit, SILENT).objections == ()
    assert judged.verdict is INCONCLUSIVE
    assert "the page visited was sent to search.example" in judged.why
    assert vendor_effect(audit, SILENT).sessions == PAIRS
