"""All apps of the phone, and the aggregated variant: ledger and findings agree, and cheating is found."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from hometruth.canaries import load_canaries
from hometruth.experiment import Plan, bundled_plan
from hometruth.lab import TELEMETRY_HOST, VENDOR_HOSTS, Defect
from hometruth.lab.ledger import read_ledger
from hometruth.model import Audit, CanaryKind, TrialStatus, VerdictKind
from tests.audit.runs import experiment
from tests.audit.test_channels import other_found, other_truth
from tests.audit.test_ledger import page_truth, telemetry_found, telemetry_truth

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
BLOCKS = 3


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Audit, Path]:
    """One block of the whole phone."""
    folder = tmp_path_factory.mktemp("whole") / "case"
    return experiment(folder, bundled_plan("xiaomi-phone-2020").scaled(1), seed=1), folder


def test_every_session_of_every_app_is_done_and_attested(whole: tuple[Audit, Path]) -> None:
    audit, _ = whole

    assert all(trial.status is TrialStatus.DONE and trial.is_attested() for trial in audit.trials)
    assert all(action.happened for trial in audit.trials for action in trial.actions)
    assert {trial.condition.get("app") for trial in audit.trials} == {
        *("mi-browser", "mi-browser-pro", "mint-browser", "music-player", "system")
    }


def test_ledger_and_findings_agree_for_songs_folders_screens_items_and_downloads(
    whole: tuple[Audit, Path],
) -> None:
    audit, folder = whole
    ledger = read_ledger(folder / "lab" / "ledger.jsonl")
    canaries = load_canaries(folder / "canaries.jsonl").canaries
    found = Counter(
        finding.canary.kind for finding in audit.findings if finding.recipient.host == TELEMETRY_HOST
    )

    assert telemetry_found(audit) == telemetry_truth(ledger, canaries)
    assert {
        (finding.canary.id, finding.recipient.host)
        for finding in audit.findings
        if finding.recipient.host not in VENDOR_HOSTS
    } == page_truth(ledger, canaries)
    assert other_found(audit) == other_truth(ledger, canaries)
    assert set(found) >= {
        *(CanaryKind.SONG, CanaryKind.FOLDER, CanaryKind.SCREEN, CanaryKind.ITEM, CanaryKind.DOWNLOAD),
        *(CanaryKind.PAGE, CanaryKind.SEARCH, CanaryKind.DEVICE_ID),
    }


def test_what_an_action_does_by_itself_is_expected_and_telemetry_never_is(whole: tuple[Audit, Path]) -> None:
    for finding in whole[0].findings:
        assert finding.expected == (finding.recipient.host not in VENDOR_HOSTS), finding


def test_every_action_is_told_in_every_cell_that_sends_and_in_no_other(whole: tuple[Audit, Path]) -> None:
    audit, _ = whole
    told = {finding.canary.id for finding in audit.findings if finding.recipient.host == TELEMETRY_HOST}
    for trial in audit.trials:
        levels = trial.condition.as_dict()
        silent = levels["consent"] == "none" or (levels.get("mode"), levels.get("switch")) == (
            "incognito",
            "off",
        )
        for action in trial.actions:
            # In incognito mode nothing recommends incognito mode, but the page is told all the same.
            assert (action.canary in told) is not silent, (levels, action)


def aggregate_plan() -> Plan:
    """A few sessions of each cell in which aggregated telemetry may be sent."""
    plan = bundled_plan("aggregate-2020").scaled(BLOCKS)
    (matrix,) = plan.series
    return replace(plan, series=(replace(matrix, cells=matrix.cells[1:]),))


def contradicted(audit: Audit) -> set[str]:
    return {item.proposition for item in audit.verdicts if item.verdict is CONTRADICTED}


def test_the_aggregated_variant_is_accused_of_nothing_but_what_it_does(tmp_path: Path) -> None:
    """It is readable without a key, and sent in incognito mode: only who denied one of these is wrong."""
    audit = experiment(tmp_path / "case", aggregate_plan(), seed=1)
    telemetry = [finding for finding in audit.findings if finding.recipient.host == TELEMETRY_HOST]
    sending = [
        trial
        for trial in audit.trials
        if (trial.condition.get("mode"), trial.condition.get("switch")) != ("incognito", "off")
    ]

    assert telemetry == []
    assert {name for item in audit.identifiers for name in item.trials} == {trial.id for trial in sending}
    assert all(len(item.trials) == 1 for item in audit.identifiers)
    assert contradicted(audit) == {"x05.payload", "x16.encrypted", "x21.payload"}


@pytest.mark.parametrize(
    ("defect", "proposition"),
    [(Defect.IDENTIFIER, "x21.no-stable-token"), (Defect.RARE_ADDRESSES, "x08.aggregated")],
)
def test_the_audit_catches_what_is_slipped_into_it(tmp_path: Path, defect: Defect, proposition: str) -> None:
    audit = experiment(tmp_path / "case", aggregate_plan(), seed=1, mutations=[defect])

    assert proposition in contradicted(audit)


def one_cell() -> Plan:
    """Enough sessions of one condition, of which some do less than the others."""
    plan = bundled_plan("aggregate-2020")
    (matrix,) = plan.series
    wanted = {"version": ("3.4.0",), "mode": ("normal",), "consent": ("given",)}
    cells = tuple(
        replace(cell, conditions=kept)
        for cell in matrix.cells
        if (kept := tuple(one for one in cell.conditions if one.matches(wanted)))
    )
    assert {cell.actions for cell in cells} == {("visit", "search"), ("visit",)}
    return replace(plan, series=(replace(matrix, cells=cells),))


@pytest.mark.parametrize(
    ("defects", "cleared"),
    [
        ((), {"x08.categories", "x08.aggregated"}),
        ((Defect.PER_ACTION,), set()),
        ((Defect.HASHED_DOMAINS,), set()),
        ((Defect.IDENTIFIER,), set()),
    ],
)
def test_only_what_is_aggregated_is_cleared_of_categories_and_of_a_record_per_action(
    tmp_path: Path, defects: tuple[Defect, ...], cleared: set[str]
) -> None:
    audit = experiment(tmp_path / "case", one_cell(), seed=1, mutations=defects)
    x08 = {item.proposition: item.verdict for item in audit.verdicts if item.claim == "x08"}

    assert {name for name, verdict in x08.items() if verdict is CONSISTENT} == cleared
    assert x08["x08.server"] is VerdictKind.UNTESTED
