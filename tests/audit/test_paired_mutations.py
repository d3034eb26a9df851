"""Change one thing about an encrypted phone or its run: the verdict moves to the right place, never to an
all-clear.

docs/explanation/opaque-flows.md lists these with their outcomes.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hometruth.audit.case_audit import rejudge
from hometruth.canaries import mint_address
from hometruth.case import differences, write_tables
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
    Condition,
    Effect,
    Exchange,
    Rung,
    TrialStatus,
    Verdict,
    VerdictKind,
)
from hometruth.report import verdicts_text
from tests.audit.paired_runs import (
    NORMAL,
    OLD_INCOGNITO,
    PAIRS,
    SILENT,
    levels,
    paired_experiment,
    paired_plan,
)
from tests.audit.runs import Told, row, told_by, whole_flows
from tests.recorded import Recorded, recorded_once

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE, UNTESTED = VerdictKind.INCONCLUSIVE, VerdictKind.UNTESTED


def content(audit: Audit, cell: dict[str, str]) -> Verdict:
    return row(audit, "x03.content", **levels(cell))


def vendor_effect(audit: Audit, cell: dict[str, str]) -> Effect:
    (found,) = [item for item in audit.effects if item.condition.as_dict() == levels(cell) and item.vendor]
    return found


@pytest.fixture(scope="module")
def as_found(encrypted: Recorded) -> Told:
    """The silent cell and its control."""
    return told_by(encrypted.case, *(Condition.of(levels(cell)) for cell in (NORMAL, SILENT)))


def test_as_found_the_silent_cell_is_consistent(as_found: Told) -> None:
    audit = as_found.judged()

    assert content(audit, SILENT).verdict is CONSISTENT, content(audit, SILENT).why


def test_a_leak_planted_in_the_silent_cell_contradicts_it(tmp_path: Path) -> None:
    """The other way, a leak that is missing clears its cell: `HONEST` in `test_encrypted`."""
    changed = [Mutation(SILENT, sends=True)]
    audit = paired_experiment(tmp_path / "case", paired_plan([SILENT]), mutations=changed)

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


def silent_plan() -> Plan:
    """The silent cell with fewer visits."""
    return paired_plan([SILENT], visits=6, content_pairs=PAIRS // 2)


def test_a_single_address_a_session_contradicts_it(tmp_path: Path) -> None:
    audit = paired_experiment(tmp_path / "case", silent_plan(), driver=LeaksOneAddress)
    found = vendor_effect(audit, SILENT)

    assert found.by_coin
    assert not found.by_barcode
    assert found.content_e_value >= found.content_threshold
    assert content(audit, SILENT).verdict is CONTRADICTED, content(audit, SILENT).why


def test_a_single_address_in_every_fifth_session_is_too_little_to_show_and_too_much_to_clear(
    tmp_path: Path,
) -> None:
    audit = paired_experiment(tmp_path / "case", silent_plan(), driver=LeaksOneAddressInEveryFifthPair)
    found = vendor_effect(audit, SILENT)
    rooms = {room.leak: room.trials_with_room for room in found.room}

    assert found.rung is Rung.NONE
    assert (rooms["everything"], rooms["address"]) == (0, 6)
    assert content(audit, SILENT).verdict is INCONCLUSIVE
    assert (
        f"in 6 of {PAIRS} sessions sa.api.intl.miui.com had room for one whole" in content(audit, SILENT).why
    )


def test_without_a_positive_control_silence_is_no_all_clear(as_found: Told) -> None:
    audit = as_found.only(Condition.of(levels(SILENT))).judged()
    judged = content(audit, SILENT)

    assert vendor_effect(audit, SILENT).objections == ()
    assert judged.verdict is INCONCLUSIVE
    assert "no positive control" in judged.why
    assert ";" not in judged.why.split("no positive control")[0]


def test_a_recording_that_is_cut_is_no_all_clear(as_found: Told) -> None:
    judged = content(as_found.first(0.9).judged(), SILENT)

    assert judged.verdict is INCONCLUSIVE
    assert "trials were lost" in judged.why


@pytest.mark.parametrize("cut_bytes", [1, None], ids=["one byte", "the last request"])
def test_a_finished_case_whose_recording_is_cut_is_refused(
    encrypted: Recorded, tmp_path: Path, cut_bytes: int | None
) -> None:
    case = tmp_path / "case"
    shutil.copytree(encrypted.case, case, ignore=shutil.ignore_patterns("lab"))
    traffic = (case / "traffic.mitm").read_bytes()
    assert differences(case) == ()
    kept = len(traffic) - cut_bytes if cut_bytes else len(without_last_flow(traffic))
    (case / "traffic.mitm").write_bytes(traffic[:kept])

    with pytest.raises(CaseError, match=f"{len(traffic) - kept:,} were cut out"):
        rejudge(case)
    assert f"{len(traffic) - kept:,} were cut out" in " ".join(differences(case))


def test_a_case_that_is_not_as_its_run_left_it_is_no_all_clear(as_found: Told) -> None:
    question = replace(as_found.question, altered=("traffic.mitm: 1 byte was cut out",))
    judged = content(replace(as_found, question=question).judged(), SILENT)

    assert judged.verdict is INCONCLUSIVE
    assert "not as its run left it" in judged.why


def without_last_flow(traffic: bytes) -> bytes:
    """All flows but one: what was sent after the last visit of the last session."""
    end = 0
    while (after := len(whole_flows(traffic[end:], 1)) + end) < len(traffic):
        end = after
    return traffic[:end]


@pytest.mark.parametrize("arm", [Arm.CANARIES, Arm.SHAM])
def test_trials_lost_in_one_arm_are_no_all_clear(as_found: Told, arm: Arm) -> None:
    judged = content(with_lost(as_found, 6, arm).judged(), SILENT)

    assert judged.verdict is INCONCLUSIVE
    assert "trials were lost" in judged.why


def test_one_trial_lost_is_counted_and_widens_the_bound(as_found: Told) -> None:
    judged = content(with_lost(as_found, 1, Arm.CANARIES).judged(), SILENT)

    assert judged.verdict is INCONCLUSIVE
    assert "in 1 of 30 sessions" in judged.why
    assert "14.9 %" in judged.why


def with_lost(told: Told, n: int, arm: Arm) -> Told:
    """*n* sessions of one arm of the silent cell have broken off."""
    silent = Condition.of(levels(SILENT))
    mine = [trial.id for trial in told.question.trials if trial.condition == silent and trial.arm is arm]
    return told.with_trials(
        lambda trial: (
            replace(trial, status=TrialStatus.LOST, note="broke off") if trial.id in mine[:n] else trial
        )
    )


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
    audit = paired_experiment(tmp_path / "case", paired_plan([SILENT], pairs=16, visits=2), driver=CoinTold)

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
    plan = paired_plan([OLD_INCOGNITO], pairs=6, visits=2)
    audit = paired_experiment(tmp_path / "case", plan, driver=CoinUsedToHide)

    assert not vendor_effect(audit, OLD_INCOGNITO).by_coin
    assert content(audit, OLD_INCOGNITO).verdict is INCONCLUSIVE
    assert "6 of 6 sessions sa.api.intl.miui.com had room" in content(audit, OLD_INCOGNITO).why


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    plan = paired_plan([OLD_INCOGNITO], pairs=3, visits=20)
    return recorded_once(
        tmp_path_factory, "hidden", lambda folder: paired_experiment(folder, plan, driver=CoinUsedToHide)
    )


def test_a_coin_that_the_app_uses_to_hide_does_not_hide_the_lengths(hidden: Recorded) -> None:
    audit = hidden.audit

    assert not vendor_effect(audit, OLD_INCOGNITO).by_coin
    assert vendor_effect(audit, OLD_INCOGNITO).by_barcode
    assert content(audit, OLD_INCOGNITO).verdict is CONTRADICTED


def test_it_is_judged_again_byte_for_byte(hidden: Recorded, tmp_path: Path) -> None:
    audit = rejudge(hidden.case)
    write_tables(audit, tmp_path)

    assert verdicts_text(audit) == (hidden.case / "verdicts.json").read_text("utf-8")
    assert (tmp_path / "effects.parquet").read_bytes() == (hidden.case / "effects.parquet").read_bytes()


def test_typing_that_is_never_submitted_to_the_engines_own_host_forbids_an_all_clear(
    as_found: Told,
) -> None:
    """A browser asks the search engine for suggestions while an address is typed."""
    typed = [
        replace(
            item,
            id=f"typing-{item.id}",
            host="search.example",
            target=f"/suggest?q={canary.value}".encode(),
            request_headers=((b"Host", b"search.example"),),
        )
        for item in as_found.recording
        if isinstance(item, Exchange)
        for canary in as_found.question.canaries
        if canary.value in item.host
    ]
    audit = replace(as_found, recording=(*as_found.recording, *typed)).judged()
    judged = content(audit, SILENT)

    assert len(typed) > PAIRS
    assert any(item.recipient.host == "search.example" and not item.expected for item in audit.findings)
    assert vendor_effect(audit, SILENT).objections == ()
    assert judged.verdict is INCONCLUSIVE
    assert "the page visited was sent to search.example" in judged.why
    assert vendor_effect(audit, SILENT).sessions == PAIRS
