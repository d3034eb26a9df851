"""The same phone with each SDK: plain text is read to the last place, of ciphertext nothing is claimed."""

from dataclasses import replace
from pathlib import Path

import pytest

from hometruth.canaries import load_canaries
from hometruth.experiment import Plan
from hometruth.lab import TELEMETRY_HOST
from hometruth.lab.ledger import Ledger, read_ledger
from hometruth.model import Audit, Condition, TrialStatus
from tests.audit.runs import experiment, small_plan
from tests.audit.test_ledger import telemetry_found, telemetry_truth

FAREWELL = "$AppDataTrackingClose"
SDKS = ("era", "now", "encrypted")


def plan(*sdks: str, consent: str = "given") -> Plan:
    """One session with each of *sdks*, in a cell that sends once consent is given; somebody is signed in."""
    whole = small_plan(1)
    series = next(series for series in whole.series if series.id == "matrix")
    levels = {
        "version": "3.4.0",
        "mode": "normal",
        "switch": "absent",
        "consent": consent,
        "account": "signed-in",
    }
    conditions = tuple(Condition.of({**levels, "sdk": sdk}) for sdk in sdks)
    cell = replace(series.cells[0], conditions=conditions, installation=("sdk",), days=(0,))
    return replace(whole, series=(replace(series, cells=(cell,)),))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Audit, Path]]:
    """A run with each SDK by itself."""
    folder = tmp_path_factory.mktemp("sdks")
    return {sdk: (experiment(folder / sdk, plan(sdk), seed=1), folder / sdk) for sdk in SDKS}


def ledger_of(folder: Path) -> Ledger:
    return read_ledger(folder / "lab" / "ledger.jsonl")


@pytest.mark.parametrize("sdk", ["era", "now"])
def test_ledger_and_findings_agree_in_plain_text(runs: dict[str, tuple[Audit, Path]], sdk: str) -> None:
    audit, folder = runs[sdk]
    canaries = load_canaries(folder / "canaries.jsonl").canaries
    truth = telemetry_truth(ledger_of(folder), canaries)

    assert {canary for canary, _ in truth} >= {"android-id", "account"}
    assert telemetry_found(audit) == truth


def test_of_what_is_encrypted_nothing_is_found_and_that_it_was_not_read_is_said(
    runs: dict[str, tuple[Audit, Path]],
) -> None:
    audit, folder = runs["encrypted"]
    canaries = load_canaries(folder / "canaries.jsonl").canaries
    [row] = [row for row in audit.coverage if row.host == TELEMETRY_HOST]

    assert telemetry_truth(ledger_of(folder), canaries)
    assert [item for item in audit.findings if item.recipient.host == TELEMETRY_HOST] == []
    assert row.opaque_bytes > row.read_bytes


def test_every_sdk_is_attested_by_the_phones_screen_and_changed_between_installations(tmp_path: Path) -> None:
    audit = experiment(tmp_path / "case", plan(*SDKS), seed=1)
    attested = {item for trial in audit.trials for item in trial.attested if item.factor == "sdk"}

    assert all(trial.status is TrialStatus.DONE and trial.is_attested() for trial in audit.trials)
    assert {item.level for item in attested} == set(SDKS)
    versions = {event["lib"]["$lib_version"] for event in ledger_of(tmp_path / "case").delivered()}
    assert versions == {"3.2.10", "6.8.4"}


def test_a_plan_that_names_no_sdk_has_the_eras(tmp_path: Path) -> None:
    whole = plan("era")
    cell = whole.series[0].cells[0]
    bare = tuple(
        Condition.of({name: level for name, level in item.levels if name != "sdk"})
        for item in cell.conditions
    )
    series = replace(whole.series[0], cells=(replace(cell, conditions=bare, installation=("consent",)),))
    experiment(tmp_path / "case", replace(whole, series=(series,)), seed=1)

    events = ledger_of(tmp_path / "case").delivered()
    assert events
    assert {event["lib"]["$lib_version"] for event in events} == {"3.2.10"}


def test_an_unknown_sdk_loses_the_session_with_the_choices(tmp_path: Path) -> None:
    audit = experiment(tmp_path / "case", plan("later"), seed=1)

    assert {trial.status for trial in audit.trials} == {TrialStatus.LOST}
    assert "choose from era, now, encrypted" in audit.trials[0].note


@pytest.mark.parametrize(
    ("sdk", "said"), [("era", []), ("now", ["$SignUp", FAREWELL]), ("encrypted", ["$SignUp", FAREWELL])]
)
def test_in_a_session_after_withdrawal_nothing_stands_that_left_before_it(
    tmp_path: Path, sdk: str, said: list[str]
) -> None:
    """The set-up gives consent and takes it back; the sign-in that waited leaves with the farewell."""
    audit = experiment(tmp_path / "case", plan(sdk, consent="withdrawn"), seed=1)
    sent = [request for request in ledger_of(tmp_path / "case").requests if request.host == TELEMETRY_HOST]

    assert all(trial.is_attested() for trial in audit.trials)
    assert [
        event["event"] for request in sent if request.got_through for event in request.events or ()
    ] == said
    assert {request.outcome for request in sent if not request.got_through} <= {"offline"}
    hosts = {row.host for row in audit.coverage}
    assert (TELEMETRY_HOST in hosts) is bool(said)
