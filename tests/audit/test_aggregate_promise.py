"""The aggregated telemetry against its own promise: cleared while it keeps it, and each mutant is caught."""

from pathlib import Path

import pytest

from hometruth.experiment import bundled_plan
from hometruth.lab import TELEMETRY_HOST, Defect
from hometruth.model import Audit, VerdictKind
from tests.audit.runs import experiment

PLAN = "aggregate-promise"


def wholes(audit: Audit) -> dict[str, VerdictKind]:
    return {item.proposition: item.verdict for item in audit.verdicts if not item.condition.levels}


def test_it_is_cleared_of_what_the_wire_can_show_and_of_the_server_nothing_is_said(tmp_path: Path) -> None:
    audit = experiment(tmp_path / "case", bundled_plan(PLAN), seed=1)

    assert wholes(audit) == {
        "a01.declared": VerdictKind.CONSISTENT,
        "a01.steady": VerdictKind.CONSISTENT,
        "a01.fresh-noise": VerdictKind.CONSISTENT,
        "a01.no-content": VerdictKind.CONSISTENT,
        "a01.no-identifier": VerdictKind.CONSISTENT,
        "a01.server": VerdictKind.UNTESTED,
    }


@pytest.mark.parametrize(
    ("defect", "broken"),
    [
        (Defect.IDENTIFIER, {"a01.declared", "a01.no-identifier"}),
        (Defect.STABLE_NOISE, {"a01.fresh-noise"}),
        (Defect.HASHED_DOMAINS, {"a01.declared", "a01.steady", "a01.no-content"}),
        (Defect.RARE_ADDRESSES, {"a01.declared", "a01.steady", "a01.no-content"}),
        (Defect.PER_ACTION, {"a01.declared", "a01.steady"}),
    ],
)
def test_every_mutant_breaks_exactly_what_it_breaks(tmp_path: Path, defect: Defect, broken: set[str]) -> None:
    audit = experiment(tmp_path / "case", bundled_plan(PLAN).scaled(3), seed=1, mutations=[defect])
    verdicts = wholes(audit)

    assert {name for name, verdict in verdicts.items() if verdict is VerdictKind.CONTRADICTED} == broken
    if defect is Defect.HASHED_DOMAINS:
        forms = {
            item.form.name
            for finding in audit.findings
            if finding.recipient.host == TELEMETRY_HOST and "aggregate" in str(finding.condition)
            for item in finding.sightings
        }
        assert forms == {"sha256 of the host"}
