"""Ways to leak, slipped into one cell of a lab phone; and an honest one on pages that embed the vendor's."""

from pathlib import Path

import pytest
from benchmarks.leaks import SILENT, judged, leaking, two_cells

from hometruth.experiment.drivers.lab import LabDriver
from hometruth.lab import SEARCH_HOST
from hometruth.model import CanaryKind, Condition, Delivery, InitiatorKind, ReasonKind, VerdictKind
from tests.audit.runs import row

BLOCKS = 2
EMBEDS = """<!doctype html><title>results</title>
<img src="https://cdn.cnbj1.fds.api.mi-img.com/banner.png">"""
RUNS = EMBEDS + '<script src="https://sa.api.intl.miui.com/sa.js"></script>'


@pytest.mark.parametrize("name", ["header-name", "method", "forged-referer"])
def test_a_leak_at_any_place_contradicts(name: str, tmp_path: Path) -> None:
    verdict = row(leaking(tmp_path, [name], BLOCKS), "x03.content", **SILENT)

    assert verdict.verdict is VerdictKind.CONTRADICTED


def test_an_answer_that_knows_what_was_sent_enciphered_forbids_an_all_clear(tmp_path: Path) -> None:
    result = leaking(tmp_path, ["answer"], BLOCKS)
    verdict = row(result, "x03.content", **SILENT)

    assert len({receipt.canary.cell for receipt in result.receipts}) == BLOCKS
    assert verdict.verdict is VerdictKind.INCONCLUSIVE
    assert ReasonKind.RECEIVER_KNOWS in {reason.kind for reason in verdict.reasons}


@pytest.mark.parametrize(("page", "kind"), [(EMBEDS, InitiatorKind.PAGE), (RUNS, InitiatorKind.PAGE)])
def test_what_a_page_embeds_is_not_charged_to_an_honest_browser(
    page: str, kind: InitiatorKind, tmp_path: Path
) -> None:
    plan = two_cells(BLOCKS)
    driver = LabDriver(plan.subject, tmp_path / "lab", pages={SEARCH_HOST: page})
    result = judged(tmp_path / "case", plan, driver)
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
