"""Ways to leak, slipped into one cell of a lab phone; and an honest one on pages that embed the vendor's."""

from dataclasses import replace
from pathlib import Path

import pytest

from hometruth.audit.judging import audit
from hometruth.case import open_case
from hometruth.experiment import Plan
from hometruth.experiment.drivers.lab import LabDriver
from hometruth.lab import SEARCH_HOST, Leak
from hometruth.model import Audit, CanaryKind, Condition, Delivery, InitiatorKind, ReasonKind, VerdictKind
from hometruth.model.claim import Scope
from hometruth.run import question_of, recording_of, run
from tests.audit.runs import row, small_plan

SILENT = {"version": "3.4.3", "mode": "incognito", "switch": "off", "consent": "given"}
NORMAL = {**SILENT, "mode": "normal"}
BLOCKS = 2
EMBEDS = """<!doctype html><title>results</title>
<img src="https://cdn.cnbj1.fds.api.mi-img.com/banner.png">"""
RUNS = EMBEDS + '<script src="https://sa.api.intl.miui.com/sa.js"></script>'


def two_cells() -> Plan:
    """The silent cell, and the one in which sending is admitted."""
    plan = small_plan(BLOCKS)
    matrix = plan.series[0]
    wanted = {Condition.of(SILENT), Condition.of(NORMAL)}
    cells = [
        replace(cell, conditions=tuple(item for item in cell.conditions if item in wanted))
        for cell in matrix.cells
    ]
    return replace(plan, series=(replace(matrix, cells=tuple(cell for cell in cells if cell.conditions)),))


def judged(folder: Path, driver: LabDriver) -> Audit:
    """Run it, and judge x03 as if it spoke of this version, too."""
    run(two_cells(), folder, driver=driver)
    case = open_case(folder)
    question = question_of(case)
    claims = tuple(replace(claim, scope=Scope()) for claim in question.claims if claim.id == "x03")
    return audit(recording_of(case), replace(question, claims=claims))


def leaking(folder: Path, name: str) -> Audit:
    plan = two_cells()
    return judged(folder / "case", LabDriver(plan.subject, folder / "lab", mutations=[Leak(name, SILENT)]))


@pytest.mark.parametrize("name", ["header-name", "method", "forged-referer"])
def test_a_leak_at_any_place_contradicts(name: str, tmp_path: Path) -> None:
    verdict = row(leaking(tmp_path, name), "x03.content", **SILENT)

    assert verdict.verdict is VerdictKind.CONTRADICTED


def test_an_answer_that_knows_what_was_sent_enciphered_forbids_an_all_clear(tmp_path: Path) -> None:
    result = leaking(tmp_path, "answer")
    verdict = row(result, "x03.content", **SILENT)

    assert len({receipt.canary.cell for receipt in result.receipts}) == BLOCKS
    assert verdict.verdict is VerdictKind.INCONCLUSIVE
    assert ReasonKind.RECEIVER_KNOWS in {reason.kind for reason in verdict.reasons}


@pytest.mark.parametrize(("page", "kind"), [(EMBEDS, InitiatorKind.PAGE), (RUNS, InitiatorKind.PAGE)])
def test_what_a_page_embeds_is_not_charged_to_an_honest_browser(
    page: str, kind: InitiatorKind, tmp_path: Path
) -> None:
    plan = two_cells()
    driver = LabDriver(plan.subject, tmp_path / "lab", pages={SEARCH_HOST: page})
    result = judged(tmp_path / "case", driver)
    of_search = [
        finding
        for finding in result.findings
        if finding.canary.kind is CanaryKind.SEARCH
        and finding.condition == Condition.of(SILENT)
        and finding.recipient.vendor_controlled
    ]

    assert of_search
    assert {finding.initiator.kind for finding in of_search} == {kind}
    assert {finding.delivered for finding in of_search} == {Delivery.YES}
    assert row(result, "x03.content", **SILENT).verdict is not VerdictKind.CONTRADICTED
